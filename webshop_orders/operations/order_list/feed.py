"""Orders in the sequence of their latest changes, so that other systems can follow them page by page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import Select, literal, select, tuple_

from webshop_orders.clock import now
from webshop_orders.db.columns import UtcDateTime
from webshop_orders.db.extensions import db
from webshop_orders.errors import FieldError, InvalidDocument
from webshop_orders.models import Order, OrderStatus
from webshop_orders.operations.orders.loading import WHOLE_ORDERS

# Longer than any change waits for its locks and commits: what is older can no longer turn up behind a reader's back.
SETTLED_AFTER = timedelta(seconds=30)
MOMENT = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True)
class FeedFilter:
    """Which orders to read; `cursor` is that of the page before."""

    status: OrderStatus | None = None
    updated_since: datetime | None = None
    external_reference: str | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True)
class FeedPosition:
    """How far someone has read, as a cursor says it: the last order, and `complete_until` of the first page."""

    updated_at: datetime
    order_id: int
    complete_until: datetime


@dataclass(frozen=True)
class FeedPage:
    """Some orders, read whole.

    `complete_until` is the time of change up to which no other could turn up any more when the first page was read:
    what was committed late, behind the cursor, while someone read on is older than the later pages.
    """

    orders: list[Order]
    next_cursor: str | None
    complete_until: datetime


def page(wanted: FeedFilter) -> FeedPage:
    """One page of orders, the one that was changed longest ago first; raises WrongFields for a cursor not of ours."""
    place = _read_cursor(wanted.cursor) if wanted.cursor is not None else None
    complete_until = place.complete_until if place else now() - SETTLED_AFTER
    rows = db.session.execute(_chosen(wanted, place).limit(wanted.limit + 1)).all()
    shown = [row.id for row in rows[: wanted.limit]]
    whole = {order.id: order for order in db.session.scalars(WHOLE_ORDERS.where(Order.id.in_(shown))).unique()}
    last = rows[wanted.limit - 1] if len(rows) > wanted.limit else None
    return FeedPage(
        orders=[whole[order_id] for order_id in shown],
        next_cursor=_cursor(FeedPosition(last.updated_at, last.id, complete_until)) if last else None,
        complete_until=complete_until,
    )


def _chosen(wanted: FeedFilter, place: FeedPosition | None) -> Select[int, datetime]:
    chosen = select(Order.id, Order.updated_at).order_by(Order.updated_at, Order.id)
    if wanted.status is not None:
        chosen = chosen.where(Order.status == wanted.status)
    if wanted.updated_since is not None:
        chosen = chosen.where(Order.updated_at >= wanted.updated_since)
    if wanted.external_reference is not None:
        chosen = chosen.where(Order.external_reference == wanted.external_reference)
    if place is not None:
        read_last = tuple_(literal(place.updated_at, UtcDateTime()), literal(place.order_id))
        chosen = chosen.where(tuple_(Order.updated_at, Order.id) > read_last)
    return chosen


def _cursor(place: FeedPosition) -> str:
    text = f"{place.updated_at:{MOMENT}} {place.order_id} {place.complete_until:{MOMENT}}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> FeedPosition:
    try:
        updated_at, order_id, complete_until = urlsafe_b64decode(f"{cursor}==").decode("ascii").split(" ")
        number = int(order_id)
        if not 0 < number < 2**62:
            raise ValueError
        return FeedPosition(_moment(updated_at), number, _moment(complete_until))
    except (ValueError, UnicodeError):
        raise InvalidDocument([FieldError("/cursor", _("This cursor is none that was given here."))]) from None


def _moment(text: str) -> datetime:
    return datetime.strptime(text, MOMENT).replace(tzinfo=UTC)
