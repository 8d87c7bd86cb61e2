"""Another unit price or discount of a line, by hand; what it was sold at stays with the line."""

from dataclasses import dataclass

from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.documents.fields import MAX_AMOUNT
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, BeforeAfter, Line, PriceChange
from webshop_orders.money.rounding import round_half_up
from webshop_orders.operations.orders import removed_units


@dataclass(frozen=True)
class ChangedPrice:
    """What was changed of the price of a line, in öre, and why."""

    unit_price: BeforeAfter[int] | None
    discount: BeforeAfter[int] | None
    reason: str


def check_unit_price(unit_price: int) -> None:
    """Raise RuleViolation for a unit price that no line can have."""
    if not 0 <= unit_price <= MAX_AMOUNT:
        raise RuleViolation(_("No line can be that dear: check the amount."), field="unit_price")


def change(
    line: Line, unit_price: int | None, discount: int | None, reason: str | None, *, by: Actor
) -> ChangedPrice | None:
    """Set the unit price and the discount of a line, where they are given; None where both are as before.

    Raises RuleViolation without a reason, and for a discount of more than the line costs. The caller recalculates.
    """
    unit_prices = BeforeAfter(line.unit_price, line.unit_price if unit_price is None else unit_price)
    discounts = BeforeAfter(line.discount, line.discount if discount is None else discount)
    check_unit_price(unit_prices.after)
    if not 0 <= discounts.after <= line.quantity * unit_prices.after:
        raise RuleViolation(_("The discount is more than the line costs."), field="discount")
    is_price_changed, is_discount_changed = (item.before != item.after for item in (unit_prices, discounts))
    if not is_price_changed and not is_discount_changed:
        return None
    if not reason:
        raise RuleViolation(_("Give the reason for the new price."), field="reason")
    line.price_change = _sold_at(line, reason, is_discount_changed=is_discount_changed, by=by)
    line.unit_price, line.discount = unit_prices.after, discounts.after
    if _is_as_sold(line):
        line.price_change = None
    removed_units.keep_apart(line)
    return ChangedPrice(unit_prices if is_price_changed else None, discounts if is_discount_changed else None, reason)


def _sold_at(line: Line, reason: str, *, is_discount_changed: bool, by: Actor) -> PriceChange:
    """What a line was sold at, which it still has unless it was changed before."""
    earlier = line.price_change
    discount, quantity = (earlier.discount, earlier.quantity) if earlier else (None, line.quantity)
    if discount is None and is_discount_changed:
        discount, quantity = line.discount, line.quantity
    unit_price = earlier.unit_price if earlier else line.unit_price
    return PriceChange(unit_price, discount, quantity, by=by.name, reason=reason, at=now().isoformat())


def _is_as_sold(line: Line) -> bool:
    sold = line.price_change
    return sold is not None and sold.unit_price == line.unit_price and discount_as_sold(line) in {None, line.discount}


def discount_as_sold(line: Line) -> int | None:
    """The discount in öre that a line of so many units was sold at; None where it was not changed since."""
    sold = line.price_change
    if sold is None or sold.discount is None:
        return None
    return round_half_up(sold.discount * line.quantity, sold.quantity)
