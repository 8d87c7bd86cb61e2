"""The log of incoming calls: what other shops and shipping systems sent, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import ScalarSelect, Select, func, select, update
from sqlalchemy.orm import defer

from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import NoChange, NotFound
from webshop_orders.models import CallOutcome, Connection, IncomingCall, Order
from webshop_orders.operations.audit.access_log import printable
from webshop_orders.operations.inbox import derived

MAX_COUNTED = 1_000
MAX_REASON_LENGTH = 1_000
REPEATED_FOR = timedelta(days=2)
MAX_RECENT = 10


@dataclass(frozen=True)
class CallResult:
    """What became of a call: the reference of the order in it, the order here, and a sentence that says why.

    One that `supersedes` has all that earlier calls about the same order had.
    """

    outcome: CallOutcome
    reference: str | None = None
    order_id: int | None = None
    reason: str | None = None
    keeps_body: bool = True
    supersedes: bool = False


@dataclass(frozen=True)
class ListedCall:
    """A row of the log, without its body: the call, the name of its shop, and the number of its order."""

    call: IncomingCall
    shop: str | None
    order_number: str | None


@dataclass(frozen=True)
class CallPage:
    calls: list[ListedCall]
    next_before: int | None


def record(source: str, topic: str | None, body: str, result: CallResult, *, connection_id: int | None = None) -> None:
    """Add a call to the log; one that supersedes earlier ones settles those that were not taken."""
    reference = printable(result.reference) if result.reference else None
    if reference and result.supersedes:
        _settle_earlier(reference, connection_id)
    db.session.add(
        IncomingCall(
            connection_id=connection_id,
            source=source,
            topic=printable(topic) if topic else None,
            reference=reference,
            order_id=result.order_id,
            outcome=result.outcome,
            reason=_shortened(result.reason),
            body=body if result.keeps_body else "",
        )
    )
    if result.outcome is CallOutcome.NOT_TAKEN:
        derived.incoming_call(source, connection_id, _shortened(result.reason))


def record_retry(call_id: int, result: CallResult) -> IncomingCall:
    """Note what became of a call that was tried again."""
    call = _locked(call_id)
    reasons = {call.reason, _shortened(result.reason)}
    call.retried_at = now()
    call.outcome, call.reason = result.outcome, _shortened(result.reason)
    call.reference = printable(result.reference) if result.reference else call.reference
    call.order_id = result.order_id or call.order_id
    if not result.keeps_body:
        call.body = ""
    for reason in sorted(reasons, key=str):
        derived.incoming_call(call.source, call.connection_id, reason)
    return call


def dismiss(call_id: int) -> IncomingCall:
    """Dismiss a call that was not taken; its reason stays. Raises NotFound, and NoChange where nothing waits."""
    call = _locked(call_id)
    if call.outcome is not CallOutcome.NOT_TAKEN:
        raise NoChange(_("This call needs nothing any more."))
    call.outcome = CallOutcome.IGNORED
    derived.incoming_call(call.source, call.connection_id, call.reason)
    return call


def get(call_id: int) -> IncomingCall:
    """A call with its body; raises NotFound."""
    return _existing(db.session.get(IncomingCall, call_id, populate_existing=True))


def listed(call_id: int) -> ListedCall:
    """A call with the name of its shop and the number of its order; raises NotFound."""
    row = db.session.execute(_rows().where(IncomingCall.id == call_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no such call; old ones are deleted."))
    return ListedCall(*row)


def recent_bodies(reference: str, connection_id: int, outcome: CallOutcome) -> list[str]:
    """What recent calls about an order said that had this outcome, the latest first; shops repeat calls for hours."""
    recent = select(IncomingCall.body).where(
        IncomingCall.received_at > now() - REPEATED_FOR,
        IncomingCall.connection_id == connection_id,
        IncomingCall.reference == printable(reference),
        IncomingCall.outcome == outcome,
        IncomingCall.body != "",
    )
    return list(db.session.scalars(recent.order_by(IncomingCall.id.desc()).limit(MAX_RECENT)))


def page(outcome: CallOutcome | None = None, *, before: int | None = None) -> CallPage:
    """A page of the log, the latest calls first; `before` is the cursor: the last id of the previous page."""
    rows = db.session.execute(statement(outcome, before=before)).all()
    return CallPage(*paging.split_page([ListedCall(*row) for row in rows], lambda entry: entry.call.id))


def statement(outcome: CallOutcome | None, *, before: int | None) -> Select[IncomingCall, str, str]:
    """The query of one page, and one row more."""
    query = _rows().options(defer(IncomingCall.body))
    if outcome is not None:
        query = query.where(IncomingCall.outcome == outcome)
    return paging.limit_to_page(query, IncomingCall.id, before)


def not_taken_ids(limit: int) -> list[int]:
    """The calls that wait for a person, the oldest first."""
    waiting = select(IncomingCall.id).where(IncomingCall.outcome == CallOutcome.NOT_TAKEN)
    return list(db.session.scalars(waiting.order_by(IncomingCall.id).limit(limit)))


def count_not_taken() -> int:
    return db.session.scalar(select(not_taken_count())) or 0


def not_taken_count() -> ScalarSelect[int]:
    """The number of calls that wait for a person, counted up to `MAX_COUNTED`, as a part of a statement."""
    waiting = select(IncomingCall.id).where(IncomingCall.outcome == CallOutcome.NOT_TAKEN).limit(MAX_COUNTED)
    return select(func.count()).select_from(waiting.subquery()).scalar_subquery()


def _rows() -> Select[IncomingCall, str, str]:
    return (
        select(IncomingCall, Connection.name, Order.number)
        .outerjoin(Connection, Connection.id == IncomingCall.connection_id)
        .outerjoin(Order, Order.id == IncomingCall.order_id)
    )


def _settle_earlier(reference: str, connection_id: int | None) -> None:
    earlier = (
        IncomingCall.outcome == CallOutcome.NOT_TAKEN,
        IncomingCall.connection_id == connection_id,
        IncomingCall.reference == reference,
    )
    rows = db.session.execute(select(IncomingCall.source, IncomingCall.reason).where(*earlier).distinct()).all()
    if rows:
        settled = {"outcome": CallOutcome.IGNORED, "reason": _("A later call about the same order was taken.")}
        db.session.execute(update(IncomingCall).where(*earlier).values(settled))
    for source, reason in sorted(rows, key=str):
        derived.incoming_call(source, connection_id, reason)


def _shortened(reason: str | None) -> str | None:
    return reason[:MAX_REASON_LENGTH] if reason else None


def _locked(call_id: int) -> IncomingCall:
    return _existing(get_for_update(IncomingCall, call_id))


def _existing(call: IncomingCall | None) -> IncomingCall:
    if call is None:
        raise NotFound(_("There is no such call; old ones are deleted."))
    return call
