"""The change feed: orders in the sequence of their latest changes, for other systems to read page by page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import Boolean, Select, literal, literal_column, select, tuple_

from webshop_orders.clock import now
from webshop_orders.db.columns import UtcDateTime
from webshop_orders.db.extensions import db
from webshop_orders.documents.queries import Balance, Held, OrdersQuery
from webshop_orders.errors import FieldError, InvalidDocument
from webshop_orders.models import Order
from webshop_orders.models.order import IS_TO_REFUND
from webshop_orders.operations.orders.loading import COMPLETE_ORDERS

# Longer than any change waits for its locks and commits: no change older than this can still become visible.
COMMIT_DELAY = timedelta(seconds=30)
TIME_FORMAT = "%Y%m%dT%H%M%S.%f"
MAX_ORDER_ID = 2**62 - 1


@dataclass(frozen=True)
class FeedPosition:
    """The content of a cursor: the last order that was read, and `complete_until` of the first page."""

    updated_at: datetime
    order_id: int
    complete_until: datetime


@dataclass(frozen=True)
class FeedPage:
    """Some orders with their shipments and lines.

    `complete_until` is the time, in UTC, up to which all changes were visible when the first page was read. Later pages
    repeat it, since a change that is committed while a client reads on can sort before the client's cursor.
    """

    orders: list[Order]
    next_cursor: str | None
    complete_until: datetime


def page(query: OrdersQuery) -> FeedPage:
    """One page of orders, the earliest change first; raises InvalidDocument for a cursor that is not the feed's own."""
    after = _decode_cursor(query.cursor) if query.cursor is not None else None
    complete_until = after.complete_until if after else now() - COMMIT_DELAY
    rows = db.session.execute(_matching_rows(query, after).limit(query.limit + 1)).all()
    order_ids = [row.id for row in rows[: query.limit]]
    orders = {order.id: order for order in db.session.scalars(COMPLETE_ORDERS.where(Order.id.in_(order_ids))).unique()}
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    return FeedPage(
        orders=[orders[order_id] for order_id in order_ids],
        next_cursor=_encode_cursor(FeedPosition(last.updated_at, last.id, complete_until)) if last else None,
        complete_until=complete_until,
    )


def _matching_rows(query: OrdersQuery, after: FeedPosition | None) -> Select[int, datetime]:
    rows = select(Order.id, Order.updated_at).order_by(Order.updated_at, Order.id)
    if query.status is not None:
        rows = rows.where(Order.status == query.status)
    if query.balance is Balance.REFUND:
        rows = rows.where(literal_column(IS_TO_REFUND, Boolean))
    if query.held is not None:
        rows = rows.where(Order.is_held if query.held is Held.YES else ~Order.is_held)
    if query.updated_since is not None:
        rows = rows.where(Order.updated_at >= query.updated_since)
    if query.external_reference is not None:
        rows = rows.where(Order.external_reference == query.external_reference)
    if after is not None:
        position = tuple_(literal(after.updated_at, UtcDateTime()), literal(after.order_id))
        rows = rows.where(tuple_(Order.updated_at, Order.id) > position)
    return rows


def _encode_cursor(position: FeedPosition) -> str:
    text = f"{position.updated_at:{TIME_FORMAT}} {position.order_id} {position.complete_until:{TIME_FORMAT}}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode_cursor(cursor: str) -> FeedPosition:
    try:
        updated_at, order_id, complete_until = urlsafe_b64decode(f"{cursor}==").decode("ascii").split(" ")
        return FeedPosition(_parse_time(updated_at), _parse_order_id(order_id), _parse_time(complete_until))
    except (ValueError, UnicodeError):
        raise InvalidDocument([FieldError("/cursor", _("This cursor is none that was given here."))]) from None


def _parse_order_id(text: str) -> int:
    order_id = int(text)
    if not 0 < order_id <= MAX_ORDER_ID:
        raise ValueError(text)
    return order_id


def _parse_time(text: str) -> datetime:
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)
