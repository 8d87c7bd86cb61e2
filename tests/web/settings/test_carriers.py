"""How the codes of carriers look: patterns beside each of them in Konfiguration, Transportörer."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import CODE_PATTERNS, Shop

URL = "/settings/carriers"
ADDRESS = "https://x.example/{code}"

pytestmark = on_sqlite


def patterns_of(name: str) -> tuple[str, ...]:
    db.session.rollback()
    db.session.expire_all()
    shop = db.session.scalars(select(Shop)).one()
    return next(tuple(carrier.codes) for carrier in shop.carriers if carrier.name == name)


@pytest.mark.parametrize(
    ("patterns", "reason"),
    [
        ("(a+)+$", "«(a+)+$» har «(»."),
        ("RR#########SE S10\n##", "«##» passar på koder med färre än 6 tecken"),
        ("#(8-12)*(3-9)", "bara en del får sakna fast längd"),
        ("\n".join(f"AB{number}######" for number in range(10, 31)), "högst 20 mönster"),
        ("#" * 2_001, "Högst 2000 tecken"),
    ],
)
def test_patterns_that_are_none_are_refused_at_their_field(admin: Browser, patterns: str, reason: str) -> None:
    before = shop_settings.current().carriers
    for htmx in (True, False):
        response = admin.send(URL, URL, htmx=htmx, name="Bud", pattern=ADDRESS, codes=patterns)
        assert response.status_code == 422
        page = Page(response.text)
        assert reason in page.text.replace("\xa0", "").replace("2 000", "2000")
        (field,) = page.select("#carrier-codes")
        assert field.get("aria-invalid") == "true"
        assert field.text_content().strip() == patterns
    db.session.rollback()
    assert shop_settings.current().carriers == before


@pytest.mark.parametrize("htmx", [True, False])
def test_patterns_are_kept_shown_and_changed(admin: Browser, htmx: bool) -> None:
    admin.send(URL, URL, htmx=htmx, name="Bud", pattern=ADDRESS, codes="BUD ### ###\r\n\r\nBX#(6-9)  luhn")
    assert patterns_of("Bud") == ("BUD ### ###", "BX#(6-9) luhn")
    (field,) = admin.page(f"{URL}?edit=Bud").select("#carrier-codes")
    assert field.text_content().split("\n")[-2:] == ["BUD ### ###", "BX#(6-9) luhn"]
    admin.send(f"{URL}?edit=Bud", URL, htmx=htmx, codes="")
    assert patterns_of("Bud") == ()


def test_a_new_carrier_that_is_known_gets_its_patterns(admin: Browser) -> None:
    admin.send(URL, URL, name="GLS Sweden", pattern=ADDRESS)
    assert patterns_of("GLS Sweden") == CODE_PATTERNS["GLS"]


def test_patterns_that_were_taken_away_stay_away(admin: Browser) -> None:
    admin.send(f"{URL}?edit=PostNord", URL, codes="")
    admin.send(f"{URL}?edit=PostNord", URL, name="PostNord", pattern=ADDRESS)
    assert patterns_of("PostNord") == ()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("rr 123 456 785 se", "är från PostNord."),
        ("RR123456784SE", "Kontrollsiffran i RR123456784SE stämmer inte."),
        ("1806290829", "kan vara från DHL, DB Schenker"),
        ("AB17", "ser inte ut som någon transportörs kod."),
        ("<b>", "<b> ser inte ut som någon transportörs kod."),
    ],
)
def test_a_code_can_be_tried(admin: Browser, code: str, said: str) -> None:
    page = Page(admin.get(f"{URL}?code={code}").text)
    assert said in page.text


def test_nothing_is_said_where_nothing_is_tried(admin: Browser, app: Flask) -> None:
    assert not admin.page(URL).select("#tried-result")
