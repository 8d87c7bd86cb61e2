"""The one way that a change of an order leaves its trace."""

from typing import Any

from webshop_orders.extensions import db
from webshop_orders.models import Actor, Event, EventKind, Order


def record(order: Order, kind: EventKind, *, by: Actor, **facts: Any) -> Event:
    """Note who did what to an order, with the facts before and after as plain JSON values.

    A change of lines, shipments, customer or addresses is also a new version of the order.
    """
    if kind.makes_version:
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
    db.session.add(event)
    return event
