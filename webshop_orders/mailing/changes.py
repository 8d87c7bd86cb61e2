"""The changes of an order since its customer was last notified of its state."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from webshop_orders.models import NO_SKU, BeforeAfter, EventKind, Order
from webshop_orders.models.event_facts import (
    FACTS_BY_KIND,
    ChangesRedone,
    ChangesUndone,
    EventFacts,
    LineAdded,
    LineChanged,
    LineRemoved,
    ShippingChanged,
)


class Changed(StrEnum):
    """What of a product was changed, or of the order."""

    QUANTITY = "quantity"
    UNIT_PRICE = "unit_price"
    DISCOUNT = "discount"
    SHIPPING = "shipping"


@dataclass(frozen=True)
class OrderChange:
    """What a customer does not know of yet: something of a product, or the shipping fee, where `product` is None.

    Quantities in units, 0 before an added product and after a removed one; all else in öre.
    """

    product: str | None
    before: int
    after: int
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
        sums.add(_read(kind, facts))
    current: Counter[str] = Counter()
    for line in order.lines:
        current[_key(line.sku, line.name)] += line.quantity
    changes = []
    for key, name in sums.names.items():
        before, after = current[key] - sums.units[key], current[key]
        if before != after:
            changes.append(OrderChange(name, before, after))
        if before and after:
            changes += [OrderChange(name, *amounts, what) for what, amounts in sums.differing(key)]
    return changes + [OrderChange(None, *amounts, what) for what, amounts in sums.differing(None)]


def _key(sku: str, name: str) -> str:
    """What tells the products of an order apart: their SKUs, and the names of those without one."""
    return name if sku == NO_SKU else sku


def _read(kind: str, facts: dict[str, Any]) -> EventFacts:
    return FACTS_BY_KIND[EventKind(kind)].from_json(facts)


@dataclass
class _Sums:
    """What events add up to: the units of each product by its key, and its amounts; those of the order by None."""

    names: dict[str, str] = field(default_factory=dict)
    units: Counter[str] = field(default_factory=Counter)
    amounts: dict[tuple[str | None, Changed], list[BeforeAfter[int]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, facts: EventFacts, *, undone: bool = False) -> None:
        match facts:
            case LineAdded():
                self._add_units(facts.sku, facts.product, facts.quantity, undone=undone)
            case LineRemoved():
                self._add_units(facts.sku, facts.product, -facts.quantity, undone=undone)
            case LineChanged():
                added = facts.quantity.after - facts.quantity.before
                self._add_units(facts.sku, facts.product, added, undone=undone)
                key = _key(facts.sku, facts.product)
                self._add_amounts(key, Changed.UNIT_PRICE, facts.unit_price, undone=undone)
                self._add_amounts(key, Changed.DISCOUNT, facts.discount, undone=undone)
            case ShippingChanged():
                self._add_amounts(None, Changed.SHIPPING, facts.price, undone=undone)
            case ChangesUndone() | ChangesRedone():
                is_undone = isinstance(facts, ChangesUndone)
                for change in facts.changes if is_undone else reversed(facts.changes):
                    self.add(_read(change["kind"], change["facts"]), undone=is_undone)

    def differing(self, key: str | None) -> list[tuple[Changed, tuple[int, int]]]:
        """The amounts that are others in the end than in the beginning."""
        ends = [
            (what, (amounts[0].before, amounts[-1].after)) for (of, what), amounts in self.amounts.items() if of == key
        ]
        return [(what, (before, after)) for what, (before, after) in ends if before != after]

    def _add_units(self, sku: str, product: str, units: int, *, undone: bool) -> None:
        key = _key(sku, product)
        self.names[key] = product
        self.units[key] += -units if undone else units

    def _add_amounts(self, key: str | None, what: Changed, amounts: BeforeAfter[int] | None, *, undone: bool) -> None:
        if amounts:
            taken_back = BeforeAfter(amounts.after, amounts.before)
            self.amounts[key, what].append(taken_back if undone else amounts)
