"""What staff hold and release (rule 28)."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, PICK, pick
from webshop_orders.models import HoldReason, Order
from webshop_orders.operations.orders import holds


class PlaysHolds(Machine):
    """Orders and shipments are paused, and go on."""

    @rule(which=PICK, of=st.one_of(st.none(), PICK), keeps_stock=st.booleans())
    def hold(self, which: int, of: int | None, keeps_stock: bool) -> None:
        expected = self.pick(which)

        def hold(order: Order) -> None:
            seq = None if of is None else pick(order.shipments, of).seq
            made = holds.hold(order, HoldReason.WRONG_ADDRESS, shipment=seq, keeps_stock=keeps_stock, by=ANNA)
            expected.holds.append((made.id, seq))

        self.change(expected, hold)

    @rule(which=PICK, hold=st.integers(0, 4))
    def release(self, which: int, hold: int) -> None:
        held = [expected for expected in self.orders.values() if expected.holds]
        expected = pick(held, which) if held else self.pick(which)
        hold_id = pick([*(hold_id for hold_id, _seq in expected.holds), 0], hold)

        def release(order: Order) -> None:
            holds.release(order, hold_id, by=ANNA)
            expected.holds = [kept for kept in expected.holds if kept[0] != hold_id]

        self.change(expected, release)
