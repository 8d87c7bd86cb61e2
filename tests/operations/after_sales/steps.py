"""Helpers of the tests of returns."""

from typing import Any

from tests.factories import make_order
from tests.operations.steps import changing, line_of
from webshop_orders.models import Actor, Order, Return, ReturnKind, ReturnReason
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits
from webshop_orders.operations.orders import shipments


def ship(order: Order, by: Actor, seq: int = 1) -> None:
    with changing(order, by) as current:
        shipments.ship(shipments.get(current, seq), by=by)


def make_shipped(by: Actor, *rows: tuple[str, int], **values: Any) -> Order:
    order = make_order(*rows, **values)
    ship(order, by)
    return order


def register(
    order: Order,
    by: Actor,
    *units: tuple[str, int],
    kind: ReturnKind = ReturnKind.RETURN,
    reason: ReturnReason = ReturnReason.WITHDRAWN,
    seq: int | None = None,
    **values: Any,
) -> Return:
    """Register a return of units of SKUs."""
    with changing(order, by) as current:
        returned = [ReturnedUnits(line_of(current, sku, seq).id, quantity, reason) for sku, quantity in units]
        return returns.register(current, kind, returned, by=by, **values)


def receive(order: Order, by: Actor, *units: tuple[Any, ...], return_id: int = 1, seq: int | None = None) -> Return:
    """Receive units of SKUs, each with what becomes of them, if anything else than usual."""
    with changing(order, by) as current:
        received = [ReceivedUnits(line_of(current, sku, seq).id, *rest) for sku, *rest in units]
        return returns.receive(current, return_id, received, by=by)


def close(order: Order, by: Actor, return_id: int = 1) -> Return:
    with changing(order, by) as current:
        return returns.close(current, return_id, by=by)
