"""Incoming deliveries: goods that are expected, received once each, which covers what waits for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import NotFound, RuleViolation, StaleVersion
from webshop_orders.models import Actor, IncomingDelivery, Line, MovementReason, Order, Product
from webshop_orders.models.incoming_delivery import MAX_NOTE_LENGTH, MAX_UNITS
from webshop_orders.models.incoming_delivery import IncomingDeliveryState as State
from webshop_orders.operations.stock import backorders, movements, products, queue, reservations

MAX_LATE, MAX_AHEAD = timedelta(days=366), timedelta(days=5 * 366)
COVERED_AT_ONCE = 50  # orders; the worker covers the others
PAGE_SIZE = 50
IS_OPEN = IncomingDelivery.closed_at.is_(None)


@dataclass(frozen=True)
class Page:
    """Some deliveries, and the cursor that the next page begins after, if there is one."""

    deliveries: list[IncomingDelivery]
    after: str | None


@dataclass(frozen=True)
class Receipt:
    """The units that came, the numbers of orders that nothing lacks any more, and the units still waited for."""

    units: int
    delivery: IncomingDelivery
    ready: list[str]
    waiting_left: int


class Due(NamedTuple):
    """How many open deliveries are expected on a day, and how many were expected before it and are late."""

    today: int
    late: int


def due(today: date) -> Due:
    """How many open deliveries should have come by the end of a day, along the index of the days."""
    day = IncomingDelivery.expected_on
    is_late = day < today.isoformat()
    counted = select(func.count().filter(~is_late), func.count().filter(is_late))
    return Due(*db.session.execute(counted.where(IS_OPEN, day <= today.isoformat())).one())


def expect(
    sku: str, quantity: int, expected_on: date | None, *, note: str | None = None, by: Actor
) -> IncomingDelivery:
    """Expect so many units of a product, on a day where it is known; once for each request.

    Raises NotFound, and RuleViolation for a product whose stock is not tracked, and for what `change` refuses.
    """
    product = products.get(sku)
    reservations.lock([product])
    if not product.is_tracked:
        raise RuleViolation(
            _("The stock of %(name)s is not tracked, so nothing is expected of it.", name=product.name), field="sku"
        )
    _check(quantity, expected_on)
    if (registered := _of_request(product, by.request_key)) is not None:
        return registered
    delivery = IncomingDelivery(
        product=product,
        quantity=quantity,
        expected_on=_stored(expected_on),
        note=_note(note),
        made_by=by.name,
        request_key=by.request_key,
    )
    db.session.add(delivery)
    _refresh_product(product)
    return delivery


def _of_request(product: Product, request_key: str | None) -> IncomingDelivery | None:
    """The delivery of a locked product that the request with this idempotency key registered, if it did."""
    if request_key is None:
        return None
    registered = select(IncomingDelivery).where(IncomingDelivery.request_key == request_key)
    return db.session.scalar(registered.where(IncomingDelivery.product_id == product.id))


def get(delivery_id: int) -> IncomingDelivery:
    """A delivery with its product; raises NotFound."""
    found = select(IncomingDelivery).where(IncomingDelivery.id == delivery_id)
    delivery = db.session.scalar(found.options(joinedload(IncomingDelivery.product)))
    if delivery is None:
        raise _not_found(delivery_id)
    return delivery


def change(
    delivery_id: int,
    *,
    quantity: int,
    expected_on: date | None,
    note: str | None,
    version: int,
    by: Actor,
) -> IncomingDelivery:
    """Change how many units are expected, and when; returns the delivery, which may be as before.

    Raises NotFound, StaleVersion where it was changed or received since, and RuleViolation for one that is closed, no
    more units than have come already, and a day more than a year ago or five ahead.
    """
    delivery = _lock(delivery_id)
    _check_current(delivery, version)
    if expected_on != delivery.day or quantity != delivery.quantity:
        _check(quantity, expected_on, received=delivery.received)
    values = {"quantity": quantity, "expected_on": _stored(expected_on), "note": _note(note)}
    if any(getattr(delivery, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(delivery, name, value)
        delivery.version += 1
        _refresh_product(delivery.product)
    return delivery


def cancel(delivery_id: int, *, version: int | None, by: Actor) -> IncomingDelivery:
    """Expect no more of a delivery; what has come of it stays.

    Raises NotFound, StaleVersion where it was changed or received since, and RuleViolation for one that is closed.
    """
    delivery = _lock(delivery_id)
    _check_current(delivery, version)
    _close(delivery, by)
    _refresh_product(delivery.product)
    return delivery


def receive(
    delivery_id: int,
    quantity: int,
    *,
    version: int,
    closes: bool = True,
    first: Sequence[str] = (),
    by: Actor,
) -> Receipt:
    """Put units of a delivery into stock, once, and cover what waits for them: the orders `first`, then the queue.

    More than was expected may come, or less: then the rest is still expected, unless it `closes`. At most
    `COVERED_AT_ONCE` orders are covered in this transaction; the worker covers the others. Orders `first` that wait no
    longer are passed over. Raises NotFound, StaleVersion where it was received or changed since, and RuleViolation.
    """
    product_id = _product_id(delivery_id)
    if not 1 <= quantity <= MAX_UNITS:
        raise RuleViolation(_("Give how many came, from 1 to %(most)s.", most=MAX_UNITS), field="quantity")
    if len(first) > COVERED_AT_ONCE:
        sentence = _("Choose at most %(most)s orders to be covered first.", most=COVERED_AT_ONCE)
        raise RuleViolation(sentence, field="first")
    orders, product = backorders.lock(product_id, _to_cover(product_id, first))
    delivery = _locked(delivery_id)
    _check_current(delivery, version)
    movements.move(product, quantity, MovementReason.RECEIVED, by=by, delivery=delivery)
    delivery.received += quantity
    delivery.version += 1
    if closes or delivery.received >= delivery.quantity:
        _close(delivery, by, is_counted=True)
    _refresh_product(product)
    ready = backorders.cover_first(product, _in_sequence(orders, first), by=by)
    return Receipt(quantity, delivery, [order.number for order in ready], product.backordered)


def page(state: State, after: str | None = None, *, limit: int = PAGE_SIZE) -> Page:
    """Deliveries with their products: open ones by their day, those without one last; closed ones, the latest first."""
    rows = _open(after, limit + 1) if state is State.OPEN else _closed(after, limit + 1)
    shown = rows[:limit]
    return Page(shown, _cursor(shown[-1], state) if len(rows) > limit else None)


def of_product(product: Product) -> list[IncomingDelivery]:
    """The open deliveries of a product by their day, those without one last."""
    found = select(IncomingDelivery).where(IncomingDelivery.product_id == product.id, IS_OPEN)
    rows = db.session.scalars(found.order_by(IncomingDelivery.expected_on, IncomingDelivery.id))
    return sorted(rows, key=lambda delivery: (delivery.expected_on is None, delivery.expected_on or "", delivery.id))


def is_late(delivery: IncomingDelivery) -> bool:
    """Whether the day of an open delivery has passed, in the shop's time zone."""
    return delivery.closed_at is None and delivery.day is not None and delivery.day < shop_settings.today()


