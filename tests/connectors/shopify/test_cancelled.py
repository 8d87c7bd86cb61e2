"""Shopify's orders that are cancelled, wholly refunded or have nothing left: read as they were ordered."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.shopify.payloads import line, method, order, refund, refund_line, shop_money
from tests.connectors.shopify.placing import SETTINGS, read
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import StatusMeaning

pytestmark = on_sqlite
GONE = {**line("LAMPA", "450.00", 2), "current_quantity": 0}
RESTOCKED = refund("959.00", refund_line("900.00", 2, total_tax="180.00"), restock=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"cancelled_at": "2026-11-24T09:00:00+01:00", "financial_status": "refunded", "refunds": [RESTOCKED]},
        {"cancelled_at": "2026-11-24T09:00:00+01:00", "financial_status": "voided"},
        {"cancelled_at": "2026-11-24T09:00:00+01:00", "fulfillment_status": "restocked"},
        {"financial_status": "refunded", "refunds": [RESTOCKED]},
        {"financial_status": "voided"},
        {"financial_status": "partially_refunded", "refunds": [refund("900.00", refund_line("900.00", 2))]},
        {"fulfillment_status": "restocked"},
        {},
    ],
    ids=["cancelled", "void", "restocked", "refunded", "voided", "lines-refunded", "status", "edited-away"],
)
def test_an_order_of_which_nothing_is_left_is_cancelled_and_has_what_was_ordered(
    app: Flask, changes: dict[str, Any]
) -> None:
    payload = order(GONE, shipping=[method("Ombud", "59.00")], current_total_price="0.00", **changes)
    new = read(payload)
    assert Shopify.meaning(payload, SETTINGS) is StatusMeaning.CANCELLED
    assert [(new_line.sku, new_line.quantity, new_line.unit_price) for new_line in new.lines] == [("LAMPA", 2, 45_000)]
    assert (new.shipping.method, new.shipping.price) == ("Ombud", 5_900)
    assert new.totals.total is None


def test_a_cancelled_order_that_was_paid_back_has_nothing_paid(app: Flask) -> None:
    payload = order(
        GONE,
        shipping=[method("Ombud", "59.00", current_discounted_price_set=shop_money("0.00"))],
        cancelled_at="2026-11-24T09:00:00+01:00",
        financial_status="refunded",
        refunds=[RESTOCKED],
        current_total_price="0.00",
    )
    payment = read(payload).payment
    assert (payment.paid, payment.refunded) == (0, 95_900)


def test_a_cancelled_order_that_was_not_paid_back_is_still_paid(app: Flask) -> None:
    payload = order(GONE, cancelled_at="2026-11-24T09:00:00+01:00", current_total_price="0.00")
    assert read(payload).payment.paid == 90_000
    partly = payload | {"refunds": [refund("400.00")], "financial_status": "partially_refunded"}
    assert (read(partly).payment.paid, read(partly).payment.refunded) == (50_000, 40_000)


def test_a_cancelled_order_that_was_only_reserved_has_nothing_paid(app: Flask) -> None:
    payload = order(GONE, cancelled_at="2026-11-24T09:00:00+01:00", financial_status="authorized")
    assert read(payload).payment.paid == 0


def test_a_line_that_an_edit_took_away_before_does_not_come_back(app: Flask) -> None:
    items = [
        {**line("LAMPA", "450.00", 2, id=1), "current_quantity": 0},
        {**line("KABEL", "50.00", id=2), "current_quantity": 0},
    ]
    cancelled = refund("450.00", refund_line("450.00", 1, of=1))
    new = read(order(*items, cancelled_at="2026-11-24T09:00:00+01:00", refunds=[cancelled]))
    assert [(new_line.sku, new_line.quantity) for new_line in new.lines] == [("LAMPA", 1)]
