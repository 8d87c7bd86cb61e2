"""Notifications to webhooks, queued in the transaction of the change that they are about.

The format is that of Standard Webhooks: https://www.standardwebhooks.com
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
from webshop_orders.documents import hold as hold_document
from webshop_orders.documents import order as order_document
from webshop_orders.documents import product as product_document
from webshop_orders.documents import refund as refund_document
from webshop_orders.documents import withdrawal as withdrawal_document
from webshop_orders.models import (
    BeforeAfter,
    EventFacts,
    EventKind,
    Order,
    WebhookEvent,
    WebhookMessage,
    Withdrawal,
)
from webshop_orders.models.event_facts import (
    BackorderCovered,
    ChangesRedone,
    ChangesUndone,
    CoverWithdrawn,
    HoldReleased,
    LineSplit,
    OrderCancelled,
    OrderHeld,
    OrderImported,
    OrderPlaced,
    OrderRestored,
    PaymentChanged,
    RefundDone,
    RefundRequested,
    ReturnReceived,
    ReturnRegistered,
    ShipmentReopened,
    ShipmentShipped,
    TrackingAdded,
    TrackingCorrected,
    TrackingRemoved,
    UnitsRearranged,
    WithdrawalReceived,
    read_facts,
)
from webshop_orders.operations.audit import history
from webshop_orders.operations.audit.history import OrderChange
from webshop_orders.validation.writing import format_timestamp


@dataclass(frozen=True)
class Notification:
    """Something that happened to an order, and within it to a shipment or a product, or a statement about it.

    `of_return` is the reference of a return.
    """

    event: WebhookEvent
    shipment: str | None = None
    sku: str | None = None
    withdrawal: int | None = None
    of_return: str | None = None
    hold: OrderHeld | HoldReleased | None = None
    refund: str | None = None


def queue_changes() -> None:
    """Queue what the current transaction did, for each webhook that subscribes to it."""
    changes = history.pop_changes()
    subscriptions = shop_settings.current().webhook_events if changes else {}
    if not subscriptions:
        return
    db.session.flush()  # new lines get their ids
    for change in changes:
        for notification in dict.fromkeys(_notifications(change)):
            webhook_ids = [int(key) for key, events in subscriptions.items() if notification.event.value in events]
            if webhook_ids:
                _queue(change.order, notification, webhook_ids)


def _notifications(change: OrderChange) -> Iterator[Notification]:
    """The notifications of a change; what a transaction did several times may be among them several times."""
    if any(event.kind is EventKind.ORDER_IMPORTED for event in change.events):
        return  # an imported order is either history or known to its importer
    for event in change.events:
        facts = event.read_facts()
        yield from _of_undone(facts, change.order) if isinstance(facts, ChangesUndone) else _of_facts(facts)
    for shipment in change.order.shipments:
        if shipment.is_ready_to_leave and shipment.seq not in change.ready_before:
            yield Notification(WebhookEvent.SHIPMENT_READY, shipment=shipment.reference)


def _of_facts(facts: EventFacts) -> Iterator[Notification]:
    match facts:
        case OrderImported():
            return
        case OrderPlaced():
            yield Notification(WebhookEvent.ORDER_PLACED)
        case OrderCancelled():
            yield Notification(WebhookEvent.ORDER_CANCELLED)
        case ShipmentShipped(shipment=shipment):
            yield Notification(WebhookEvent.SHIPMENT_SHIPPED, shipment=shipment)
        case TrackingAdded() | TrackingRemoved() | TrackingCorrected():
            yield Notification(WebhookEvent.SHIPMENT_TRACKING_CHANGED, shipment=facts.shipment)
        case BackorderCovered() | CoverWithdrawn():
            if facts.shipments:
                yield Notification(WebhookEvent.ORDER_CHANGED)
            if isinstance(facts, BackorderCovered):
                for sku in facts.skus:
                    yield Notification(WebhookEvent.PRODUCT_BACKORDERS_COVERED, sku=sku)
        case WithdrawalReceived(withdrawal=withdrawal):
            yield Notification(WebhookEvent.WITHDRAWAL_RECEIVED, withdrawal=withdrawal)
        case ReturnRegistered(reference=reference):
            yield Notification(WebhookEvent.RETURN_REGISTERED, of_return=reference)
        case ReturnReceived(reference=reference):
            yield Notification(WebhookEvent.RETURN_RECEIVED, of_return=reference)
        case OrderHeld():
            yield Notification(WebhookEvent.ORDER_HELD, hold=facts)
        case HoldReleased():
            yield Notification(WebhookEvent.ORDER_RELEASED, hold=facts)
        case RefundRequested(reference=reference, amount=amount):
            event = WebhookEvent.REFUND_REQUESTED if amount else WebhookEvent.REFUND_DONE
            yield from (Notification(WebhookEvent.ORDER_CHANGED), Notification(event, refund=reference))
        case RefundDone(reference=reference):
            yield Notification(WebhookEvent.ORDER_CHANGED)
            yield Notification(WebhookEvent.REFUND_DONE, refund=reference)
        case ChangesRedone():
            for change in facts.changes:
                yield from _of_facts(_read(change))
        case _ if isinstance(facts, PaymentChanged) or facts.kind.bumps_version:
            yield Notification(WebhookEvent.ORDER_CHANGED)
            for moved in _moved_codes(facts):
                yield Notification(WebhookEvent.SHIPMENT_TRACKING_CHANGED, shipment=moved.after)


def _of_undone(facts: ChangesUndone, order: Order) -> Iterator[Notification]:
    """What taking changes back did: the order may be cancelled again, and a shipment shipped."""
    shipped = {shipment.reference for shipment in order.shipments if shipment.is_shipped}
    yield Notification(WebhookEvent.ORDER_CHANGED)
    for undone in map(_read, facts.changes):
        match undone:
            case OrderRestored() if order.is_cancelled:
                yield Notification(WebhookEvent.ORDER_CANCELLED)
            case ShipmentReopened(shipment=shipment) if shipment in shipped:
                yield Notification(WebhookEvent.SHIPMENT_SHIPPED, shipment=shipment)
            case TrackingAdded() | TrackingRemoved() | TrackingCorrected():
                yield Notification(WebhookEvent.SHIPMENT_TRACKING_CHANGED, shipment=undone.shipment)
            case OrderHeld() if order.find_hold(undone.hold) is None:
                released = HoldReleased(undone.hold, undone.reason, undone.shipment, undone.note)
                yield Notification(WebhookEvent.ORDER_RELEASED, hold=released)
            case HoldReleased() if held := order.find_hold(undone.hold):
                yield Notification(WebhookEvent.ORDER_HELD, hold=OrderHeld.of(held, order.number))
        for moved in _moved_codes(undone):
            yield Notification(WebhookEvent.SHIPMENT_TRACKING_CHANGED, shipment=moved.before)


def _read(change: dict[str, Any]) -> EventFacts:
    return read_facts(change["kind"], change["facts"])


def _moved_codes(facts: EventFacts) -> list[BeforeAfter[str]]:
    """The shipments whose tracking codes went to another one, since nothing was left in them, and those."""
    if isinstance(facts, UnitsRearranged):
        return [BeforeAfter(moved["source"], moved["target"]) for moved in facts.codes]
    return [BeforeAfter(facts.source, facts.codes_to)] if isinstance(facts, LineSplit) and facts.codes_to else []


def _queue(order: Order, notification: Notification, webhook_ids: list[int]) -> None:
    queued_at = now()
    content = {
        "type": notification.event.value,
        "timestamp": format_timestamp(queued_at),
        "data": _data(order, notification),
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    db.session.add_all(
        WebhookMessage(
            webhook_id=webhook_id,
            order_id=order.id,
            event=notification.event,
            message_id=f"msg_{secrets.token_urlsafe(18)}",
            body=body,
            about=notification.sku
            or notification.shipment
            or notification.of_return
            or notification.refund
            or order.number,
            queued_at=queued_at,
            tried_from=queued_at,
            due_at=queued_at,
        )
        for webhook_id in webhook_ids
    )


def _data(order: Order, notification: Notification) -> dict[str, Any]:
    if notification.sku is not None:
        product = next(line.product for line in order.lines if line.sku == notification.sku and line.product)
        return {"product": product_document.to_json(product), "order": order.number}
    document = order_document.to_json(order)
    if notification.withdrawal is not None:
        withdrawal = db.session.get_one(Withdrawal, notification.withdrawal)
        return {"order": document, "withdrawal": withdrawal_document.to_json(withdrawal)}
    if notification.of_return is not None:
        a_return = next(item for item in document["returns"] if item["reference"] == notification.of_return)
        return {"order": document, "return": a_return}
    if notification.hold is not None:
        return {"order": document, "hold": hold_document.event_data(notification.hold)}
    if notification.refund is not None:
        refund = next(item for item in order.refunds if item.number_in(order.number) == notification.refund)
        return {"order": document, "refund": refund_document.to_json(refund)}
    shipment = next((item for item in document["shipments"] if item["reference"] == notification.shipment), None)
    return {"order": document, "shipment": shipment} if shipment else {"order": document}
