"""Callbacks of shipping systems: carried out, and logged with what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from webshop_orders import shop_settings
from webshop_orders.connectors.nshift import NShift
from webshop_orders.connectors.ongoing import Ongoing
from webshop_orders.connectors.shipping_notifications import CallbackSettings, Neutral, ShippingAdapter
from webshop_orders.connectors.shipping_updates import apply
from webshop_orders.errors import Busy, DomainError
from webshop_orders.models import Actor, CallOutcome, Order
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.transactions.unit_of_work import writing

ADAPTERS: tuple[type[ShippingAdapter], ...] = (NShift, Ongoing, Neutral)


@dataclass(frozen=True)
class ShippingResult:
    """The orders that a callback was about, what was ignored of it and why, or why it was not taken."""

    source: str
    orders: list[Order]
    result: CallResult
    ignored: list[str] = field(default_factory=list)
    error: DomainError | None = None


def settings_of(shipped: str | None, *, key: str | None) -> CallbackSettings:
    """The settings of a callback: `shipped` has statuses apart by commas, and `key` is what the request came with."""
    statuses = frozenset(status.strip().lower() for status in (shipped or "").split(",") if status.strip())
    return CallbackSettings(statuses or None, ZoneInfo(shop_settings.current().time_zone), key)


def receive(payload: Any, body: str, shipped: str | None, *, key: str, by: Actor) -> ShippingResult:
    """Carry out a callback and log it; raises what is wrong with it, as the API does, and Busy."""
    outcome = carry_out(payload, settings_of(shipped, key=key), by=by)
    with writing():
        incoming_calls.record(outcome.source, shipped, body, outcome.result)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def carry_out(payload: Any, settings: CallbackSettings, *, by: Actor) -> ShippingResult:
    """Apply the notifications of a callback; raises Busy."""
    adapter = next((adapter for adapter in ADAPTERS if adapter.recognises(payload)), Neutral)
    orders: list[Order] = []
    ignored: list[str] = []
    about = None
    try:
        for notification in adapter.read(payload, settings):
            about = about or notification.name
            outcome = apply(notification, by=by)
            orders += [outcome.order] if outcome.order else []
            ignored += [outcome.ignored] if outcome.ignored else []
    except Busy:
        raise
    except DomainError as error:
        result = CallResult(CallOutcome.NOT_TAKEN, about, _first_id(orders), str(error))
        return ShippingResult(adapter.name, orders, result, ignored, error)
    reason = " ".join(dict.fromkeys(ignored)) or None
    if not orders:  # without an order, nothing would erase the personal data in the body
        return ShippingResult(
            adapter.name, [], CallResult(CallOutcome.IGNORED, about, reason=reason, keeps_body=False), ignored
        )
    return ShippingResult(
        adapter.name, orders, CallResult(CallOutcome.UPDATED, about, _first_id(orders), reason), ignored
    )


def _first_id(orders: list[Order]) -> int | None:
    return orders[0].id if orders else None
