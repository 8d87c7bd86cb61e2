"""The history of an order: the only place that records the event of a change, and its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from webshop_orders import request_ids
from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.db.plain_objects import Make, mapped, plain
from webshop_orders.db.plain_rows import NestedPages, PlainRows
from webshop_orders.models import Actor, Batch, DeliveryStatus, Event, EventFacts, Order

CHANGES = "changes"
EVENT = PlainRows(Event, without=["request_key"])
INSERTED = [name for name in PlainRows(Event).names if name != "id"]
EVENTS, BATCHES = Event.__table__.c, Batch.__table__.c
ORDERS: Any = Order.__table__
COUNTED_UP = (
    update(ORDERS)
    .where(ORDERS.c.id == bindparam("of_order"))
    .values(event_count=bindparam("count"), updated_at=bindparam("at"))
)
BATCH_NAME = select(BATCHES.name).where(BATCHES.id == EVENTS.batch_id).scalar_subquery()
EVENTS_OF_ORDER = NestedPages(
    select(*EVENT.columns, BATCH_NAME.label("batch_name")).where(EVENTS.order_id == ORDERS.c.id), EVENTS.id, ORDERS
)


@dataclass
class OrderChange:
    """What the current transaction did to an order; `ready_before` has the numbers of shipments ready before it."""

    order: Order
    ready_before: frozenset[int] = frozenset()
    events: list[Event] = field(default_factory=list)


def record(order: Order, facts: EventFacts, *, by: Actor) -> Event:
    """Record what someone did to an order; a kind that bumps the version makes it a new version of the order."""
    event = make_event(order, facts, by=by)
    add(order, event)
    return event


def record_together(facts: Sequence[tuple[Order, EventFacts]], *, by: Actor) -> None:
    """Record what someone did with several locked orders, which were read only, that leaves them as they are.

    In two statements, however many orders. Nobody is notified, since nothing changed.
    """
    events = [make_event(order, facts_of_order, by=by, make=plain) for order, facts_of_order in facts]
    db.session.execute(insert(Event), [{name: getattr(event, name) for name in INSERTED} for event in events])
    db.session.execute(
        COUNTED_UP,
        [{"of_order": order.id, "count": order.event_count, "at": order.updated_at} for order, _facts in facts],
    )


def add(order: Order, event: Event) -> None:
    """Put an event that was made into the session, once its order has an id."""
    event.order_id = order.id
    order.note_event(event.kind, event.facts)
    db.session.add(event)
    _changes().setdefault(order.id, OrderChange(order)).events.append(event)


def make_event(order: Order, facts: EventFacts, *, by: Actor, make: Make = mapped) -> Event:
    """The event of a change of an order, which counts it; `record` and `add` put it into the session."""
    if facts.kind.bumps_version:
        order.version += 1
    order.event_count += 1
    event = make(Event)(
        order_id=order.id,
        at=now(),
        actor_kind=by.kind,
        actor_name=by.name,
        user_id=by.user_id,
        kind=facts.kind,
        version=order.version,
        facts=facts.to_json(),
        request_key=by.request_key,
        batch_id=by.batch_id,
        request_id=request_ids.current(),
    )
    order.updated_at = event.at
    return event


def facts_of_request(order: Order, request_key: str | None) -> EventFacts | None:
    """What the request with this idempotency key did to an order."""
    of_request = select(Event).where(Event.order_id == order.id, Event.request_key == request_key)
    event = db.session.scalars(of_request).first() if request_key else None
    return event.read_facts() if event else None


def begin_tracking(order: Order) -> None:
    """Note which shipments of an order are ready, and not held, before the current transaction changes it."""
    ready = (
        shipment.seq for shipment in order.shipments if shipment.status is DeliveryStatus.READY and not shipment.is_held
    )
    _changes()[order.id] = OrderChange(order, frozenset(ready))


def pop_changes() -> list[OrderChange]:
    """What the current transaction did to orders so far, to notify others of it once."""
    return [change for change in db.session.info.pop(CHANGES, {}).values() if change.events]


def _changes() -> dict[int, OrderChange]:
    changes: dict[int, OrderChange] = db.session.info.setdefault(CHANGES, {})
    return changes


@dataclass(frozen=True)
class EventPage:
    """Events of an order, to be read only, the latest first; `next_before` is the cursor of the page that follows.

    `batch_names` are those of the batches that events are part of, by their ids, where they still exist.
    """

    events: list[Event]
    next_before: int | None
    batch_names: dict[int | None, str]


def page(rows: list[list[Any]]) -> EventPage:
    """The page of the events of an order that the rows of `EVENTS_OF_ORDER` are."""
    events = [EVENT.make(values) for *values, _batch_name in rows]
    batch_names = {event.batch_id: row[-1] for event, row in zip(events, rows, strict=True) if row[-1] is not None}
    return EventPage(*paging.split_page(events, lambda event: event.id), batch_names)
