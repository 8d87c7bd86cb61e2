"""Staff, stock and the ERP do whatever they can in any order, and rules 1-17, 21 and 22 hold after every step."""

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
from tests.operations.steps import ERP
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, Shipping
from webshop_orders.errors import AlreadyDone, NoChange, NotFound, RuleViolation, StaleVersion
from webshop_orders.models import (
    Actor,
    ActorKind,
    Address,
    CommentKind,
    DeliveryStatus,
    Event,
    EventKind,
    Line,
    Message,
    MessageKind,
    Order,
    OrderStatus,
    Product,
    Shipment,
)
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    customers,
    lines,
    loading,
    placement,
    shipments,
    splits,
    tracking,
)
from webshop_orders.operations.stock import backorders, products
from webshop_orders.transactions.unit_of_work import editing, writing

ANNA = Actor(ActorKind.STAFF, "Anna Lind")
MOST_ORDERS = 3
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
BY_ITSELF = {EventKind.BACKORDER_COVERED, EventKind.COVER_WITHDRAWN}
HOME = Address(name="Åsa Öberg", street="Storgatan 1", postal_code="972 31", city="Luleå", country="SE")
T = TypeVar("T")
_runs = count(1)

PICK = st.integers(0, 10**6)  # which of the orders, shipments or lines that there are
QUANTITY = st.one_of(st.integers(1, 12), st.integers(1, 12), st.sampled_from([0, 99_999, 100_000]))
WANTED = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 8), st.integers(0, 100)), min_size=1, max_size=3)


@dataclass
class Known:
    """What the model remembers of an order, from outside."""

    number: str
    rounds: bool
    version: int = 1
    events: int = 1
    messages: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    seqs_present: set[int] = field(default_factory=set)
    last_seq: int = 0
    by_hand: dict[int, DeliveryStatus] = field(default_factory=dict)
    shipped: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    cancelled: bool = False


