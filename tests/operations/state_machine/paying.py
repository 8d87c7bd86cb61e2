"""Refunds and payments (rule 29)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, BEGINNING, PICK, pick
from webshop_orders.models import Order
from webshop_orders.operations.after_sales import payments, refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund


class PlaysMoney(Machine):
    """Money is given back and comes in."""

    @rule(which=PICK, what=PICK, units=st.integers(1, 4), amount=st.sampled_from([0, 0, 1_111]), done=st.booleans())
    def refund(self, which: int, what: int, units: int, amount: int, done: bool) -> None:
        expected = self.pick(which)

        def refund(order: Order) -> None:
            left = refunds.refundable(order)
            wanted = refunds.everything_left(order, reason="Allt")
            if what % 4 and left.lines:
                item = pick(left.lines, what)
                wanted = RequestedRefund(lines={item.line.id: units}, amount=amount, reason="Repad")
            made = refunds.request(order, replace(wanted, done=done), by=ANNA)
            assert made.amount <= left.paid

        self.change(expected, refund)

    @rule(which=PICK, refund=PICK, gives_up=st.booleans())
    def finish_or_cancel_a_refund(self, which: int, refund: int, gives_up: bool) -> None:
        def answer(order: Order) -> None:
            number = pick(order.refunds, refund).id if order.refunds else 1
            if gives_up:
                refunds.cancel(order, number, by=ANNA)
            else:
                refunds.finish(order, number, by=ANNA)

        self.change(self.pick(which), answer)

    @rule(which=PICK, amount=st.sampled_from([0, 100, 5_000, 90_000]))
    def register_a_payment(self, which: int, amount: int) -> None:
        def pay(order: Order) -> None:
            payments.register(order, amount, method="swish", paid_on=BEGINNING.date(), by=ANNA)

        self.change(self.pick(which), pay)
