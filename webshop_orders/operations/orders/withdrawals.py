"""Statements of withdrawal: recorded as they come, acknowledged by mail, matched to their orders, and settled by staff.

Directive 2011/83/EU, article 11a: docs/withdrawal.md.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from webshop_orders import mailing
from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.db.plain_rows import NestedRows, PlainRows
from webshop_orders.errors import NoChange, NotFound
from webshop_orders.models import (
    SYSTEM,
    Actor,
    MailHoldReason,
    Message,
    MessageState,
    Order,
    Withdrawal,
    WithdrawalSource,
    WithdrawnLine,
)
from webshop_orders.models.event_facts import WithdrawalHandled, WithdrawalReceived
from webshop_orders.models.order import email_key
from webshop_orders.operations.audit import history
from webshop_orders.operations.inbox import derived
from webshop_orders.operations.order_list import key_lookup
from webshop_orders.operations.users import throttle
from webshop_orders.text.search import search_text

WITHDRAWAL = PlainRows(Withdrawal, only=["id", "received_at", "handled_at", "lines"])
WITHDRAWALS: Any = Withdrawal.__table__
ORDERS = Order.__table__
OF_ORDER = NestedRows(select(*WITHDRAWAL.columns).where(WITHDRAWALS.c.order_id == ORDERS.c.id), ORDERS)
WHAT = "withdrawal from"
MAX_PER_ADDRESS = 10  # in a quarter of an hour, from one network
# Beyond these a statement is kept as ever, and its receipt waits for staff: nobody can flood a stranger's mailbox.
MAX_RECEIPTS_PER_EMAIL = 5
MAX_RECEIPTS = 500
RECEIPTS_WINDOW = timedelta(days=1)


@dataclass(frozen=True)
class Statement:
    """What a customer states: from which order, who, where the receipt goes, and which products, none for all."""

    number: str
    name: str
    email: str
    language: str
    lines: tuple[WithdrawnLine, ...] = ()


def receive(statement: Statement, request_key: str, *, address: str) -> Withdrawal:
    """Record a statement that came by the public form, with its receipt; once, however often the request comes.

    What is done does not depend on any order, so that nobody learns from it whether one exists: the worker matches it
    later. Raises TooManyAttempts.
    """
    key = _key(statement, request_key)
    throttle.lock()
    same = select(Withdrawal).where(Withdrawal.request_key == key)
    if (earlier := db.session.scalar(same)) is not None:
        return earlier
    throttle.count_request(WHAT, address=address, most=MAX_PER_ADDRESS)
    is_flooded = _is_flooded(statement.email)
    withdrawal = _record(statement, WithdrawalSource.FORM, request_key=key, by=SYSTEM)
    if is_flooded:
        _hold_receipt(withdrawal)
    return withdrawal


def register(
    order: Order, statement: Statement, *, received_at: datetime | None = None, mails_receipt: bool = True, by: Actor
) -> Withdrawal:
    """Record a statement about a locked order that came by another way than the form."""
    withdrawal = _record(
        statement,
        WithdrawalSource.API,
        received_at=received_at,
        request_key=by.request_key,
        mails_receipt=mails_receipt,
        by=by,
    )
    attach(withdrawal, order, by=by)
    return withdrawal


def get(withdrawal_id: int, *, for_update: bool = False) -> Withdrawal:
    """A statement; raises NotFound."""
    found = get_for_update(Withdrawal, withdrawal_id) if for_update else db.session.get(Withdrawal, withdrawal_id)
    if found is None:
        raise NotFound(_("There is no such withdrawal."))
    return found


def of_rows(rows: list[list[Any]]) -> list[Withdrawal]:
    """The statements about an order, to be read only, that the rows of `OF_ORDER` are."""
    return [WITHDRAWAL.make(row) for row in rows]


def of_order(order: Order) -> Sequence[Withdrawal]:
    """The statements about an order, the latest last."""
    return db.session.scalars(select(Withdrawal).where(Withdrawal.order_id == order.id).order_by(Withdrawal.id)).all()


def of_request(request_key: str | None) -> Withdrawal:
    """The statement that a request made; raises NotFound."""
    made = db.session.scalar(select(Withdrawal).where(Withdrawal.request_key == request_key)) if request_key else None
    if made is None:
        raise NotFound(_("There is no such withdrawal."))
    return made


@dataclass(frozen=True)
class ListedWithdrawal:
    """A row of the list: a statement, the number of its order, and the state of its receipt."""

    withdrawal: Withdrawal
    order_number: str | None
    receipt: MessageState | None


def page(*, handled: bool, before: int | None) -> tuple[list[ListedWithdrawal], int | None]:
    """The statements that wait for staff, or those that were handled, the latest first, and the next page's cursor."""
    is_shown = Withdrawal.handled_at.is_not(None) if handled else Withdrawal.handled_at.is_(None)
    query = (
        select(Withdrawal, Order.number, Message.state)
        .outerjoin(Order, Order.id == Withdrawal.order_id)
        .outerjoin(Message, Message.id == Withdrawal.receipt_id)
        .where(is_shown)
    )
    rows = db.session.execute(paging.limit_to_page(query, Withdrawal.id, before)).all()
    listed = [ListedWithdrawal(*row) for row in rows]
    return paging.split_page(listed, lambda entry: entry.withdrawal.id)


