"""Refunds of Shopify that come by themselves, before or after the message of the order that has them too.

https://shopify.dev/docs/api/admin-rest/latest/resources/refund
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.incoming.source_orders import Accepted, MessageOutcome
from webshop_orders.connectors.incoming.told_refunds import refunds_in, with_refund
from webshop_orders.connectors.parsing import Currency
from webshop_orders.db.extensions import db
from webshop_orders.documents import source_order
from webshop_orders.models import Connection, Order, SourceOrder
from webshop_orders.operations.orders import source_updates
from webshop_orders.operations.orders.source_updates import SourceState
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing


def reference(payload: Any, connection: Connection) -> str | None:
    """The external reference of the order that a refund is of."""
    order_id = parsing.text(payload, "order_id", max_length=100)
    return f"{connection.prefix}{order_id}" if order_id else None


def accept(payload: Any, connection: Connection) -> Accepted:
    """Keep a refund with its order, once; raises Busy, and RuleViolation where it cannot be read."""
    about, refund_id = reference(payload, connection), parsing.text(payload, "id")
    if about is None or refund_id is None or "refund_line_items" not in payload:
        return Accepted(MessageOutcome.IGNORED, reason=_("There is no refund of an order in it."))
    order = order_intake.find_by_reference(about)
    if order is None:
        return Accepted(MessageOutcome.NOT_PLACED, reason=_("The order that was refunded is not here."))
    if order.personal_data_erased_at is not None:
        return Accepted(MessageOutcome.ERASED, order)
    with editing(order.number, None, connection.actor) as current:
        has_changed = _keep(current, payload, refund_id, connection)
    return Accepted(MessageOutcome.FOLLOWED, current, has_changed=has_changed)


def _keep(order: Order, payload: dict[str, Any], refund_id: str, connection: Connection) -> bool:
    """Add a refund to what the shop last said of its order, unless it was in that; whether the order changed.

    One of an order that no message has told of, such as an imported one, comes with the first message that does.
    """
    from webshop_orders.connectors.shopify.refund_documents import refund_of_webhook  # most shops need none of it

    stored = db.session.get(SourceOrder, order.id, populate_existing=True)
    if stored is None or any(refund["external_reference"] == refund_id for refund in refunds_in(stored.document)):
        return False
    document = with_refund(stored.document, refund_of_webhook(payload, Currency(order.currency)))
    before, current = source_order.read(stored.document), source_order.read(document)
    unchanged = (order.event_count, order.updated_at)
    is_cancelled = stored.is_cancelled
    source_updates.apply(
        order, SourceState(before, is_cancelled), SourceState(current, is_cancelled), by=connection.actor
    )
    stored.document = document
    return (order.event_count, order.updated_at) != unchanged
