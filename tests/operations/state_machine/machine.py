"""What the parts of the machine stand on: a shop with orders, and a change that is carried out or refused whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from itertools import count
from typing import ClassVar

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import select

from tests.factories import ASA, SHOP
from tests.operations.state_machine.model import ANNA, BEGINNING, HOME, ROWS, ExpectedOrder, Snapshot, pick
from webshop_orders import shop_settings, verification
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, Shipping
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Order, Product
from webshop_orders.operations.orders import placement
from webshop_orders.operations.stock import movements, products
from webshop_orders.transactions.unit_of_work import editing, writing

_runs = count(1)


class Machine(RuleBasedStateMachine):
    """A shop with its orders; `accepted` counts the changes that were carried out, by the names of their functions."""

    app: Flask
    accepted: ClassVar[Counter[str]] = Counter()
    before: object
    counters_before: list[tuple[int | None, int, int]]

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
            made = [
                Product(sku=sku, name=sku, price=price, currency="SEK", vat_rate=vat, stock=stock, backorderable=may)
                for sku, (price, vat, stock, may) in zip(self.skus, catalogue, strict=True)
            ]
            db.session.add_all(made)
            db.session.flush()
            movements.open_stock(made)
        for rows in orders:
            self.place_order(rows, 1, prices_include_vat)

    def place_order(
        self, rows: list[tuple[int, int, int]], days: int, prices_include_vat: bool, whole: bool = False
    ) -> None:
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
            ships_whole=whole,
        )
        with writing():
            placement.place(new, products.by_sku(self.skus), by=SHOP)
        expected = self.orders[number] = ExpectedOrder(number, self.rounds, messages=1, whole=whole)
        for line in new_lines:
            expected.sums[line.sku] += line.quantity

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
        self.accepted[getattr(act, "__name__", "")] += 1
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

    def teardown(self) -> None:
        assert [violation.sentence for violation in verification.verify_all()] == []
        db.session.expunge_all()
