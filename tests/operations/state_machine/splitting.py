"""What staff do to divide an order among shipments (rules 9 and 28)."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, PICK, gives, holds_of, pick
from webshop_orders.models import Order
from webshop_orders.operations.orders import plans, splits
from webshop_orders.operations.orders.plans import Plan
from webshop_orders.text.tracking_codes import compact


class PlaysSplits(Machine):
    """Units move to other shipments."""

    @rule(
        which=PICK,
        line=PICK,
        quantity=st.one_of(st.integers(1, 4), st.integers(1, 12), st.none()),
        to=st.sampled_from(["new", "another", "another", "itself"]),
        other=PICK,
    )
    def split(self, which: int, line: int, quantity: int | None, to: str, other: int) -> None:
        expected, gives_stock = self.pick(which), []

        def split(order: Order) -> None:
            selected = pick(list(order.lines), line)
            gives_stock.append(gives(order))
            held, source = selected.quantity, selected.shipment
            units = held if quantity is None else quantity
            others = [shipment for shipment in order.shipments if shipment is not source]
            target = source if to == "itself" else pick(others, other) if to == "another" and others else None
            waiting, already_waiting = selected.backordered, target.backordered if target else 0
            discount = sum(line.discount for line in order.lines)
            codes_to = splits.WITH_UNITS if other % 2 else None
            must_stay, all_of_it = source.is_held, source.quantity
            moved_to = splits.split(selected, units, to=target, codes_to=codes_to, by=ANNA)
            assert 1 <= units <= held
            assert moved_to is not source
            assert gives_stock[0] or moved_to.backordered == already_waiting + min(units, waiting)
            assert sum(line.discount for line in order.lines) == discount
            assert moved_to.is_held or not must_stay or (target is not None and units < all_of_it)  # rule 28
            expected.holds = holds_of(order)

        if self.change(expected, split) and not gives_stock[0]:
            assert self.read().counters() == self.counters_before  # rule 9: no stock moves

    @rule(which=PICK, seq=PICK)
    def split_backordered(self, which: int, seq: int) -> None:
        expected = self.pick(which)

        def split(order: Order) -> None:
            source = pick(order.shipments, seq)
            waiting = source.backordered
            must_stay = source.is_held
            target = splits.split_backordered(source, by=ANNA)
            assert target.is_held is must_stay  # rule 28
            expected.holds = holds_of(order)
            assert (target.quantity, target.backordered, source.backordered) == (waiting, waiting, 0)

        self.change(expected, split)

    @rule(which=PICK, new=st.integers(0, 2), places=st.lists(PICK, min_size=1, max_size=8), lacks=st.booleans())
    def plan(self, which: int, new: int, places: list[int], lacks: bool) -> None:
        """Share units out evenly among some targets; a plan that lacks one is refused."""

        expected, gives_stock = self.pick(which), []

        def plan(order: Order) -> None:
            gives_stock.append(gives(order))
            targets = [*order.open_shipments, *[None] * new]
            quantities = {}
            for row in plans.rows(order):
                units = [0] * len(targets)
                for turn, place in enumerate(places):
                    units[place % len(targets)] += (row.quantity + turn) // len(places)
                units[0] -= lacks and units[0] > 0
                quantities[row.id] = units
            codes_to = {shipment.seq: places[0] % len(targets) for shipment in order.open_shipments}
            discount = sum(line.discount for line in order.lines)
            codes = {compact(code.code) for shipment in order.shipments for code in shipment.tracking_codes}
            plans.rearrange(order, Plan(targets, quantities, codes_to), by=ANNA)
            assert sum(line.discount for line in order.lines) == discount
            assert {compact(code.code) for shipment in order.shipments for code in shipment.tracking_codes} == codes
            expected.holds = holds_of(order)

        if self.change(expected, plan) and not gives_stock[0]:
            assert self.read().counters() == self.counters_before  # rule 9: no stock moves
