"""Everything that is stored about a customer, as JSON for the customer to take along (GDPR, articles 15 and 20)."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.documents import withdrawal as withdrawal_document
from webshop_orders.models import BatchOrder, Comment, Event, IncomingCall, Message, Order, SourceOrder, Withdrawal
from webshop_orders.validation.writing import format_timestamp

Row = TypeVar("Row", BatchOrder, Comment, Event, IncomingCall, Message)


def to_json(email: str, orders: Sequence[Order], withdrawals: Sequence[Withdrawal] = (), *, by: str) -> dict[str, Any]:
    """What is stored about the customer of some orders, which are loaded with their shipments and lines.

    Also in the statements of withdrawal that are theirs, whichever order they match.
    """
    return {
        "email": email,
        "exported_at": format_timestamp(now()),
        "exported_by": by,
        "orders": [
            {
                **order_document.to_json(order),
                "comments": [_comment(comment) for comment in _rows(Comment, order)],
                "mails": [_mail(message) for message in _rows(Message, order)],
                "history": [_event(event) for event in _rows(Event, order)],
                "told_by_shop": [source.document for source in _source_orders(order)],
                "batches": [_batch_order(row) for row in _rows(BatchOrder, order)],
                "calls": [_call(call) for call in _rows(IncomingCall, order)],
                "personal_data_erased_at": format_timestamp(order.personal_data_erased_at),
            }
            for order in orders
        ],
        "withdrawals": [withdrawal_document.to_json(withdrawal) for withdrawal in withdrawals],
    }


def _rows(table: type[Row], order: Order) -> Sequence[Row]:
    return db.session.scalars(select(table).where(table.order_id == order.id).order_by(table.id)).all()


def _source_orders(order: Order) -> Sequence[SourceOrder]:
    return db.session.scalars(select(SourceOrder).where(SourceOrder.order_id == order.id)).all()


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "at": format_timestamp(comment.written_at),
        "kind": comment.kind.value,
        "author": comment.author,
        "from_customer": comment.from_customer,
        "text": comment.text,
    }


def _mail(message: Message) -> dict[str, Any]:
    return {
        "at": format_timestamp(message.queued_at),
        "kind": message.kind.value,
        "recipient": message.recipient,
        "subject": message.subject,
        "text": message.text,
        "state": message.state.value,
    }


def _call(call: IncomingCall) -> dict[str, Any]:
    return {
        "at": format_timestamp(call.received_at),
        "source": call.source,
        "topic": call.topic,
        "outcome": call.outcome.value,
        "reason": call.reason,
        "body": call.body,
    }


def _batch_order(row: BatchOrder) -> dict[str, Any]:
    return {"batch": row.batch_id, "state": row.state.value, "reason": row.reason, "data": row.data}


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": format_timestamp(event.at),
        "by": event.actor_name,
        "kind": event.kind.value,
        "batch": event.batch_id,
        "facts": event.facts,
    }
