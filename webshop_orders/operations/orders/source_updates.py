"""Later changes of an order in the shop that it came from, its source: applied where nobody changed it here,
shown to staff where someone did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from flask_babel import gettext as _

from webshop_orders.documents.order import NewLine, NewOrder
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, Difference, Line, Order
from webshop_orders.models.event_facts import PaymentChanged, SourceDifferencesDismissed, SourceDiffers
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import cancellation, customers, stated_totals

PARTS = ("customer", "billing_address", "shipping_address")
# The compared values of an order, by the name of their field.
Values = dict[str, str | None]


@dataclass(frozen=True)
class SourceState:
    """An order in its source: as it would be placed now, and whether it is cancelled there."""

    order: NewOrder
    is_cancelled: bool = False


def apply(order: Order, before: SourceState | None, current: SourceState, *, by: Actor) -> None:
    """Apply what changed in the source since its state `before`, and show what was changed in both places.

    Lines and shipping never follow the source, since the warehouse may have picked and packed by them.
    """
    if before is not None and not order.is_cancelled:
        _apply_customer(order, before.order, current.order, by=by)
        _apply_payment(order, before.order, current.order, by=by)
        if current.is_cancelled and _is_untouched(order, before.order):
            cancellation.cancel(order, by=by)
    _update_differences(order, before, current, by=by)


def dismiss(order: Order, *, by: Actor) -> None:
    """Dismiss the differences between an order and its source; raises NoChange where none is shown."""
    if not order.shop_differences:
        raise NoChange(_("The shop and the order desk agree."))
    order.shop_differences = []
    history.record(order, SourceDifferencesDismissed(), by=by)


def _apply_customer(order: Order, before: NewOrder, current: NewOrder, *, by: Actor) -> None:
    values = {
        part: getattr(current, part) if getattr(order, part) == getattr(before, part) else getattr(order, part)
        for part in PARTS
    }
    try:
        customers.change(order, values["customer"], values["billing_address"], values["shipping_address"], by=by)
    except (NoChange, RuleViolation):
        return


def _apply_payment(order: Order, before: NewOrder, current: NewOrder, *, by: Actor) -> None:
    paid_before, paid = before.payment.paid, current.payment.paid
    if order.paid == paid_before and order.paid != paid:
        facts = PaymentChanged(paid=BeforeAfter(order.paid, paid))
        order.paid = paid
        history.record(order, facts, by=by)


def _is_untouched(order: Order, before: NewOrder) -> bool:
    """Whether nobody has worked on the order yet, so that it can be cancelled when it is in its source."""
    has_shipped = any(shipment.is_shipped for shipment in order.shipments)
    return not has_shipped and _quantities(before.lines) == _quantities(order.lines)


def _update_differences(order: Order, before: SourceState | None, current: SourceState, *, by: Actor) -> None:
    """Show staff where the source differs: fields it changed since `before`, and fields that are shown already.

    Fields that only staff changed are not shown, nor differences that were dismissed.
    """
    own = _values_of(order, order.is_cancelled, paid=order.paid, shipping_price=order.shipping_price)
    own |= _compared_sums(stated_totals.computed_sums(order, current.order.totals))
    source = _values_in_source(current)
    previous = _values_in_source(before) if before else {}
    shown = {difference.field for difference in order.shop_differences}
    differences = [
        Difference(field, own.get(field), source.get(field))
        for field in dict.fromkeys([*own, *source])
        if own.get(field) != source.get(field)
        and (before is None or field in shown or previous.get(field) != source.get(field))
    ]
    if differences == order.shop_differences:
        return
    order.shop_differences = differences
    if differences:
        history.record(order, SourceDiffers(fields=[difference.field for difference in differences]), by=by)


def _compared_sums(sums: dict[str, int]) -> Values:
    """Sums by the names of their fields, except those that are compared by themselves."""
    return {f"totals.{name}": str(amount) for name, amount in sums.items() if name not in {"paid", "shipping"}}


def _values_in_source(state: SourceState) -> Values:
    new = state.order
    values = _values_of(new, state.is_cancelled, paid=new.payment.paid, shipping_price=new.shipping.price)
    return values | _compared_sums(stated_totals.stated_sums(new.totals))


def _values_of(order: Order | NewOrder, is_cancelled: bool, *, paid: int, shipping_price: int) -> Values:
    of_parts = {f"{part}.{name}": value for part in PARTS for name, value in asdict(getattr(order, part)).items()}
    return {
        "cancelled": json.dumps(is_cancelled),
        **of_parts,
        "payment.paid": str(paid),
        "shipping.price": str(shipping_price),
        **{f"lines.{sku}": str(quantity) for sku, quantity in sorted(_quantities(order.lines).items())},
    }


def _quantities(lines: Iterable[Line | NewLine]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in lines:
        counted[line.sku] += line.quantity
    return counted
