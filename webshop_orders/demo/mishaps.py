"""What went wrong in the demo and needs a person: the rows of the inbox that no scenario of an order brings."""

import json
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import Clock
from webshop_orders.demo.scenario_orders import ANNA, BO, CHECKOUT
from webshop_orders.errors import NotFound
from webshop_orders.models import (
    CallOutcome,
    Difference,
    DisabledReason,
    Event,
    InboxItem,
    IncomingCall,
    Order,
    OrderStatus,
    WebhookEvent,
)
from webshop_orders.models.event_facts import SourceDiffers
from webshop_orders.operations.audit import history, incoming_calls
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.operations.inbox import attention, derived
from webshop_orders.operations.orders import loading, tracking
from webshop_orders.operations.webhooks import subscriptions

WEBHOOK = "https://lager.example.com/webhooks/orders"
UNKNOWN_ORDER = "LL-20318"
WITH_NEEDS = select(InboxItem.order_id).where(InboxItem.order_id.is_not(None)).distinct()
LATEST_EVENTS = select(Event.order_id, func.max(Event.at)).group_by(Event.order_id)


def make_mishaps(clock: Clock, morning: datetime) -> None:
    """Switch a webhook off, refuse a call, leave a parcel with a code behind, and let an order differ from its shop."""
    _switch_off_webhook(morning - timedelta(hours=9))
    _refuse_call(morning - timedelta(hours=16))
    clock.time = morning - timedelta(days=2, hours=-6)
    behind, differs = _ready_before(clock.time)
    tracking.add(behind.shipments[0], "UH731460285SE", "PostNord", None, by=BO)
    behind.refresh_derived_columns()  # so that it is found by the code
    differs.shop_differences = [Difference("customer.phone", differs.customer.phone, "070-174 06 52")]
    history.record(differs, SourceDiffers(fields=["customer.phone"]), by=CHECKOUT)
    db.session.flush()


def date_what_needs_a_person(morning: datetime) -> None:
    """Let what orders need begin with the latest change of each, as if it had been derived then."""
    db.session.flush()
    shop = shop_settings.current()
    latest = dict(db.session.execute(LATEST_EVENTS).all())
    with_needs = [order_id for order_id in db.session.scalars(WITH_NEEDS) if order_id]
    for order in loading.lock_orders(with_needs):
        for shipment in order.shipments:
            if shipment.ready_since is not None:
                shipment.ready_since = latest[order.id]
        order.attention = attention.of(order, shop, morning, begins=latest[order.id])
    db.session.flush()
    derived.reconcile()


def _switch_off_webhook(at: datetime) -> None:
    webhook = subscriptions.add(WEBHOOK, [WebhookEvent.ORDER_PLACED, WebhookEvent.ORDER_CANCELLED], by=ANNA)
    db.session.flush()
    subscriptions.disable(webhook, DisabledReason.UNREACHABLE)
    webhook.made_at, webhook.disabled_at = at - timedelta(days=21), at
    derived.webhook(webhook)


def _refuse_call(at: datetime) -> None:
    """A shipping system reports a parcel of an order that was placed in the shop before this one."""
    body = {"order": UNKNOWN_ORDER, "tracking": ["373325388899884"], "status": "shipped"}
    try:
        loading.load_order(UNKNOWN_ORDER)
    except NotFound as reason:
        result = CallResult(CallOutcome.NOT_TAKEN, UNKNOWN_ORDER, reason=str(reason))
        incoming_calls.record("neutral", None, json.dumps(body), result)
    db.session.flush()
    for call in db.session.scalars(select(IncomingCall)):
        call.received_at = at
        derived.incoming_call(call.source, call.connection_id, call.reason)


def _ready_before(at: datetime) -> list[Order]:
    """Two orders that have been ready since before a time, and of which nothing is paused."""
    ready = select(Order.id).where(Order.status == OrderStatus.READY, ~Order.is_held, Order.placed_at < at)
    return loading.lock_orders(db.session.scalars(ready.order_by(Order.placed_at.desc()).limit(2)).all())
