"""What the ERP says of stock (rules 4, 31, 34 and 35)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.state_machine.machine import Machine
from tests.operations.state_machine.model import ANNA, MAX_ORDERS, PICK
from tests.operations.steps import ERP
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, MovementReason, Product
from webshop_orders.models.stock_movement import BY_HAND, EXPLAINED, TAKEN_OFF
from webshop_orders.operations.stock import backorders, counts, incoming
from webshop_orders.transactions.unit_of_work import writing


class PlaysStock(Machine):
    """Stock is counted, and goods come."""

    @rule(sku=PICK, level=st.one_of(st.integers(0, 8), st.integers(0, 30), st.none()))
    def set_stock(self, sku: int, level: int | None) -> None:
        product = self.product(sku)
        with self.allocating(product.sku, level), writing():
            backorders.set_stock(product.id, level, by=ERP)
        self.oversold.discard(product.sku)
        self.owned.pop(product.sku, None)
        self.work()

    @rule(sku=PICK, expected=st.integers(1, 9), came=st.integers(1, 12))
    def receive_goods(self, sku: int, expected: int, came: int) -> None:
        product = self.product(sku)
        if product.stock is None:
            return
        # What comes takes nothing away, not even where more left than stock knew of.
        name, level = product.sku, max(product.stock + came, product.reserved)
        with writing():
            delivery = incoming.expect(name, expected, None, by=ERP)
            db.session.flush()
            delivery_id, version = delivery.id, delivery.version
        with self.allocating(name, level), writing():
            incoming.receive(delivery_id, came, version=version, by=ERP)
        self.accepted["receive_goods"] += 1
        if name in self.owned:
            self.owned[name] += came
        self.work()

    @rule(
        sku=PICK,
        counted=st.integers(0, 12),
        back=st.one_of(st.none(), st.integers(0, 4)),
    )
    def count(self, sku: int, counted: int, back: int | None) -> None:
        """Count at the version of `back` changes ago, or now: what moved since stays."""
        product = self.product(sku)
        version = None if back is None else max(0, product.stock_version - back)
        since = self.moved_since(product, version)
        level = None if since is None else counted + since
        if level is None or level < 0:
            self.refused(lambda: counts.count(product.sku, counted, version, by=ANNA))
            return
        with self.allocating(product.sku, level), writing():
            counts.count(product.sku, counted, version, by=ANNA)
        assert self.product(sku).stock == level
        self.accepted["count"] += 1
        self.oversold.discard(product.sku)
        self.owned.pop(product.sku, None)
        self.work()

    @rule(
        sku=PICK,
        quantity=st.integers(-4, 8),
        reason=st.sampled_from(BY_HAND),
        note=st.sampled_from(["Krossat", "Krossat", ""]),
    )
    def adjust(self, sku: int, quantity: int, reason: MovementReason, note: str) -> None:
        product = self.product(sku)
        level = (product.stock or 0) + quantity
        is_refused = (
            product.stock is None
            or quantity == 0
            or (quantity < 0 and level < 0)
            or (quantity < 0 and reason is MovementReason.RECEIVED)
            or (quantity > 0 and reason in TAKEN_OFF)
            or (not note and reason in EXPLAINED)
        )
        if is_refused:
            self.refused(lambda: counts.adjust(product.sku, quantity, reason, note=note, by=ANNA))
            return
        with self.allocating(product.sku, level), writing():
            counts.adjust(product.sku, quantity, reason, note=note, by=ANNA)
        assert self.product(sku).stock == level
        self.accepted["adjust"] += 1
        if level >= 0:
            self.oversold.discard(product.sku)
        if product.sku in self.owned:
            self.owned[product.sku] += quantity
        self.work()

    def refused(self, change: Callable[[], object]) -> None:
        """A change of stock that breaks a rule is refused, and changes nothing."""
        try:
            with writing():
                change()
        except RuleViolation:
            assert self.read().as_values() == self.before
        else:
            raise AssertionError("it was not refused")

    def moved_since(self, product: Product, version: int | None) -> int | None:
        """By how many units stock moved since a version, counts apart; None where it was not tracked all the time."""
        if version is None or version == product.stock_version:
            return 0
        movements = self.read().movements[product.id]
        seen = [movement for movement in movements if movement.version >= version]
        if seen[0].version != version or any(movement.stock is None for movement in seen):
            return None
        return sum(each.quantity for each in seen[1:] if each.reason is not MovementReason.COUNTED)

    @contextmanager
    def allocating(self, sku: str, level: int | None) -> Iterator[None]:
        """Rules 8 and 35: what comes covers the orders put first and then the oldest, what goes is taken in reverse.

        Not compared where an order of the queue ships whole: `check_whole` says what that gets.
        """
        before = self.keeping(sku)
        is_plain = not any(line.shipment.order.ships_whole for line in before)
        figures = [(line.quantity, line.reserved) for line in before]
        yield
        if is_plain:
            assert [line.reserved for line in self.keeping(sku)] == allocate(level, figures)

    def work(self) -> None:
        """Let the worker cover what is free, which it never looks at in vain."""
        for _order in range(10 * MAX_ORDERS):
            order_id = backorders.find_next_to_cover()
            if order_id is None:
                return
            with writing():
                assert backorders.cover_order(order_id), "it finds an order again and again that gets nothing"
        raise AssertionError("the worker does not come to an end")

    def keeping(self, sku: str) -> list[Line]:
        """The open lines of a product that no hold takes the stock from, in the sequence in which they get it."""
        lines = [line for line in self.read().open_lines() if line.sku == sku and line.shipment.keeps_stock]
        return sorted(lines, key=lambda line: self.orders[line.shipment.order.number].priority is None)


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
