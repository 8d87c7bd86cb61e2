"""Columns of orders that follow from the rest of them: computed anew, and compared with what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.models import Attention, InboxKind, Order, Shop
from webshop_orders.operations.inbox import attention as needs
from webshop_orders.verification import mends, sentences
from webshop_orders.verification.check import Violation

OF_ORDER = ("status", "units", "credited", "is_held", "hold_ends_on", "is_prioritised", "number_key")
PERSONAL = ("customer_key", "email_key", "phone_key", "search_text")


def derived(order: Order) -> Iterator[Violation]:
    """What of an order and its shipments does not follow from the rest; its own columns are computed anew."""
    stored = {name: getattr(order, name) for name in (*OF_ORDER, *PERSONAL)}
    of_shipments = [_of_shipment(shipment) for shipment in order.shipments]
    order.refresh_derived_columns()
    mend = mends.recompute(order.number)
    for name, value in stored.items():
        computed = getattr(order, name)
        if value != computed:
            yield Violation(_sentence(order, name, value, computed), mend)
    for shipment, before in zip(order.shipments, of_shipments, strict=True):
        for name, value in _of_shipment(shipment).items():
            if before[name] != value:
                yield Violation(sentences.differs(shipment.reference, name, before[name], value), mend)


def attention(order: Order, shop: Shop) -> Iterator[Violation]:
    """Rule 36: what of an order needs a person is what follows from it, unless the worker is to compute that anew.

    One that was sent long ago without a code is forgotten by the worker in its time.
    """
    if order.attention is None:
        return
    computed = needs.of(order, shop, now(), order.attention)
    forgotten = [item for item in order.attention if item not in computed and not _is_to_be_forgotten(item)]
    missing = [item for item in computed if item not in order.attention]
    for item in [*forgotten, *missing][:1]:
        yield Violation(
            _(
                "Order %(number)s: what needs a person does not follow from it (%(kind)s).",
                number=order.number,
                kind=item.kind.value,
            ),
            mends.recompute(order.number),
            rule=36,
        )


def _is_to_be_forgotten(item: Attention) -> bool:
    expired = (now() - needs.MISSES_CODE_FOR).strftime(needs.STORED_TIME)
    return item.kind is InboxKind.SENT_WITHOUT_CODE and item.since <= expired


def _of_shipment(shipment: Any) -> dict[str, object]:
    """What is derived of a shipment and its lines; of a time only whether there is one."""
    found: dict[str, object] = {
        "gives_stock": shipment.gives_stock,
        "waiting": sum(line.waiting for line in shipment.lines),
    }
    if shipment.order.attention is not None:  # else the worker is to compute it
        found["ready_since"] = shipment.ready_since is not None
    return found


def _sentence(order: Order, name: str, stored: object, computed: object) -> str:
    if name in PERSONAL:
        return sentences.does_not_follow(order.number, name)
    return sentences.differs(order.number, name, stored, computed)
