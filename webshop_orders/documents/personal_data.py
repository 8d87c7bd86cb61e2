"""Everything that is kept about a customer, as JSON for them to take along (GDPR, articles 15 and 20)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.documents.order import format_timestamp
from webshop_orders.models import Comment, Event, Message, Order, SourceOrder


def to_json(email: str, orders: Sequence[Order], *, by: str) -> dict[str, Any]:
    """What is kept about the customer who placed some orders, read whole."""
    return {
        "email": email,
        "exported_at": format_timestamp(now()),
        "exported_by": by,
        "orders": [
            {
                **order_document.to_json(order),
                "comments": [_comment(one) for one in _of(Comment, order)],
                "mails": [_mail(one) for one in _of(Message, order)],
                "history": [_event(one) for one in _of(Event, order)],
                "told_by_shop": [one.document for one in _told(order)],
                "personal_data_erased_at": format_timestamp(order.personal_data_erased_at),
            }
            for order in orders
        ],
    }


def _of(table: Any, order: Order) -> Sequence[Any]:
    return db.session.scalars(select(table).where(table.order_id == order.id).order_by(table.id)).all()


def _told(order: Order) -> Sequence[SourceOrder]:
    return db.session.scalars(select(SourceOrder).where(SourceOrder.order_id == order.id)).all()


def _comment(comment: Comment) -> dict[str, Any]:
    return {"at": format_timestamp(comment.written_at), "kind": comment.kind.value, "text": comment.text}


def _mail(message: Message) -> dict[str, Any]:
    return {
        "at": format_timestamp(message.queued_at),
        "kind": message.kind.value,
        "recipient": message.recipient,
        "subject": message.subject,
        "text": message.text,
        "state": message.state.value,
    }


def _event(event: Event) -> dict[str, Any]:
    return {"at": format_timestamp(event.at), "by": event.actor_name, "kind": event.kind.value, "facts": event.facts}
