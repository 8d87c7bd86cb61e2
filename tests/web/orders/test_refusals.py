"""A refusal by a rule is said once, where it belongs: at its field, its line or its shipment."""

import pytest

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.changes import fresh
from tests.web.pages import Page
from webshop_orders.models import Order


@pytest.fixture
def order(app: object) -> Order:
    make_product("LJUS-12", name="Stearinljus, 12-pack", stock=240)
    make_product("SPETS-1", name="Spets, unik", stock=1, backorderable=False)
    return make_order(("LJUS-12", 2))


def alert(text: str) -> str:
    """What the only alert of a page says."""
    (element,) = Page(text).root.cssselect("[role=alert]")
    return " ".join(element.text_content().split())


def place(text: str) -> str:
    """Where it says so."""
    (element,) = Page(text).root.cssselect("[role=alert]")
    if element.get("id"):
        return str(element.get("id"))
    rows = [row.getprevious().get("id") for row in element.iterancestors("tr")]
    return str([*rows, *(above.get("id") for above in element.iterancestors() if above.get("id"))][0])


@pytest.mark.parametrize("htmx", [True, False])
@on_sqlite
def test_at_the_line_that_was_to_be_removed(staff: Browser, order: Order, htmx: bool) -> None:
    line = next(iter(fresh(order).lines)).id
    url = f"/orders/{order.number}"
    response = staff.send(f"{url}/shipping", f"{url}/lines/{line}/removal", htmx=htmx)
    assert response.status_code == 422
    assert place(response.text) == f"line-{line}"
    assert response.text.count(alert(response.text)) == 1
    assert len(Page(response.text).root.cssselect("[role=alert][autofocus]")) == 1


@pytest.mark.parametrize("htmx", [True, False])
@on_sqlite
def test_at_the_line_whose_quantity_a_payment_does_not_cover(staff: Browser, htmx: bool) -> None:
    make_product("LJUS-12", name="Stearinljus, 12-pack", stock=240)
    order = make_order(("LJUS-12", 2), payment_method="klarna", paid=39_800)
    line = next(iter(fresh(order).lines)).id
    url = f"/orders/{order.number}"
    response = staff.send(f"{url}/lines/{line}", f"{url}/lines/{line}", htmx=htmx, quantity=3)
    assert response.status_code == 422
    assert place(response.text) == f"line-{line}"
    assert response.text.count(alert(response.text)) == 1
    assert Page(response.text).form(f"{url}/lines/{line}").values()["quantity"] == "3"


@pytest.mark.parametrize(
    ("quantity", "sentence"), [("3", "Det finns bara 2 att flytta."), ("9", "Det finns bara 2 att flytta.")]
)
@on_sqlite
def test_at_the_field_of_a_split(staff: Browser, order: Order, quantity: str, sentence: str) -> None:
    line = next(iter(fresh(order).lines)).id
    url = f"/orders/{order.number}/lines/{line}/split"
    response = staff.send(url, url, htmx=True, quantity=quantity)
    assert alert(response.text).startswith(sentence)
    assert place(response.text) == f"split-{line}-quantity-reason"
    assert response.text.count(alert(response.text)) == 1


@on_sqlite
def test_at_the_field_of_a_product_that_cannot_be_backordered(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    response = staff.send(f"{url}/shipping", f"{url}/lines", htmx=True, q="SPETS-1", quantity=5)
    assert response.status_code == 422
    assert place(response.text) == "add-quantity-reason"
    assert response.text.count(alert(response.text)) == 1


@on_sqlite
def test_at_the_finder_for_a_product_of_another_currency(staff: Browser, order: Order) -> None:
    other = make_product("EUR-1", name="Euro", currency="EUR")
    url = f"/orders/{order.number}"
    response = staff.send(f"{url}/shipping", f"{url}/lines", htmx=True, q="Euro", product=other.id, quantity=1)
    assert response.status_code == 422
    assert place(response.text) == "add-q-reason"


@pytest.mark.parametrize("form", ["", "/split"])
@pytest.mark.parametrize("closing", ["shipments/1/status", "cancellation"])
@on_sqlite
def test_at_the_line_that_was_closed_in_another_window(staff: Browser, order: Order, closing: str, form: str) -> None:
    line = next(iter(fresh(order).lines)).id
    url = f"/orders/{order.number}"
    values = {"status": "shipped", "agreed": ["no-code", "no-address"]} if "status" in closing else {}
    staff.send(f"{url}/shipping" if values else url, f"{url}/{closing}", **values)
    response = staff.get(f"{url}/lines/{line}{form}")
    assert response.status_code == 422
    assert place(response.text) == f"line-{line}"
    assert ("är skickad" if values else "är makulerad") in alert(response.text)


@pytest.mark.parametrize("form", ["", "/split"])
@on_sqlite
def test_above_the_tab_for_a_line_that_was_removed_in_another_window(staff: Browser, order: Order, form: str) -> None:
    response = staff.get(f"/orders/{order.number}/lines/{next(iter(fresh(order).lines)).id + 99}{form}")
    assert response.status_code == 404
    assert place(response.text) == "alert"


@pytest.mark.parametrize("htmx", [True, False])
@on_sqlite
def test_above_the_tab_for_a_line_that_is_gone(staff: Browser, order: Order, htmx: bool) -> None:
    line = next(iter(fresh(order).lines)).id
    url = f"/orders/{order.number}"
    values = staff.page(f"{url}/shipping").form(f"{url}/lines/{line}/removal").values()
    response = staff.post(f"{url}/lines/{line + 99}/removal", dict(values), htmx=htmx)
    assert response.status_code == 404
    assert place(response.text) == "alert"


@on_sqlite
def test_at_the_field_of_a_comment(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    response = staff.send(url, f"{url}/comments", htmx=True, text="Hej", about="internal", mail="yes")
    assert response.status_code == 422
    assert place(response.text) == "comment-mail-reason"
    assert response.text.count(alert(response.text)) == 1


@on_sqlite
def test_at_the_shipment_that_has_no_such_code(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    values = staff.page(f"{url}/shipping").form(f"{url}/lines").values()
    kept = {name: values[name] for name in ("csrf_token", "version", "request_key")}
    response = staff.post(f"{url}/shipments/1/tracking/99/removal", dict(kept), htmx=True)
    assert response.status_code == 404
    assert place(response.text).startswith("shipment-1")