def _open(after: str | None, limit: int) -> list[IncomingDelivery]:
    """Those with a day, and, where these do not fill the page, those without one: databases sort these differently."""
    day, delivery_id = _position(after)
    rows: list[IncomingDelivery] = []
    if not after or day:
        has_day = IncomingDelivery.expected_on.is_not(None)
        beyond = [tuple_(IncomingDelivery.expected_on, IncomingDelivery.id) > (day, delivery_id)] if day else []
        rows = _read(IS_OPEN, has_day, *beyond, order=(IncomingDelivery.expected_on, IncomingDelivery.id), limit=limit)
        delivery_id = 0
    if len(rows) < limit:
        undated = (IncomingDelivery.expected_on.is_(None), IncomingDelivery.id > delivery_id)
        in_index = (IncomingDelivery.expected_on, IncomingDelivery.id)  # PostgreSQL reads it for just this sequence
        rows += _read(IS_OPEN, *undated, order=in_index, limit=limit - len(rows))
    return rows


def _closed(after: str | None, limit: int) -> list[IncomingDelivery]:
    moment, delivery_id = _position(after)
    columns = (IncomingDelivery.closed_at, IncomingDelivery.id)
    closed_at = _moment(moment)
    beyond = [tuple_(*columns) < (closed_at, delivery_id)] if closed_at else []
    latest_first = tuple(column.desc() for column in columns)
    return _read(IncomingDelivery.closed_at.is_not(None), *beyond, order=latest_first, limit=limit)


def _read(*conditions: ColumnElement[bool], order: tuple[Any, ...], limit: int) -> list[IncomingDelivery]:
    rows = select(IncomingDelivery).where(*conditions).order_by(*order).limit(limit)
    return list(db.session.scalars(rows.options(joinedload(IncomingDelivery.product))))


def _cursor(delivery: IncomingDelivery, state: State) -> str:
    key = delivery.expected_on if state is State.OPEN else delivery.closed_at and delivery.closed_at.isoformat()
    return f"{key or ''}~{delivery.id}"


