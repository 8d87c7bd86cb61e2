"""What customers and staff do with an order's lines, prices and shipping."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, MAX_ORDERS, PICK, QUANTITY, ROWS, holds_of, pick
from webshop_orders.db.extensions import db
from webshop_orders.models import NO_SKU, Order, Product
from webshop_orders.operations.orders import cancellation, lines, shipping_fee


class PlaysOrdering(Machine):
    """Orders are placed, and changed."""

    @precondition(lambda self: len(self.orders) < MAX_ORDERS)
    @rule(rows=ROWS, days=st.integers(0, 3), prices_include_vat=st.booleans(), whole=st.booleans())
    def place(self, rows: list[tuple[int, int, int]], days: int, prices_include_vat: bool, whole: bool) -> None:
        self.place_order(rows, days, prices_include_vat, whole)

    @rule(which=PICK, sku=PICK, quantity=QUANTITY, to=st.one_of(st.none(), PICK))
    def add_product(self, which: int, sku: int, quantity: int, to: int | None) -> None:
        expected, product = self.pick(which), self.product(sku)

        def add(order: Order) -> None:
            target = pick(order.shipments, to) if to is not None else None
            waited = sum(line.backordered for line in order.lines if line.sku == product.sku)
            kept = [units for units in order.removed_units if units.product_id == product.id]
            terms = kept[-1] if kept else None
            line = lines.add(order, db.session.get_one(Product, product.id), quantity, to=target, by=ANNA)
            expected_price = terms.unit_price if terms else product.price
            expected_rate = terms.vat_rate if terms else product.vat_rate
            assert (line.unit_price, line.vat_rate) == (expected_price, expected_rate)
            can_wait = product.backorderable is not False or not line.shipment.keeps_stock
            assert can_wait or line.backordered <= waited

        if self.change(expected, add):
            expected.sums[product.sku] += quantity

    @rule(which=PICK, line=PICK, quantity=QUANTITY)
    def change_quantity(self, which: int, line: int, quantity: int) -> None:
        expected = self.pick(which)
        moved: list[tuple[str, int]] = []

        def change(order: Order) -> None:
            selected = pick(list(order.lines), line)
            moved.append((selected.sku, quantity - selected.quantity))
            waited = selected.backordered
            lines.change(selected, quantity=quantity, by=ANNA)
            can_wait = selected.product is None or selected.product.backorderable is not False
            assert can_wait or not selected.shipment.keeps_stock or selected.backordered <= waited

        if self.change(expected, change):
            expected.sums.update(dict(moved))

    @rule(
        which=PICK,
        line=PICK,
        unit_price=st.one_of(st.integers(0, 40_000), st.sampled_from([-1, 10**9, 10**9 + 1])),
        discount=st.one_of(st.none(), st.integers(-1, 90_000)),
        reason=st.sampled_from(["repa", "repa", None]),
    )
    def change_price(self, which: int, line: int, unit_price: int, discount: int | None, reason: str | None) -> None:
        def change(order: Order) -> None:
            selected = pick(list(order.lines), line)
            sold_at = selected.price_change.unit_price if selected.price_change else selected.unit_price
            lines.change(selected, unit_price=unit_price, discount=discount, reason=reason, by=ANNA)
            assert selected.unit_price == unit_price
            assert selected.price_change is None or selected.price_change.unit_price == sold_at
            assert selected.price_change is not None or unit_price == sold_at

        self.change(self.pick(which), change)

    @rule(which=PICK, quantity=QUANTITY, unit_price=st.integers(0, 5_000))
    def add_what_is_no_product(self, which: int, quantity: int, unit_price: int) -> None:
        expected = self.pick(which)

        def add(order: Order) -> None:
            lines.add_free(order, "Presentinslagning", quantity, unit_price=unit_price, vat_rate=2500, by=ANNA)

        if self.change(expected, add):
            expected.sums[NO_SKU] += quantity

    @rule(which=PICK, price=st.integers(-1, 9_900))
    def change_shipping(self, which: int, price: int) -> None:
        self.change(self.pick(which), lambda order: shipping_fee.change(order, "Ombud", price, by=ANNA))

    @rule(which=PICK, line=PICK)
    def remove(self, which: int, line: int) -> None:
        expected = self.pick(which)
        gone: list[tuple[str, int]] = []

        def remove(order: Order) -> None:
            selected = pick(list(order.lines), line)
            gone.append((selected.sku, -selected.quantity))
            lines.remove(selected, by=ANNA)
            expected.holds = holds_of(order)

        if self.change(expected, remove):
            expected.sums.update(dict(gone))

    @precondition(lambda self: not any(expected.cancelled for expected in self.orders.values()))
    @rule(which=PICK)
    def cancel(self, which: int) -> None:
        expected = self.pick(which)
        if self.change(expected, lambda order: cancellation.cancel(order, by=ANNA)):
            expected.cancelled = True
