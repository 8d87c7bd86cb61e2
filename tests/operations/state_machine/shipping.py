"""What staff do with whole shipments: they leave, come back to be worked on, and have a status."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, PICK, contents, pick
from webshop_orders.models import DeliveryStatus, Order
from webshop_orders.operations.orders import shipments


class PlaysShipping(Machine):
    """Shipments leave and are reopened."""

    @rule(which=PICK, seq=PICK)
    def ship(self, which: int, seq: int) -> None:
        expected = self.pick(which)

        def ship(order: Order) -> None:
            shipment = pick(order.shipments, seq)
            unknown_to_stock = {line.sku for line in shipment.lines if line.backordered}
            must_stay = any(seq in (None, shipment.seq) for _id, seq in expected.holds)
            shipments.ship(shipment, by=ANNA)
            assert not must_stay  # rule 28
            self.oversold |= unknown_to_stock
            expected.shipped[shipment.seq] = contents(shipment)

        if self.change(expected, ship):
            expected.messages += 1

    @precondition(lambda self: any(expected.shipped for expected in self.orders.values()))
    @rule(which=PICK, seq=PICK)
    def reopen(self, which: int, seq: int) -> None:
        expected = self.pick(which)

        def reopen(order: Order) -> None:
            shipment = pick(order.shipments, seq)
            shipments.reopen(shipment, by=ANNA)
            del expected.shipped[shipment.seq]

        self.change(expected, reopen)

    @rule(which=PICK, seq=PICK, status=st.sampled_from([DeliveryStatus.READY, DeliveryStatus.BACKORDERED]))
    def set_status_by_hand(self, which: int, seq: int, status: DeliveryStatus) -> None:
        expected = self.pick(which)

        def set_status(order: Order) -> None:
            shipment = pick(order.shipments, seq)
            shipments.set_status(shipment, status, by=ANNA)
            expected.by_hand[shipment.seq] = status

        self.change(expected, set_status)
