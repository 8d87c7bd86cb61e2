"""The shipments of a new order: what left elsewhere already, and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from webshop_orders.documents.order import NewLine, NewOrder, NewShipment
from webshop_orders.errors import RuleViolation
from webshop_orders.models import DeliveryStatus, Line, Order, Product, Shipment, TrackingCode


def add_shipments(order: Order, new: NewOrder, products: Mapping[str, Product]) -> None:
    """Put the lines of a new order into its shipments: those that left elsewhere, and one for the rest.

    The rest has left too if `new.shipped_at` is set. Raises RuleViolation where the shipments have more units of a
    line than the order.
    """
    rest = list(new.lines)
    for shipped in new.shipments:
        shipment = _add_shipment(order, _take(rest, shipped), products, shipped.shipped_at)
        shipment.tracking_codes = [
            TrackingCode(code=tracking.code, carrier=tracking.carrier, url=tracking.url)
            for tracking in {tracking.code: tracking for tracking in shipped.tracking}.values()
        ]
    if left := [line for line in rest if line.quantity]:
        _add_shipment(order, left, products, new.shipped_at)


def _take(rest: list[NewLine], shipped: NewShipment) -> list[NewLine]:
    """Take the units of a shipment out of the rest, each with its share of the line's discount."""
    units = {packed.line: packed.quantity for packed in shipped.lines} or {
        index: line.quantity for index, line in enumerate(rest)
    }
    taken = []
    for index, quantity in units.items():
        if index >= len(rest) or quantity > rest[index].quantity:
            raise RuleViolation(_("The shipments hold more than the lines of the order."), field="shipments")
        line = rest[index]
        discount = line.discount * quantity // line.quantity if quantity else 0
        taken.append(replace(line, quantity=quantity, discount=discount))
        rest[index] = replace(line, quantity=line.quantity - quantity, discount=line.discount - discount)
    packed = [line for line in taken if line.quantity]
    if not packed:
        raise RuleViolation(_("A shipment without products cannot be placed."), field="shipments")
    return packed


def _add_shipment(
    order: Order, lines: list[NewLine], products: Mapping[str, Product], shipped_at: datetime | None
) -> Shipment:
    shipment = order.add_shipment()
    shipment.lines = [_to_line(line, products.get(line.sku)) for line in lines]
    if shipped_at is not None:  # before the order came here, which moves no stock
        shipment.status, shipment.shipped_at = DeliveryStatus.SHIPPED, shipped_at
        for line in shipment.lines:
            line.reserved = line.quantity
    return shipment


def _to_line(new: NewLine, product: Product | None) -> Line:
    columns = new.columns() | ({"sku": product.sku} if product else {})
    return Line(product=product, product_id=product.id if product else None, **columns, reserved=0)
