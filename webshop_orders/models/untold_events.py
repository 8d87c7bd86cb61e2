"""The events of an order that its customer may want to know of, since they were last mailed how it stands."""

from typing import Any

from sqlalchemy import JSON, ColumnElement, ScalarSelect, String, cast, column, func, select, table

from webshop_orders.db.columns import UtcDateTime
from webshop_orders.db.parameters import written_out
from webshop_orders.db.plain_rows import json_rows
from webshop_orders.models.event_kind import EventKind
from webshop_orders.models.message import Message, MessageKind
from webshop_orders.models.queued_delivery import MessageState

NOTIFYING = (MessageKind.ORDER_CONFIRMATION, MessageKind.ORDER_CHANGED)
UNSENT = (MessageState.HELD, MessageState.GIVEN_UP, MessageState.WITHDRAWN)
KINDS = (
    EventKind.LINE_ADDED,
    EventKind.LINE_CHANGED,
    EventKind.LINE_REMOVED,
    EventKind.SHIPPING_CHANGED,
    EventKind.CHANGES_UNDONE,
    EventKind.CHANGES_REDONE,
)
# Of `Event`, which has the facts of orders.
EVENTS = table(
    "events", column("id"), column("order_id"), column("at", UtcDateTime()), column("kind"), column("facts", JSON)
)


def of_order(order_id: ColumnElement[Any], placed_at: ColumnElement[Any]) -> ScalarSelect[str]:
    """The ids, kinds and facts of these events as JSON, in any sequence."""
    notified_at = select(func.max(Message.queued_at)).where(
        Message.order_id == EVENTS.c.order_id,
        Message.kind.in_(written_out(NOTIFYING)),
        Message.state.not_in(written_out(UNSENT)),
        ~Message.is_test,
    )
    return (
        select(json_rows(EVENTS.c.id, EVENTS.c.kind, cast(EVENTS.c.facts, String)))
        .where(
            EVENTS.c.order_id == order_id,
            EVENTS.c.kind.in_(written_out(KINDS)),
            EVENTS.c.at > func.coalesce(notified_at.scalar_subquery(), placed_at),
        )
        .scalar_subquery()
    )
