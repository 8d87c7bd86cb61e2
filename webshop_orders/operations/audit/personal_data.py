"""The personal data of a customer: found by e-mail address, and erased except what bookkeeping requires.

Regulation (EU) 2016/679, articles 15, 17 and 20. An accounting voucher (verifikation) names the counterparty and is
kept for seven years after the calendar year (Bokföringslagen 1999:1078, 5 kap. 7 § and 7 kap. 2 §);
`Shop.bookkeeping_years` says how long.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import (
    OPEN_STATUSES,
    Actor,
    Address,
    AnsweredRequest,
    Batch,
    BatchOrder,
    Comment,
    CommentKind,
    Connection,
    Customer,
    Event,
    InboxKind,
    IncomingCall,
    Message,
    Order,
    OrderStatus,
    PackingLine,
    PackingScan,
    PackingSession,
    SavedView,
    Shop,
    SourceOrder,
    TrackingFileRow,
    UndoStep,
    WebhookAttempt,
    WebhookMessage,
    Withdrawal,
)
from webshop_orders.models.event_facts import PersonalDataErased, not_personal_fields
from webshop_orders.operations.audit import history, withdrawal_data
from webshop_orders.operations.audit.erased import ERASED, erase_mails
from webshop_orders.operations.inbox import derived
from webshop_orders.operations.orders import loading
from webshop_orders.text.folding import fold

DAYS_PER_MONTH = 30.44


def find(email: str) -> list[Order]:
    """The orders of a customer, oldest first."""
    of_customer = loading.COMPLETE_ORDERS.where(Order.email_key == email.casefold())
    return list(db.session.scalars(of_customer.order_by(Order.placed_at, Order.id)).unique())


def erase(email: str, *, by: Actor) -> int:
    """Erase a customer's personal data from their orders and statements of withdrawal; returns the number of orders.

    Raises RuleViolation where there are neither, and while one of them is open, since it could not be delivered.
    """
    ids = db.session.scalars(select(Order.id).where(Order.email_key == email.casefold())).all()
    # An order may have changed hands while its lock was waited for.
    orders = [order for order in loading.lock_orders(ids) if order.email_key == email.casefold()]
    statements = withdrawal_data.find(email)
    if not orders and not statements:
        raise RuleViolation(_("There are no orders with that address."))
    if still_open := [order.number for order in orders if order.status in OPEN_STATUSES]:
        raise RuleViolation(
            ngettext(
                "%(orders)s is still open. Ship or cancel it first.",
                "%(orders)s are still open. Ship or cancel them first.",
                len(still_open),
                orders=", ".join(still_open),
            )
        )
    _erase_from(orders, by=by)
    _erase_calls(_is_call_naming(email))
    derived.reconcile(InboxKind.INCOMING_CALL)
    withdrawal_data.erase(withdrawal_data.is_of(email))
    return len(orders)


def erase_due(order_ids: Iterable[int], *, by: Actor) -> None:
    """Erase the personal data in orders that were due, but not in those that were changed since."""
    orders = loading.lock_orders(order_ids)
    is_locked = Order.id.in_([order.id for order in orders])
    still_due = set(db.session.scalars(select(Order.id).where(is_locked, _is_due(shop_settings.current()))))
    _erase_from([order for order in orders if order.id in still_due], by=by)
    derived.reconcile(InboxKind.INCOMING_CALL)


def _erase_from(orders: Sequence[Order], *, by: Actor) -> None:
    """Erase the personal data in closed orders, except what bookkeeping still requires."""
    shop = shop_settings.current()
    _forget_names([order.customer for order in orders])
    for order in orders:
        _erase_related_rows(order)
        _erase_customer(order, completely=kept_until(order, shop) <= now())
        order.refresh_derived_columns()
        order.attention = []
        history.record(order, PersonalDataErased(), by=by)
        order.personal_data_erased_at = now()


def kept_until(order: Order, shop: Shop) -> datetime:
    """When bookkeeping no longer needs an order's counterparty: years after the calendar year in the shop's zone."""
    zone = ZoneInfo(shop.time_zone)
    return datetime(order.placed_at.astimezone(zone).year + shop.bookkeeping_years + 1, 1, 1, tzinfo=zone)


def due(shop: Shop, *, limit: int) -> Sequence[int]:
    """The ids of orders whose personal data are due for erasure."""
    return db.session.scalars(select(Order.id).where(_is_due(shop)).order_by(Order.id).limit(limit)).all()


def erase_unmatched_withdrawals(shop: Shop) -> None:
    """Erase the statements of withdrawal that match no order, once the shop's retention period is over."""
    if shop.personal_data_months is not None:
        withdrawal_data.erase_unmatched(now() - timedelta(days=shop.personal_data_months * DAYS_PER_MONTH))


