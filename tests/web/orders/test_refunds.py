"""A cancelled order that was paid says everywhere that the money is to be given back, and can be listed until it is."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing, line_of, listed, messages_of, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page, text_of
from webshop_orders.documents import order as order_document
from webshop_orders.models import Actor, Message, MessageKind, Order
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import cancellation, lines

SUM = "349,00\xa0kr"


def cancel(order: Order, by: Actor) -> None:
    with changing(order, by) as current:
        cancellation.cancel(current, by=by)


def mails_of(order: Order) -> list[Message]:
    return messages_of(read(order))


@pytest.fixture
def paid(app: Flask) -> Order:
    make_product("CANDLE", price=10_000)
    values = {"shipping_price": 4_900, "shipping_vat_rate": 2500, "send_confirmation": False}
    return make_order(("CANDLE", 3), payment_method="swish", paid=34_900, **values)


@on_sqlite
def test_a_cancelled_paid_order_says_what_is_to_be_refunded(staff: Browser, anna: Actor, paid: Order) -> None:
    cancel(paid, anna)
    url = f"/orders/{paid.number}"

    page = staff.page(url)
    assert f"{SUM} att återbetala" in text_of(page.select(".order-head")[0]).replace(" kr", "\xa0kr")
    assert "Att återbetala" in text_of(page.select(".totals .balance")[0])
    assert "Att betala" not in text_of(page.select(".totals")[0])
    totals = order_document.to_json(read(paid))["totals"]
    assert (totals["total"], totals["paid"], totals["balance"]) == (34_900, 34_900, -34_900)
    staff.send(f"{url}/messages", f"{url}/messages/order-change", htmx=True)
    mail = mails_of(paid)[-1]
    assert mail.kind is MessageKind.ORDER_CHANGED
    assert "Att återbetala" in mail.text
    assert "Kvar att betala" not in mail.text


@on_sqlite
def test_the_list_has_what_is_to_be_refunded(staff: Browser, anna: Actor, paid: Order) -> None:
    cancel(paid, anna)
    dearer, cheaper, unpaid = (make_order(("CANDLE", 3), paid=paid_sum) for paid_sum in (20_000, 30_000, 0))
    cancel(unpaid, anna)
    with changing(cheaper, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=2, by=anna)

    page = staff.page("/orders?balance=refund")

    assert {text_of(link) for link in page.select("#orders td.name a")} == {paid.number, cheaper.number}
    assert page.select("#balance option[selected]")[0].get("value") == "refund"
    assert "Att återbetala" in text_of(page.select(".active-filters")[0])
    for order, expected in ((paid, "349,00 kr att återbetala"), (cheaper, "100,00 kr att återbetala")):
        assert expected in text_of(page.select(f"#order-{order.id} .statuses")[0])
    everything = staff.page("/orders")
    for order in (dearer, unpaid):
        assert "att återbetala" not in text_of(everything.select(f"#order-{order.id}")[0])
    assert staff.page("/orders?balance=nonsense").select(f"#order-{dearer.id}")


@pytest.mark.parametrize("cancelled", [True, False])
@pytest.mark.parametrize("total", [0, 10_000, 20_000])
@pytest.mark.parametrize("paid_sum", [0, 10_000, 15_000])
@pytest.mark.parametrize("written_off", [0, 5_000, 20_000])
def test_the_filter_is_the_balance_of_the_order(
    app: Flask, anna: Actor, cancelled: bool, total: int, paid_sum: int, written_off: int
) -> None:
    make_product("CANDLE", price=10_000)
    make_product("FREE", price=0)
    order = make_order(("FREE", 1)) if not total else make_order(("CANDLE", total // 10_000))
    with changing(order, anna) as current:
        current.paid, current.written_off = paid_sum, written_off
        if cancelled:
            cancellation.cancel(current, by=anna)
    balance = order_document.to_json(read(order))["totals"]["balance"]

    (row,) = listed(OrderFilter())

    assert [found.number for found in listed(OrderFilter(to_refund=True))] == ([order.number] if balance < 0 else [])
    assert row.to_refund == max(0, -balance)


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_the_confirmation_of_a_cancelled_order_asks_first(staff: Browser, anna: Actor, paid: Order, htmx: bool) -> None:
    cancel(paid, anna)
    url = f"/orders/{paid.number}"
    before = len(mails_of(paid))

    asked = Page(staff.send(url, f"{url}/confirmation", htmx=htmx).text)

    assert "är makulerad" in text_of(asked.select("#confirmation-form")[0])
    assert len(mails_of(paid)) == before

    staff.post(f"{url}/confirmation", asked.form(f"{url}/confirmation").values())

    assert len(mails_of(paid)) == before + 1
