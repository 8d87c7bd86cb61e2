"""Webhooks of Shopify, signed: placed once, cancelled with what was ordered, sent when the shop sends."""

import pytest
from flask.testing import FlaskClient

from tests.connectors.incoming.logged import order_of
from tests.connectors.sending import outcome, send_shopify
from tests.connectors.shopify.payloads import line, method, order, refund, refund_line
from tests.factories import make_product
from tests.operations.steps import messages_of, stock_of
from webshop_orders.models import OrderStatus
from webshop_orders.money.totals import compute_totals

LAMP = line("LAMPA", "450.00", 2)
OMBUD = [method("Ombud", "59.00")]
REFERENCE = "shopify-880100"


def restocked() -> dict[str, object]:
    """The order after Shopify cancelled it with its default: all units back in stock, and all paid back."""
    cancelled_at = "2026-11-24T09:00:00+01:00"
    return order(
        {**LAMP, "current_quantity": 0},
        shipping=OMBUD,
        cancelled_at=cancelled_at,
        updated_at=cancelled_at,
        cancel_reason="customer",
        financial_status="refunded",
        current_total_price="0.00",
        current_total_tax="0.00",
        refunds=[refund("959.00", refund_line("900.00", 2, total_tax="180.00"), restock=True)],
    )


@pytest.mark.parametrize("topic", ["orders/cancelled", "orders/updated"])
def test_an_order_that_is_cancelled_with_restock_is_cancelled_and_its_goods_are_free(
    shop: FlaskClient, topic: str
) -> None:
    make_product("LAMPA", stock=5)
    assert outcome(send_shopify(shop, order(LAMP, shipping=OMBUD), "orders/create")) == "placed"
    assert stock_of("LAMPA")[1] == 2
    assert outcome(send_shopify(shop, restocked(), topic)) == "followed"
    cancelled = order_of(REFERENCE)
    assert (cancelled.status, cancelled.paid, cancelled.refunded) == (OrderStatus.CANCELLED, 0, 95_900)
    assert (compute_totals(cancelled).balance, cancelled.shop_differences) == (0, [])
    assert stock_of("LAMPA")[1] == 0


def test_a_cancellation_that_is_sent_twice_gives_the_goods_back_once(shop: FlaskClient) -> None:
    make_product("LAMPA", stock=5)
    send_shopify(shop, order(LAMP, shipping=OMBUD), "orders/create")
    for topic in ("orders/updated", "orders/cancelled", "orders/updated"):
        assert outcome(send_shopify(shop, restocked(), topic)) == "followed"
    assert stock_of("LAMPA") == (5, 0, 0)


def test_an_order_that_was_cancelled_before_it_came_is_not_placed(shop: FlaskClient) -> None:
    assert outcome(send_shopify(shop, restocked(), "orders/cancelled")) == "not placed yet"


def test_an_order_that_the_shop_sends_later_is_sent_here_with_its_code(shop: FlaskClient) -> None:
    send_shopify(shop, order(LAMP, shipping=OMBUD), "orders/create")
    sent = {
        "id": 41,
        "status": "success",
        "created_at": "2026-11-24T16:00:00+01:00",
        "tracking_number": "JJFI64300000000107",
        "line_items": [{"id": 101, "quantity": 2}],
    }
    later = {"fulfillment_status": "fulfilled", "fulfillments": [sent], "updated_at": "2026-11-24T16:00:00+01:00"}
    assert outcome(send_shopify(shop, order(LAMP, shipping=OMBUD, **later), "orders/fulfilled")) == "followed"
    shipped = order_of(REFERENCE)
    assert shipped.status is OrderStatus.SHIPPED
    assert [code.code for code in shipped.shipments[0].tracking_codes] == ["JJFI64300000000107"]


def test_a_refund_out_of_goodwill_leaves_nothing_to_pay(shop: FlaskClient) -> None:
    send_shopify(shop, order(LAMP, shipping=OMBUD), "orders/create")
    later = {"financial_status": "partially_refunded", "refunds": [refund("50.00")]}
    send_shopify(shop, order(LAMP, shipping=OMBUD, updated_at="2026-11-24T10:00:00+01:00", **later))
    settled = order_of(REFERENCE)
    assert (settled.paid, settled.refunded, compute_totals(settled).balance) == (90_900, 5_000, 0)
    assert settled.shop_differences == []


def test_sums_that_differ_are_shown_on_the_order(shop: FlaskClient) -> None:
    assert outcome(send_shopify(shop, order(LAMP, total="1000.00"), "orders/create")) == "placed"
    assert [(found.field, found.here, found.shop) for found in order_of(REFERENCE).shop_differences] == [
        ("totals.total", "90000", "100000"),
        ("totals.balance", "-10000", "0"),
    ]


def test_a_total_below_that_of_the_lines_is_shown_and_nothing_is_asked_for(shop: FlaskClient) -> None:
    send_shopify(shop, order(LAMP, total="840.00"), "orders/create")
    placed = order_of(REFERENCE)
    assert (placed.paid, compute_totals(placed).balance) == (84_000, 0)
    assert [found.field for found in placed.shop_differences] == ["totals.total"]


def test_a_trial_mails_nobody(shop: FlaskClient) -> None:
    send_shopify(shop, order(LAMP, test=True), "orders/create")
    trial = order_of(REFERENCE)
    assert (trial.is_test, messages_of(trial)) == (True, [])


def test_a_draft_is_not_placed(shop: FlaskClient) -> None:
    draft = order(LAMP, status="open", invoice_url="https://butik.example/i")
    assert outcome(send_shopify(shop, draft, "orders/create")) == "ignored"