def count_older_than(months: int) -> int:
    """How many orders would be due if personal data were erased after this many months."""
    return db.session.scalar(select(func.count()).select_from(Order).where(_is_older_than(months))) or 0


def _is_due(shop: Shop) -> ColumnElement[bool]:
    """Orders unchanged for the shop's retention period, and erased ones that bookkeeping needed and no longer does."""
    zone = ZoneInfo(shop.time_zone)
    bookkeeping_start = datetime(now().astimezone(zone).year - shop.bookkeeping_years, 1, 1, tzinfo=zone)
    name = Order.__table__.c.customer_name
    is_bookkeeping_over = and_(
        Order.personal_data_erased_at.is_not(None), Order.placed_at < bookkeeping_start, name != ERASED
    )
    conditions: list[ColumnElement[bool]] = [is_bookkeeping_over]
    if shop.personal_data_months is not None:
        conditions.append(_is_older_than(shop.personal_data_months))
    return or_(*conditions)


def _is_older_than(months: int) -> ColumnElement[bool]:
    """Closed orders that nobody changed for this long, with personal data in them."""
    closed = [status for status in OrderStatus if status not in OPEN_STATUSES]
    unchanged_since = now() - timedelta(days=months * DAYS_PER_MONTH)
    return and_(Order.status.in_(closed), Order.updated_at < unchanged_since, Order.personal_data_erased_at.is_(None))


def _erase_customer(order: Order, *, completely: bool) -> None:
    """Erase the customer; where not `completely`, the counterparty that bookkeeping needs stays."""
    before = order.customer
    order.customer = Customer(
        name=ERASED if completely else before.name,
        company=None if completely else before.company,
        organisation_number=None if completely else before.organisation_number,
    )
    order.shipping_address = _erased(order.shipping_address)
    billing = order.billing_address
    order.billing_address = _erased(billing) if completely else replace(billing, phone=None, pickup_point=None)
    order.shop_differences, order.removed_units = [], []
    order.attributes, order.holds, order.priority = [], [], None
    order.has_unread_comment = False  # there is nothing left to read
    order.returns = [replace(a_return, note=None) for a_return in order.returns]
    order.refunds = [replace(refund, reason=refund.reason and ERASED) for refund in order.refunds]
    for line in order.lines:
        line.properties = []
        if line.price_change:
            line.price_change = replace(line.price_change, reason=ERASED)


def _erased(address: Address) -> Address:
    """An address with nothing but its country, which taxes depend on."""
    return Address(name=ERASED, street=ERASED, postal_code=ERASED, city=ERASED, country=address.country)


def _erase_related_rows(order: Order) -> None:
    """Erase the comments, mails, event facts, codes, source document, calls, webhooks and batch data of an order."""
    comments = update(Comment).where(Comment.order_id == order.id)
    db.session.execute(comments.values(text=ERASED))
    db.session.execute(comments.where(Comment.kind == CommentKind.CUSTOMER).values(author=ERASED))
    erase_mails(Message.order_id == order.id)
    withdrawal_data.erase(Withdrawal.order_id == order.id)
    for event in db.session.scalars(select(Event).where(Event.order_id == order.id)):
        kept_names = not_personal_fields(event.kind)
        event.facts = {
            name: value if name in kept_names else _erased_fact(value) for name, value in event.facts.items()
        }
    for shipment in order.shipments:
        shipment.tracking_codes.clear()
        shipment.former_codes = []
    db.session.execute(delete(SourceOrder).where(SourceOrder.order_id == order.id))
    db.session.execute(delete(UndoStep).where(UndoStep.order_id == order.id))
    _delete_packing(order)
    db.session.execute(delete(TrackingFileRow).where(TrackingFileRow.order_id == order.id))
    _erase_calls(_is_call_about(order))
    _erase_from_batches(order)
    _delete_stored_answers(order)
    webhooks = select(WebhookMessage.id).where(WebhookMessage.order_id == order.id)
    db.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(webhooks)))
    db.session.execute(delete(WebhookMessage).where(WebhookMessage.order_id == order.id))


