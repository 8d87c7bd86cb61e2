"""Orders of connected shops: placed once, updated by later messages, and never overwriting what staff changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.connectors import parsing
from webshop_orders.connectors.adapters import Adapter, Payload
from webshop_orders.connectors.incoming import told_refunds
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.db.extensions import db
from webshop_orders.documents import source_order
from webshop_orders.documents.order import NUMBER, NewOrder
from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import CallOutcome, Connection, Order, SourceOrder
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.orders import source_baseline, source_updates
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.validation.json_text import load
from webshop_orders.validation.writing import format_timestamp

MAX_STATUS_SHOWN = 60


class MessageOutcome(StrEnum):
    """What became of a message; the values are part of the response."""

    PLACED = "placed"
    FOLLOWED = "followed"
    ALREADY = "already received"
    OUTDATED = "outdated"
    NOT_PLACED = "not placed yet"
    ERASED = "personal data erased"
    IGNORED = "ignored"
    NOT_TAKEN = "not taken"


@dataclass(frozen=True)
class Accepted:
    """What became of a message about an order, and why; `has_changed` says whether it changed the order."""

    outcome: MessageOutcome
    order: Order | None = None
    reason: str | None = None
    has_changed: bool = False


@dataclass(frozen=True)
class SourceOrderMessage:
    """What a shop's webhook says of an order: its document, when it was changed there, and what its status means here.

    A message about a deleted order has no document.
    """

    reference: str
    document: dict[str, Any] | None
    new: NewOrder | None
    changed_at: datetime | None
    meaning: StatusMeaning

    @property
    def is_cancelled(self) -> bool:
        return self.meaning is StatusMeaning.CANCELLED


def settings_of(connection: Connection) -> SourceSettings:
    """How the orders of a connected shop are read: in its time zone or else ours, with its meanings of statuses."""
    return SourceSettings(
        prefix=connection.prefix,
        zone=ZoneInfo(connection.time_zone or shop_settings.current().time_zone),
        statuses={status: StatusMeaning(meaning) for status, meaning in connection.status_map.items()},
    )


def accept(adapter: Adapter, payload: Payload, connection: Connection, *, is_cancelled: bool) -> Accepted:
    """Place the order of a webhook, or update it; an outdated message changes nothing.

    Raises RuleViolation where the order cannot be taken over, as for an order over the API, and Busy.
    """
    settings = settings_of(connection)
    reference = adapter.reference(payload, connection.prefix)
    meaning = StatusMeaning.CANCELLED
    if not is_cancelled:
        meaning = adapter.meaning(payload, settings)
    if meaning is StatusMeaning.ASK:
        raise RuleViolation(_unknown_status(payload))
    order = order_intake.find_by_reference(reference)
    if order is None and meaning in {StatusMeaning.LEFT_OUT, StatusMeaning.CANCELLED}:
        return Accepted(MessageOutcome.NOT_PLACED, reason=_reason_not_placed(meaning))
    if order is not None and order.personal_data_erased_at is not None:
        return Accepted(MessageOutcome.ERASED, order)
    message = _read(adapter, payload, settings, reference, meaning)
    if order is None and _was_cancelled_later(adapter, message, connection, settings):
        return Accepted(MessageOutcome.OUTDATED, reason=_("A later change of the same order came before this one."))
    if order is None and message.new is not None and message.document is not None:
        placed, order = _place(message.new, message.document, message.changed_at, connection)
        if placed is not None:
            return placed
    if order is None:
        return Accepted(MessageOutcome.NOT_PLACED)
    return _update(order, message, connection)


def _was_cancelled_later(
    adapter: Adapter, message: SourceOrderMessage, connection: Connection, settings: SourceSettings
) -> bool:
    """Whether a message that came before this one told that the order was cancelled after this one was sent."""
    if message.changed_at is None:
        return False
    for body in incoming_calls.recent_bodies(message.reference, connection.id, CallOutcome.IGNORED):
        earlier = load(body)
        changed_at = adapter.changed_at(earlier, settings)
        if adapter.meaning(earlier, settings) is StatusMeaning.CANCELLED and changed_at is not None:
            return changed_at > message.changed_at
    return False


def _unknown_status(payload: Payload) -> str:
    names = ("status", "fulfillment_status", "financial_status")
    status = next((value for name in names if isinstance(value := payload.get(name), str)), "?")
    return _(
        "Nobody has said what the status «%(status)s» means. Say it in the shop's settings, and try again.",
        status=status[:MAX_STATUS_SHOWN],
    )


def _reason_not_placed(meaning: StatusMeaning) -> str:
    if meaning is StatusMeaning.CANCELLED:
        return _("It was cancelled before it came here.")
    return _("It is not an order yet, by its status.")


def _read(
    adapter: Adapter, payload: Payload, settings: SourceSettings, reference: str, meaning: StatusMeaning
) -> SourceOrderMessage:
    """The message in a webhook's payload; that of a cancelled order may have nothing but its id."""
    try:
        document = adapter.document(payload, settings)
        parsing.require_lines(document)
        changed_at = adapter.changed_at(payload, settings)
        if meaning is StatusMeaning.SHIPPED and not document.get("shipped_at") and not document.get("shipments"):
            document["shipped_at"] = format_timestamp(changed_at) or document.get("placed_at")
        return SourceOrderMessage(reference, document, source_order.read(document), changed_at, meaning)
    except RuleViolation:
        if meaning is StatusMeaning.CANCELLED:
            return SourceOrderMessage(reference, None, None, None, meaning)
        raise


