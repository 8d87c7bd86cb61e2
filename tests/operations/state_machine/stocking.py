"""What the ERP says of stock (rule 4)."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import PICK
from tests.operations.steps import ERP
from webshop_orders.models import Line
from webshop_orders.operations.stock import backorders
from webshop_orders.transactions.unit_of_work import writing


class PlaysStock(Machine):
    """Stock is counted."""

    @rule(sku=PICK, level=st.one_of(st.integers(0, 8), st.integers(0, 30), st.none()))
    def set_stock(self, sku: int, level: int | None) -> None:
        product = self.product(sku)
        before = [(line.quantity, line.reserved) for line in self.keeping(product.sku)]
        with writing():
            backorders.set_stock(product.id, level, by=ERP)
        after = [line.reserved for line in self.keeping(product.sku)]
        assert after == allocate(level, before)
        self.oversold.discard(product.sku)
        self.owned.pop(product.sku, None)

    def keeping(self, sku: str) -> list[Line]:
        """The open lines of a product that no hold takes the stock from."""
        return [line for line in self.read().open_lines() if line.sku == sku and line.shipment.keeps_stock]


def allocate(level: int | None, waiting: list[tuple[int, int]]) -> list[int]:
    """The reservations of lines of `(quantity, reserved)`, oldest first, once stock is set to a level."""
    if level is None:
        return [quantity for quantity, _reserved in waiting]
    free = max(0, level) - sum(reserved for _quantity, reserved in waiting)
    held = [reserved for _quantity, reserved in waiting]
    for place in range(len(waiting)) if free > 0 else reversed(range(len(waiting))):
        quantity, reserved = waiting[place]
        moved = min(free, quantity - reserved) if free > 0 else max(free, -reserved)
        held[place] += moved
        free -= moved
    return held