def _delete_packing(order: Order) -> None:
    """Delete what was scanned while an order was packed, which has the codes of its parcels."""
    sessions = select(PackingSession.id).where(PackingSession.order_id == order.id)
    for model in (PackingScan, PackingLine):
        of_order = delete(model).where(model.session_id.in_(sessions))
        db.session.execute(of_order.execution_options(synchronize_session=False))
    db.session.execute(delete(PackingSession).where(PackingSession.order_id == order.id))


def _erase_calls(calls: ColumnElement[bool]) -> None:
    """Erase what other systems sent us in these incoming calls; their times and outcomes stay."""
    reason = case((IncomingCall.reason.is_(None), None), else_=ERASED)
    db.session.execute(
        update(IncomingCall)
        .where(calls)
        .values(body=ERASED, reason=reason)
        .execution_options(synchronize_session=False)
    )


def _erase_from_batches(order: Order) -> None:
    """Erase what batches were told of an order, and why they refused it; it stays in them."""
    reason = case((BatchOrder.reason.is_(None), None), else_=ERASED)
    in_batches = update(BatchOrder).where(BatchOrder.order_id == order.id)
    erased = in_batches.values(reason=reason, data=None).execution_options(synchronize_session=False)
    db.session.execute(erased)


def _is_call_about(order: Order) -> ColumnElement[bool]:
    """Calls about an order: those that found it, and those by its reference, with or without its shop's prefix."""
    if order.external_reference is None:
        return IncomingCall.order_id == order.id
    prefix = select(Connection.prefix).where(Connection.id == IncomingCall.connection_id).scalar_subquery()
    return or_(
        IncomingCall.order_id == order.id,
        IncomingCall.reference == order.external_reference,
        prefix.concat(IncomingCall.reference) == order.external_reference,
    )


def _is_call_naming(email: str) -> ColumnElement[bool]:
    """Calls that name a customer, also about orders never placed; JSON may escape what is not ASCII."""
    spellings = {email, json.dumps(email).strip('"')}
    return or_(*(IncomingCall.body.icontains(spelling, autoescape=True) for spelling in spellings))


def _delete_stored_answers(order: Order) -> None:
    """Delete the API's stored answers about an order, but not those about orders whose numbers begin with its number.

    An answer is about it where its request made one of the order's events, or where the order is in its body.
    """
    keys = select(Event.request_key).where(Event.order_id == order.id, Event.request_key.is_not(None))
    number = f'"number":{json.dumps(order.number, ensure_ascii=False)}'  # as api.http.json_response writes it
    about = or_(AnsweredRequest.request_key.in_(keys), AnsweredRequest.body.contains(number, autoescape=True))
    db.session.execute(delete(AnsweredRequest).where(about).execution_options(synchronize_session=False))


def _forget_names(customers: Iterable[Customer]) -> None:
    """Delete saved views of the list that search for these customers or have their names; batches lose theirs."""
    values = (value for customer in customers for value in _names_of(customer))
    names = {fold(value) for value in values if value}
    naming = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names - {ERASED}) or r"(?!)")
    for view in db.session.scalars(select(SavedView)):
        if naming.search(fold(f"{view.name}\n{unquote_plus(view.query)}")):
            db.session.delete(view)
    for batch_id, name in db.session.execute(select(Batch.id, Batch.name)).all():
        if naming.search(fold(name)):
            usual = _("Batch %(number)s", number=batch_id)
            db.session.execute(update(Batch).where(Batch.id == batch_id).values(name=usual))


def _names_of(customer: Customer) -> tuple[str | None, ...]:
    return customer.name, customer.email, customer.unusable_email, customer.phone


def _erased_fact(value: Any) -> Any:
    if isinstance(value, dict):
        return {"before": {}, "after": {}}
    if isinstance(value, list):
        return []
    return ERASED if value is not None else None
