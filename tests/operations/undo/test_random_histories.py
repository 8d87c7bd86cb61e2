"""Rule 23 for random histories: undoing all and doing all again gives the same order both times."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import LULEA, make_order, make_product
from tests.operations.steps import ERP, read
from tests.operations.undo.steps import document, make_user, redo, steps_of, stored, undo
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, Customer, DeliveryStatus, Order, Product
from webshop_orders.operations.orders import (
    cancellation,
    customers,
    lines,
    plans,
    shipments,
    shipping_fee,
    splits,
    tracking,
)
from webshop_orders.operations.orders.plans import Plan
from webshop_orders.operations.undo import restoring
from webshop_orders.transactions.unit_of_work import editing

PRODUCTS = {"CANDLE": (10_000, 4), "WICK": (1_250, 6), "OIL": (2_000, None)}  # price and stock
SKUS = list(PRODUCTS)
PICK = st.integers(0, 9)
CHANGE = st.tuples(
    st.sampled_from(
        [
            *("add", "quantity", "quantity", "remove", "split", "split", "join", "waiting", "ship", "reopen"),
            *(
                "price",
                "free line",
                "status",
                "code",
                "other code",
                "no code",
                "codes move",
                "plan",
                "plan",
                "customer",
            ),
            *("shipping fee", "cancel"),
        ]
    ),
    PICK,
    st.integers(1, 8),
)
# Of any length from 1 to 30, where lists of Hypothesis would be short ones.
STEPS = st.integers(1, 30).flatmap(lambda length: st.lists(CHANGE, min_size=length, max_size=length))
_numbers = count(1)


def carry_out(order: Order, name: str, which: int, units: int, by: Actor) -> None:
    """One change of the order; a cancelled one is restored.

    Raises RuleViolation, NoChange or NotFound where it cannot be made now.
    """
    if order.is_cancelled:
        cancellation.restore(order, by=by)
        return
    line = pick(list(order.lines), which)
    shipment = pick(order.shipments, which)
    others = [other for other in order.shipments if other is not line.shipment]
    match name:
        case "add":
            sku = f"{pick(SKUS, which)}-{order.number}"
            lines.add(order, db.session.scalars(db.select(Product).where(Product.sku == sku)).one(), units, by=by)
        case "quantity":
            lines.change(line, quantity=units, by=by)
        case "price":
            lines.change(line, unit_price=units * 1_111, discount=units, reason="Rabatt", by=by)
        case "free line":
            lines.add_free(order, "Kort", units, unit_price=1_500, vat_rate=2500, by=by)
        case "remove":
            lines.remove(line, by=by)
        case "split":
            splits.split(line, min(units, line.quantity), to=None, by=by)
        case "join":
            splits.split(line, min(units, line.quantity), to=pick(others, units), by=by)
        case "waiting":
            splits.split_backordered(shipment, by=by)
        case "codes move":
            splits.split(line, line.quantity, to=pick(others, units), codes_to="with_units", by=by)
        case "plan":
            targets = [*order.open_shipments, None][:3]
            shares = {row.id: shared(row.quantity, len(targets), units) for row in plans.rows(order)}
            codes_to = dict.fromkeys([shipment.seq for shipment in order.open_shipments], which % len(targets))
            plans.rearrange(order, Plan(targets, shares, codes_to), by=by)
        case "ship":
            shipments.ship(shipment, by=by)
        case "reopen":
            shipments.reopen(shipment, by=by)
        case "status":
            shipments.set_status(shipment, pick([DeliveryStatus.READY, DeliveryStatus.BACKORDERED], units), by=by)
        case "code":
            tracking.add(shipment, f"RR{units}", None, None, by=by)
        case "other code":
            code = pick(shipment.tracking_codes, which)
            tracking.correct(shipment, code.id, NewTrackingCode(f"RR{units}"), by=by)
        case "no code":
            tracking.remove(shipment, pick(shipment.tracking_codes, units).id, by=by)
        case "customer":
            customers.change(order, Customer(f"Kund {units}", email="k@example.com"), LULEA, LULEA, by=by)
        case "shipping fee":
            shipping_fee.change(order, f"Paket {which % 2}", units * 1_000, by=by)
        case "cancel":
            cancellation.cancel(order, by=by)


def pick(items: Any, which: int) -> Any:
    if not items:
        raise NotFound("There is none.")
    return items[which % len(items)]


def play(changes: list[tuple[str, int, int]], by: Actor, *, scarce: bool) -> tuple[Order, list[Any]]:
    """An order, and what it is before the first change and after each that was made."""
    number = f"R-{next(_numbers)}"
    for sku, (price, stock) in PRODUCTS.items():
        make_product(f"{sku}-{number}", price=price, stock=stock if scarce or stock is None else 10_000)
    order = make_order(lines=order_lines(number), number=number, shipping_price=4_900, shipping_vat_rate=2500)
    with editing(number, None, ERP) as current:
        current.vat_corrections = {"2500": 1}
    documents = [values(order, scarce=scarce)]
    for change in changes:
        with suppress(RuleViolation, NoChange, NotFound), editing(order.number, None, by) as current:
            carry_out(current, *change, by)
        if len(steps_of(order, by).steps) == len(documents):
            documents.append(values(order, scarce=scarce))
    return order, documents


def shared(quantity: int, among: int, first: int) -> list[int]:
    """Units shared among shipments: some in the first, the others in turn."""
    taken = min(quantity, first % (quantity + 1))
    rest, left = divmod(quantity - taken, among)
    return [rest + (place < left) + (taken if place == 0 else 0) for place in range(among)]


def order_lines(number: str) -> list[NewLine]:
    """Two products, one with a discount, and a bundle with a part."""
    return [
        NewLine(f"CANDLE-{number}", "Candle", 5, 10_000, 2500, discount=777),
        NewLine(f"WICK-{number}", "Wick", 2, 1_250, 2500),
        NewLine("SET", "Set", 2, 30_000, 2500, bundle="7"),
        NewLine(f"OIL-{number}", "Oil", 4, 0, 2500, bundle="7", units_per_bundle=2),
    ]


STOCK_DECIDES = {"reserved", "waiting", "backordered", "status", "ready_since"}


def values(order: Order, *, scarce: bool) -> Any:
    """What the order is, but for since when it needs a person, and for what stock decides where that is scarce."""
    return _without({"document": document(order), **stored(order)}, {"attention", *(STOCK_DECIDES if scarce else ())})


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, names) for name, inner in value.items() if name not in names}
    return [_without(inner, names) for inner in value] if isinstance(value, list) else value


def check(changes: list[tuple[str, int, int]], by: Actor, *, scarce: bool) -> None:
    """Undo all and do all again, one step at a time, twice; and once undo all at once."""
    order, documents = play(changes, by, scarce=scarce)
    for _turn in range(2):
        for expected in documents[-2::-1]:
            undo(order, by)
            assert values(order, scarce=scarce) == expected
        for expected in documents[1:]:
            redo(order, by)
            assert values(order, scarce=scarce) == expected
    if len(documents) > 1:
        undo(order, by, steps_of(order, by).steps[0].id)
        assert values(order, scarce=scarce) == documents[0]
    check_stock(order)


def check_stock(order: Order) -> None:
    """Rule 4 for the products of this order, which no other order has."""
    current = read(order)
    for product in db.session.scalars(db.select(Product).where(Product.sku.endswith(f"-{order.number}"))):
        open_lines = [line for line in current.lines if line.sku == product.sku and line.shipment.is_open]
        assert product.stock is None or product.reserved == sum(line.reserved for line in open_lines)
        assert product.backordered == sum(line.backordered for line in open_lines)


@pytest.fixture
def anna(app: Flask) -> Actor:
    return make_user("Anna")


RANDOM = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@RANDOM
@given(changes=STEPS)
def test_undoing_all_and_doing_all_again_gives_the_same_order(anna: Actor, changes: list[tuple[str, int, int]]) -> None:
    check(changes, anna, scarce=False)


@RANDOM
@given(changes=STEPS)
def test_where_stock_is_scarce_it_gives_the_same_but_for_what_stock_decides(
    anna: Actor, changes: list[tuple[str, int, int]]
) -> None:
    check(changes, anna, scarce=True)


@pytest.mark.parametrize("inverse", ["_restore_codes", "_refresh_statuses", "_add_shipments", "_open", "_ship"])
def test_a_broken_inverse_is_noticed(anna: Actor, monkeypatch: pytest.MonkeyPatch, inverse: str) -> None:
    monkeypatch.setattr(restoring, inverse, lambda *arguments: None)
    changes = [("code", 0, 1), ("split", 1, 1), ("status", 0, 1), ("ship", 1, 1), ("waiting", 0, 1)]
    with pytest.raises(Exception):  # noqa: B017, PT011
        check(changes, anna, scarce=True)
