"""Rule 16: the total of an order is recalculated once for a change of its lines, and otherwise not at all."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order, make_product
from tests.operations.steps import changing, events_of, line_of, read
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, BeforeAfter, Customer, Order, Product
from webshop_orders.money import recalculation
from webshop_orders.money.recalculation import recalculate
from webshop_orders.money.totals import Totals, compute_totals
from webshop_orders.operations.orders import cancellation, customers, lines, shipments, splits, tracking

Operation = Callable[[Order, Actor], object]
BO = Customer("Bo Ek", email="bo@example.com")


def add(order: Order, by: Actor) -> None:
    lines.add(order, db.session.scalars(db.select(Product).where(Product.sku == "WICK")).one(), 2, by=by)


CHANGES_OF_LINES: list[Operation] = [
    add,
    lambda order, by: lines.change(line_of(order, "CANDLE"), quantity=3, by=by),
    lambda order, by: lines.remove(line_of(order, "WICK"), by=by),
]
OTHER_CHANGES: list[Operation] = [
    lambda order, by: splits.split(line_of(order, "CANDLE"), 1, to=None, by=by),
    lambda order, by: shipments.ship(order.shipments[0], by=by),
    lambda order, by: tracking.add(order.shipments[0], "RR1", None, None, by=by),
    lambda order, by: customers.change(order, ASA, LULEA, LULEA, by=by),
    lambda order, by: cancellation.cancel(order, by=by),
]


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", price=10_000)
    make_product("WICK", price=1_000)
    return make_order(("CANDLE", 2), ("WICK", 1), send_confirmation=False, customer=BO)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Totals]:
    """The totals that were computed in order to recalculate an order."""
    computed: list[Totals] = []

    def compute(order: Order) -> Totals:
        computed.append(compute_totals(order))
        return computed[-1]

    monkeypatch.setattr(recalculation, "compute_totals", compute)
    return computed


@pytest.mark.parametrize("change", CHANGES_OF_LINES)
def test_a_change_of_lines_computes_the_totals_once(
    order: Order, anna: Actor, computed: list[Totals], change: Operation
) -> None:
    with changing(order, anna) as current:
        change(current, anna)

    (totals,) = computed
    after = read(order)
    assert after.total == compute_totals(after).total == totals.total
    assert events_of(order)[-1].facts["total"] == {"before": 21_000, "after": totals.total}


@pytest.mark.parametrize("change", OTHER_CHANGES)
def test_a_change_of_anything_else_computes_none_and_the_total_stays_right(
    order: Order, anna: Actor, computed: list[Totals], change: Operation
) -> None:
    with changing(order, anna) as current:
        change(current, anna)

    after = read(order)
    assert computed == []
    assert after.total == compute_totals(after).total == 21_000


def test_two_changes_of_lines_in_one_transaction_follow_each_other(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=3, by=anna)
        lines.remove(line_of(current, "WICK"), by=anna)

    _placed, changed, removed = events_of(order)
    assert changed.facts["total"] == {"before": 21_000, "after": 31_000}
    assert removed.facts["total"] == {"before": 31_000, "after": 30_000}
    assert read(order).total == 30_000


def test_lines_that_come_to_the_same_leave_the_total(order: Order) -> None:
    assert recalculate(read(order)) == BeforeAfter(21_000, 21_000)


@pytest.mark.parametrize(
    ("quantity", "balance"),
    [
        (1, 0),  # the unit that the shop gave back is taken off
        (3, 10_000),  # one more is owed
    ],
)
def test_a_unit_that_the_shop_gave_back_is_not_refunded_once_more(
    order: Order, anna: Actor, quantity: int, balance: int
) -> None:
    with changing(order, anna) as current:
        current.paid, current.refunded, current.written_off = 11_000, 10_000, 10_000
    with changing(order, anna) as current:
        assert compute_totals(current).balance == 0
        lines.change(line_of(current, "CANDLE"), quantity=quantity, by=anna)

    after = read(order)
    assert compute_totals(after).balance == balance


def test_more_than_the_shop_gave_back_is_to_be_refunded(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        current.paid, current.refunded, current.written_off = 18_000, 3_000, 3_000
    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=1, by=anna)

    after = read(order)
    assert compute_totals(after).balance == -7_000


def test_a_change_of_lines_ends_the_vat_of_the_shop(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        current.vat_corrections = {"2500": 2}
    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=1, by=anna)

    assert read(order).vat_corrections == {}
