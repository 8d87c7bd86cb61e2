"""Helpers of the tests of undo."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.operations.steps import read
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.models import Actor, ActorKind, Line, Order, Role, Shipment, TrackingCode, User
from webshop_orders.models.event_facts import ChangesRedone, ChangesUndone
from webshop_orders.operations.undo import steps, undoing
from webshop_orders.operations.undo.steps import Steps
from webshop_orders.transactions.unit_of_work import editing, writing


def make_user(name: str) -> Actor:
    with writing():
        user = User(email=f"{name.lower()}@shop.example", name=name, role=Role.STAFF)
        db.session.add(user)
        db.session.flush()
        return Actor(ActorKind.STAFF, name, user_id=user.id)


def document(order: Order) -> dict[str, Any]:
    """The order as its JSON says it, but for what every change alters."""
    found = order_document.to_json(read(order))
    return {name: value for name, value in found.items() if name not in {"version", "updated_at"}}


CHANGES_ALTER = {"version", "updated_at", "event_count", "message_count", "last_seq"}


def stored(order: Order) -> dict[str, list[dict[str, Any]]]:
    """Every column of the order's rows but those that every change alters, so that none is forgotten by undo."""
    db.session.rollback()
    tables: dict[Any, Any] = {
        Order: Order.id,
        Shipment: Shipment.order_id,
        Line: Line.order_id,
        TrackingCode: TrackingCode.order_id,
    }
    found = {}
    for model, key in tables.items():
        table = model.__table__
        rows = db.session.execute(select(table).where(key == order.id).order_by(table.c.id)).mappings()
        found[table.name] = [{name: row[name] for name in row if name not in CHANGES_ALTER} for row in rows]
    for row in found["orders"]:
        row["search_text"] = sorted(row["search_text"].split("\n"))  # in any sequence: it is only searched
    return found


def undo(order: Order, by: Actor, step_id: int | None = None) -> ChangesUndone:
    with editing(order.number, None, by, is_step=False) as current:
        return undoing.undo(current, step_id, by=by)


def redo(order: Order, by: Actor) -> ChangesRedone:
    with editing(order.number, None, by, is_step=False) as current:
        return undoing.redo(current, by=by)


def steps_of(order: Order, by: Actor) -> Steps:
    db.session.rollback()
    return steps.read(order.id, by)
