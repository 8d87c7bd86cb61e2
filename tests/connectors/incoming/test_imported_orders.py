"""Later messages about orders that a file brought: followed where nobody changed them here."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.connectors.imports import settings_of
from tests.connectors.incoming.logged import order_of
from tests.connectors.payloads import SHOPIFY, WOO, shopify, woo
from tests.connectors.sending import send_shopify, send_woo
from tests.operations.steps import changing
from webshop_orders.connectors.importing.orders import IMPORTER
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.documents import source_order
from webshop_orders.models import Actor, OrderStatus
from webshop_orders.operations.orders import bulk_placement, lines
from webshop_orders.transactions.unit_of_work import writing

REFERENCE = "shopify-450789469"
LATER = "2026-11-21T10:00:00"


def import_order(adapter: Any, payload: dict[str, Any]) -> None:
    new = source_order.read(adapter.document(payload, settings_of(adapter)))
    with writing():
        bulk_placement.place_imported([new], by=IMPORTER, keeps_source_total=True)


def sent_with(code: str) -> dict[str, Any]:
    fulfilment = {
        "id": 1,
        "status": "success",
        "created_at": LATER + "+01:00",
        "tracking_numbers": [code],
        "line_items": SHOPIFY["line_items"],
    }
    return shopify(updated_at=LATER + "+01:00", fulfillment_status="fulfilled", fulfillments=[fulfilment])


def test_what_left_the_shop_is_shipped(shop: FlaskClient) -> None:
    import_order(Shopify, SHOPIFY)
    send_shopify(shop, sent_with("373500000000000077"))
    order = order_of(REFERENCE)
    (shipment,) = order.shipments
    assert order.status is OrderStatus.SHIPPED
    assert [code.code for code in shipment.tracking_codes] == ["373500000000000077"]
    assert order.shop_differences == []


def test_what_left_before_the_import_is_shipped_once(shop: FlaskClient) -> None:
    import_order(Shopify, sent_with("373500000000000077"))
    send_shopify(shop, sent_with("373500000000000077") | {"note": "Ring på"})
    order = order_of(REFERENCE)
    assert [shipment.is_shipped for shipment in order.shipments] == [True]
    assert order.shop_differences == []


def test_an_order_that_is_cancelled_there_is_cancelled_here(shop: FlaskClient) -> None:
    import_order(WooCommerce, WOO)
    send_woo(shop, woo(date_modified_gmt=LATER, status="cancelled"))
    order = order_of()
    assert (order.status, order.shop_differences) == (OrderStatus.CANCELLED, [])


def test_a_refund_is_taken_over(shop: FlaskClient) -> None:
    import_order(WooCommerce, WOO)
    send_woo(shop, woo(date_modified_gmt=LATER, refunds=[{"id": 3, "reason": "", "total": "-47.00"}]))
    order = order_of()
    assert (order.paid, order.refunded, order.shop_differences) == (60_000, 4_700, [])


@pytest.mark.parametrize("paid", [None, ""])
def test_a_message_of_before_the_payment_takes_nothing_back(shop: FlaskClient, paid: str | None) -> None:
    import_order(WooCommerce, WOO)
    send_woo(shop, woo(status="on-hold", date_paid=paid, date_paid_gmt=paid))
    order = order_of()
    assert order.paid == 64_700
    assert "payment.paid" in [difference.field for difference in order.shop_differences]


def test_an_order_that_staff_changed_is_left_to_them(shop: FlaskClient, anna: Actor) -> None:
    import_order(WooCommerce, WOO)
    with changing(order_of(), anna) as order:
        lines.change(next(order.lines), quantity=2, by=anna)
    send_woo(shop, woo(date_modified_gmt=LATER, status="cancelled"))
    order = order_of()
    assert order.status is not OrderStatus.CANCELLED
    assert "cancelled" in [difference.field for difference in order.shop_differences]


def test_an_order_that_is_deleted_there_is_cancelled_here(shop: FlaskClient) -> None:
    import_order(Shopify, SHOPIFY)
    send_shopify(shop, {"id": SHOPIFY["id"]}, "orders/delete")
    assert order_of(REFERENCE).status is OrderStatus.CANCELLED
