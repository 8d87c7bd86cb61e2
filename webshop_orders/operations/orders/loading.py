"""Orders with their shipments, lines, products and tracking codes, read in one statement: to show, or under a lock."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import joinedload, undefer

from webshop_orders.db.extensions import db
from webshop_orders.db.locks import PreparedLock, lock_rows
from webshop_orders.db.plain_rows import NestedRows
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Event, EventKind, Line, Order, Shipment
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import order_rows
from webshop_orders.operations.orders.order_rows import NestedValues, Parts

COMPLETE_ORDERS = select(Order).options(
    undefer(Order.has_failed_mail),
    undefer(Order.customer_comment),
    undefer(Order.untold_events),
    joinedload(Order.shipments).options(
        joinedload(Shipment.lines).joinedload(Line.product),
        joinedload(Shipment.tracking_codes),
    ),
)
EVENTS = Event.__table__.c
ORDER_BY_NUMBER = COMPLETE_ORDERS.where(Order.number == bindparam("number"))
VERSION_KINDS = [kind for kind in EventKind if kind.bumps_version]
LOCK_BY_NUMBER = PreparedLock(select(Order.id).where(Order.number == bindparam("number")))


def get_order(number: str, parts: Parts = Parts.ALL) -> Order:
    """An order to be read only, which no session knows; raises NotFound."""
    return get_order_along(number, parts, ())[0]


def get_order_along(
    number: str, parts: Parts, along: tuple[NestedRows, ...], **parameters: Any
) -> tuple[Order, NestedValues]:
    """The order as `get_order` has it, and the rows of lists that are read in the same statement; raises NotFound."""
    found = order_rows.read(number, parts, along, **parameters)
    if found is None:
        raise _not_found(number)
    return found


def load_order(number: str) -> Order:
    """An order of the session, which notices its changes; raises NotFound."""
    order = db.session.scalars(ORDER_BY_NUMBER, {"number": number}).unique().one_or_none()
    if order is None:
        raise _not_found(number)
    order.forget_noted_events()
    return order


def _not_found(number: str) -> NotFound:
    return NotFound(_("There is no order %(number)s.", number=number))


def find_number(reference: str) -> str | None:
    """The number of the order with this number or, failing that, this external reference."""
    matches = select(Order.number).where(or_(Order.number == reference, Order.external_reference == reference))
    return db.session.scalar(matches.order_by((Order.number == reference).desc()).limit(1))


def lock_order(number: str) -> Order:
    """An order, locked so that no other transaction changes it before this one ends.

    Raises NotFound, and RuleViolation once its personal data are erased, since later data would never be. The row is
    locked first and read after: in one statement, PostgreSQL could combine the order as it is now with lines as they
    were before the wait for the lock.
    """
    LOCK_BY_NUMBER.take(number=number)
    order = load_order(number)
    check_not_erased(order)
    history.begin_tracking(order)
    return order


def check_not_erased(order: Order) -> None:
    """Raise RuleViolation where the personal data of an order are erased, which closes it."""
    if order.personal_data_erased_at is not None:
        raise RuleViolation(
            _("The personal data of %(number)s are erased; the order is not changed any more.", number=order.number)
        )


def lock_orders(ids: Iterable[int]) -> list[Order]:
    """Several orders under their locks, oldest first. Locks are taken by ascending id, so that none can deadlock."""
    order_ids = list(ids)
    lock_rows(select(Order.id).where(Order.id.in_(order_ids)).order_by(Order.id))
    statement = COMPLETE_ORDERS.where(Order.id.in_(order_ids)).order_by(Order.placed_at, Order.id)
    orders = list(db.session.scalars(statement.execution_options(populate_existing=True)).unique())
    for order in orders:
        order.forget_noted_events()
        history.begin_tracking(order)
    return orders


def is_duplicate_request(order: Order, request_key: str | None) -> bool:
    """Whether the request with this idempotency key has changed the order already."""
    if request_key is None:
        return False
    same = exists().where(Event.order_id == order.id, Event.request_key == request_key)
    return bool(db.session.scalar(select(same)))


def changes_since(order: Order, version: int) -> list[Event]:
    """The events that made the versions of an order that are newer than this one, to be read only, the first one first.

    All of its versions' where the order never had this one.
    """
    newer = select(*history.EVENT.columns).where(EVENTS.order_id == order.id, EVENTS.kind.in_(VERSION_KINDS))
    statement = newer.where(EVENTS.version > version).order_by(EVENTS.id)
    return [history.EVENT.make(row) for row in db.session.execute(statement)]
