"""Incoming calls of connected shops: carried out, and logged with what became of them.

A call that is understood but cannot be taken is accepted and waits in the log for a person: a shop that is refused
again and again would switch its webhook off, and lose every later order.
"""

from __future__ import annotations

import logging
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import DataError, IntegrityError

from webshop_orders.clock import now
from webshop_orders.connectors.adapters import Adapter
from webshop_orders.connectors.incoming import refund_messages, source_orders
from webshop_orders.connectors.incoming.source_orders import Accepted, MessageOutcome
from webshop_orders.connectors.incoming.topics import TOPICS, TopicKind
from webshop_orders.db.extensions import db
from webshop_orders.errors import Busy, DomainError
from webshop_orders.models import CallOutcome, Connection, ConnectionKind, ReceivedDelivery
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.transactions.unit_of_work import writing

CALL_OUTCOMES = {
    MessageOutcome.PLACED: CallOutcome.PLACED,
    MessageOutcome.FOLLOWED: CallOutcome.UPDATED,
    MessageOutcome.OUTDATED: CallOutcome.UNCHANGED,
    MessageOutcome.NOT_PLACED: CallOutcome.IGNORED,
    MessageOutcome.ERASED: CallOutcome.IGNORED,
    MessageOutcome.IGNORED: CallOutcome.IGNORED,
    MessageOutcome.NOT_TAKEN: CallOutcome.NOT_TAKEN,
}
log = logging.getLogger(__name__)


def adapter_of(kind: ConnectionKind) -> Adapter:
    """How orders of a shop system are read. It is imported here, since most shops have no other, or only one."""
    if kind is ConnectionKind.SHOPIFY:
        from webshop_orders.connectors.shopify import Shopify

        return Shopify
    from webshop_orders.connectors.woocommerce import WooCommerce

    return WooCommerce


def receive(
    connection: Connection, topic: str | None, payload: Any, body: str, *, delivery_id: str | None
) -> tuple[MessageOutcome, CallResult]:
    """Carry out a call and log it, both once for a delivery; raises Busy where it is to be sent again."""
    if delivery_id is not None and _was_received(connection, delivery_id):
        return MessageOutcome.ALREADY, CallResult(CallOutcome.UNCHANGED, _reference(connection, payload, topic))
    connection_id = connection.id
    outcome, result = carry_out(connection, topic, payload)
    _log(connection_id, connection.kind, topic, body, result, delivery_id)
    return outcome, result


def refuse(connection: Connection, topic: str | None, body: str, reason: str, *, delivery_id: str | None) -> CallResult:
    """Log a call whose JSON cannot be read at all."""
    result = CallResult(CallOutcome.NOT_TAKEN, reason=reason)
    if delivery_id is None or not _was_received(connection, delivery_id):
        _log(connection.id, connection.kind, topic, body, result, delivery_id)
    return result


def carry_out(connection: Connection, topic: str | None, payload: Any) -> tuple[MessageOutcome, CallResult]:
    """Place or update the order of a call, where it is about an order; raises Busy.

    An error of ours in reading it would come again with every repeat, so it is no reason to refuse the call either.
    """
    reference = _reference(connection, payload, topic)
    try:
        accepted = _accept(connection, topic, payload)
    except Busy:
        raise
    except DomainError as error:
        return _not_taken(reference, _("The order cannot be taken over: %(reason)s", reason=error))
    except (DataError, IntegrityError):
        log.exception("the database refused an order")
        return _not_taken(reference, _("The order cannot be stored: it has a value that is out of range."))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        log.exception("an incoming call cannot be read")
        return _not_taken(reference, _("The order cannot be read, by an error of the order desk. See its log."))
    return accepted.outcome, _result(accepted, reference)


def _accept(connection: Connection, topic: str | None, payload: Any) -> Accepted:
    adapter, topics = adapter_of(connection.kind), TOPICS[connection.kind]
    kind = topics.kind(topic)
    if kind is TopicKind.OTHER:
        return Accepted(MessageOutcome.IGNORED, reason=_("Calls of this topic are not about orders."))
    if kind is TopicKind.REFUND:
        return refund_messages.accept(payload, connection)
    is_order = adapter.recognises(payload)
    if isinstance(payload, dict) and topics.is_foreign(payload):
        return Accepted(MessageOutcome.IGNORED, reason=_("It is a draft, a checkout or the like, and no order."))
    if kind is TopicKind.UNCLEAR and not is_order:
        return Accepted(MessageOutcome.IGNORED, reason=_("There is no order in it."))
    return source_orders.accept(adapter, payload, connection, is_cancelled=kind is TopicKind.CANCELLED_ORDER)


def _result(accepted: Accepted, reference: str | None) -> CallResult:
    outcome = CALL_OUTCOMES[accepted.outcome]
    if accepted.outcome is MessageOutcome.FOLLOWED and not accepted.has_changed:
        outcome = CallOutcome.UNCHANGED
    return CallResult(
        outcome,
        reference,
        order_id=accepted.order.id if accepted.order else None,
        reason=accepted.reason,
        # No personal data without an order by which they can be erased.
        keeps_body=accepted.outcome not in {MessageOutcome.IGNORED, MessageOutcome.ERASED},
        supersedes=accepted.outcome in {MessageOutcome.PLACED, MessageOutcome.FOLLOWED},
    )


def _not_taken(reference: str | None, reason: str) -> tuple[MessageOutcome, CallResult]:
    return MessageOutcome.NOT_TAKEN, CallResult(CallOutcome.NOT_TAKEN, reference, reason=reason)


def _reference(connection: Connection, payload: Any, topic: str | None) -> str | None:
    """The reference of the order that a call is about, which a refund names beside its own id."""
    if TOPICS[connection.kind].kind(topic) is TopicKind.REFUND:
        return refund_messages.reference(payload, connection)
    try:
        return adapter_of(connection.kind).reference(payload, connection.prefix) if isinstance(payload, dict) else None
    except DomainError:
        return None


def _was_received(connection: Connection, delivery_id: str) -> bool:
    received = select(ReceivedDelivery.id).where(
        ReceivedDelivery.connection_id == connection.id, ReceivedDelivery.delivery_id == delivery_id
    )
    return db.session.scalar(received) is not None


def _log(
    connection_id: int,
    kind: ConnectionKind,
    topic: str | None,
    body: str,
    result: CallResult,
    delivery_id: str | None,
) -> None:
    """Remember the call after its change: one that is cut off before that is sent again and carried out again."""
    try:
        with writing():
            db.session.execute(update(Connection).where(Connection.id == connection_id).values(last_used_at=now()))
            incoming_calls.record(kind.value, topic, body, result, connection_id=connection_id)
            if delivery_id is not None:
                db.session.add(ReceivedDelivery(connection_id=connection_id, delivery_id=delivery_id))
    except IntegrityError:  # the same delivery came twice at once
        return
