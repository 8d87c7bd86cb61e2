"""The changes of an order since its customer was last notified of its state."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from webshop_orders.models import NO_SKU, BeforeAfter, Order
from webshop_orders.models.event_facts import (
    ChangesRedone,
    ChangesUndone,
    EventFacts,
    LineAdded,
    LineChanged,
    LineRemoved,
    ShippingChanged,
    read_facts,
)


class Changed(StrEnum):
    """What of a product was changed, or of the order."""

    QUANTITY = "quantity"
    UNIT_PRICE = "unit_price"
    DISCOUNT = "discount"
    SHIPPING = "shipping"
    SHIPPING_METHOD = "shipping_method"


@dataclass(frozen=True)
class OrderChange:
    """What a customer does not know of yet: something of a product, or of the shipping, where `product` is None.

    Quantities in units, 0 before an added product and after a removed one; the shipping method by its name, None where
    there is none; all else in öre.
    """

    product: str | None
    before: int | str | None
    after: int | str | None
    what: Changed = Changed.QUANTITY


def since_last_notified(order: Order) -> list[OrderChange]:
    """What differs from the last order confirmation or mail about a change, or else from the order as placed.

    These are the sums of all changes, without those that cancel each other out.
    """
    untold = order.untold_facts()
    if not untold:
        return []
    sums = _Sums()
    for kind, facts in untold:
        sums.add(read_facts(kind, facts))
    units: Counter[str] = Counter()
    discounts: Counter[str] = Counter()
    for line in order.lines:
        units[_key(line.sku, line.name)] += line.quantity
        discounts[_key(line.sku, line.name)] += line.discount
    changes = []
    for key, name in sums.names.items():
        before, after = units[key] - sums.units[key], units[key]
        if before != after:
            changes.append(OrderChange(name, before, after))
        if before and after:
            changes += [OrderChange(name, *values, what) for what, values in sums.differing(key)]
            if sums.discounts[key]:
                discount = discounts[key]
                changes.append(OrderChange(name, discount - sums.discounts[key], discount, Changed.DISCOUNT))
    return changes + [OrderChange(None, *values, what) for what, values in sums.differing(None)]


def _key(sku: str, name: str) -> str:
    """What tells the products of an order apart: their SKUs, and the names of those without one."""
    return name if sku == NO_SKU else sku


@dataclass
class _Sums:
    """What events add up to: the units and the discount of each product by its key, which may be in several lines, and
    the values that it has in turn; those of the order by None."""

    names: dict[str, str] = field(default_factory=dict)
    units: Counter[str] = field(default_factory=Counter)
    discounts: Counter[str] = field(default_factory=Counter)
    values: dict[tuple[str | None, Changed], list[BeforeAfter[Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, facts: EventFacts, *, undone: bool = False) -> None:
        match facts:
            case LineAdded():
                self._add_units(facts, facts.quantity, facts.discount, undone=undone)
            case LineRemoved():
                self._add_units(facts, -facts.quantity, -facts.discount, undone=undone)
            case LineChanged():
                added = facts.quantity.after - facts.quantity.before
                discount = facts.discount.after - facts.discount.before if facts.discount else 0
                self._add_units(facts, added, discount, undone=undone)
                self._add_value(_key(facts.sku, facts.product), Changed.UNIT_PRICE, facts.unit_price, undone=undone)
            case ShippingChanged():
                self._add_value(None, Changed.SHIPPING_METHOD, facts.method, undone=undone)
                self._add_value(None, Changed.SHIPPING, facts.price, undone=undone)
            case ChangesUndone() | ChangesRedone():
                is_undone = isinstance(facts, ChangesUndone)
                for change in facts.changes if is_undone else reversed(facts.changes):
                    self.add(read_facts(change["kind"], change["facts"]), undone=is_undone)

    def differing(self, key: str | None) -> list[tuple[Changed, tuple[Any, Any]]]:
        """The values that are others in the end than in the beginning."""
        ends = [(what, (values[0].before, values[-1].after)) for (of, what), values in self.values.items() if of == key]
        return [(what, (before, after)) for what, (before, after) in ends if before != after]

    def _add_units(
        self, facts: LineAdded | LineChanged | LineRemoved, units: int, discount: int, *, undone: bool
    ) -> None:
        key, sign = _key(facts.sku, facts.product), -1 if undone else 1
        self.names[key] = facts.product
        self.units[key] += sign * units
        self.discounts[key] += sign * discount

    def _add_value(self, key: str | None, what: Changed, value: BeforeAfter[Any] | None, *, undone: bool) -> None:
        if value:
            taken_back = BeforeAfter(value.after, value.before)
            self.values[key, what].append(taken_back if undone else value)