@dataclass(frozen=True)
class Present:
    """Everything of one run as the database has it, oldest order first, read in a few statements."""

    orders: list[Order]
    events: dict[int, list[Event]]
    messages: dict[int, list[Message]]
    products: list[Product]

    @classmethod
    def read(cls, numbers: list[str], skus: list[str]) -> Present:
        db.session.rollback()
        db.session.expire_all()
        chosen = loading.COMPLETE_ORDERS.where(Order.number.in_(numbers)).order_by(Order.placed_at, Order.id)
        orders = list(db.session.scalars(chosen).unique())
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
        """All that a change could touch, to see that a refused one touched nothing."""
        return self.counters(), [
            (
                (order.number, order.version, order.event_count, order.message_count, order.total),
                (order.customer, order.status, order.last_seq),
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


class Shop(RuleBasedStateMachine):
    app: Flask

    @initialize(
        stocks=st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=2, max_size=2),
        may_wait=st.sampled_from([True, None]),
        rounds=st.booleans(),
        wanted=st.lists(WANTED, min_size=2, max_size=2),
        prices_include_vat=st.booleans(),
    )
    def open_shop(
        self,
        stocks: list[int | None],
        may_wait: bool | None,
        rounds: bool,
        wanted: list[list[tuple[int, int, int]]],
        prices_include_vat: bool,
    ) -> None:
        self.run, self.rounds = next(_runs), rounds
        self.orders: dict[str, Known] = {}
        self.skus = [f"{name}-{self.run}" for name in ("SOLD-OUT", "CANDLE", "NEVER-BACKORDERED")]
        self.oversold: set[str] = set()
        self.lines_seen: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
        rows = [(19_950, 2500, 0, True), (1_233, 1200, stocks[0], may_wait), (998, 600, stocks[1], False)]
        with writing():
            shop_settings.for_update().rounds_to_whole_kronor = rounds
            for sku, (price, vat, stock, may) in zip(self.skus, rows, strict=True):
                db.session.add(
                    Product(
                        sku=sku, name=sku, price=price, currency="SEK", vat_rate=vat, stock=stock, backorderable=may
                    )
                )
        for one in wanted:
            self.take_in(one, 1, prices_include_vat)

    # What staff, customers and the ERP do

    @precondition(lambda self: len(self.orders) < MOST_ORDERS)
    @rule(wanted=WANTED, days=st.integers(0, 3), prices_include_vat=st.booleans())
    def place(self, wanted: list[tuple[int, int, int]], days: int, prices_include_vat: bool) -> None:
        self.take_in(wanted, days, prices_include_vat)

    def take_in(self, wanted: list[tuple[int, int, int]], days: int, prices_include_vat: bool) -> None:
        number = f"M-{self.run}-{len(self.orders)}"
        catalogue = dict(enumerate(self.read().products))
        rows = []
        for which, quantity, percent in wanted:
            product = catalogue.get(which)
            price = product.price if product else 5_001
            rows.append(
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
            lines=rows,
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
        known = self.orders[number] = Known(number, self.rounds, messages=1)
        for row in rows:
            known.sums[row.sku] += row.quantity

    @rule(which=PICK, sku=PICK, quantity=QUANTITY, to=st.one_of(st.none(), PICK))
    def add_product(self, which: int, sku: int, quantity: int, to: int | None) -> None:
        known, product = self.pick(which), self.product(sku)

        def add(order: Order) -> None:
            target = pick(order.shipments, to) if to is not None else None
            waited = sum(line.backordered for line in order.lines if line.sku == product.sku)
            line = lines.add(order, db.session.get_one(Product, product.id), quantity, to=target, by=ANNA)
            assert (line.unit_price, line.vat_rate) == (product.price, product.vat_rate)
            assert product.backorderable is not False or line.backordered <= waited

        if self.change(known, add):
            known.sums[product.sku] += quantity

    @rule(which=PICK, line=PICK, quantity=QUANTITY)
    def change_quantity(self, which: int, line: int, quantity: int) -> None:
        known = self.pick(which)
        moved: list[tuple[str, int]] = []

        def change(order: Order) -> None:
            chosen = pick(list(order.lines), line)
            moved.append((chosen.sku, quantity - chosen.quantity))
            waited = chosen.backordered
            lines.change_quantity(chosen, quantity, by=ANNA)
            may_wait = chosen.product is None or chosen.product.backorderable is not False
            assert may_wait or chosen.backordered <= waited

        if self.change(known, change):
            known.sums.update(dict(moved))

    @rule(which=PICK, line=PICK)
    def remove(self, which: int, line: int) -> None:
        known = self.pick(which)
        gone: list[tuple[str, int]] = []

        def remove(order: Order) -> None:
            chosen = pick(list(order.lines), line)
            gone.append((chosen.sku, -chosen.quantity))
            lines.remove(chosen, by=ANNA)

        if self.change(known, remove):
            known.sums.update(dict(gone))

    @rule(
        which=PICK,
        line=PICK,
        quantity=st.one_of(st.integers(1, 4), st.integers(1, 12), st.none()),
        to=st.sampled_from(["new", "another", "another", "itself"]),
        other=PICK,
    )
    def split(self, which: int, line: int, quantity: int | None, to: str, other: int) -> None:
        def split(order: Order) -> None:
            chosen = pick(list(order.lines), line)
            held, source = chosen.quantity, chosen.shipment
            units = held if quantity is None else quantity
            others = [shipment for shipment in order.shipments if shipment is not source]
            wanted = source if to == "itself" else pick(others, other) if to == "another" and others else None
            waiting, waiting_there = chosen.backordered, wanted.backordered if wanted else 0
            discount = sum(one.discount for one in order.lines)
            moved_to = splits.split(chosen, units, to=wanted, by=ANNA)
            assert 1 <= units <= held
            assert moved_to is not source
            assert moved_to.backordered == waiting_there + min(units, waiting)
            assert sum(one.discount for one in order.lines) == discount

        if self.change(self.pick(which), split):
            assert self.read().counters() == self.counters_before  # rule 9: no stock moves

    @rule(which=PICK, seq=PICK)
    def split_backordered(self, which: int, seq: int) -> None:
        known = self.pick(which)

        def split(order: Order) -> None:
            source = pick(order.shipments, seq)
            waiting = source.backordered
            target = splits.split_backordered(source, by=ANNA)
            assert (target.quantity, target.backordered, source.backordered) == (waiting, waiting, 0)

        self.change(known, split)

    @rule(which=PICK, seq=PICK)
    def ship(self, which: int, seq: int) -> None:
        known = self.pick(which)

        def ship(order: Order) -> None:
            shipment = pick(order.shipments, seq)
            unknown_to_stock = {line.sku for line in shipment.lines if line.backordered}
            shipments.ship(shipment, by=ANNA)
            self.oversold |= unknown_to_stock
            known.shipped[shipment.seq] = contents(shipment)

        if self.change(known, ship):
            known.messages += 1

    @precondition(lambda self: any(known.shipped for known in self.orders.values()))
    @rule(which=PICK, seq=PICK)
    def reopen(self, which: int, seq: int) -> None:
        known = self.pick(which)

        def reopen(order: Order) -> None:
            shipment = pick(order.shipments, seq)
            shipments.reopen(shipment, by=ANNA)
            del known.shipped[shipment.seq]

        self.change(known, reopen)

    @rule(which=PICK, seq=PICK, status=st.sampled_from([DeliveryStatus.READY, DeliveryStatus.BACKORDERED]))
    def set_status_by_hand(self, which: int, seq: int, status: DeliveryStatus) -> None:
        known = self.pick(which)

        def set_status(order: Order) -> None:
            shipment = pick(order.shipments, seq)
            shipments.set_status(shipment, status, by=ANNA)
            known.by_hand[shipment.seq] = status

        self.change(known, set_status)

    @precondition(lambda self: not any(known.cancelled for known in self.orders.values()))
    @rule(which=PICK)
    def cancel(self, which: int) -> None:
        known = self.pick(which)
        if self.change(known, lambda order: cancellation.cancel(order, by=ANNA)):
            known.cancelled = True

    @rule(sku=PICK, level=st.one_of(st.integers(0, 8), st.integers(0, 30), st.none()))
    def set_stock(self, sku: int, level: int | None) -> None:
        product = self.product(sku)
        before = [(line.quantity, line.reserved) for line in self.read().open_lines() if line.sku == product.sku]
        with writing():
            backorders.set_stock(product.id, level, by=ERP)
        after = [line.reserved for line in self.read().open_lines() if line.sku == product.sku]
        assert after == share_out(level, before)
        self.oversold.discard(product.sku)

    @rule(which=PICK, what=st.sampled_from(["comment", "mail", "customer", "code", "code away"]), seq=PICK)
    def leave_a_trace(self, which: int, what: str, seq: int) -> None:
        known = self.pick(which)

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
                    tracking.remove(shipment, codes[0] if codes else 0, by=ANNA)

        if self.change(known, leave, bumps_version=what not in {"comment", "mail"}):
            known.messages += what == "mail"

    @rule(which=PICK, what=st.sampled_from(["a stale form", "the same request", "another order"]), line=PICK)
    def ask_for_what_is_refused(self, which: int, what: str, line: int) -> None:
        known = self.pick(which)
        match what:
            case "a stale form":
                self.save_a_stale_form(known, line)
            case "the same request":
                self.send_the_same_request_twice(known)
            case "another order":
                self.reach_into_another_order(known, self.pick(which + 1), line)

    def save_a_stale_form(self, known: Known, line: int) -> None:
        with pytest.raises(StaleVersion), editing(known.number, known.version - 1 - line % 3, ANNA) as order:
            lines.remove(pick(list(order.lines), line), by=ANNA)
        assert self.read().as_values() == self.before

    def send_the_same_request_twice(self, known: Known) -> None:
        asking = ANNA.with_request_key(f"request-{known.events}")
        with editing(known.number, None, asking) as order:
            comments.add(order, CommentKind.INTERNAL, "once", by=asking)
        known.events += 1
        before = self.read().as_values()
        with pytest.raises(AlreadyDone), editing(known.number, None, asking) as order:
            comments.add(order, CommentKind.INTERNAL, "twice", by=asking)
        assert self.read().as_values() == before

    def reach_into_another_order(self, mine: Known, other: Known, line: int) -> None:
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

    # What always holds

    @invariant()
    def every_rule_holds(self) -> None:
        present = self.read()
        assert {order.number for order in present.orders} == set(self.orders)
        for order in present.orders:
            known = self.orders[order.number]
            check_units(known, order)
            self.forget_statuses_decided_anew(known, order)
            check_statuses(known, order)
            check_shipments(known, order)
            check_sums(known, order)
            check_traces(known, order, present.events[order.id], present.messages[order.id])
        self.check_stock(present)
        self.before, self.counters_before = present.as_values(), present.counters()

    def check_stock(self, present: Present) -> None:
        """Rules 4 and 8: the counters of products are true, and nobody waits for units that are free."""
        held: Counter[str] = Counter()
        waiting: Counter[str] = Counter()
        for line in present.open_lines():
            if line.is_tracked:
                held[line.sku] += line.reserved
                waiting[line.sku] += line.quantity - line.reserved
        for product in present.products:
            assert (product.reserved, product.backordered) == (held[product.sku], waiting[product.sku])
            if product.stock is not None and product.sku not in self.oversold:
                assert product.reserved <= product.stock
            assert not (product.backordered and product.available(0)), "units are free while an order waits"

    def forget_statuses_decided_anew(self, known: Known, order: Order) -> None:
        """Rule 5: a change of its lines or reservations ends what was set by hand."""
        for shipment in order.shipments:
            lines_now = [(line.id, line.quantity, line.reserved) for line in shipment.lines]
            before = self.lines_seen.get((known.number, shipment.seq))
            if before != lines_now or shipment.is_shipped:
                known.by_hand.pop(shipment.seq, None)
            self.lines_seen[known.number, shipment.seq] = lines_now

    # The means

    def teardown(self) -> None:
        db.session.rollback()
        db.session.expunge_all()

    def change(self, known: Known, act: Callable[[Order], object], *, bumps_version: bool = True) -> bool:
        """Let staff carry out a change; whether it was done. A refused one must leave everything as it was."""
        model = deepcopy((vars(known), self.oversold))
        try:
            with editing(known.number, known.version, ANNA) as order:
                act(order)
        except (RuleViolation, NoChange, NotFound):
            vars(known).update(model[0])
            self.oversold = model[1]
            assert self.read().as_values() == self.before
            return False
        known.events += 1
        known.version += bumps_version
        return True

    def pick(self, which: int) -> Known:
        return pick(list(self.orders.values()), which)

    def product(self, which: int) -> Product:
        return db.session.scalars(select(Product).where(Product.sku == pick(self.skus, which))).one()

    def read(self) -> Present:
        return Present.read(list(self.orders), self.skus)


def check_units(known: Known, order: Order) -> None:
    """Rules 1, 2 and 3: units are neither made nor lost, and what stock does not count is covered."""
    sums: Counter[str] = Counter()
    for line in order.lines:
        assert 1 <= line.quantity <= 99_999
        assert 0 <= line.reserved <= line.quantity
        assert line.is_tracked or line.reserved == line.quantity or not line.shipment.is_open
        sums[line.sku] += line.quantity
    assert sums == +known.sums


def check_statuses(known: Known, order: Order) -> None:
    """Rule 5, and the status of the order drawn from them."""
    if known.cancelled:
        assert order.status is OrderStatus.CANCELLED
        return
    for shipment in order.shipments:
        if shipment.seq in known.shipped:
            expected = DeliveryStatus.SHIPPED
        elif any(line.reserved < line.quantity for line in shipment.lines):
            expected = known.by_hand.get(shipment.seq, DeliveryStatus.BACKORDERED)
        else:
            expected = known.by_hand.get(shipment.seq, DeliveryStatus.READY)
        assert shipment.status is expected
    assert order.status is status_of({shipment.status for shipment in order.shipments})


def check_shipments(known: Known, order: Order) -> None:
    """Rules 6, 7, 11 and 15: what shipped stays as it left, none is empty, and no number is used again."""
    assert {s.seq: contents(s) for s in order.shipments if s.is_shipped} == known.shipped
    assert order.shipments
    assert all(shipment.lines for shipment in order.shipments)
    fresh = {shipment.seq for shipment in order.shipments} - known.seqs_present
    assert all(seq > known.last_seq for seq in fresh)
    known.last_seq = max({known.last_seq, *fresh})
    known.seqs_present = {shipment.seq for shipment in order.shipments}
    assert order.last_seq == known.last_seq


def check_sums(known: Known, order: Order) -> None:
    """Rule 16: what is kept is what adding up anew gives, to the öre."""
    assert order.units == sum(line.quantity for line in order.lines)
    by_rate: Counter[int] = Counter({order.shipping_vat_rate: order.shipping_price})
    for line in order.lines:
        by_rate[line.vat_rate] += line.quantity * line.unit_price - line.discount
    exact = sum(by_rate.values())
    if not order.prices_include_vat:
        exact += sum(half_up(Fraction(amount * rate, 10_000)) for rate, amount in by_rate.items())
    assert order.total == (100 * half_up(Fraction(exact, 100)) if known.rounds else exact)


def check_traces(known: Known, order: Order, events: list[Event], messages: list[Message]) -> None:
    """Rules 18, 21 and 22: one event a change, one version where it makes forms stale, one mail where it mails."""
    assert order.event_count == len(events)
    assert sum(event.kind not in BY_ITSELF for event in events) == known.events
    assert order.version == known.version == sum(event.kind.bumps_version for event in events)
    assert order.message_count == len(messages) == known.messages
    deliveries = sum(mail.kind is MessageKind.DELIVERY_CONFIRMATION for mail in messages)
    assert deliveries == sum(event.kind is EventKind.SHIPMENT_SHIPPED for event in events)


def share_out(level: int | None, waiting: list[tuple[int, int]]) -> list[int]:
    """What lines of `(quantity, reserved)`, oldest first, hold once stock is set to a level."""
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


def contents(shipment: Shipment) -> list[tuple[object, ...]]:
    return [(line.id, line.sku, line.quantity, line.unit_price, line.discount) for line in shipment.lines]


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


def test_rules_01_to_22_hold_whatever_staff_stock_and_erp_do(app: Flask) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    play(app, max_examples=30 if on_sqlite else 5, stateful_step_count=40, derandomize=True, phases=[Phase.generate])


@pytest.mark.soak
def test_rules_01_to_22_hold_over_a_long_time(app: Flask) -> None:
    play(app, max_examples=500, stateful_step_count=60, print_blob=True)
