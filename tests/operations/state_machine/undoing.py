"""What staff take back, and do again."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, PICK, ExpectedOrder, Values, pick, states_of_lines
from webshop_orders.models import Order
from webshop_orders.operations.undo import steps, undoing


class PlaysUndo(Machine):
    """Changes are undone and redone."""

    every_rule_holds: Callable[[], None]

    @rule(which=PICK, count=st.sampled_from([1, 1, 1, 2, 3, 50]), again=st.integers(0, 3))
    def undo_and_redo(self, which: int, count: int, again: int) -> None:
        changed = [expected for expected in self.orders.values() if expected.done]
        expected = pick(changed, which) if changed else self.pick(which)
        self.undo(expected, count)
        for _step in range(again):
            self.every_rule_holds()
            self.redo(expected)

    @rule(which=PICK)
    def redo_or_not(self, which: int) -> None:
        self.redo(self.pick(which))

    def undo(self, expected: ExpectedOrder, count: int) -> None:
        before = expected.values()
        count = min(count, len(expected.done))

        def undo(order: Order) -> None:
            standing = [step for step in steps.read(order.id, ANNA).steps if step.undone_version is None]
            undoing.undo(order, standing[-count].id if count else None, by=ANNA)

        if self.change(expected, undo, is_step=False):
            for _step in range(count):
                expected.undone.append(before)
                before = expected.done.pop()
            self.expect(expected, before)

    def redo(self, expected: ExpectedOrder) -> None:
        if self.change(expected, lambda order: undoing.redo(order, by=ANNA), is_step=False):
            expected.done.append(expected.values())
            self.expect(expected, expected.undone.pop())
        else:
            assert not expected.undone

    def expect(self, expected: ExpectedOrder, values: Values) -> None:
        """Expect what an order was; a status that was set by hand comes back, and units may be in stock no more."""
        vars(expected).update(deepcopy(values))
        (order,) = (order for order in self.read().orders if order.number == expected.number)
        expected.by_hand = {shipment.seq: shipment.status for shipment in order.shipments if shipment.is_set_by_hand}
        expected.seqs |= {shipment.seq for shipment in order.shipments if shipment.seq <= expected.last_seq}
        for shipment in order.shipments:
            self.previous_lines[order.number, shipment.seq] = states_of_lines(shipment)
            self.oversold |= {line.sku for line in shipment.lines if shipment.is_shipped and line.uncovered}
