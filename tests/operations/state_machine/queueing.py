"""What staff decide of how orders wait for stock (rules 34 and 35)."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, PICK
from webshop_orders.models import Order
from webshop_orders.operations.orders import priority, whole_delivery


class PlaysQueue(Machine):
    """Orders are put first, and collected to ship whole."""

    @rule(which=PICK, whole=st.booleans())
    def set_whole(self, which: int, whole: bool) -> None:
        expected = self.pick(which)

        def collect(order: Order) -> None:
            whole_delivery.set_whole(order, whole, by=ANNA)
            expected.whole = whole

        self.change(expected, collect)

    @rule(which=PICK, reason=st.sampled_from(["Bröllop", "Ringde", "Jubileum", ""]))
    def put_first(self, which: int, reason: str) -> None:
        expected = self.pick(which)

        def put_first(order: Order) -> None:
            priority.prioritise(order, reason, by=ANNA)
            expected.priority = reason

        self.change(expected, put_first)

    @rule(which=PICK)
    def end_priority(self, which: int) -> None:
        expected = self.pick(which)

        def end_priority(order: Order) -> None:
            priority.end_priority(order, by=ANNA)
            expected.priority = None

        self.change(expected, end_priority)
