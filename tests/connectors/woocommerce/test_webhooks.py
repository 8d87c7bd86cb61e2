"""WooCommerce's orders by webhook: placed with the shop's sums, or answered so that the shop keeps sending."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.connectors.sending import SECRET, outcome, send_woo
from tests.connectors.test_callbacks import count_orders, order_of
from tests.connectors.woocommerce.builders import item, order
from webshop_orders.models import ConnectionKind, HoldReason, HoldRule, OrderStatus
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.settings import connections
from webshop_orders.transactions.unit_of_work import writing

REFERENCE = "wc-5120"


@pytest.fixture
def shop(app: Flask) -> FlaskClient:
    with writing():
        connections.add(ConnectionKind.WOOCOMMERCE, "Vasbutiken", SECRET)
    return app.test_client()


def later(payload: dict[str, Any], hours: int, **changes: Any) -> dict[str, Any]:
    return {**payload, "date_modified_gmt": f"2026-10-12T{8 + hours:02}:00:00", **changes}


def test_an_order_without_lines_that_is_not_placed_yet_is_answered_well(shop: FlaskClient) -> None:
    empty = order(status="pending", line_items=[], total="0.00", date_paid_gmt=None)
    assert outcome(send_woo(shop, empty, "order.created")) == "not placed yet"
    assert count_orders() == 0


def test_metre_goods_alone_are_placed(shop: FlaskClient) -> None:
    assert outcome(send_woo(shop, order(item("Lin", "200.00", quantity=0.5)))) == "placed"
    placed = order_of(REFERENCE)
    assert (placed.total, [line.name for line in placed.lines]) == (25_000, ["Lin, 0,5"])


def test_sums_that_do_not_add_up_are_placed_and_shown(shop: FlaskClient) -> None:
    assert outcome(send_woo(shop, order(item("Vas", "80.00"), total="90.00"))) == "placed"
    placed = order_of(REFERENCE)
    shown = {difference.field: (difference.here, difference.shop) for difference in placed.shop_differences}
    assert shown["totals.total"] == ("10000", "9000")
    assert compute_totals(placed).balance == 0


def test_what_the_shop_gave_back_later_is_not_asked_for(shop: FlaskClient) -> None:
    payload = order(item("Vas", "240.00", quantity=3))
    send_woo(shop, payload)
    send_woo(shop, later(payload, 1, refunds=[{"id": 7, "reason": "skada", "total": "-100.00"}]))
    placed = order_of(REFERENCE)
    totals = compute_totals(placed)
    assert (totals.total, totals.paid, totals.balance) == (30_000, 20_000, 0)
    assert placed.refunded == 10_000


def test_an_order_that_is_completed_later_has_shipped(shop: FlaskClient) -> None:
    payload = order()
    send_woo(shop, payload)
    send_woo(shop, later(payload, 1, status="delivered"))
    assert order_of(REFERENCE).status is OrderStatus.SHIPPED


def test_a_cancelled_order_that_the_shop_opens_again_comes_back(shop: FlaskClient) -> None:
    payload = order(status="on-hold", date_paid_gmt=None)
    send_woo(shop, payload)
    send_woo(shop, later(payload, 1, status="cancelled"))
    assert order_of(REFERENCE).is_cancelled
    send_woo(shop, later(payload, 2, status="processing", date_paid_gmt="2026-10-12T10:00:00"))
    placed = order_of(REFERENCE)
    assert (placed.is_cancelled, compute_totals(placed).balance) == (False, 0)
    assert not placed.is_held


def test_an_order_on_hold_is_held_until_the_shop_releases_it(shop: FlaskClient) -> None:
    payload = order(status="on-hold", date_paid_gmt=None)
    send_woo(shop, payload)
    (hold,) = order_of(REFERENCE).holds
    assert (hold.rule, hold.reason) == (HoldRule.SOURCE, HoldReason.AWAITING_PAYMENT)
    send_woo(shop, later(payload, 1, status="on-hold", date_paid_gmt=None, customer_note="Hej"))
    assert len(order_of(REFERENCE).holds) == 1
    send_woo(shop, later(payload, 2, status="processing", date_paid_gmt="2026-10-12T10:00:00"))
    assert order_of(REFERENCE).holds == []


def test_an_sku_in_other_case_changes_nothing_later(shop: FlaskClient) -> None:
    payload = order(item("Vas", "80.00", sku="vas-1 "))
    send_woo(shop, payload)
    send_woo(shop, later(payload, 1, customer_note="Ring"))
    assert order_of(REFERENCE).shop_differences == []
