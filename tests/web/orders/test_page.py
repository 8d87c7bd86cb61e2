"""An order's tabs and their forms, with and without htmx."""

from dataclasses import replace

import pytest

from tests.factories import make_user
from tests.web.conftest import Browser, fresh
from tests.web.http.test_bad_input import first_line
from tests.web.pages import Page, text_of
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, Order
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing, writing

TABS = ["Sammanfattning", "Frakt", "Kund", "Utskick", "Historik"]


def submit(browser: Browser, page: str, action: str, *, htmx: bool, **typed: object) -> Page:
    """Send a valid form, and return the page that follows: at once by htmx, else after a redirect."""
    response = browser.send(page, action, htmx=htmx, **typed)
    if htmx:
        assert response.status_code == 200, response.text
        assert "<hx-partial" in response.text
    else:
        assert response.status_code == 303, response.text
        response = browser.get(response.location)
    return Page(response.text)


def test_every_tab_has_a_url_and_shows_the_tabs_in_order(staff: Browser, order: Order) -> None:
    tabs = ("", "/summary", "/shipping", "/customer", "/messages", "/history")
    for tab, label in zip(tabs, [TABS[0], *TABS], strict=True):
        page = staff.page(f"/orders/{order.number}{tab}")
        assert [text_of(link).split()[0] for link in page.select("nav.tabs a")] == TABS
        (title,) = page.select("title")
        assert text_of(title).startswith(f"{order.number} {label} · ")
        fragment = staff.get(f"/orders/{order.number}{tab}", htmx=True)
        assert fragment.text.lstrip().startswith("<title>")
        assert 'id="order"' in fragment.text


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_sequence_of_changes_of_one_order(staff: Browser, order: Order, htmx: bool) -> None:
    url, line = f"/orders/{order.number}", first_line(order)
    shipping = f"{url}/shipping"

    page = submit(staff, f"{url}/lines/{line}", f"{url}/lines/{line}", htmx=htmx, quantity=5)
    assert "Stearinljus, 12-pack: antalet är nu 5." in page.text

    page = submit(staff, shipping, f"{url}/lines", htmx=htmx, q="KAN-02", quantity=1)
    assert "1 × Ljusstake i mässing är tillagd i WS-100001-1." in page.text

    page = submit(staff, shipping, f"{url}/shipments/1/backorder-split", htmx=htmx)
    assert "Det som väntar på lager är flyttat till WS-100001-2." in page.text
    assert "3 av 3 st väntar på lager" in page.text

    page = submit(staff, f"{url}/lines/{line}/split", f"{url}/lines/{line}/split", htmx=htmx, quantity=2, target="2")
    assert "2 × Stearinljus, 12-pack är flyttad till WS-100001-2." in page.text

    code = {"code": "00370712345678901234", "carrier": "PostNord"}
    page = submit(staff, shipping, f"{url}/shipments/1/tracking", htmx=htmx, **code)
    assert "https://tracking.postnord.com/se/?id=00370712345678901234" in page.links

    page = submit(staff, shipping, f"{url}/shipments/1/status", htmx=htmx, status="shipped", agreed="no-code")
    assert "WS-100001-1 är skickad. Leveransbekräftelsen hålls kvar: ingen e-postserver är inställd." in page.text
    assert "Ångra skickad" in page.text

    page = submit(staff, shipping, f"{url}/shipments/1/status", htmx=htmx, status="reopened")
    assert "WS-100001-1: Redo" in page.text

    page = submit(staff, url, f"{url}/comments", htmx=htmx, text="Hej Åsa!", about="customer", mail="yes")
    assert "Kommentaren är sparad. Mejlet till asa@example.com hålls kvar: ingen e-postserver är inställd." in page.text

    page = submit(staff, url, f"{url}/confirmation", htmx=htmx, recipient="annan@example.com", agreed="just-sent")
    assert "Mejlet till annan@example.com hålls kvar: ingen e-postserver är inställd." in page.text
    assert "Ej skickad" in page.text or "ej skickad: ingen e-postserver inställd" in page.text

    page = submit(staff, f"{url}/customer", f"{url}/customer", htmx=htmx, **{"customer-phone": "08-123 456"})
    assert page.form(f"{url}/customer").values()["customer-phone"] == "08-123 456"

    page = staff.page(f"{url}/history")
    assert "Staff Berg" in page.text
    assert "Stearinljus, 12-pack i WS-100001-1: från 2 till 5." in page.text
    assert len(set(page.ids)) >= fresh(order).event_count == 11

    page = submit(staff, url, f"{url}/cancellation", htmx=htmx)
    assert "Order WS-100001 är makulerad." in page.text
    assert "Lägg till produkt" not in staff.page(shipping).text


