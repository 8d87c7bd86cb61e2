"""Callbacks of shipping systems: carried out, and logged with what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from webshop_orders.connectors.nshift import NShift
from webshop_orders.connectors.ongoing import Ongoing
from webshop_orders.connectors.shipping_notifications import Neutral
from webshop_orders.connectors.shipping_updates import apply
from webshop_orders.errors import Busy, DomainError
from webshop_orders.models import Actor, CallOutcome, Order
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.transactions.unit_of_work import writing

ADAPTERS = (NShift, Ongoing, Neutral)


@dataclass(frozen=True)
class ShippingResult:
    """The orders that a callback was about, or why it was not taken."""

    source: str
    orders: list[Order]
    result: CallResult
    error: DomainError | None = None


def receive(payload: Any, body: str, *, by: Actor) -> list[Order]:
    """Carry out a callback and log it; raises what is wrong with it, as the API does, and Busy."""
    outcome = carry_out(payload, by=by)
    with writing():
        incoming_calls.record(outcome.source, None, body, outcome.result)
    if outcome.error is not None:
        raise outcome.error
    return outcome.orders


def carry_out(payload: Any, *, by: Actor) -> ShippingResult:
    """Apply the notifications of a callback; raises Busy."""
    adapter = next((adapter for adapter in ADAPTERS if adapter.recognises(payload)), Neutral)
    orders: list[Order] = []
    about = None
    try:
        for notification in adapter.read(payload):
            about = about or notification.about
            orders.append(apply(notification, by=by))
    except Busy:
        raise
    except DomainError as error:
        result = CallResult(CallOutcome.NOT_TAKEN, about, _first_id(orders), str(error))
        return ShippingResult(adapter.name, orders, result, error)
    return ShippingResult(adapter.name, orders, CallResult(CallOutcome.UPDATED, about, _first_id(orders)))


def _first_id(orders: list[Order]) -> int | None:
    return orders[0].id if orders else None
