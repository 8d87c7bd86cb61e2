"""Konfiguration, Utskrifter: what packing slips show, and the logo, which is a picture and nothing else."""

from io import BytesIO

import pytest
from sqlalchemy import select

from tests.factories import stored_shop
from tests.operations.settings.test_logo import NONE, picture
from tests.web.conftest import Browser
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind
from webshop_orders.operations.settings import logo

PAGE = "/settings/printing"
UPLOAD, REMOVAL = f"{PAGE}/logo", f"{PAGE}/logo/removal"


def upload(admin: Browser, content: bytes, name: str = "logo.png", *, htmx: bool = False) -> Page:
    token = admin.page(PAGE).form(UPLOAD).values()["csrf_token"]
    answer = admin.post(UPLOAD, {"csrf_token": token, "logo": (BytesIO(content), name)}, htmx=htmx)
    if answer.status_code == 303:
        return admin.page(answer.location)
    return Page(answer.text)


@pytest.mark.parametrize("name", [name for name in NONE if name != "nothing"])
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_logo_that_is_no_picture_is_refused_whatever_it_is_called(admin: Browser, name: str, htmx: bool) -> None:
    page = upload(admin, NONE[name], htmx=htmx)
    assert "Filen är ingen bild av slagen PNG, JPEG, WebP och GIF." in page.text
    assert stored_shop().logo is None


def test_a_logo_that_is_too_large_is_refused(admin: Browser) -> None:
    page = upload(admin, picture("PNG") + b"\0" * logo.MAX_BYTES)
    assert "en logotyp är högst 200 kB" in page.text
    assert page.select("#logo-file[aria-invalid=true]")


def test_a_form_without_a_file_is_refused(admin: Browser) -> None:
    assert "Välj en fil" in upload(admin, b"", "").text
    answer = admin.send(PAGE, UPLOAD, logo="text")
    assert answer.status_code == 422
    assert "Välj en fil" in answer.text


def test_a_file_that_is_larger_than_any_form_is_refused_with_a_sentence(admin: Browser) -> None:
    token = admin.page(PAGE).form(UPLOAD).values()["csrf_token"]
    answer = admin.post(UPLOAD, {"csrf_token": token, "logo": (BytesIO(b"\0" * 20_000_000), "a.png")})
    assert answer.status_code == 413
    assert "mer än" in Page(answer.text).text


def test_a_logo_is_shown_served_as_what_it_is_and_removed(admin: Browser, nobody: Browser) -> None:
    page = upload(admin, picture("PNG"), "../../<script>.html")
    assert "Logotypen är sparad." in page.text
    (shown,) = page.select("img.shown-logo")
    answer = nobody.get(shown.get("src"))
    assert (answer.status_code, answer.data, answer.mimetype) == (200, picture("PNG"), "image/png")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"

    assert admin.send(PAGE, REMOVAL).status_code == 303
    assert stored_shop().logo is None
    assert nobody.get(shown.get("src")).status_code == 404
    assert not admin.page(PAGE).select("#logo-removal")


def test_removing_a_logo_twice_changes_nothing(admin: Browser) -> None:
    upload(admin, picture("GIF"))
    values = dict(admin.page(PAGE).form(REMOVAL).values())
    admin.post(REMOVAL, {**values})
    answer = admin.post(REMOVAL, {**values}, htmx=True)
    assert "Inget ändrades." in answer.text


def test_who_changed_the_logo_is_logged(admin: Browser) -> None:
    upload(admin, picture("PNG"))
    admin.send(PAGE, REMOVAL)
    db.session.rollback()
    kinds = select(AccessEntry).where(AccessEntry.kind == AccessKind.SETTINGS_CHANGED).order_by(AccessEntry.id)
    entries = [entry.facts for entry in db.session.scalars(kinds)]
    assert [(entry["part"], list(entry["fields"])) for entry in entries] == [("printing", ["logo"])] * 2
    assert entries[0]["fields"]["logo"]["before"] is entries[1]["fields"]["logo"]["after"] is None
    assert "Utskrifter ändrades." in admin.page("/settings/access").text


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_what_slips_show_is_saved(admin: Browser, htmx: bool) -> None:
    answer = admin.send(
        PAGE, PAGE, htmx=htmx, slip_text_sv="Tack!\nVälkommen åter", slip_text_en="Thank you", slip_shows_prices="yes"
    )
    assert answer.status_code == (200 if htmx else 303)
    shop = stored_shop()
    assert (shop.slip_text_sv, shop.slip_text_en) == ("Tack!\nVälkommen åter", "Thank you")
    assert (shop.slip_shows_prices, shop.slip_has_return_form, shop.slip_has_commands) == (True, False, False)


def test_the_address_on_labels_is_saved_and_one_that_is_too_long_refused(admin: Browser) -> None:
    assert admin.send(PAGE, PAGE, sender_address="Box 1\n111 22 Stockholm").status_code == 303
    assert stored_shop().sender_address == "Box 1\n111 22 Stockholm"

    answer = admin.send(PAGE, PAGE, sender_address="å" * 301)
    assert answer.status_code == 422
    assert "Högst 300 tecken" in Page(answer.text).text
    assert stored_shop().sender_address == "Box 1\n111 22 Stockholm"


def test_a_text_that_is_too_long_is_refused_and_kept(admin: Browser) -> None:
    answer = admin.send(PAGE, PAGE, slip_text_sv="å" * 1_001)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "Högst 1000 tecken" in page.text
    assert "å" * 1_001 in page.text
    assert stored_shop().slip_text_sv is None
