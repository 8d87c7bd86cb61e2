"""Helpers for tests of demo and generated orders: reading them, and checking the invariants."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from webshop_orders import verification
from webshop_orders.db.extensions import db
from webshop_orders.models import Order, Product
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import loading


def whole_orders() -> list[Order]:
    return list(db.session.scalars(loading.COMPLETE_ORDERS.order_by(Order.id)).unique())


def snapshot(order: Order) -> dict[str, Any]:
    """Everything about an order that has to be the same when the demo is created again for the same day."""
    return {
        "number": order.number,
        "placed_at": order.placed_at,
        "customer": order.customer,
        "addresses": (order.billing_address, order.shipping_address),
        "paid": (order.payment_method, order.paid, order.total),
        "status": order.status,
        "shipments": [
            (
                shipment.reference,
                shipment.status,
                shipment.shipped_at,
                [(code.carrier, code.code) for code in shipment.tracking_codes],
                [(line.sku, line.quantity, line.reserved, line.unit_price, line.discount) for line in shipment.lines],
            )
            for shipment in order.shipments
        ],
    }


def check_invariants(*, margin: int = 0) -> None:
    """What `verify` checks, and that nothing waits for units that are free."""
    assert [violation.sentence for violation in verification.verify_all()] == []
    reserved: Counter[int] = Counter()
    backordered: Counter[int] = Counter()
    waiting: Counter[int] = Counter()  # without what a hold gave to other orders, and what is collected
    for order in whole_orders():
        assert order.total == compute_totals(order).total
        assert order.units == sum(line.quantity for line in order.lines)
        assert order.status is order.computed_status()
        for shipment in order.open_shipments:
            assert shipment.status is shipment.computed_status
            for line in shipment.lines:
                if line.is_tracked:
                    reserved[line.product_id or 0] += line.reserved
                    backordered[line.product_id or 0] += line.backordered
                    if shipment.keeps_stock and not order.ships_whole:
                        waiting[line.product_id or 0] += line.backordered
    for product in db.session.scalars(select(Product).where(Product.stock.is_not(None))):
        assert (product.reserved, product.backordered) == (reserved[product.id], backordered[product.id])
        assert product.reserved <= (product.stock or 0)
        assert not (waiting[product.id] and product.available(margin)), (
            f"{product.sku} is backordered although units are available"
        )
