"""The queue of a product: its lines that wait for stock, in the sequence in which they get it (rule 35)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select

from webshop_orders.models import Line, Order, Shipment
from webshop_orders.models.waiting import IS_PLACED, IS_WAITING, SEQUENCE, SEQUENCE_OF_ORDERS

__all__ = [
    "IS_PLACED",
    "IS_WAITING",
    "SEQUENCE",
    "SEQUENCE_OF_ORDERS",
    "in_sequence",
    "lines",
    "waiting_lines",
]


def lines(*columns: Any) -> Select[Any]:
    """Columns of the lines that wait and whose shipment no hold takes stock from, with their shipments and orders.

    In no sequence, and of all products: to be narrowed by `Line.product_id`, and ordered by `SEQUENCE`.
    """
    return waiting_lines(*columns).where(~Shipment.gives_stock)


def waiting_lines(*columns: Any) -> Select[Any]:
    """As `lines`, with those that wait and get nothing while their shipment is held."""
    joined = select(*columns).select_from(Line).join(Line.shipment).join(Shipment.order)
    return joined.where(IS_WAITING, IS_PLACED)


def in_sequence(orders: Iterable[Order]) -> list[Order]:
    """Orders in the sequence in which they get stock."""
    return sorted(orders, key=lambda order: (order.priority is None, order.placed_at, order.id))
