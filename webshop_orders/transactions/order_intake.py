"""Taking in an order that another system tells of: once, however often and by however many it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webshop_orders.db.extensions import db
from webshop_orders.errors import Conflict, FieldError, RuleViolation
from webshop_orders.models import Actor, Order, SourceOrder
from webshop_orders.operations.orders import placement
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.orders.placement import NewOrder
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import writing

TRIES = 3


def find_by_reference(external_reference: str) -> Order | None:
    """The order that another system knows by a reference of its own."""
    number = db.session.scalar(select(Order.number).where(Order.external_reference == external_reference))
    return get_order(number) if number else None


def place_once(
    new: NewOrder,
    document: dict[str, Any],
    *,
    by: Actor,
    connection_id: int | None = None,
    changed_at: datetime | None = None,
) -> tuple[Order, bool]:
    """The order that is told of, and whether it is new; what was told is kept beside it.

    Two that tell of the same order at the same moment are told apart by the database. Raises Refused where it cannot
    be placed.
    """
    for tries_left in reversed(range(TRIES)):
        if there := find_by_reference(new.external_reference):
            return there, False
        try:
            with writing():
                order = placement.place(new, products.by_sku(line.sku for line in new.lines), by=by)
                told = SourceOrder(
                    order_id=order.id, document=document, connection_id=connection_id, changed_at=changed_at
                )
                db.session.add(told)
            return order, True
        except RuleViolation as refusal:
            if refusal.field != "external_reference" or not tries_left:
                raise
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def check_matches_source_document(order: Order, document: dict[str, Any]) -> None:
    """See that a document says of an order what was said when it was placed; raises Conflict with what differs."""
    told = db.session.get(SourceOrder, order.id)
    faults = differences(told.document, document) if told else []
    if told is None or faults:
        sentence = _(
            "Another order was placed as %(reference)s already: %(number)s.",
            reference=order.external_reference,
            number=order.number,
        )
        raise Conflict(sentence, field="external_reference", faults=faults)


def differences(before: Any, after: Any, pointer: str = "") -> list[FieldError]:
    """Where two JSON values differ, as JSON pointers; null is as good as absent."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = dict.fromkeys([*before, *after])
        return [
            fault for name in names for fault in differences(before.get(name), after.get(name), f"{pointer}/{name}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [fault for index, pair in pairs for fault in differences(*pair, f"{pointer}/{index}")]
    if before == after and type(before) is type(after):
        return []
    return [FieldError(pointer, _("was %(before)s when the order was placed", before=_short(before)))]


def _short(value: Any) -> str:
    if isinstance(value, dict | list):
        return _("something else")
    return str(value)[:100]