def number_of_order(withdrawal: Withdrawal) -> str | None:
    """The number of the order that a statement is on."""
    return db.session.scalar(select(Order.number).where(Order.id == withdrawal.order_id))


def next_unsought() -> Withdrawal | None:
    """The oldest statement whose order was not looked for yet."""
    unsought = select(Withdrawal).where(Withdrawal.sought_at.is_(None))
    return db.session.scalar(unsought.order_by(Withdrawal.id).limit(1))


def matching_number(withdrawal: Withdrawal) -> str | None:
    """The number of the one order that has the stated number, ours or the shop's, and the stated e-mail address."""
    ids = key_lookup.find(withdrawal.number).exact
    matching = select(Order.number).where(Order.id.in_(ids), Order.email_key == withdrawal.email_key)
    numbers = db.session.scalars(matching.limit(2)).all() if ids and withdrawal.email_key else []
    return numbers[0] if len(numbers) == 1 else None


def note_sought(withdrawal_id: int) -> None:
    """Note that the order of a statement was looked for."""
    withdrawal = get_for_update(Withdrawal, withdrawal_id)
    if withdrawal is not None and withdrawal.sought_at is None:
        withdrawal.sought_at = now()


def attach(withdrawal: Withdrawal, order: Order, *, by: Actor) -> None:
    """Put a statement on a locked order, with its receipt; both must be locked.

    Raises NoChange where it is on that order already.
    """
    if withdrawal.order_id == order.id:
        raise NoChange(_("The withdrawal is on %(number)s already.", number=order.number))
    withdrawal.order_id = order.id
    withdrawal.sought_at = withdrawal.sought_at or now()
    receipt = db.session.get(Message, withdrawal.receipt_id) if withdrawal.receipt_id else None
    if receipt is not None and receipt.order_id is None:
        receipt.order_id = order.id
        receipt.search_text = search_text([receipt.recipient, receipt.subject, order.number])
        order.message_count += 1
    derived.withdrawal(withdrawal)
    history.record(order, _received(withdrawal, receipt), by=by)


def settle(withdrawal: Withdrawal, order: Order | None, *, by: Actor) -> None:
    """Note that staff did what a statement asks for; raises NoChange where that is noted already."""
    if withdrawal.is_handled:
        raise NoChange(_("That is noted already."))
    withdrawal.handled_at, withdrawal.handled_by = now(), by.name
    derived.withdrawal(withdrawal)
    if order is not None:
        history.record(order, WithdrawalHandled(withdrawal.id), by=by)


def reopen(withdrawal: Withdrawal) -> None:
    """Have a statement wait for staff again; raises NoChange where it does."""
    if not withdrawal.is_handled:
        raise NoChange(_("That waits already."))
    withdrawal.handled_at = withdrawal.handled_by = None
    derived.withdrawal(withdrawal)


def _record(
    statement: Statement,
    source: WithdrawalSource,
    *,
    request_key: str | None,
    received_at: datetime | None = None,
    mails_receipt: bool = True,
    by: Actor,
) -> Withdrawal:
    withdrawal = Withdrawal(
        source=source,
        received_at=received_at or now(),
        language=statement.language,
        number=statement.number,
        name=statement.name,
        email=statement.email,
        email_key=email_key(statement.email),
        lines=list(statement.lines),
        request_key=request_key,
    )
    receipt = mailing.add(mailing.make_withdrawal_receipt(withdrawal, by=by), about=None) if mails_receipt else None
    db.session.add(withdrawal)
    db.session.flush()
    withdrawal.receipt_id = receipt.id if receipt else None
    derived.withdrawal(withdrawal)
    return withdrawal


def _key(statement: Statement, request_key: str) -> str:
    """The key of a request and of what it says: another statement under the same key is another one."""
    content = [request_key, statement.number, statement.name, statement.email, statement.language]
    content += [json.dumps([line.product, line.quantity]) for line in statement.lines]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _is_flooded(email: str) -> bool:
    recent = select(func.count()).where(Withdrawal.received_at > now() - RECEIPTS_WINDOW)
    to_email = db.session.scalar(recent.where(Withdrawal.email_key == email_key(email))) or 0
    return to_email >= MAX_RECEIPTS_PER_EMAIL or (db.session.scalar(recent) or 0) >= MAX_RECEIPTS


def _hold_receipt(withdrawal: Withdrawal) -> None:
    receipt = db.session.get_one(Message, withdrawal.receipt_id)
    receipt.state, receipt.due_at, receipt.held_because = MessageState.HELD, None, MailHoldReason.NOT_AUTOMATIC
    receipt.remark = _("Many statements came in a short time, so this receipt waits until you send it.")


def _received(withdrawal: Withdrawal, receipt: Message | None) -> WithdrawalReceived:
    return WithdrawalReceived(
        withdrawal=withdrawal.id,
        products=[line.product for line in withdrawal.lines],
        mailed_to=receipt.recipient if receipt else None,
    )