def test_a_mail_is_shown_as_stored_in_a_sandbox(staff: Browser, order: Order) -> None:
    message = db.session.scalars(db.select(Message)).one()
    url = f"/orders/{order.number}/messages"
    page = staff.page(f"{url}/{message.id}")
    assert message.subject in page.text
    body = staff.client.get(f"{url}/{message.id}/body")
    assert body.text == message.html
    assert body.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert staff.get(f"{url}/987").status_code == 404


def test_products_are_found_by_part_of_their_name(staff: Browser, order: Order) -> None:
    response = staff.get("/products?q=mässing", htmx=True)
    assert "Ljusstake i mässing" in response.text
    assert "0 i lager" in response.text
    assert "Ingen produkt stämmer med «kjol»." in Page(staff.get("/products?q=kjol", htmx=True).text).text
    assert staff.get("/products?q=", htmx=True).text.strip() == ""


def test_settings_are_saved_and_take_effect(admin: Browser, order: Order) -> None:
    response = admin.send("/settings/shop", "/settings/shop", number_prefix="LL-", number_digits="x")
    assert response.status_code == 422
    assert Page(response.text).form("/settings/shop").values()["number_prefix"] == "LL-"
    assert admin.send("/settings/shop", "/settings/shop", name="Ljus & Linne", language="en").status_code == 303
    page = admin.page("/settings/shop")
    assert "Ljus & Linne" in page.text
    assert "Configuration" in page.text


def test_carriers_are_added_changed_and_removed(admin: Browser, order: Order) -> None:
    url = "/settings/carriers"
    refusal = admin.send(url, url, name="Egen", pattern="javascript:alert({code})")
    assert refusal.status_code == 422
    assert admin.send(url, url, name="postnord", pattern="https://x.example/{code}").status_code == 422
    assert admin.send(url, url, name="Egen", pattern="https://x.example/{code}").status_code == 303
    response = admin.send(f"{url}?edit=Egen", url, pattern="https://y.example/{code}")
    assert response.status_code == 303
    page = admin.page(url)
    assert "https://y.example/{code}" in page.text
    token = page.forms[0].values()["csrf_token"]
    assert admin.post(f"{url}/removal", {"csrf_token": token, "name": "Egen"}).status_code == 303
    assert "https://y.example/{code}" not in admin.page(url).text


def test_the_health_check_succeeds(sign_in: object, staff: Browser) -> None:
    response = staff.client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


def test_an_event_of_a_batch_leads_to_it_those_who_may_see_it(staff: Browser, viewer: Browser, order: Order) -> None:
    by = make_user("anna@shop.example", name="Anna").actor
    with writing():
        batch = selection.create([order.number], by=by, name="Fredagens brev")
    with editing(order.number, None, replace(by, batch_id=batch.id)) as current:
        shipments.ship(current.shipments[0], by=replace(by, batch_id=batch.id))
    url = f"/orders/{order.number}/history"

    (link,) = staff.page(url).select(f'#order a[href="/batches/{batch.id}"]')

    assert text_of(link) == "Fredagens brev"
    seen = viewer.page(url)
    assert "Fredagens brev" in seen.text
    assert not seen.select('#order a[href^="/batches/"]')
