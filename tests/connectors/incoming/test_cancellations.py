"""Orders that their shop cancels, refunds wholly, or opens again."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.connectors.incoming.logged import order_of
from tests.connectors.payloads import SHOPIFY, shopify, woo
from tests.connectors.sending import outcome, send_shopify, send_woo
from tests.factories import make_product
from tests.operations.steps import changing, kinds_of, set_stock, stock_of
from webshop_orders.models import Actor, EventKind, OrderStatus
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import cancellation, lines
from webshop_orders.transactions.order_intake import find_by_reference

REFERENCE = "shopify-450789469"
LINE: dict[str, Any] = SHOPIFY["line_items"][0]
TIMES = iter(range(10_000))


@pytest.fixture(autouse=True)
def candles(app: object) -> None:
    make_product("LJUS-12", stock=10)


def later(status: str, **changes: Any) -> dict[str, Any]:
    """The order of WooCommerce with another status, each call later than the one before it."""
    minutes = next(TIMES)
    return woo(status=status, date_modified_gmt=f"2026-11-21T{minutes // 60:02}:{minutes % 60:02}:00", **changes)


def cancelled_with_restock(**changes: Any) -> dict[str, Any]:
    """The order of Shopify, cancelled with what Shopify does by default: all given back, nothing left of any line."""
    refund = {
        "id": 1,
        "restock": True,
        "refund_line_items": [{"quantity": 3, "restock_type": "cancel", "line_item_id": 1, "line_item": LINE}],
        "transactions": [{"kind": "refund", "status": "success", "amount": "598.00"}],
    }
    values = {
        "updated_at": "2026-11-22T10:00:00+01:00",
        "cancelled_at": "2026-11-22T10:00:00+01:00",
        "financial_status": "refunded",
        "current_total_price": "0.00",
        "line_items": [{**LINE, "current_quantity": 0}],
        "refunds": [refund],
    }
    return shopify(**{**values, **changes})


@pytest.mark.parametrize("topic", ["orders/cancelled", "orders/updated"])
def test_an_order_cancelled_with_restock_is_cancelled_paid_back_and_its_goods_come_back_once(
    shop: FlaskClient, topic: str
) -> None:
    send_shopify(shop, SHOPIFY)
    assert stock_of("LJUS-12") == (10, 3, 0)
    for _turn in range(2):
        assert outcome(send_shopify(shop, cancelled_with_restock(), topic)) == "followed"

    order = order_of(REFERENCE)
    assert (order.status, order.paid, order.refunded) == (OrderStatus.CANCELLED, 0, 59_800)
    assert compute_totals(order).balance == 0
    assert stock_of("LJUS-12") == (10, 0, 0)
    assert order.shop_differences == []
    assert kinds_of(order).count(EventKind.ORDER_CANCELLED) == 1


def test_an_order_that_is_cancelled_when_it_is_first_told_of_is_not_placed(shop: FlaskClient) -> None:
    assert outcome(send_shopify(shop, cancelled_with_restock(), "orders/updated")) == "not placed yet"
    assert outcome(send_woo(shop, woo(status="cancelled", line_items=[]))) == "not placed yet"
    assert outcome(send_woo(shop, woo(status="pending", line_items=[]))) == "not placed yet"


def test_an_order_that_its_shop_opens_again_comes_back_with_its_payment(shop: FlaskClient) -> None:
    send_woo(shop, later("on-hold", date_paid_gmt=None))
    send_woo(shop, later("cancelled", date_paid_gmt=None))
    assert (order_of().status, stock_of("LJUS-12")) == (OrderStatus.CANCELLED, (10, 0, 0))
    send_woo(shop, later("processing"))

    order = order_of()
    assert (order.status, order.paid) == (OrderStatus.READY, 64_700)
    assert stock_of("LJUS-12") == (10, 3, 0)
    assert EventKind.ORDER_RESTORED in kinds_of(order)
    assert order.shop_differences == []


def test_what_is_gone_meanwhile_is_backordered(shop: FlaskClient) -> None:
    send_woo(shop, later("processing"))
    send_woo(shop, later("cancelled"))
    set_stock("LJUS-12", 1)
    send_woo(shop, later("processing"))
    assert order_of().status is OrderStatus.BACKORDERED
    assert stock_of("LJUS-12") == (1, 1, 2)


def test_an_order_that_is_cancelled_and_opened_twice_follows_each_time(shop: FlaskClient) -> None:
    for status in ("processing", "cancelled", "processing", "cancelled", "processing"):
        send_woo(shop, later(status))
    assert order_of().status is OrderStatus.READY
    assert stock_of("LJUS-12") == (10, 3, 0)


def test_an_order_that_staff_cancelled_stays_cancelled_and_is_shown_as_different(
    shop: FlaskClient, anna: Actor
) -> None:
    send_woo(shop, later("processing"))
    with changing(order_of(), anna) as order:
        cancellation.cancel(order, by=anna)
    send_woo(shop, later("cancelled"))
    send_woo(shop, later("processing"))

    order = order_of()
    assert order.status is OrderStatus.CANCELLED
    assert [(item.field, item.here, item.shop) for item in order.shop_differences] == [("cancelled", "true", "false")]
    with changing(order, anna) as order:
        cancellation.restore(order, by=anna)
    assert order_of().status is OrderStatus.READY
    assert order_of().shop_differences == []


def test_an_unpaid_order_that_staff_open_again_is_still_to_be_paid(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, later("on-hold", date_paid_gmt=None))
    send_woo(shop, later("cancelled", date_paid_gmt=None))
    with changing(order_of(), anna) as order:
        cancellation.restore(order, by=anna)
    assert compute_totals(order_of()).balance == 64_700


def test_an_order_that_staff_changed_before_is_not_cancelled(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    with changing(order_of(REFERENCE), anna) as order:
        lines.change(next(order.lines), quantity=2, by=anna)
    send_shopify(shop, cancelled_with_restock())

    order = order_of(REFERENCE)
    assert order.status is OrderStatus.READY
    assert "cancelled" in [item.field for item in order.shop_differences]


def test_an_order_that_was_cancelled_before_its_first_message_came_is_not_placed(shop: FlaskClient) -> None:
    assert outcome(send_shopify(shop, cancelled_with_restock(), "orders/cancelled")) == "not placed yet"
    assert outcome(send_shopify(shop, SHOPIFY, "orders/create")) == "outdated"
    assert find_by_reference(REFERENCE) is None


def test_an_order_that_was_opened_again_before_it_came_is_placed(shop: FlaskClient) -> None:
    assert outcome(send_woo(shop, later("failed"))) == "not placed yet"
    assert outcome(send_woo(shop, later("processing"))) == "placed"


def test_what_is_given_back_of_an_order_that_left_is_not_asked_for_again(shop: FlaskClient) -> None:
    send_woo(shop, later("processing"))
    send_woo(shop, later("completed"))
    send_woo(shop, later("refunded", refunds=[{"id": 4, "reason": "", "total": "-647.00"}]))
    order = order_of()
    assert (order.status, order.paid, order.refunded) == (OrderStatus.SHIPPED, 0, 64_700)
    assert compute_totals(order).balance == 0
    assert [difference.field for difference in order.shop_differences] == ["cancelled"]


def test_an_unpaid_order_that_left_is_still_asked_for_when_its_shop_cancels_it(shop: FlaskClient) -> None:
    send_woo(shop, later("processing", date_paid=None, date_paid_gmt=None))
    send_woo(shop, later("completed", date_paid=None, date_paid_gmt=None))
    send_woo(shop, later("cancelled", date_paid=None, date_paid_gmt=None))
    assert compute_totals(order_of()).balance == 64_700
