"""Orders of connected shops: placed once, updated by later messages, and never overwriting what staff changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webshop_orders.clock import now
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import DomainError
from webshop_orders.models import Connection, Order, ReceivedDelivery, SourceOrder
from webshop_orders.operations.orders import source_updates
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing, writing

Adapter = type[WooCommerce] | type[Shopify]


class MessageOutcome(StrEnum):
    """What became of a message; the values are part of the response."""

    PLACED = "placed"
    FOLLOWED = "followed"
    ALREADY = "already received"
    OUTDATED = "outdated"
    NOT_PLACED = "not placed yet"
    ERASED = "personal data erased"


@dataclass(frozen=True)
class SourceOrderMessage:
    """What a shop's webhook says of an order: its document, when it was changed there, and its status.

    A message about a deleted order has no document.
    """

    reference: str
    document: dict[str, Any] | None
    new: NewOrder | None
    changed_at: datetime | None
    is_placed: bool
    is_cancelled: bool


def read(
    adapter: Adapter, payload: dict[str, Any], connection: Connection, *, is_cancelled: bool
) -> SourceOrderMessage:
    """The message in a webhook's payload; raises InvalidDocument and RuleViolation as for an order over the API."""
    reference = adapter.reference(payload, connection.prefix)
    if is_cancelled and not adapter.recognises(payload):  # it has the order's id alone
        return SourceOrderMessage(reference, None, None, None, is_placed=True, is_cancelled=True)
    document = adapter.document(payload, prefix=connection.prefix)
    return SourceOrderMessage(
        reference=reference,
        document=document,
        new=order_document.read(document),
        changed_at=adapter.changed_at(payload),
        is_placed=adapter.is_placed(payload),
        is_cancelled=is_cancelled or adapter.is_cancelled(payload),
    )


def accept(message: SourceOrderMessage, connection: Connection, delivery_id: str | None) -> MessageOutcome:
    """Place the order, or update it; a message that was delivered before, or is outdated, changes nothing."""
    if delivery_id is not None and _was_received(connection, delivery_id):
        return MessageOutcome.ALREADY
    outcome = _place_or_update(message, connection)
    _mark_received(connection, delivery_id)
    return outcome


def _place_or_update(message: SourceOrderMessage, connection: Connection) -> MessageOutcome:
    order = order_intake.find_by_reference(message.reference)
    if order is None:
        if not message.is_placed or message.is_cancelled or message.new is None or message.document is None:
            return MessageOutcome.NOT_PLACED
        order, is_new = order_intake.place_once(
            message.new,
            message.document,
            by=connection.actor,
            connection_id=connection.id,
            changed_at=message.changed_at,
            keeps_source_total=True,
        )
        if is_new:
            return MessageOutcome.PLACED
    if order.personal_data_erased_at is not None:
        return MessageOutcome.ERASED
    return _update(order, message, connection)


def _update(order: Order, message: SourceOrderMessage, connection: Connection) -> MessageOutcome:
    by = connection.actor
    with editing(order.number, None, by) as current:
        stored = db.session.get(SourceOrder, current.id, populate_existing=True)
        if stored and stored.changed_at and message.changed_at and message.changed_at < stored.changed_at:
            return MessageOutcome.OUTDATED
        before = _stored_state(stored)
        new = message.new or (before.order if before else None)
        if new is not None:
            source_updates.apply(current, before, source_updates.SourceState(new, message.is_cancelled), by=by)
        _store(current, message, connection, stored)
    return MessageOutcome.FOLLOWED


def _stored_state(stored: SourceOrder | None) -> source_updates.SourceState | None:
    """The state in the shop's previous message; None if its document violates rules that were added since."""
    try:
        return source_updates.SourceState(order_document.read(stored.document), stored.is_cancelled) if stored else None
    except DomainError:
        return None


def _store(order: Order, message: SourceOrderMessage, connection: Connection, stored: SourceOrder | None) -> None:
    """Store the message to compare the next one with; a message without a document leaves the stored one."""
    document = message.document or (stored.document if stored else None)
    if document is not None:
        stored = stored or SourceOrder(order_id=order.id)
        stored.document, stored.connection_id, stored.is_cancelled = document, connection.id, message.is_cancelled
        stored.changed_at = message.changed_at or stored.changed_at
        db.session.add(stored)


def _was_received(connection: Connection, delivery_id: str) -> bool:
    received = select(ReceivedDelivery.id).where(
        ReceivedDelivery.connection_id == connection.id, ReceivedDelivery.delivery_id == delivery_id
    )
    return db.session.scalar(received) is not None


def _mark_received(connection: Connection, delivery_id: str | None) -> None:
    """Remember the delivery after its change: one that is cut off before that is sent again and applied again."""
    try:
        with writing():
            db.session.execute(update(Connection).where(Connection.id == connection.id).values(last_used_at=now()))
            if delivery_id is not None:
                db.session.add(ReceivedDelivery(connection_id=connection.id, delivery_id=delivery_id))
    except IntegrityError:  # the same delivery came twice at once
        return
