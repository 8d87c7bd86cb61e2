"""What other systems are told of, written in the transaction of the change that they are told of.

The form is that of Standard Webhooks: https://www.standardwebhooks.com
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.documents import product as product_document
from webshop_orders.models import DeliveryStatus, Event, EventKind, Order, WebhookEvent, WebhookMessage
from webshop_orders.operations.audit import history
from webshop_orders.operations.audit.history import OrderChange

TOLD_AS = {
    EventKind.ORDER_PLACED: WebhookEvent.ORDER_PLACED,
    EventKind.ORDER_CANCELLED: WebhookEvent.ORDER_CANCELLED,
    EventKind.SHIPMENT_SHIPPED: WebhookEvent.SHIPMENT_SHIPPED,
    EventKind.TRACKING_ADDED: WebhookEvent.SHIPMENT_TRACKING_CHANGED,
    EventKind.TRACKING_REMOVED: WebhookEvent.SHIPMENT_TRACKING_CHANGED,
    EventKind.PAYMENT_CHANGED: WebhookEvent.ORDER_CHANGED,
}
OF_COVER = {EventKind.BACKORDER_COVERED, EventKind.COVER_WITHDRAWN}


@dataclass(frozen=True)
class Told:
    """Something that happened, as other systems hear of it: to an order, and within it to a shipment or product."""

    event: WebhookEvent
    shipment: str | None = None
    sku: str | None = None


def queue_changes() -> None:
    """Queue what the present transaction did, for each webhook that is told of such things."""
    changes = history.pop_changes()
    listening = shop_settings.current().webhook_events if changes else {}
    if not listening:
        return
    db.session.flush()  # new lines get their ids
    for change in changes:
        for told in dict.fromkeys(_told(change)):
            listeners = [int(webhook_id) for webhook_id, events in listening.items() if told.event.value in events]
            if listeners:
                _queue(change.order, told, listeners)


def _told(change: OrderChange) -> Iterator[Told]:
    """What is told of a change; a transaction that did the same several times is told of once."""
    if all(event.kind is EventKind.ORDER_IMPORTED for event in change.events):
        return  # what an import brings in is history, or known to whoever imports it
    for event in change.events:
        yield from _told_of_event(event)
    for shipment in change.order.shipments:
        is_ready = shipment.status is DeliveryStatus.READY and shipment.is_open
        if is_ready and shipment.seq not in change.ready_before:
            yield Told(WebhookEvent.SHIPMENT_READY, shipment=shipment.reference)


def _told_of_event(event: Event) -> Iterator[Told]:
    if event.kind in TOLD_AS:
        told_as = TOLD_AS[event.kind]
        about_shipment = told_as in {WebhookEvent.SHIPMENT_SHIPPED, WebhookEvent.SHIPMENT_TRACKING_CHANGED}
        yield Told(told_as, shipment=event.facts["shipment"] if about_shipment else None)
    elif event.kind in OF_COVER:
        if event.facts["shipments"]:
            yield Told(WebhookEvent.ORDER_CHANGED)
        if event.kind is EventKind.BACKORDER_COVERED:
            for sku in event.facts["skus"]:
                yield Told(WebhookEvent.PRODUCT_BACKORDERS_COVERED, sku=sku)
    elif event.kind.bumps_version and event.kind is not EventKind.ORDER_IMPORTED:
        yield Told(WebhookEvent.ORDER_CHANGED)


def _queue(order: Order, told: Told, webhook_ids: list[int]) -> None:
    moment = now()
    content = {
        "type": told.event.value,
        "timestamp": order_document.format_timestamp(moment),
        "data": _data(order, told),
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    db.session.add_all(
        WebhookMessage(
            webhook_id=webhook_id,
            order_id=order.id,
            event=told.event,
            message_id=f"msg_{secrets.token_urlsafe(18)}",
            body=body,
            about=told.sku or told.shipment or order.number,
            queued_at=moment,
            tried_from=moment,
            due_at=moment,
        )
        for webhook_id in webhook_ids
    )


def _data(order: Order, told: Told) -> dict[str, Any]:
    if told.sku is not None:
        product = next(line.product for line in order.lines if line.sku == told.sku and line.product)
        return {"product": product_document.to_json(product), "order": order.number}
    document = order_document.to_json(order)
    shipment = next((one for one in document["shipments"] if one["reference"] == told.shipment), None)
    return {"order": document, "shipment": shipment} if shipment else {"order": document}
