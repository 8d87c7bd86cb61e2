"""Credit notes of an order: sent by hand, chosen with a refund, and as a PDF."""

import pytest
from flask import Flask

from tests.factories import SHOP, make_order, make_product
from tests.operations.steps import changing, messages_of, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.models import Customer, Message, MessageKind, Order
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund

pytestmark = on_sqlite


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", name="Stearinljus", price=10_000)
    placed = make_order(("CANDLE", 3), paid=30_000, send_confirmation=False)
    with changing(placed, SHOP) as current:
        units = {line.id: 1 for line in current.lines}
        refunds.request(current, RequestedRefund(lines=units), by=SHOP)
    return read(placed)


def mails_of(order: Order) -> list[Message]:
    return [message for message in messages_of(read(order)) if message.kind is MessageKind.CREDIT_NOTE]


@pytest.mark.parametrize("path", ["credit-note", "credit-note.pdf"])
def test_viewers_and_the_warehouse_neither_send_nor_read_one(
    viewer: Browser, warehouse: Browser, order: Order, path: str
) -> None:
    for browser in (viewer, warehouse):
        url = f"/orders/{order.number}/refunds/1/{path}"
        answer = browser.get(url) if path.endswith("pdf") else browser.post(url, {"recipient": "a@example.com"})
        assert answer.status_code == 403
    assert mails_of(order) == []


@pytest.mark.parametrize("refund_id", ["7", "٣", "99999999999999999999999"])
def test_a_refund_that_there_is_not_is_not_found(staff: Browser, order: Order, refund_id: str) -> None:
    url = f"/orders/{order.number}"

    assert staff.get(f"{url}/refunds/{refund_id}/credit-note.pdf").status_code == 404
    answer = staff.send(f"{url}/summary", f"{url}/refunds/1/credit-note", recipient="")
    assert answer.status_code == 422


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("recipient", ["", "asa", "asa@", "a@example.com\r\nBcc: b@example.com"])
def test_it_needs_an_address(staff: Browser, order: Order, recipient: str, htmx: bool) -> None:
    url = f"/orders/{order.number}"

    answer = staff.send(f"{url}/summary", f"{url}/refunds/1/credit-note", htmx=htmx, recipient=recipient)

    assert answer.status_code == 422
    assert mails_of(order) == []


def test_a_cancelled_refund_has_none(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    form = staff.page(f"{url}/summary")
    assert "Skicka kreditnota" in form.text
    with changing(order, SHOP) as current:
        refunds.cancel(current, 1, by=SHOP)

    assert staff.get(f"{url}/refunds/1/credit-note.pdf").status_code == 422
    assert "Skicka kreditnota" not in staff.page(f"{url}/summary").text


@pytest.mark.parametrize("htmx", [False, True])
def test_it_is_sent_and_warned_of_when_it_was_sent_just_before(staff: Browser, order: Order, htmx: bool) -> None:
    url = f"/orders/{order.number}"

    first = staff.send(f"{url}/summary", f"{url}/refunds/1/credit-note", htmx=htmx, recipient="ek@example.com")
    again = staff.send(f"{url}/summary", f"{url}/refunds/1/credit-note", htmx=htmx, recipient="ek@example.com")

    assert (first.status_code, again.status_code) == (200 if htmx else 303, 422)
    assert [mail.recipient for mail in mails_of(order)] == ["ek@example.com"]
    assert "Kreditnotan WS-100001-K1 till ek@example.com köades för hand" in staff.page(f"{url}/history").text


def test_the_pdf_is_offered_and_named_after_the_refund(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}/refunds/1/credit-note.pdf"
    assert any(link.startswith(url) for link in staff.page(f"/orders/{order.number}/summary").links)

    answer = staff.get(url)

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert f"kreditnota-{order.number}-K1.pdf" in answer.headers["Content-Disposition"]


def test_a_refund_is_registered_with_its_credit_note(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    (line,) = order.lines
    values = {f"lines-{line.id}": 1, "done": "yes", "mails_customer": "yes"}

    asked = staff.send(f"{url}/refunds", f"{url}/refunds", **values)
    assert asked.status_code == 422
    agreed = Page(asked.text).select("[name=agreed]")[0].get("value")
    answer = staff.send(f"{url}/refunds", f"{url}/refunds", agreed=agreed, **values)

    assert answer.status_code == 303
    assert [mail.recipient for mail in mails_of(order)] == ["asa@example.com"]


def test_it_cannot_be_chosen_where_the_customer_has_no_address(staff: Browser, app: Flask) -> None:
    make_product("CANDLE", price=10_000)
    order = make_order(("CANDLE", 3), paid=30_000, customer=Customer(name="Åsa Öberg"))

    assert "Skicka kreditnota till kunden" not in staff.page(f"/orders/{order.number}/refunds").text
