"""The one way that a change of an order leaves its trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, DeliveryStatus, Event, EventKind, Order

CHANGES = "changes"


@dataclass
class OrderChange:
    """What the present transaction did to an order; `was_ready` has the numbers of shipments that were before."""

    order: Order
    ready_before: frozenset[int] = frozenset()
    events: list[Event] = field(default_factory=list)


def record(order: Order, kind: EventKind, *, by: Actor, **facts: Any) -> Event:
    """Note who did what to an order, with the facts before and after as plain JSON values.

    A change of lines, shipments, customer or addresses is also a new version of the order.
    """
    if kind.bumps_version:
        order.version += 1
    order.event_count += 1
    event = Event(
        order_id=order.id,
        actor_kind=by.kind,
        actor_name=by.name,
        kind=kind,
        version=order.version,
        facts=facts,
        request_key=by.request_key,
    )
    order.updated_at = event.at = event.at or now()
    db.session.add(event)
    _changes().setdefault(order.id, OrderChange(order)).events.append(event)
    return event


def begin_tracking(order: Order) -> None:
    """Note how an order stands before the present transaction changes it."""
    ready = (shipment.seq for shipment in order.shipments if shipment.status is DeliveryStatus.READY)
    _changes()[order.id] = OrderChange(order, frozenset(ready))


def pop_changes() -> list[OrderChange]:
    """What the present transaction did to orders so far, to be told to others once."""
    return [change for change in db.session.info.pop(CHANGES, {}).values() if change.events]


def _changes() -> dict[int, OrderChange]:
    changes: dict[int, OrderChange] = db.session.info.setdefault(CHANGES, {})
    return changes
