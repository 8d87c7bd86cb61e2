"""An order as a connected shop tells of it, time and again: placed once, followed afterwards, never overwritten."""

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


class IntakeOutcome(StrEnum):
    PLACED = "placed"
    FOLLOWED = "followed"
    ALREADY = "already received"
    OUTDATED = "outdated"
    NOT_YET = "not placed yet"
    ERASED = "personal data erased"


@dataclass(frozen=True)
class SourceOrderUpdate:
    """What a shop told: the order, when it was changed there, and whether it is one at all, or none any more."""

    reference: str
    document: dict[str, Any] | None
    new: NewOrder | None
    changed_at: datetime | None
    is_placed: bool
    is_cancelled: bool


def read(adapter: Adapter, payload: dict[str, Any], connection: Connection, *, is_gone: bool) -> SourceOrderUpdate:
    """What a webhook tells, checked as strictly as an order over the API; raises Refused where it makes no sense.

    A webhook about a deleted order has nothing but its id.
    """
    reference = adapter.reference(payload, connection.prefix)
    if is_gone and not adapter.recognises(payload):
        return SourceOrderUpdate(reference, None, None, None, is_placed=True, is_cancelled=True)
    document = adapter.document(payload, prefix=connection.prefix)
    return SourceOrderUpdate(
        reference=reference,
        document=document,
        new=order_document.read(document),
        changed_at=adapter.changed_at(payload),
        is_placed=adapter.is_placed(payload),
        is_cancelled=is_gone or adapter.is_cancelled(payload),
    )


def accept(told: SourceOrderUpdate, connection: Connection, delivery_id: str | None) -> IntakeOutcome:
    """Place the order, or follow what the shop changed; the same delivery again, or an older one, changes nothing."""
    if delivery_id is not None and _was_received(connection, delivery_id):
        return IntakeOutcome.ALREADY
    outcome = _place_or_follow(told, connection)
    _note(connection, delivery_id)
    return outcome


def _place_or_follow(told: SourceOrderUpdate, connection: Connection) -> IntakeOutcome:
    order = order_intake.find_by_reference(told.reference)
    if order is None:
        if not told.is_placed or told.is_cancelled or told.new is None or told.document is None:
            return IntakeOutcome.NOT_YET
        order, is_new = order_intake.place_once(
            told.new,
            told.document,
            by=connection.actor,
            connection_id=connection.id,
            changed_at=told.changed_at,
            keeps_source_total=True,
        )
        if is_new:
            return IntakeOutcome.PLACED
    if order.personal_data_erased_at is not None:
        return IntakeOutcome.ERASED
    return _follow(order, told, connection)


def _follow(order: Order, told: SourceOrderUpdate, connection: Connection) -> IntakeOutcome:
    by = connection.actor
    with editing(order.number, None, by) as present:
        last = db.session.get(SourceOrder, present.id, populate_existing=True)
        if last and last.changed_at and told.changed_at and told.changed_at < last.changed_at:
            return IntakeOutcome.OUTDATED
        before = _read_again(last)
        new = told.new or (before.order if before else None)
        if new is not None:
            source_updates.apply(present, before, source_updates.SourceState(new, told.is_cancelled), by=by)
        _keep(present, told, connection, last)
    return IntakeOutcome.FOLLOWED


def _read_again(last: SourceOrder | None) -> source_updates.SourceState | None:
    """What the shop told before; nothing where it was told under rules that no longer hold."""
    try:
        return source_updates.SourceState(order_document.read(last.document), last.is_cancelled) if last else None
    except DomainError:
        return None


def _keep(order: Order, told: SourceOrderUpdate, connection: Connection, last: SourceOrder | None) -> None:
    """Keep what was told, for the next time; a webhook about a deleted order tells only that."""
    document = told.document or (last.document if last else None)
    if document is not None:
        last = last or SourceOrder(order_id=order.id)
        last.document, last.connection_id, last.is_cancelled = document, connection.id, told.is_cancelled
        last.changed_at = told.changed_at or last.changed_at
        db.session.add(last)


def _was_received(connection: Connection, delivery_id: str) -> bool:
    known = select(ReceivedDelivery.id).where(
        ReceivedDelivery.connection_id == connection.id, ReceivedDelivery.delivery_id == delivery_id
    )
    return db.session.scalar(known) is not None


def _note(connection: Connection, delivery_id: str | None) -> None:
    """Remember the delivery once what it told is done: one that is cut off before comes again and is done again."""
    try:
        with writing():
            db.session.execute(update(Connection).where(Connection.id == connection.id).values(last_used_at=now()))
            if delivery_id is not None:
                db.session.add(ReceivedDelivery(connection_id=connection.id, delivery_id=delivery_id))
    except IntegrityError:  # the same one came twice at once
        return
