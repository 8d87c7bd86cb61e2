"""Orders read whole: with their shipments, lines, products and tracking codes, in one statement."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import joinedload, undefer

from webshop_orders.db.extensions import db
from webshop_orders.db.locks import lock_rows
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Event, Line, Order, Shipment
from webshop_orders.operations.audit import history

WHOLE_ORDERS = select(Order).options(
    undefer(Order.has_failed_mail),
    joinedload(Order.shipments).options(
        joinedload(Shipment.lines).joinedload(Line.product),
        joinedload(Shipment.tracking_codes),
    ),
)
WHOLE_ORDER = WHOLE_ORDERS.where(Order.number == bindparam("number"))


def get_order(number: str) -> Order:
    """An order, to be looked at; raises NotFound."""
    order = db.session.scalars(WHOLE_ORDER, {"number": number}).unique().one_or_none()
    if order is None:
        raise NotFound(_("There is no order %(number)s.", number=number))
    return order


def find_number(reference: str) -> str | None:
    """The number of the order that goes by a number or by an external reference."""
    fitting = select(Order.number).where(or_(Order.number == reference, Order.external_reference == reference))
    return db.session.scalar(fitting.order_by((Order.number == reference).desc()).limit(1))


def lock_order(number: str) -> Order:
    """An order, to be changed: nobody else can until the transaction ends.

    Raises NotFound, and Refused once its personal data are erased, since what came after would not be. It is locked
    first and read after: in one statement, PostgreSQL could pair the order as it is now with lines as they were
    before the wait for the lock.
    """
    _lock(select(Order.id).where(Order.number == number))
    order = get_order(number)
    if order.personal_data_erased_at is not None:
        raise RuleViolation(
            _("The personal data of %(number)s are erased; the order is not changed any more.", number=number)
        )
    history.begin_tracking(order)
    return order


def lock_orders(ids: Iterable[int]) -> list[Order]:
    """Several orders, to be changed, oldest first; they are locked in one fixed order, so that none waits in a ring."""
    wanted = list(ids)
    _lock(select(Order.id).where(Order.id.in_(wanted)).order_by(Order.id))
    whole = WHOLE_ORDERS.where(Order.id.in_(wanted)).order_by(Order.placed_at, Order.id)
    orders = list(db.session.scalars(whole.execution_options(populate_existing=True)).unique())
    for order in orders:
        history.begin_tracking(order)
    return orders


def is_duplicate_request(order: Order, request_key: str | None) -> bool:
    """Whether the very same request changed this order before."""
    if request_key is None:
        return False
    same = exists().where(Event.order_id == order.id, Event.request_key == request_key)
    return bool(db.session.scalar(select(same)))


def _lock(ids: Select[int]) -> None:
    lock_rows(ids)
