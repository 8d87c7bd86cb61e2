"""The shipments of a new order: what left elsewhere already, and the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from webshop_orders.db.plain_objects import Make, mapped
from webshop_orders.documents.order import NewLine, NewOrder, NewShipment
from webshop_orders.errors import FieldError, InvalidDocument
from webshop_orders.models import DeliveryStatus, Line, Order, Product, Shipment, TrackingCode
from webshop_orders.text.tracking_codes import compact


def add_shipments(order: Order, new: NewOrder, products: Mapping[str, Product], make: Make = mapped) -> None:
    """Put the lines of a new order into its shipments: those that left elsewhere, and one for the rest.

    The rest has left too if `new.shipped_at` is set. Raises InvalidDocument where the shipments have more units of a
    line than the order, or one has none.
    """
    rest = list(new.lines)
    for index, shipped in enumerate(new.shipments):
        taken = _take(rest, shipped, f"/shipments/{index}")
        shipment = _add_shipment(order, taken, products, shipped.shipped_at, make)
        shipment.tracking_codes = [
            make(TrackingCode)(code=tracking.code, carrier=tracking.carrier, url=tracking.url)
            for tracking in {compact(tracking.code): tracking for tracking in shipped.tracking}.values()
        ]
    if left := [line for line in rest if line.quantity]:
        _add_shipment(order, left, products, new.shipped_at, make)


def _take(rest: list[NewLine], shipped: NewShipment, pointer: str) -> list[NewLine]:
    """Take the units of a shipment out of the rest, each with its share of the line's discount."""
    units: Counter[int] = Counter()
    for packed_line in shipped.lines:
        units[packed_line.line] += packed_line.quantity
    if not shipped.lines:
        units.update({index: line.quantity for index, line in enumerate(rest)})
    taken = []
    for index, quantity in units.items():
        if index >= len(rest) or quantity > rest[index].quantity:
            raise _refusal(f"{pointer}/lines", _("The shipments hold more than the lines of the order."))
        line = rest[index]
        discount = line.discount * quantity // line.quantity if quantity else 0
        taken.append(replace(line, quantity=quantity, discount=discount))
        rest[index] = replace(line, quantity=line.quantity - quantity, discount=line.discount - discount)
    packed = [line for line in taken if line.quantity]
    if not packed:
        raise _refusal(pointer, _("A shipment without products cannot be placed."))
    return packed


def _refusal(pointer: str, sentence: str) -> InvalidDocument:
    return InvalidDocument([FieldError(pointer, sentence)], field="shipments")


def _add_shipment(
    order: Order, lines: list[NewLine], products: Mapping[str, Product], shipped_at: datetime | None, make: Make
) -> Shipment:
    shipment = order.add_shipment(make(Shipment))
    shipment.lines = [_to_line(line, products.get(line.sku), make) for line in lines]
    shipment.order = order  # as mapped objects do by themselves
    for line in shipment.lines:
        line.shipment = shipment
    if shipped_at is not None:  # before the order came here, which moves no stock
        shipment.status, shipment.shipped_at = DeliveryStatus.SHIPPED, shipped_at
        for line in shipment.lines:
            line.reserved = line.quantity
    return shipment


def _to_line(new: NewLine, product: Product | None, make: Make) -> Line:
    columns = new.columns() | ({"sku": product.sku} if product else {})
    return make(Line)(product=product, product_id=product.id if product else None, **columns, reserved=0)
