"""What is kept about a customer: found by e-mail, and erased but for what bookkeeping needs.

Regulation (EU) 2016/679, articles 15, 17 and 20. A verification names the counterparty and is kept for seven years
after the calendar year (Bokföringslagen 1999:1078, 5 kap. 7 § and 7 kap. 2 §); `Shop.bookkeeping_years` says how long.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import (
    OPEN_STATUSES,
    Actor,
    Address,
    AnsweredRequest,
    Comment,
    CommentKind,
    Customer,
    Event,
    EventKind,
    Message,
    MessageAttempt,
    MessageState,
    Order,
    OrderStatus,
    SavedView,
    Shop,
    SourceOrder,
    WebhookAttempt,
    WebhookMessage,
)
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import loading
from webshop_orders.text.folding import fold

ERASED = "–"
DAYS_OF_MONTH = 30.44
# Facts of events that are, or may hold, personal data; the addresses and the customer are left out whole.
PERSONAL_FACTS = {"mailed_to", "text", "subject", "code"}
WHOLE_FACTS = {"customer", "billing_address", "shipping_address"}


def find(email: str) -> list[Order]:
    """The orders of a customer, whole, oldest first."""
    of_customer = loading.WHOLE_ORDERS.where(Order.email_key == email.casefold())
    return list(db.session.scalars(of_customer.order_by(Order.placed_at, Order.id)).unique())


def erase(email: str, *, by: Actor) -> int:
    """Erase a customer's personal data from their orders; gives how many there were.

    Raises Refused where there are none, and while one of them is open: it could not be delivered any more.
    """
    is_theirs = Order.email_key == email.casefold()
    ids = db.session.scalars(select(Order.id).where(is_theirs)).all()
    # They may have been changed while the lock was waited for.
    orders = [order for order in loading.lock_orders(ids) if order.email_key == email.casefold()]
    if not orders:
        raise RuleViolation(_("There are no orders with that address."))
    if still_open := [order.number for order in orders if order.status in OPEN_STATUSES]:
        raise RuleViolation(_("%(orders)s are still open. Ship or cancel them first.", orders=", ".join(still_open)))
    _erase_from(orders, by=by)
    return len(orders)


def erase_due(order_ids: Iterable[int], *, by: Actor) -> None:
    """Erase the personal data in orders that were due, but for those that were changed since."""
    orders = loading.lock_orders(order_ids)
    is_among = Order.id.in_([order.id for order in orders])
    still_due = set(db.session.scalars(select(Order.id).where(is_among, _is_due(shop_settings.current()))))
    _erase_from([order for order in orders if order.id in still_due], by=by)


def _erase_from(orders: Sequence[Order], *, by: Actor) -> None:
    """Erase the personal data in closed orders, but for what bookkeeping still needs of them."""
    shop = shop_settings.current()
    _remove_views_that_name([order.customer for order in orders])
    for order in orders:
        _erase_what_hangs_on(order)
        _erase_customer(order, whole=kept_until(order, shop) <= now())
        order.refresh_derived_columns()
        history.record(order, EventKind.PERSONAL_DATA_ERASED, by=by)
        order.personal_data_erased_at = now()


def kept_until(order: Order, shop: Shop) -> datetime:
    """When bookkeeping needs an order's counterparty no more: a number of years after the shop's own calendar year."""
    zone = ZoneInfo(shop.time_zone)
    return datetime(order.placed_at.astimezone(zone).year + shop.bookkeeping_years + 1, 1, 1, tzinfo=zone)


def due(shop: Shop, *, most: int) -> Sequence[int]:
    """Orders whose personal data are to be erased by now."""
    return db.session.scalars(select(Order.id).where(_is_due(shop)).order_by(Order.id).limit(most)).all()


def count_older_than(months: int) -> int:
    """How many orders would lose their personal data if they were erased after so many months."""
    return db.session.scalar(select(func.count()).select_from(Order).where(_is_older_than(months))) or 0


def _is_due(shop: Shop) -> ColumnElement[bool]:
    """Orders that are old enough to have their personal data erased, or no longer needed for bookkeeping."""
    zone = ZoneInfo(shop.time_zone)
    begins = datetime(now().astimezone(zone).year - shop.bookkeeping_years, 1, 1, tzinfo=zone)
    name = Order.__table__.c.customer_name
    is_over = and_(Order.personal_data_erased_at.is_not(None), Order.placed_at < begins, name != ERASED)
    conditions: list[ColumnElement[bool]] = [is_over]
    if shop.personal_data_months is not None:
        conditions.append(_is_older_than(shop.personal_data_months))
    return or_(*conditions)


def _is_older_than(months: int) -> ColumnElement[bool]:
    """Closed orders that nobody changed for so long, with personal data still in them."""
    closed = [status for status in OrderStatus if status not in OPEN_STATUSES]
    unchanged_since = now() - timedelta(days=months * DAYS_OF_MONTH)
    return and_(Order.status.in_(closed), Order.updated_at < unchanged_since, Order.personal_data_erased_at.is_(None))


def _erase_customer(order: Order, *, whole: bool) -> None:
    """Blank out the customer; without `whole`, the counterparty of the bookkeeping stays."""
    before = order.customer
    order.customer = Customer(
        name=ERASED if whole else before.name,
        company=None if whole else before.company,
        organisation_number=None if whole else before.organisation_number,
    )
    order.shipping_address = _blank(order.shipping_address)
    if whole:
        order.billing_address = _blank(order.billing_address)
    order.shop_differences = []


def _blank(address: Address) -> Address:
    """The country alone, since taxes depend on it."""
    return Address(name=ERASED, street=ERASED, postal_code=ERASED, city=ERASED, country=address.country)


def _erase_what_hangs_on(order: Order) -> None:
    """Erase what was written, mailed, told and noted about an order."""
    comments = update(Comment).where(Comment.order_id == order.id)
    db.session.execute(comments.values(text=ERASED))
    db.session.execute(comments.where(Comment.kind == CommentKind.CUSTOMER).values(author=ERASED))
    _erase_mails(order)
    for event in db.session.scalars(select(Event).where(Event.order_id == order.id)):
        event.facts = {name: _without_person(name, value) for name, value in event.facts.items()}
    for shipment in order.shipments:
        shipment.tracking_codes.clear()
    db.session.execute(delete(SourceOrder).where(SourceOrder.order_id == order.id))
    _forget_answers_about(order)
    webhooks = select(WebhookMessage.id).where(WebhookMessage.order_id == order.id)
    db.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(webhooks)))
    db.session.execute(delete(WebhookMessage).where(WebhookMessage.order_id == order.id))


def _forget_answers_about(order: Order) -> None:
    """Forget what programs were answered about an order, and nothing of others whose numbers begin alike.

    An answer is about it where the request left one of its events, or where the order stands in it.
    """
    keys = select(Event.request_key).where(Event.order_id == order.id, Event.request_key.is_not(None))
    number = f'"number":{json.dumps(order.number, ensure_ascii=False)}'  # as api.exchange writes it
    about = or_(AnsweredRequest.request_key.in_(keys), AnsweredRequest.body.contains(number, autoescape=True))
    db.session.execute(delete(AnsweredRequest).where(about).execution_options(synchronize_session=False))


def _remove_views_that_name(customers: Iterable[Customer]) -> None:
    """Remove saved views of the list that look for these customers, or are called after them."""
    names = {fold(value) for one in customers for value in (one.name, one.email, one.phone) if value}
    naming = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names - {ERASED}) or r"(?!)")
    for view in db.session.scalars(select(SavedView)):
        if naming.search(fold(f"{view.name}\n{unquote_plus(view.query)}")):
            db.session.delete(view)


def _erase_mails(order: Order) -> None:
    """Keep of each mail that there was one, when, and what became of it; what has not left never will."""
    mails = select(Message.id).where(Message.order_id == order.id)
    db.session.execute(update(MessageAttempt).where(MessageAttempt.message_id.in_(mails)).values(answer=ERASED))
    blank: dict[str, Any] = {"recipient": ERASED, "subject": ERASED, "text": ERASED, "html": ERASED, "search_text": ""}
    blank |= {"last_answer": None, "remark": None, "needs_attention": False}
    db.session.execute(update(Message).where(Message.order_id == order.id).values(blank))
    unsent = update(Message).where(Message.order_id == order.id, Message.state != MessageState.SENT)
    db.session.execute(unsent.values(state=MessageState.GIVEN_UP, due_at=None, held_because=None))


def _without_person(name: str, value: Any) -> Any:
    if name in WHOLE_FACTS:
        return {"before": {}, "after": {}}
    return ERASED if name in PERSONAL_FACTS and value is not None else value
