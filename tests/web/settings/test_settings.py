"""Konfiguration, Butik, E-post and Transportörer: valid and invalid values, and their effects."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Shop

SAVED = "Inställningarna är sparade."
RANGE = "Ange ett heltal från {} till {}."


def stored_settings() -> dict[str, object]:
    db.session.rollback()
    db.session.expire_all()
    shop = db.session.get_one(Shop, 1)
    return {column.name: getattr(shop, column.name) for column in Shop.__table__.columns}


INVALID_VALUES = [
    ("shop", "name", "", "Det här kan inte vara tomt."),
    ("shop", "name", "x" * 61, "Högst 60 tecken; det här är 61."),
    ("shop", "name", "a\0b", "innehåller tecken som inte kan användas"),
    ("shop", "name", "a\r\nb", "innehåller tecken som inte kan användas"),
    ("shop", "number_prefix", "x" * 11, "Högst 10 tecken"),
    ("shop", "number_digits", "2", RANGE.format(3, 12)),
    ("shop", "number_digits", "13", RANGE.format(3, 12)),
    ("shop", "number_digits", "٣", RANGE.format(3, 12)),
    ("shop", "number_digits", "", RANGE.format(3, 12)),
    ("shop", "stock_safety_margin", "-1", RANGE.format(0, 99999)),
    ("shop", "stock_safety_margin", "1e3", RANGE.format(0, 99999)),
    ("shop", "language", "de", "Välj ett av alternativen."),
    ("shop", "time_zone", "", "Det här kan inte vara tomt."),
    ("shop", "time_zone", "Mars/Olympus", "Ange en tidszon"),
    ("shop", "time_zone", "../../etc/passwd", "Ange en tidszon"),
    ("mail", "sender_name", "A\r\nBcc: x@example.com", "innehåller tecken som inte kan användas"),
    ("mail", "sender_email", "asa@example.com\r\nBcc: x@example.com", "innehåller tecken"),
    ("mail", "sender_email", "asa", "Ange en e-postadress"),
    ("mail", "notification_email", "a@b, c@d.se", "Ange en e-postadress"),
    *(
        ("mail", "mail_grace_seconds", typed, RANGE.format(0, 300))
        for typed in ("", "-1", "301", "1e9", "٣", "30 s", "0.5", "030", "abc")
    ),
    ("carriers", "name", "", "Det här kan inte vara tomt."),
    ("carriers", "name", "PostNord", "Det finns redan en transportör PostNord."),
    ("carriers", "name", "postnord", "Det finns redan en transportör postnord."),
    ("carriers", "pattern", "", "Det här kan inte vara tomt."),
    ("carriers", "pattern", "javascript:alert({code})", "Ange en webbadress"),
    ("carriers", "pattern", "https://x.example/", "Ange en webbadress"),
    ("carriers", "pattern", "https://x.example/{code}{code}", "Ange en webbadress"),
    ("carriers", "pattern", "https://x example/{code}", "Ange en webbadress"),
]
REQUIRED_VALUES = {"carriers": {"name": "Egen", "pattern": "https://x.example/{code}"}}


@on_sqlite
@pytest.mark.parametrize(("part", "name", "typed", "sentence"), INVALID_VALUES, ids=range(len(INVALID_VALUES)))
def test_an_invalid_value_is_refused_with_a_message_at_the_field(
    admin: Browser, part: str, name: str, typed: str, sentence: str
) -> None:
    before, url = stored_settings(), f"/settings/{part}"
    for htmx in (True, False):
        response = admin.send(url, url, htmx=htmx, **{**REQUIRED_VALUES.get(part, {}), name: typed})
        assert response.status_code == 422
        page = Page(response.text)
        assert sentence in page.text
        shown = page.form(url).values()[name]
        assert shown == typed or {"\r", "\0"} & set(typed) or name == "language"
    assert stored_settings() == before


@on_sqlite
def test_a_form_without_a_csrf_token_changes_nothing(admin: Browser) -> None:
    before = stored_settings()
    for path in ("shop", "mail", "carriers", "carriers/removal"):
        response = admin.post(f"/settings/{path}", {"name": "PostNord", "pattern": "https://x.example/{code}"})
        assert response.status_code == 400
    assert stored_settings() == before


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_settings_of_the_shop_are_saved(admin: Browser, htmx: bool) -> None:
    typed = {
        "name": "Ljus & Linne",
        "number_prefix": "LL-",
        "number_digits": "8",
        "stock_safety_margin": "2",
        "language": "en",
        "time_zone": "Europe/Helsinki",
        "rounds_to_whole_kronor": None,
    }
    response = admin.send("/settings/shop", "/settings/shop", htmx=htmx, **typed)
    # The layout outside the region shows name and language too, so the full page is reloaded.
    assert (response.headers["HX-Redirect"] if htmx else response.location) == "/settings/shop"
    page = admin.page("/settings/shop")
    assert {"Shop", "E-mail", "Mail templates", "Messages", "Carriers", "Save"} <= set(page.buttons)
    assert SAVED in page.text
    saved = stored_settings()
    assert (saved["name"], saved["number_prefix"], saved["number_digits"]) == ("Ljus & Linne", "LL-", 8)
    assert (saved["stock_safety_margin"], saved["language"], saved["time_zone"]) == (2, "en", "Europe/Helsinki")
    assert saved["rounds_to_whole_kronor"] is False
    assert saved["backorderable_by_default"] is True
    assert make_order(("LJUS-12", 1)).number.startswith("LL-00")


@on_sqlite
def test_the_number_prefix_may_be_empty(admin: Browser) -> None:
    assert admin.send("/settings/shop", "/settings/shop", number_prefix="").status_code == 303
    assert make_order(("LJUS-12", 1)).number == "100001"
    assert admin.get("/orders/100001").status_code == 200


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_automatic_mails_can_be_turned_off(admin: Browser, htmx: bool) -> None:
    typed = {"mails_delivery_confirmations": None, "sender_name": "Åsa", "notification_email": "nya@example.com"}
    response = admin.send("/settings/mail", "/settings/mail", htmx=htmx, **typed)
    page = Page(response.text) if htmx else admin.page(response.location)
    assert SAVED in page.text
    saved = stored_settings()
    assert (saved["mails_delivery_confirmations"], saved["mails_order_confirmations"]) == (False, True)
    assert (saved["sender_name"], saved["sender_email"], saved["notification_email"]) == (
        "Åsa",
        None,
        "nya@example.com",
    )
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 1))
    response = admin.send(
        f"/orders/{order.number}/shipping", f"/orders/{order.number}/shipments/1/status", htmx=True, status="shipped"
    )
    assert "Leveransbekräftelsen väntar under Utskick tills någon skickar den." in Page(response.text).text


@pytest.mark.parametrize("seconds", ["0", "300"])
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_the_time_that_confirmations_wait_is_saved(admin: Browser, htmx: bool, seconds: str) -> None:
    assert admin.page("/settings/mail").form("/settings/mail").values()["mail_grace_seconds"] == "30"

    response = admin.send("/settings/mail", "/settings/mail", htmx=htmx, mail_grace_seconds=seconds)

    page = Page(response.text) if htmx else admin.page(response.location)
    assert SAVED in page.text
    assert page.form("/settings/mail").values()["mail_grace_seconds"] == seconds
    assert stored_settings()["mail_grace_seconds"] == int(seconds)


def carriers(page: Page) -> list[str]:
    return [button.removeprefix("Redigera ") for button in page.buttons if button.startswith("Redigera ")]


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_carrier_is_added_changed_and_removed(admin: Browser, htmx: bool) -> None:
    url = "/settings/carriers"
    former_names = carriers(admin.page(url))
    assert {"PostNord", "DHL", "DB Schenker", "Bring", "Budbee", "Instabee", "UPS", "Airmee"} == set(former_names)

    def send(page: str, action: str, **typed: object) -> Page:
        response = admin.send(page, action, htmx=htmx, **typed)
        return Page(response.text) if htmx else admin.page(response.location)

    page = send(url, url, name="Egen <b>", pattern="https://x.example/{code}")
    assert "Egen <b> är sparad." in page.text
    assert carriers(page) == [*former_names, "Egen <b>"]
    page = send(f"{url}?edit=Egen+%3Cb%3E", url, name="Egna", pattern="https://y.example/{code}")
    assert carriers(page) == [*former_names, "Egna"]
    page = send(url, f"{url}/removal", name="Egna")
    assert "Egna är borttagen." in page.text
    assert carriers(page) == former_names


@on_sqlite
def test_a_change_of_an_unknown_carrier_is_refused_with_a_message(admin: Browser) -> None:
    url, before = "/settings/carriers", stored_settings()
    token = admin.page(url).forms[0].values()["csrf_token"]
    for htmx in (True, False):
        values = {"csrf_token": token, "instead_of": "Finns inte", "name": "Ny", "pattern": "https://x.example/{code}"}
        response = admin.post(url, values, htmx=htmx)
        assert response.status_code == 404
        assert "Det finns ingen transportör Finns inte." in Page(response.text).text
        for name in ("Finns inte", "", "a\0b", "x" * 100_000):
            response = admin.post(f"{url}/removal", {"csrf_token": token, "name": name}, htmx=htmx)
            page = Page(response.text) if htmx else admin.page(response.location)
            assert "Inget ändrades." in page.text
    assert stored_settings() == before


@on_sqlite
def test_an_unknown_carrier_is_not_opened_for_editing(admin: Browser) -> None:
    for name in ("Finns+inte", "%00", "%ff", "x" * 5000):
        page = admin.page(f"/settings/carriers?edit={name}")
        assert "Lägg till transportör" in page.buttons


@on_sqlite
def test_a_refused_change_of_a_carrier_stays_open(admin: Browser) -> None:
    url = "/settings/carriers"
    response = admin.send(f"{url}?edit=DHL", url, name="Bring")
    assert response.status_code == 422
    values = Page(response.text).form(url).values()
    assert (values["instead_of"], values["name"]) == ("DHL", "Bring")


@on_sqlite
def test_konfiguration_opens_on_the_page_of_the_shop(admin: Browser, app: Flask) -> None:
    assert admin.get("/settings/").location == "/settings/shop"
    for part in ("shop", "mail", "carriers"):
        fragment = admin.get(f"/settings/{part}", htmx=True)
        assert fragment.text.lstrip().startswith("<title>")
        assert '<section id="settings"' in fragment.text
