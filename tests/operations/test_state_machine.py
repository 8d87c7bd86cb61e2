"""A state machine: staff, stock and the ERP act in any sequence; rules 1-17, 21-23, 28 and 29 are checked each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from math import floor
from typing import Any, TypeVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from tests.factories import ASA, SHOP
from tests.operations.played_returns import ExpectedReturns, PlaysReturns, check_returns, gone
from tests.operations.steps import ERP
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, Shipping
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import AlreadyDone, NoChange, NotFound, RuleViolation, StaleVersion
from webshop_orders.models import (
    NO_SKU,
    Actor,
    ActorKind,
    Address,
    CommentKind,
    DeliveryStatus,
    Event,
    EventKind,
    HoldReason,
    Line,
    Message,
    MessageKind,
    Order,
    OrderStatus,
    Product,
    Shipment,
)
from webshop_orders.money import captures, crediting
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.after_sales import payments, refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    customers,
    holds,
    lines,
    loading,
    placement,
    plans,
    shipments,
    shipping_fee,
    splits,
    tracking,
)
from webshop_orders.operations.orders.plans import Plan
from webshop_orders.operations.stock import backorders, products, reservations
from webshop_orders.operations.undo import restoring, steps, undoing
from webshop_orders.text.tracking_codes import compact
from webshop_orders.transactions.unit_of_work import editing, writing

ANNA = Actor(ActorKind.STAFF, "Anna Lind", user_id=1)
BO = Actor(ActorKind.STAFF, "Bo Ek", user_id=2)
MAX_ORDERS = 3
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
AUTOMATIC = {EventKind.BACKORDER_COVERED, EventKind.COVER_WITHDRAWN}
HOME = Address(name="Åsa Öberg", street="Storgatan 1", postal_code="972 31", city="Luleå", country="SE")
T = TypeVar("T")
Values = dict[str, Any]
_runs = count(1)

PICK = st.integers(0, 10**6)  # the index of an order, shipment or line, modulo their number
QUANTITY = st.one_of(st.integers(1, 12), st.integers(1, 12), st.sampled_from([0, 99_999, 100_000]))
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 8), st.integers(0, 100)), min_size=1, max_size=3)


@dataclass
class ExpectedOrder:
    """The model of an order: what it should be after the changes so far.

    `done` has what it was before each change that can be taken back, and `undone` what it was before each undo.
    """

    number: str
    rounds: bool
    version: int = 1
    events: int = 1
    messages: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    seqs: set[int] = field(default_factory=set)
    last_seq: int = 0
    by_hand: dict[int, DeliveryStatus] = field(default_factory=dict)
    shipped: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    cancelled: bool = False
    holds: list[tuple[int, int | None]] = field(default_factory=list)
    done: list[Values] = field(default_factory=list)
    undone: list[Values] = field(default_factory=list)
    returns: ExpectedReturns = field(default_factory=dict)
    last_return: int = 0

    def values(self) -> Values:
        """What an undo gives back; statuses set by hand are left out, since stock may decide otherwise meanwhile."""
        names = ("sums", "shipped", "cancelled", "holds", "returns")
        return deepcopy({name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class Snapshot:
    """The rows of one run in the database, oldest order first."""

    orders: list[Order]
    events: dict[int, list[Event]]
    messages: dict[int, list[Message]]
    products: list[Product]

    @classmethod
    def read(cls, numbers: list[str], skus: list[str]) -> Snapshot:
        db.session.rollback()
        db.session.expire_all()
        statement = loading.COMPLETE_ORDERS.where(Order.number.in_(numbers)).order_by(Order.placed_at, Order.id)
        orders = list(db.session.scalars(statement).unique())
        events: dict[int, list[Event]] = {order.id: [] for order in orders}
        for event in db.session.scalars(select(Event).where(Event.order_id.in_(events)).order_by(Event.id)):
            events[event.order_id].append(event)
        messages: dict[int, list[Message]] = {order.id: [] for order in orders}
        for message in db.session.scalars(select(Message).where(Message.order_id.in_(messages)).order_by(Message.id)):
            messages[message.order_id].append(message)
        products = list(db.session.scalars(select(Product).where(Product.sku.in_(skus)).order_by(Product.id)))
        return cls(orders, events, messages, products)

    def open_lines(self) -> list[Line]:
        """Oldest order first."""
        return [line for order in self.orders for line in order.lines if line.shipment.is_open]

    def counters(self) -> list[tuple[int | None, int, int]]:
        return [(product.stock, product.reserved, product.backordered) for product in self.products]

    def as_values(self) -> object:
        """All values that a change could touch, to see that a refused one touched none."""
        return self.counters(), [
            (
                (order.number, order.version, order.event_count, order.message_count, order.total),
                (order.customer, order.status, order.last_seq, order.holds, order.is_held, order.returns),
                (order.refunds, order.registered_payments, order.paid, order.refunded, order.credited),
                [
                    (s.seq, s.status, s.shipped_at, contents(s), [code.code for code in s.tracking_codes])
                    for s in order.shipments
                ],
                [line.reserved for line in order.lines],
                len(self.events[order.id]),
                len(self.messages[order.id]),
            )
            for order in self.orders
        ]


class Shop(PlaysReturns, RuleBasedStateMachine):
    app: Flask

    @initialize(
        stocks=st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=2, max_size=2),
        may_wait=st.sampled_from([True, None]),
        rounds=st.booleans(),
        orders=st.lists(ROWS, min_size=2, max_size=2),
        prices_include_vat=st.booleans(),
    )
    def open_shop(
        self,
        stocks: list[int | None],
        may_wait: bool | None,
        rounds: bool,
        orders: list[list[tuple[int, int, int]]],
        prices_include_vat: bool,
    ) -> None:
        self.run, self.rounds = next(_runs), rounds
        self.orders: dict[str, ExpectedOrder] = {}
        self.skus = [f"{name}-{self.run}" for name in ("SOLD-OUT", "CANDLE", "NEVER-BACKORDERED")]
        self.oversold: set[str] = set()
        self.owned: dict[str, int] = {}
        self.previous_lines: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
        catalogue = [(19_950, 2500, 0, True), (1_233, 1200, stocks[0], may_wait), (998, 600, stocks[1], False)]
        with writing():
            shop_settings.for_update().rounds_to_whole_kronor = rounds
            for sku, (price, vat, stock, may) in zip(self.skus, catalogue, strict=True):
                db.session.add(
                    Product(
                        sku=sku, name=sku, price=price, currency="SEK", vat_rate=vat, stock=stock, backorderable=may
                    )
                )
        for rows in orders:
            self.place_order(rows, 1, prices_include_vat)

    # What staff, customers and the ERP do

    @precondition(lambda self: len(self.orders) < MAX_ORDERS)
    @rule(rows=ROWS, days=st.integers(0, 3), prices_include_vat=st.booleans())
    def place(self, rows: list[tuple[int, int, int]], days: int, prices_include_vat: bool) -> None:
        self.place_order(rows, days, prices_include_vat)

    def place_order(self, rows: list[tuple[int, int, int]], days: int, prices_include_vat: bool) -> None:
        number = f"M-{self.run}-{len(self.orders)}"
        catalogue = dict(enumerate(self.read().products))
        new_lines = []
        for which, quantity, percent in rows:
            product = catalogue.get(which)
            price = product.price if product else 5_001
            new_lines.append(
                NewLine(
                    sku=product.sku if product else "UNKNOWN",
                    name=product.name if product else "Unknown",
                    quantity=quantity,
                    unit_price=price,
                    vat_rate=product.vat_rate if product else 2500,
                    discount=price * quantity * percent // 100,
                )
            )
        new = NewOrder(
            external_reference=number,
            number=number,
            lines=new_lines,
            customer=ASA,
            billing_address=HOME,
            shipping_address=HOME,
            currency="SEK",
            placed_at=BEGINNING + timedelta(days=days),
            prices_include_vat=prices_include_vat,
            shipping=Shipping(price=4_900, vat_rate=2500),
        )
        with writing():
            placement.place(new, products.by_sku(self.skus), by=SHOP)
        expected = self.orders[number] = ExpectedOrder(number, self.rounds, messages=1)
        for line in new_lines:
            expected.sums[line.sku] += line.quantity

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
        expected = self.pick(which)
        hold_id = pick([*(hold_id for hold_id, _seq in expected.holds), 0], hold)

        def release(order: Order) -> None:
            holds.release(order, hold_id, by=ANNA)
            expected.holds = [held for held in expected.holds if held[0] != hold_id]

        self.change(expected, release)

    @precondition(lambda self: not any(expected.cancelled for expected in self.orders.values()))
    @rule(which=PICK)
    def cancel(self, which: int) -> None:
        expected = self.pick(which)
        if self.change(expected, lambda order: cancellation.cancel(order, by=ANNA)):
            expected.cancelled = True

    # Refunds and payments (rule 29)

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

    @rule(which=PICK, what=st.sampled_from(["comment", "mail", "customer", "code", "code away"]), seq=PICK)
    def make_another_change(self, which: int, what: str, seq: int) -> None:
        expected = self.pick(which)

        def leave(order: Order) -> None:
            shipment = pick(order.shipments, seq)
            match what:
                case "comment":
                    comments.add(order, CommentKind.INTERNAL, "Hej", by=ANNA)
                case "mail":
                    comments.add(order, CommentKind.CUSTOMER, "Hej", mail=True, by=ANNA)
                case "customer":
                    customers.change(order, replace(ASA, name=f"Bo Ek {seq % 2}"), HOME, HOME, by=ANNA)
                case "code":
                    tracking.add(shipment, f"RR{seq % 3}", "DHL", None, by=ANNA)
                case "code away":
                    codes = [code.id for code in shipment.tracking_codes]
                    first = codes[0] if codes else 0
                    if seq % 2:
                        tracking.correct(shipment, first, NewTrackingCode(f"RR{seq % 5}"), by=ANNA)
                    else:
                        tracking.remove(shipment, first, by=ANNA)

        if self.change(expected, leave, bumps_version=what not in {"comment", "mail"}):
            expected.messages += what == "mail"

    @rule(which=PICK, what=st.sampled_from(["a stale form", "the same request", "another order"]), line=PICK)
    def make_a_refused_request(self, which: int, what: str, line: int) -> None:
        expected = self.pick(which)
        match what:
            case "a stale form":
                self.save_a_stale_form(expected, line)
            case "the same request":
                self.send_the_same_request_twice(expected)
            case "another order":
                self.reach_into_another_order(expected, self.pick(which + 1), line)

    def save_a_stale_form(self, expected: ExpectedOrder, line: int) -> None:
        with pytest.raises(StaleVersion), editing(expected.number, expected.version - 1 - line % 3, BO) as order:
            lines.remove(pick(list(order.lines), line), by=BO)
        assert self.read().as_values() == self.before

    def send_the_same_request_twice(self, expected: ExpectedOrder) -> None:
        actor = ANNA.with_request_key(f"request-{expected.events}")
        with editing(expected.number, None, actor) as order:
            comments.add(order, CommentKind.INTERNAL, "once", by=actor)
        expected.events += 1
        before = self.read().as_values()
        with pytest.raises(AlreadyDone), editing(expected.number, None, actor) as order:
            comments.add(order, CommentKind.INTERNAL, "twice", by=actor)
        assert self.read().as_values() == before

    def reach_into_another_order(self, mine: ExpectedOrder, other: ExpectedOrder, line: int) -> None:
        foreign = pick(list(loading.get_order(other.number).lines), line).id

        def split_into_another_order() -> None:
            with editing(mine.number, mine.version, ANNA) as order:
                elsewhere = loading.get_order(other.number)
                splits.split(pick(list(order.lines), line), 1, to=elsewhere.shipments[0], by=ANNA)

        with pytest.raises(NotFound), editing(mine.number, mine.version, ANNA) as order:
            lines.remove(lines.get(order, foreign), by=ANNA)
        with pytest.raises(RuleViolation):
            split_into_another_order()
        assert self.read().as_values() == self.before

    # What is always true

    @invariant()
    def every_rule_holds(self) -> None:
        snapshot = self.read()
        assert {order.number for order in snapshot.orders} == set(self.orders)
        for order in snapshot.orders:
            expected = self.orders[order.number]
            check_units(expected, order)
            self.forget_recomputed_statuses(expected, order)
            check_statuses(expected, order)
            check_shipments(expected, order)
            check_holds(expected, order)
            check_totals(expected, order)
            check_money(order)
            check_captures(order)
            check_returns(expected, order)
            check_events_and_mails(expected, order, snapshot.events[order.id], snapshot.messages[order.id])
        self.check_stock(snapshot)
        self.check_that_stock_adds_up(snapshot)
        self.before, self.counters_before = snapshot.as_values(), snapshot.counters()

    def check_stock(self, snapshot: Snapshot) -> None:
        """Rules 4 and 8: the counters of products are right, and no line waits for units that are free."""
        held: Counter[str] = Counter()
        waiting: Counter[str] = Counter()
        waiting_for_release: Counter[str] = Counter()
        for line in snapshot.open_lines():
            if line.is_tracked:
                held[line.sku] += line.reserved
                waiting[line.sku] += line.quantity - line.reserved
            if line.is_tracked and not line.shipment.keeps_stock:
                assert line.reserved == 0
                waiting_for_release[line.sku] += line.quantity
        for product in snapshot.products:
            assert (product.reserved, product.backordered) == (held[product.sku], waiting[product.sku])
            if product.stock is not None and product.sku not in self.oversold:
                assert product.reserved <= product.stock
            in_line = product.backordered - waiting_for_release[product.sku]
            assert not (in_line and product.available(0)), "units are free while an order waits"

    def check_that_stock_adds_up(self, snapshot: Snapshot) -> None:
        """What is in stock, with what has left and not come back into it, is the same until stock is counted."""
        units_gone = gone(snapshot.orders)
        for product in snapshot.products:
            if product.stock is not None:
                owned = product.stock + units_gone[product.sku]
                assert self.owned.setdefault(product.sku, owned) == owned

    def forget_recomputed_statuses(self, expected: ExpectedOrder, order: Order) -> None:
        """Rule 5: a change of its lines or reservations overrides a status that was set by hand."""
        for shipment in order.shipments:
            current_lines = states_of_lines(shipment)
            before = self.previous_lines.get((expected.number, shipment.seq))
            if before != current_lines or shipment.is_shipped:
                expected.by_hand.pop(shipment.seq, None)
            self.previous_lines[expected.number, shipment.seq] = current_lines

    # Helpers

    def teardown(self) -> None:
        db.session.rollback()
        db.session.expunge_all()

    def change(
        self,
        expected: ExpectedOrder,
        act: Callable[[Order], object],
        *,
        bumps_version: bool = True,
        is_step: bool = True,
    ) -> bool:
        """Let staff make a change; returns whether it was carried out. A refused one must change nothing."""
        saved, values = deepcopy((vars(expected), self.oversold)), expected.values()
        try:
            with editing(expected.number, expected.version, ANNA, is_step=is_step) as order:
                act(order)
        except (RuleViolation, NoChange, NotFound):
            vars(expected).update(saved[0])
            self.oversold = saved[1]
            assert self.read().as_values() == self.before
            return False
        expected.events += 1
        expected.version += bumps_version
        if is_step and bumps_version:
            expected.done.append(values)
            expected.undone.clear()
        return True

    def pick(self, which: int) -> ExpectedOrder:
        return pick(list(self.orders.values()), which)

    def product(self, which: int) -> Product:
        return db.session.scalars(select(Product).where(Product.sku == pick(self.skus, which))).one()

    def read(self) -> Snapshot:
        return Snapshot.read(list(self.orders), self.skus)


def check_units(expected: ExpectedOrder, order: Order) -> None:
    """Rules 1, 2 and 3: units are neither made nor lost, and lines without tracked stock are covered."""
    sums: Counter[str] = Counter()
    for line in order.lines:
        assert 1 <= line.quantity <= 99_999
        assert 0 <= line.reserved <= line.quantity
        assert line.is_tracked or line.reserved == line.quantity or not line.shipment.is_open
        sums[line.sku] += line.quantity
    assert sums == +expected.sums


def check_captures(order: Order) -> None:
    """Rule 30: what is to be charged for the shipments adds up, and is kept for those that have left."""
    found = captures.of_order(order)
    assert all((shipment.capture is not None) is shipment.is_shipped for shipment in order.shipments)
    assert sum(capture.amount for capture in found.values()) == (0 if order.is_cancelled else order.total)
    assert all(capture.amount >= 0 for capture in found.values())


def check_statuses(expected: ExpectedOrder, order: Order) -> None:
    """Rule 5, and the status of the order that follows from those of its shipments."""
    if expected.cancelled:
        assert order.status is OrderStatus.CANCELLED
        return
    for shipment in order.shipments:
        if shipment.seq in expected.shipped:
            status = DeliveryStatus.SHIPPED
        elif any(line.reserved < line.quantity for line in shipment.lines):
            status = expected.by_hand.get(shipment.seq, DeliveryStatus.BACKORDERED)
        else:
            status = expected.by_hand.get(shipment.seq, DeliveryStatus.READY)
        assert shipment.status is status
    assert order.status is status_of({shipment.status for shipment in order.shipments})


def check_shipments(expected: ExpectedOrder, order: Order) -> None:
    """Rules 6, 7, 11 and 15: shipped ones stay unchanged, none is empty, and no new one has a number that was used."""
    assert {s.seq: contents(s) for s in order.shipments if s.is_shipped} == expected.shipped
    assert order.shipments
    assert all(shipment.lines for shipment in order.shipments)
    new = {shipment.seq for shipment in order.shipments} - expected.seqs
    assert all(seq > expected.last_seq for seq in new)
    expected.last_seq = max({expected.last_seq, *new})
    expected.seqs = {shipment.seq for shipment in order.shipments}
    assert order.last_seq == expected.last_seq


def check_holds(expected: ExpectedOrder, order: Order) -> None:
    """Rule 28: only what was released is gone, and each is of something that is there."""
    assert holds_of(order) == sorted(expected.holds)
    assert {seq for _id, seq in expected.holds} <= {None, *(shipment.seq for shipment in order.shipments)}
    assert order.is_held is any(
        seq in (None, shipment.seq) for shipment in order.open_shipments for _id, seq in expected.holds
    )
    assert all(shipment.gives_stock is (shipment.is_open and not shipment.keeps_stock) for shipment in order.shipments)


def check_totals(expected: ExpectedOrder, order: Order) -> None:
    """Rule 16: the stored total is the one recomputed here, to the öre."""
    assert order.units == sum(line.quantity for line in order.lines)
    by_rate: Counter[int] = Counter({order.shipping_vat_rate: order.shipping_price})
    for line in order.lines:
        by_rate[line.vat_rate] += line.quantity * line.unit_price - line.discount
    exact = sum(by_rate.values())
    if not order.prices_include_vat:
        exact += sum(half_up(Fraction(amount * rate, 10_000)) for rate, amount in by_rate.items())
        exact += sum(order.vat_corrections.values())  # of an öre where a rate was refunded whole
        assert not order.vat_corrections or order.refunds
    assert order.total == (100 * half_up(Fraction(exact, 100)) if expected.rounds else exact)


def check_money(order: Order) -> None:
    """Rule 29: never more is refunded than was paid, or charged of a rate, a line or the order."""
    taken, totals = crediting.credited(order), compute_totals(order)
    assert order.paid + order.refunded == sum(payment.amount for payment in order.registered_payments)
    assert 0 <= order.pending_refunds <= order.paid
    assert 0 <= order.credited == taken.total <= order.total
    for rate, left in crediting.left_by_rate(order).items():
        assert 0 <= taken.vat[rate] <= totals.vat.get(rate, 0)
        assert left >= 0
        assert left or taken.vat[rate] == totals.vat.get(rate, 0)
    for line_id, units in taken.units.items():
        line = order.find_line(line_id)
        assert line is not None
        assert units <= line.quantity


def check_events_and_mails(expected: ExpectedOrder, order: Order, events: list[Event], messages: list[Message]) -> None:
    """Rules 18, 21 and 22: one event for each change, one version if it makes forms stale, one mail if it mails."""
    assert order.event_count == len(events)
    assert sum(event.kind not in AUTOMATIC for event in events) == expected.events
    assert order.version == expected.version == sum(event.kind.bumps_version for event in events)
    assert order.message_count == len(messages) == expected.messages
    deliveries = sum(mail.kind is MessageKind.DELIVERY_CONFIRMATION for mail in messages)
    assert deliveries == sum(event.kind is EventKind.SHIPMENT_SHIPPED for event in events)


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


def pick(things: list[T], which: int) -> T:
    return things[which % len(things)]


def holds_of(order: Order) -> list[tuple[int, int | None]]:
    return [(hold.id, hold.shipment) for hold in order.holds]


def gives(order: Order) -> bool:
    """Whether a hold of an order gives stock to others."""
    return not all(hold.keeps_stock for hold in order.holds)


def contents(shipment: Shipment) -> list[tuple[object, ...]]:
    return [(line.id, line.sku, line.quantity, line.unit_price, line.discount) for line in shipment.lines]


def states_of_lines(shipment: Shipment) -> list[tuple[int, int, int]]:
    return [(line.id, line.quantity, line.reserved) for line in shipment.lines]


def status_of(statuses: set[DeliveryStatus]) -> OrderStatus:
    if statuses == {DeliveryStatus.SHIPPED}:
        return OrderStatus.SHIPPED
    if DeliveryStatus.SHIPPED in statuses:
        return OrderStatus.PARTLY_SHIPPED
    return OrderStatus.BACKORDERED if DeliveryStatus.BACKORDERED in statuses else OrderStatus.READY


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def play(app: Flask, **how: Any) -> None:
    Shop.app = app
    run_state_machine_as_test(
        Shop,
        settings=settings(
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            **how,
        ),
    )


def walk(app: Flask, acts: list[Callable[[Shop], None]]) -> None:
    """Let these things happen to a shop, and check every rule after each."""
    Shop.app = app
    shop = Shop()
    shop.open_shop([12, 12], may_wait=True, rounds=False, orders=[[(1, 2, 0)]], prices_include_vat=True)
    shop.every_rule_holds()
    for act in acts:
        act(shop)
        shop.every_rule_holds()
    shop.teardown()


def test_rules_01_to_23_hold_whatever_staff_stock_and_erp_do(app: Flask) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    play(app, max_examples=30 if on_sqlite else 5, stateful_step_count=40, derandomize=True, phases=[Phase.generate])


SHORT_WALKS: dict[str, list[Callable[[Shop], None]]] = {
    "_ship": [
        lambda shop: shop.ship(0, 0),
        lambda shop: shop.reopen(0, 0),
        lambda shop: shop.undo_and_redo(0, 1, 0),
    ],
    "_restore_codes": [
        lambda shop: shop.make_another_change(0, "code", 0),
        lambda shop: shop.undo_and_redo(0, 1, 0),
        lambda shop: shop.redo_or_not(0),
    ],
}


@pytest.mark.parametrize("inverse", SHORT_WALKS)
def test_negative_control_a_broken_undo_is_noticed(app: Flask, monkeypatch: pytest.MonkeyPatch, inverse: str) -> None:
    walk(app, SHORT_WALKS[inverse])
    monkeypatch.setattr(restoring, inverse, lambda *arguments: None)
    with pytest.raises(Exception):  # noqa: B017, PT011
        walk(app, SHORT_WALKS[inverse])


@pytest.mark.parametrize(("owner", "guard"), [(Shipment, "check_not_held"), (reservations, "give_to_others")])
def test_negative_control_a_hold_that_holds_nothing_is_noticed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, owner: Any, guard: str
) -> None:
    monkeypatch.setattr(owner, guard, lambda *arguments: [])
    with pytest.raises(Exception):  # noqa: B017, PT011
        play(app, max_examples=200, stateful_step_count=40, phases=[Phase.generate])


@pytest.mark.soak
def test_rules_01_to_23_hold_over_a_long_time(app: Flask) -> None:
    play(app, max_examples=500, stateful_step_count=60, print_blob=True)