def _place(
    order: NewOrder, document: dict[str, Any], changed_at: datetime | None, connection: Connection
) -> tuple[Accepted | None, Order]:
    """Place the order of a message; gives None and the order where another process has placed it just now."""
    new, number_reason = _with_shop_number(order, connection)
    is_old = new.placed_at < now() - timedelta(days=connection.mail_max_age_days)
    place = partial(
        order_intake.place_once,
        source_document=document,
        by=connection.actor,
        connection_id=connection.id,
        changed_at=changed_at,
        keeps_source_total=True,
        shows_differences=True,
        mails=not is_old,
    )
    try:
        placed, is_new = place(new)
    except RuleViolation as violation:
        if violation.field != "number":
            raise
        number_reason = str(violation)  # another order has got it just now
        placed, is_new = place(order)
    if not is_new:
        return None, placed
    reasons = [number_reason] if number_reason else []
    if is_old:
        reasons.append(_("The order is so old that nobody was told of it by mail."))
    if placed.shop_differences:
        reasons.append(_("Its sums differ from those that the shop states; see the order."))
    return Accepted(MessageOutcome.PLACED, placed, " ".join(reasons) or None, has_changed=True), placed


def _with_shop_number(new: NewOrder, connection: Connection) -> tuple[NewOrder, str | None]:
    """The order under its number in the shop, where it is to have that and can; else with the reason why not."""
    if not connection.uses_shop_number or not new.shop_number:
        return new, None
    number = new.shop_number.removeprefix("#")
    if not re.fullmatch(NUMBER, number):
        return new, _("The shop's number %(number)s cannot be used here, so it got one of ours.", number=number)
    if order_intake.is_number_taken(number):
        return new, _("The number %(number)s is taken, so it got one of ours.", number=number)
    return replace(new, number=number), None


def _update(order: Order, message: SourceOrderMessage, connection: Connection) -> Accepted:
    by = connection.actor
    with editing(order.number, None, by) as current:
        stored = db.session.get(SourceOrder, current.id, populate_existing=True)
        if stored and _is_outdated(message, stored):
            return Accepted(
                MessageOutcome.OUTDATED, current, _("A later change of the same order came before this one.")
            )
        if stored:
            message = _with_later_refunds(message, stored)
        before = _stored_state(stored) if stored else _imported_state(current, message)
        unchanged = (current.event_count, current.updated_at)
        new = message.new or (before.order if before else None)
        if new is not None:
            source_updates.apply(current, before, source_updates.SourceState(new, message.is_cancelled), by=by)
        _store(current, message, connection, stored)
        has_changed = (current.event_count, current.updated_at) != unchanged
    return Accepted(MessageOutcome.FOLLOWED, current, has_changed=has_changed)


def _is_outdated(message: SourceOrderMessage, stored: SourceOrder) -> bool:
    """Whether a message is older than the last; within a second, one that lacks a refund is."""
    if message.changed_at is None or stored.changed_at is None:
        return False
    is_as_old = message.changed_at == stored.changed_at
    return message.changed_at < stored.changed_at or (
        is_as_old and told_refunds.lacks_refunds(message.document, stored.document)
    )


def _with_later_refunds(message: SourceOrderMessage, stored: SourceOrder) -> SourceOrderMessage:
    """A message with the refunds that the shop told of by themselves after it was sent."""
    if message.document is None:
        return message
    document = told_refunds.with_later_refunds(message.document, message.changed_at, stored.document)
    if document is message.document:
        return message
    return replace(message, document=document, new=source_order.read(document))


def _stored_state(stored: SourceOrder) -> source_updates.SourceState | None:
    """The state in the shop's previous message; None if its document violates rules that were added since."""
    try:
        return source_updates.SourceState(source_order.read(stored.document), stored.is_cancelled)
    except DomainError:
        return None


def _imported_state(order: Order, message: SourceOrderMessage) -> source_updates.SourceState | None:
    """The state in which a file brought an order that no message has told of yet; None if staff changed it since."""
    new = source_baseline.of_import(order, message.new, is_cancelled=message.is_cancelled)
    return source_updates.SourceState(new) if new else None


def _store(order: Order, message: SourceOrderMessage, connection: Connection, stored: SourceOrder | None) -> None:
    """Store the message to compare the next one with; a message without a document leaves the stored one."""
    document = message.document or (stored.document if stored else None)
    if document is not None:
        stored = stored or SourceOrder(order_id=order.id)
        stored.document, stored.connection_id, stored.is_cancelled = document, connection.id, message.is_cancelled
        stored.changed_at = message.changed_at or stored.changed_at
        db.session.add(stored)
