"""What the shop that an order came from says of it later: taken over where nobody changed it here, shown where
someone did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from flask_babel import gettext as _

from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Difference, EventKind, Line, Order
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import cancellation, customers
from webshop_orders.operations.orders.placement import NewLine, NewOrder

PARTS = ("customer", "billing_address", "shipping_address")
# What is told of an order, each thing by the name of its field.
Facts = dict[str, str | None]


@dataclass(frozen=True)
class SourceState:
    """What a shop says of an order: as it would be placed now, and whether it is cancelled there."""

    order: NewOrder
    is_cancelled: bool = False


def apply(order: Order, before: SourceState | None, now: SourceState, *, by: Actor) -> None:
    """Take over what the shop changed since it told `before`, and note where it changed what was changed here.

    Lines and shipping never follow the shop once the order is here, since what was picked and packed went by them.
    """
    if before is not None and not order.is_cancelled:
        _take_over_customer(order, before.order, now.order, by=by)
        _take_over_payment(order, before.order, now.order, by=by)
        if now.is_cancelled and _is_untouched(order, before.order):
            cancellation.cancel(order, by=by)
    _note_differences(order, before, now, by=by)


def dismiss(order: Order, *, by: Actor) -> None:
    """Lay aside what the shop says otherwise; raises NothingToChange where it says nothing."""
    if not order.shop_differences:
        raise NoChange(_("The shop and the order desk agree."))
    order.shop_differences = []
    history.record(order, EventKind.SHOP_SETTLED, by=by)


def _take_over_customer(order: Order, before: NewOrder, now: NewOrder, *, by: Actor) -> None:
    wanted = {
        part: getattr(now, part) if getattr(order, part) == getattr(before, part) else getattr(order, part)
        for part in PARTS
    }
    try:
        customers.change(order, wanted["customer"], wanted["billing_address"], wanted["shipping_address"], by=by)
    except (NoChange, RuleViolation):
        return


def _take_over_payment(order: Order, before: NewOrder, now: NewOrder, *, by: Actor) -> None:
    if order.paid == before.paid and order.paid != now.paid:
        change = {"before": order.paid, "after": now.paid}
        order.paid = now.paid
        history.record(order, EventKind.PAYMENT_CHANGED, by=by, paid=change)


def _is_untouched(order: Order, before: NewOrder) -> bool:
    """Whether nobody has worked on the order, so that it goes when its shop takes it back."""
    has_shipped = any(shipment.is_shipped for shipment in order.shipments)
    return not has_shipped and _quantities(before.lines) == _quantities(order.lines)


def _note_differences(order: Order, before: SourceState | None, now: SourceState, *, by: Actor) -> None:
    """Show what the shop says otherwise: what it changed since it was last heard of, and what was shown already.

    What staff changed alone is no news to them, nor what they have laid aside.
    """
    here, there = _facts_of(order, is_cancelled=order.is_cancelled), _facts_told(now)
    last = _facts_told(before) if before else {}
    shown = {one.field for one in order.shop_differences}
    found = [
        Difference(field, here.get(field), there.get(field))
        for field in dict.fromkeys([*here, *there])
        if here.get(field) != there.get(field)
        and (before is None or field in shown or last.get(field) != there.get(field))
    ]
    if found == order.shop_differences:
        return
    order.shop_differences = found
    if found:
        history.record(order, EventKind.SHOP_DIFFERS, by=by, fields=[one.field for one in found])


def _facts_told(told: SourceState) -> Facts:
    return _facts_of(told.order, is_cancelled=told.is_cancelled)


def _facts_of(order: Order | NewOrder, *, is_cancelled: bool) -> Facts:
    of_parts = {f"{part}.{name}": value for part in PARTS for name, value in asdict(getattr(order, part)).items()}
    return {
        "cancelled": json.dumps(is_cancelled),
        **of_parts,
        "payment.paid": str(order.paid),
        "shipping.price": str(order.shipping_price),
        **{f"lines.{sku}": str(quantity) for sku, quantity in sorted(_quantities(order.lines).items())},
    }


def _quantities(lines: Iterable[Line | NewLine]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in lines:
        counted[line.sku] += line.quantity
    return counted
