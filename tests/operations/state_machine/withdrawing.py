"""Statements of withdrawal (rule 33): recorded, and carried out by taking goods off the order or by a return."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, PICK, ExpectedOrder, holds_of, pick
from webshop_orders.models import Order
from webshop_orders.operations.after_sales import withdrawn_goods
from webshop_orders.operations.after_sales.withdrawn_goods import WithdrawnGoods
from webshop_orders.operations.orders import lines, withdrawals
from webshop_orders.operations.orders.withdrawals import Statement


class PlaysWithdrawals(Machine):
    """Customers withdraw, and staff see to the goods."""

    @rule(which=PICK)
    def state_a_withdrawal(self, which: int) -> None:
        self.state(self.pick(which))

    @rule(which=PICK, taken=PICK, returned=PICK, units=st.integers(1, 13), takes=st.sampled_from(["one", "one", "all"]))
    def carry_out_a_withdrawal(self, which: int, taken: int, returned: int, units: int, takes: str) -> None:
        expected = self.pick(which)
        if not expected.withdrawals:
            self.state(expected)
        removed: list[tuple[str, int]] = []
        came_of: list[tuple[int, int, int]] = []

        def withdraw(order: Order) -> None:
            statement = withdrawals.get(pick(expected.withdrawals, taken), for_update=True)
            most = withdrawn_goods.withdrawable(order)
            goods = WithdrawnGoods(most.removed, dict(list(most.returned.items())[:1]))
            if takes == "one":
                goods = WithdrawnGoods(_some(most.removed, taken, units), _some(most.returned, returned, units))
            removed.extend((lines.get(order, line_id).sku, count) for line_id, count in goods.removed.items())
            a_return = withdrawn_goods.carry_out(order, statement, goods, by=ANNA)
            assert statement.carried_out_at is not None
            assert all(count <= most.removed[line_id] for line_id, count in goods.removed.items())
            assert all(count <= most.returned[line_id] for line_id, count in goods.returned.items())
            assert (a_return is not None) is bool(goods.returned)
            expected.holds = holds_of(order)
            expected.cancelled = order.is_cancelled
            if a_return is not None:
                assert a_return.withdrawal_id == statement.id
                came_of.extend((a_return.id, line.line_id, line.quantity) for line in a_return.lines)

        if self.change(expected, withdraw):
            more = 0 if expected.cancelled else len(removed) + len(came_of) - 1
            expected.events += more
            expected.version += more
            if not expected.cancelled:
                for sku, count in removed:
                    expected.sums[sku] -= count
            for return_id, line_id, quantity in came_of:
                expected.last_return = return_id
                expected.returns[return_id] = {line_id: (quantity, None)}

    def state(self, expected: ExpectedOrder) -> None:
        """Record a statement, which makes no form stale and cannot be undone."""
        recorded: list[int] = []

        def state(order: Order) -> None:
            statement = Statement(order.number, "Åsa Öberg", "asa@example.com", "sv")
            recorded.append(withdrawals.register(order, statement, by=ANNA).id)

        if self.change(expected, state, bumps_version=False, is_step=False):
            expected.withdrawals += recorded
            expected.messages += 1
        self.before = self.read().as_values()


def _some(available: Mapping[int, int], which: int, units: int) -> dict[int, int]:
    """Units of one of the lines, now and then more than there are."""
    return {pick(list(available), which): units} if available else {}
