"""Helpers of the tests of undo."""

from __future__ import annotations

from typing import Any

from tests.operations.steps import read
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.models import Actor, ActorKind, Order, Role, User
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


def undo(order: Order, by: Actor, step_id: int | None = None) -> ChangesUndone:
    with editing(order.number, None, by, is_step=False) as current:
        return undoing.undo(current, step_id, by=by)


def redo(order: Order, by: Actor) -> ChangesRedone:
    with editing(order.number, None, by, is_step=False) as current:
        return undoing.redo(current, by=by)


def steps_of(order: Order, by: Actor) -> Steps:
    db.session.rollback()
    return steps.read(order.id, by)
