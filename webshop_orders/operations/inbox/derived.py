"""Rows of the inbox that follow from other tables: mails, webhooks, incoming calls and statements of withdrawal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select

from webshop_orders.db.extensions import db
from webshop_orders.models import (
    CallOutcome,
    DisabledReason,
    InboxItem,
    InboxKind,
    IncomingCall,
    Message,
    Webhook,
    Withdrawal,
)
from webshop_orders.operations.inbox import items
from webshop_orders.operations.inbox.items import CALL, TIMES, Wanted

Subject = tuple[InboxKind, str]
MAILS = select(
    Message.id, Message.order_id, Message.recipient, Message.kind, Message.last_answer, Message.queued_at
).where(Message.needs_attention)
CALLS = select(
    IncomingCall.id,
    IncomingCall.source,
    IncomingCall.connection_id,
    IncomingCall.reason,
    IncomingCall.reference,
    IncomingCall.received_at,
).where(IncomingCall.outcome == CallOutcome.NOT_TAKEN)
SELF_DISABLED = (Webhook.disabled_at.is_not(None), Webhook.disabled_because != DisabledReason.BY_HAND)


def failed_mail(order_id: int | None, recipient: str) -> None:
    """Show the mails that were given up, of an order or, of those about none, to an address; or no longer."""
    same: ColumnElement[bool] = Message.order_id == order_id
    if order_id is None:
        same = Message.order_id.is_(None) & (Message.recipient == recipient)
    items.make(
        InboxKind.FAILED_MAIL,
        _mail_subject(order_id, recipient),
        lambda: _of_mails(db.session.execute(MAILS.where(same).order_by(Message.id)).all()),
    )


def incoming_call(source: str, connection_id: int | None, reason: str | None) -> None:
    """Show the calls of a source that were not taken for a reason; or no longer."""
    same = (
        IncomingCall.source == source,
        IncomingCall.connection_id.is_not_distinct_from(connection_id),
        IncomingCall.reason.is_not_distinct_from(reason),
    )
    items.make(
        InboxKind.INCOMING_CALL,
        _call_subject(source, connection_id, reason),
        lambda: _of_calls(db.session.execute(CALLS.where(*same).order_by(IncomingCall.id)).all()),
    )


def webhook(webhook: Webhook) -> None:
    """Show a webhook that was switched off by itself; or no longer."""
    is_off = webhook.disabled_at is not None and webhook.disabled_because is not DisabledReason.BY_HAND
    items.make(InboxKind.WEBHOOK_OFF, str(webhook.id), lambda: _of_webhook(webhook) if is_off else None)


def withdrawal(withdrawal: Withdrawal) -> None:
    """Show a statement of withdrawal that nobody has handled; or no longer."""
    items.make(
        InboxKind.WITHDRAWAL,
        str(withdrawal.id),
        lambda: None if withdrawal.is_handled else _of_withdrawal(withdrawal),
    )


def reconcile(*kinds: InboxKind) -> None:
    """Make all these rows, or those of some kinds, what follows: after an upgrade, and where much was erased."""
    db.session.flush()
    compared = kinds or tuple(WANTED)
    there: dict[Subject, InboxItem] = {
        (item.kind, item.subject): item
        for item in db.session.scalars(select(InboxItem).where(InboxItem.kind.in_(compared)))
    }
    for kind in compared:
        wanted = WANTED[kind]()
        for subject, row in wanted.items():
            item = there.get((kind, subject))
            if item is None or item.facts != row.facts or item.order_id != row.order_id:
                items.make(kind, subject, partial(wanted.get, subject))
        gone = [item.id for (its_kind, subject), item in there.items() if its_kind is kind and subject not in wanted]
        if gone:
            db.session.execute(delete(InboxItem).where(InboxItem.id.in_(gone)))


def _failed_mails() -> dict[str, Wanted]:
    rows = db.session.execute(MAILS.order_by(Message.id)).all()
    return _grouped(rows, lambda mail: _mail_subject(mail.order_id, mail.recipient), _of_mails)


def _calls_not_taken() -> dict[str, Wanted]:
    rows = db.session.execute(CALLS.order_by(IncomingCall.id)).all()
    return _grouped(rows, lambda call: _call_subject(call.source, call.connection_id, call.reason), _of_calls)


def _webhooks_off() -> dict[str, Wanted]:
    webhooks = db.session.scalars(select(Webhook).where(*SELF_DISABLED))
    return {str(webhook.id): _of_webhook(webhook) for webhook in webhooks}


def _unhandled_withdrawals() -> dict[str, Wanted]:
    unhandled = db.session.scalars(select(Withdrawal).where(Withdrawal.handled_at.is_(None)))
    return {str(withdrawal.id): _of_withdrawal(withdrawal) for withdrawal in unhandled}


WANTED: dict[InboxKind, Callable[[], dict[str, Wanted]]] = {
    InboxKind.FAILED_MAIL: _failed_mails,
    InboxKind.INCOMING_CALL: _calls_not_taken,
    InboxKind.WEBHOOK_OFF: _webhooks_off,
    InboxKind.WITHDRAWAL: _unhandled_withdrawals,
}


def _grouped(
    rows: Iterable[Row[*tuple[Any, ...]]],
    subject_of: Callable[[Any], str],
    of_rows: Callable[[list[Any]], Wanted | None],
) -> dict[str, Wanted]:
    groups = groupby(sorted(rows, key=subject_of), key=subject_of)  # which keeps the sequence within each
    found = {subject: of_rows(list(group)) for subject, group in groups}
    return {subject: wanted for subject, wanted in found.items() if wanted is not None}


def _of_mails(rows: Any) -> Wanted | None:
    if not rows:
        return None
    latest = rows[-1]
    facts = {"message": latest.id, "kind": latest.kind.value, "answer": latest.last_answer, TIMES: len(rows)}
    return Wanted(rows[0].queued_at, facts, latest.order_id)


def _of_calls(rows: Any) -> Wanted | None:
    if not rows:
        return None
    latest = rows[-1]
    facts = {CALL: latest.id, "source": latest.source, "reason": latest.reason, "reference": latest.reference}
    return Wanted(rows[0].received_at, {**facts, TIMES: len(rows)})


def _of_webhook(webhook: Webhook) -> Wanted:
    assert webhook.disabled_at is not None
    assert webhook.disabled_because is not None
    facts = {"webhook": webhook.id, "url": webhook.url, "because": webhook.disabled_because.value}
    return Wanted(webhook.disabled_at, facts)


def _of_withdrawal(withdrawal: Withdrawal) -> Wanted:
    facts = {"withdrawal": withdrawal.id, "number": withdrawal.number}
    return Wanted(withdrawal.received_at, facts, withdrawal.order_id)


def _mail_subject(order_id: int | None, recipient: str) -> str:
    return recipient if order_id is None else str(order_id)


def _call_subject(source: str, connection_id: int | None, reason: str | None) -> str:
    digest = hashlib.sha256((reason or "").encode()).hexdigest()[:16]
    return f"{source} {connection_id or ''} {digest}"
