"""Callbacks of shipping systems: carried out, and logged with what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from webshop_orders import shop_settings
from webshop_orders.connectors.shipping.bring import Bring
from webshop_orders.connectors.shipping.dhl import Dhl
from webshop_orders.connectors.shipping.notifications import (
    CallbackSettings,
    Neutral,
    ShippingAdapter,
    ShippingNotification,
)
from webshop_orders.connectors.shipping.nshift import NShift
from webshop_orders.connectors.shipping.ongoing import Ongoing
from webshop_orders.connectors.shipping.postnord import PostNord
from webshop_orders.connectors.shipping.sendify import Sendify
from webshop_orders.connectors.shipping.shipmondo import Shipmondo
from webshop_orders.connectors.shipping.updates import apply
from webshop_orders.errors import Busy, Conflict, DomainError, NotFound, RuleViolation
from webshop_orders.models import Actor, CallOutcome, Order
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.transactions.unit_of_work import writing

ADAPTERS: tuple[type[ShippingAdapter], ...] = (NShift, Ongoing, Shipmondo, Dhl, PostNord, Bring, Sendify, Neutral)


@dataclass
class ShippingResult:
    """What became of a callback: the orders that it was about, and what was ignored of it or refused, and why.

    `error` is raised after the call is logged; a carrier's call is accepted, whatever was refused of it.
    """

    source: str
    about: str | None = None
    orders: list[Order] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    error: DomainError | None = None

    @property
    def call(self) -> CallResult:
        """The row of the log. Without an order, nothing would erase the personal data in a body that is kept."""
        order_id = self.orders[0].id if self.orders else None
        reason = " ".join(dict.fromkeys((*self.refused, *self.ignored))) or None
        if self.refused:
            return CallResult(CallOutcome.NOT_TAKEN, self.about, order_id, reason)
        if self.orders:
            return CallResult(CallOutcome.UPDATED, self.about, order_id, reason)
        return CallResult(CallOutcome.IGNORED, self.about, reason=reason, keeps_body=False)


def settings_of(shipped: str | None, *, key: str | None) -> CallbackSettings:
    """The settings of a callback: `shipped` has statuses apart by commas, and `key` is what the request came with."""
    statuses = frozenset(status.strip().lower() for status in (shipped or "").split(",") if status.strip())
    return CallbackSettings(statuses or None, ZoneInfo(shop_settings.current().time_zone), key)


def receive(payload: Any, body: str, shipped: str | None, *, key: str, by: Actor) -> ShippingResult:
    """Carry out a callback and log it; raises what is wrong with it, as the API does, and Busy."""
    outcome = carry_out(payload, settings_of(shipped, key=key), by=by)
    with writing():
        incoming_calls.record(outcome.source, shipped, body, outcome.call)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def carry_out(payload: Any, settings: CallbackSettings, *, by: Actor) -> ShippingResult:
    """Apply the notifications of a callback; raises Busy."""
    adapter = next((adapter for adapter in ADAPTERS if adapter.recognises(payload)), Neutral)
    result = ShippingResult(adapter.name)
    try:
        for notification in adapter.read(payload, settings):
            result.about = result.about or notification.name
            _apply(notification, adapter, result, by)
    except Busy:
        raise
    except DomainError as error:
        result.error = error
        result.refused.append(str(error))
    return result


def _apply(
    notification: ShippingNotification, adapter: type[ShippingAdapter], result: ShippingResult, by: Actor
) -> None:
    try:
        outcome = apply(notification, by=by)
    except NotFound as error:
        if not adapter.is_carrier:
            raise
        result.ignored.append(str(error))
        return
    except (Conflict, RuleViolation) as error:
        if not adapter.is_carrier:
            raise
        result.refused.append(str(error))
        return
    result.orders += [outcome.order] if outcome.order else []
    result.ignored += [outcome.ignored] if outcome.ignored else []