def _position(cursor: str | None) -> tuple[str, int]:
    """The key and the id in a cursor; of the beginning for one that `_cursor` did not write."""
    key, _tilde, delivery_id = (cursor or "").rpartition("~")
    is_number = delivery_id.isascii() and delivery_id.isdigit() and len(delivery_id) <= 18
    return (key, int(delivery_id)) if is_number else ("", 0)


def _moment(key: str) -> datetime | None:
    """The moment in UTC that a cursor's key names; None for a key that `_cursor` did not write."""
    try:
        moment = datetime.fromisoformat(key)
    except ValueError:
        return None
    return moment if moment.utcoffset() == timedelta(0) else None


def _to_cover(product_id: int, first: Iterable[str]) -> Select[int]:
    """The ids of the orders that a receipt covers at once: those that are to be first, and the front of the queue."""
    waiting = queue.lines(Order.id).where(Line.product_id == product_id)
    front = waiting.order_by(*queue.SEQUENCE).limit(COVERED_AT_ONCE).subquery()
    is_first = Order.id.in_(waiting.where(Order.number.in_(list(first))))
    return select(Order.id).where(or_(is_first, Order.id.in_(front.select())))


def _in_sequence(orders: list[Order], first: Sequence[str]) -> list[Order]:
    places = {number: place for place, number in enumerate(first)}
    return sorted(orders, key=lambda order: places.get(order.number, len(places)))


def _product_id(delivery_id: int) -> int:
    product_id = db.session.scalar(select(IncomingDelivery.product_id).where(IncomingDelivery.id == delivery_id))
    if product_id is None:
        raise _not_found(delivery_id)
    return product_id


def _lock(delivery_id: int) -> IncomingDelivery:
    """A delivery and its product under their locks; the product first, as every change locks them."""
    reservations.lock([db.session.get_one(Product, _product_id(delivery_id))])
    return _locked(delivery_id)


def _locked(delivery_id: int) -> IncomingDelivery:
    delivery = get_for_update(IncomingDelivery, delivery_id)
    if delivery is None:
        raise _not_found(delivery_id)
    delivery.product = db.session.get_one(Product, delivery.product_id)
    return delivery


def _not_found(delivery_id: int) -> NotFound:
    return NotFound(_("There is no incoming delivery %(id)s.", id=delivery_id))


def _check_current(delivery: IncomingDelivery, version: int | None) -> None:
    """Raise StaleVersion where a delivery has another version, and RuleViolation where it is closed."""
    if delivery.closed_at is not None:
        sentence = ngettext(
            "%(name)s has closed this delivery already, with %(count)s pc received.",
            "%(name)s has closed this delivery already, with %(count)s pcs received.",
            delivery.received,
            name=delivery.closed_by,
            count=delivery.received,
        )
        if version is not None and version != delivery.version:
            raise StaleVersion(sentence, form_version=version)
        raise RuleViolation(sentence)
    if version is not None and version != delivery.version:
        sentence = _(
            "This delivery was changed meanwhile. Received of it: %(received)s of %(quantity)s.",
            received=delivery.received,
            quantity=delivery.quantity,
        )
        raise StaleVersion(sentence, form_version=version)


def _check(quantity: int, expected_on: date | None, *, received: int = 0) -> None:
    if not 1 <= quantity <= MAX_UNITS:
        raise RuleViolation(_("Give how many are expected, from 1 to %(most)s.", most=MAX_UNITS), field="quantity")
    if quantity <= received:
        sentence = ngettext(
            "%(count)s pc has come already: expect more, or close the delivery.",
            "%(count)s pcs have come already: expect more, or close the delivery.",
            received,
            count=received,
        )
        raise RuleViolation(sentence, field="quantity")
    today = shop_settings.today()
    if expected_on is not None and not today - MAX_LATE <= expected_on <= today + MAX_AHEAD:
        raise RuleViolation(_("Give a day from a year ago to five years ahead."), field="expected_on")


def _note(note: str | None) -> str | None:
    note = (note or "").strip() or None
    if note and len(note) > MAX_NOTE_LENGTH:
        raise RuleViolation(_("The note has at most %(most)s characters.", most=MAX_NOTE_LENGTH), field="note")
    return note


def _stored(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _close(delivery: IncomingDelivery, by: Actor, *, is_counted: bool = False) -> None:
    delivery.closed_at, delivery.closed_by = now(), by.name
    if not is_counted:
        delivery.version += 1


def _refresh_product(product: Product) -> None:
    """Have a product say the first day on which more of it is expected."""
    db.session.flush()
    days = select(func.min(IncomingDelivery.expected_on)).where(IncomingDelivery.product_id == product.id, IS_OPEN)
    product.next_delivery_on = db.session.scalar(days)
