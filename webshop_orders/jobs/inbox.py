"""Keeps the inbox: shows what is due, and computes anew what of orders needs a person where settings or time decide."""

from datetime import datetime
from threading import Event

from sqlalchemy import Select, select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import InboxItem, InboxKind, Order
from webshop_orders.operations.inbox import attention, snoozing
from webshop_orders.operations.orders import loading
from webshop_orders.transactions.unit_of_work import writing

ORDERS_AT_ONCE = 50
NOT_COMPUTED = select(Order.id).where(Order.attention.is_(None)).order_by(Order.id).limit(ORDERS_AT_ONCE)


def show_due(stop: Event) -> int:
    """Show what is due, and what was put aside until now; returns how much that was."""
    shown = 0
    while not stop.is_set():
        is_any_due = snoozing.is_any_due()
        db.session.rollback()
        if not is_any_due:
            break
        with writing():
            woken = snoozing.wake_due()
        if not woken:  # others have it locked
            break
        shown += woken
    return shown


def compute_attention(stop: Event) -> int:
    """Compute what needs a person of the orders where that is outdated, some in each transaction; returns how many."""
    computed = 0
    while not stop.is_set():
        ids = db.session.scalars(NOT_COMPUTED).all()
        db.session.rollback()
        if not ids:
            break
        with writing():
            for order in loading.lock_orders(ids):
                attention.refresh(order)
        computed += len(ids)
    return computed


def forget_expired(_stop: Event) -> int:
    """Compute some of the orders anew that were sent so long ago that nobody misses a code; returns how many."""
    found = db.session.scalars(expired_orders(now() - attention.MISSES_CODE_FOR))
    ids = {order_id for order_id in found if order_id}
    db.session.rollback()
    if ids:
        with writing():
            for order in loading.lock_orders(ids):
                attention.refresh(order)
    return len(ids)


def expired_orders(before: datetime) -> Select[int | None]:
    """The orders with something in the inbox that was sent without a code before this time."""
    return (
        select(InboxItem.order_id)
        .where(InboxItem.kind == InboxKind.SENT_WITHOUT_CODE, InboxItem.is_shown, InboxItem.since <= before)
        .order_by(InboxItem.since)
        .limit(ORDERS_AT_ONCE)
    )
