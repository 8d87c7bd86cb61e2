"""Taking in an order from another system: placed once, however often and by however many processes it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import Conflict, FieldError, RuleViolation
from webshop_orders.models import Actor, Order, SourceOrder
from webshop_orders.operations.orders import placement
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import writing

NUMBER_BY_REFERENCE = select(Order.number).where(Order.external_reference == bindparam("reference"))
MAX_ATTEMPTS = 3
MAX_VALUE_SHOWN = 100


def find_by_reference(external_reference: str) -> Order | None:
    """The order that another system knows by a reference of its own."""
    number = db.session.scalar(NUMBER_BY_REFERENCE, {"reference": external_reference})
    return get_order(number) if number else None


def is_number_taken(number: str) -> bool:
    return db.session.scalar(select(Order.id).where(Order.number == number)) is not None


def place_once(
    new: NewOrder,
    source_document: dict[str, Any],
    *,
    by: Actor,
    connection_id: int | None = None,
    changed_at: datetime | None = None,
    keeps_source_total: bool = False,
    shows_differences: bool = False,
    mails: bool = True,
) -> tuple[Order, bool]:
    """Place an order unless it is placed already, and keep its source document; gives the order, and whether it is new.

    The options are those of `placement.place`. The database decides between two processes that place the same order at
    once. Raises RuleViolation where the order cannot be placed.
    """
    for attempts_left in reversed(range(MAX_ATTEMPTS)):
        if existing := find_by_reference(new.external_reference):
            return existing, False
        try:
            with writing():
                catalogue = products.matching(line.sku for line in new.lines)
                order = placement.place(
                    new,
                    catalogue,
                    by=by,
                    keeps_source_total=keeps_source_total,
                    shows_differences=shows_differences,
                    mails=mails,
                )
                db.session.add(
                    SourceOrder(
                        order_id=order.id,
                        document=source_document,
                        connection_id=connection_id,
                        changed_at=changed_at,
                    )
                )
            return order, True
        except RuleViolation as violation:
            if violation.field != "external_reference" or not attempts_left:
                raise
        except IntegrityError:
            if not attempts_left:
                raise
    raise AssertionError("the last attempt returns or raises")


def check_matches_source_document(order: Order, document: dict[str, Any]) -> None:
    """Compare a document with the one that an order was placed from; raises Conflict with the fields that differ."""
    source = db.session.get(SourceOrder, order.id)
    faults = differences(source.document, document) if source else []
    if source is None or faults:
        sentence = _(
            "Another order was placed as %(reference)s already: %(number)s.",
            reference=order.external_reference,
            number=order.number,
        )
        raise Conflict(sentence, field="external_reference", faults=faults)


def differences(before: Any, after: Any, pointer: str = "") -> list[FieldError]:
    """Where two JSON values differ, as JSON pointers; null counts as absent."""
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
    return [FieldError(pointer, _("was %(before)s when the order was placed", before=_shown(before)))]


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return _("something else")
    return str(value)[:MAX_VALUE_SHOWN]
