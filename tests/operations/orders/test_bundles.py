"""Bundles: the parts go where their bundle goes, and cannot be changed by themselves."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, line_of, read, read_product, set_stock, shape, stock_of
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, EventKind, Line, Order
from webshop_orders.operations.orders import lines, splits

SET = NewLine("SET", "Ljuspaket", 3, 30_000, 2500, bundle="7")
CANDLES = NewLine("CANDLE", "Blockljus", 6, 0, 2500, bundle="7", units_per_bundle=2)
STAKES = NewLine("STAKE", "Ljusstake", 3, 0, 2500, bundle="7", units_per_bundle=1)
BOOK = NewLine("BOOK", "Bok", 1, 10_000, 600)


def order_of(*extra: NewLine, candles: int = 100) -> Order:
    make_product("CANDLE", stock=candles)
    make_product("STAKE")
    return make_order(lines=[SET, CANDLES, STAKES, *extra])


def quantities(order: Order) -> dict[int, dict[str, int]]:
    return {shipment.seq: {line.sku: line.quantity for line in shipment.lines} for shipment in read(order).shipments}


def test_the_parts_follow_the_quantity_of_their_bundle(app: Flask, anna: Actor) -> None:
    order = order_of(BOOK)

    with changing(order, anna) as current:
        lines.change(line_of(current, "SET"), quantity=5, by=anna)

    assert quantities(order) == {1: {"SET": 5, "CANDLE": 10, "STAKE": 5, "BOOK": 1}}
    assert stock_of("CANDLE") == (100, 10, 0)
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.LINE_CHANGED]
    assert read(order).total == 5 * 30_000 + 10_000

    with changing(order, anna) as current:
        lines.change(line_of(current, "SET"), quantity=1, by=anna)

    assert quantities(order) == {1: {"SET": 1, "CANDLE": 2, "STAKE": 1, "BOOK": 1}}
    assert stock_of("CANDLE") == (100, 2, 0)


def test_a_removed_bundle_takes_its_parts_along(app: Flask, anna: Actor) -> None:
    order = order_of(BOOK)

    with changing(order, anna) as current:
        lines.remove(line_of(current, "SET"), by=anna)

    assert quantities(order) == {1: {"BOOK": 1}}
    assert stock_of("CANDLE") == (100, 0, 0)
    assert kinds_of(order)[1:] == [EventKind.LINE_REMOVED]


def test_the_only_bundle_of_an_order_cannot_be_removed(app: Flask, anna: Actor) -> None:
    order = order_of()

    with pytest.raises(RuleViolation), changing(order, anna) as current:
        lines.remove(line_of(current, "SET"), by=anna)


def test_a_split_bundle_takes_its_parts_along(app: Flask, anna: Actor) -> None:
    order = order_of()

    with changing(order, anna) as current:
        splits.split(line_of(current, "SET"), 1, to=None, by=anna)

    assert quantities(order) == {
        1: {"SET": 2, "CANDLE": 4, "STAKE": 2},
        2: {"SET": 1, "CANDLE": 2, "STAKE": 1},
    }
    assert kinds_of(order)[1:] == [EventKind.LINE_SPLIT]

    with changing(order, anna) as current:
        splits.split(line_of(current, "SET", 2), 1, to=current.shipments[0], by=anna)

    assert quantities(order) == {1: {"SET": 3, "CANDLE": 6, "STAKE": 3}}


def test_a_bundle_that_is_all_of_the_order_cannot_be_split_off_whole(app: Flask, anna: Actor) -> None:
    order = order_of()

    with pytest.raises(NoChange), changing(order, anna) as current:
        splits.split(line_of(current, "SET"), 3, to=None, by=anna)


def test_bundles_that_lack_a_part_are_split_off_whole(app: Flask, anna: Actor) -> None:
    order = order_of(BOOK, candles=3)  # one whole set, half of another
    assert shape(order)[1][1] == ("CANDLE", 6, 3)

    with changing(order, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)

    assert quantities(order) == {
        1: {"SET": 1, "CANDLE": 2, "STAKE": 1, "BOOK": 1},
        2: {"SET": 2, "CANDLE": 4, "STAKE": 2},
    }


def test_an_order_all_of_whose_bundles_wait_is_not_split(app: Flask, anna: Actor) -> None:
    order = order_of(candles=0)

    with pytest.raises(NoChange), changing(order, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)


CHANGES: list[Callable[[Line, Actor], object]] = [
    lambda line, by: lines.change(line, quantity=5, by=by),
    lambda line, by: lines.remove(line, by=by),
    lambda line, by: splits.split(line, 1, to=None, by=by),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_part_cannot_be_changed_by_itself(app: Flask, anna: Actor, change: Callable[[Line, Actor], object]) -> None:
    order = order_of(BOOK)

    with pytest.raises(RuleViolation, match="Ljuspaket"), changing(order, anna) as current:
        change(line_of(current, "CANDLE"), anna)

    assert quantities(order) == {1: {"SET": 3, "CANDLE": 6, "STAKE": 3, "BOOK": 1}}


def test_a_part_without_its_bundle_is_a_line_like_any_other(app: Flask, anna: Actor) -> None:
    order = make_order(lines=[CANDLES, BOOK])

    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=5, by=anna)

    assert quantities(order) == {1: {"CANDLE": 5, "BOOK": 1}}


def test_parts_are_shown_below_their_bundle(app: Flask) -> None:
    order = read(make_order(lines=[CANDLES, BOOK, SET, STAKES]))

    assert [line.sku for line in order.shipments[0].lines_by_bundle] == ["BOOK", "SET", "CANDLE", "STAKE"]


@pytest.mark.parametrize("discount", [0, 10_001])
def test_a_removed_bundle_comes_back_with_its_parts_and_terms(app: Flask, anna: Actor, discount: int) -> None:
    make_product("SET", price=45_000, stock=None, active=False)
    sold = replace(SET, discount=discount)
    make_product("CANDLE", price=9_900)
    make_product("STAKE", price=9_900)
    order = make_order(lines=[sold, CANDLES, STAKES, BOOK], payment_method="card")
    product, total = read_product("SET"), read(order).total

    for taken_off, added in (([3], [3]), ([3], [1, 2]), ([1, 2], [3]), ([2, 1], [2, 1])):
        for units in taken_off:
            with changing(order, anna) as current:
                line = line_of(current, "SET")
                if units == line.quantity:
                    lines.remove(line, by=anna)
                else:
                    lines.change(line, quantity=line.quantity - units, by=anna)
        assert quantities(order) == {1: {"BOOK": 1}}
        assert stock_of("CANDLE") == (100, 0, 0)
        for units in added:
            with changing(order, anna) as current:
                lines.add(current, product, units, by=anna)
        assert quantities(order) == {1: {"BOOK": 1, "SET": 3, "CANDLE": 6, "STAKE": 3}}
        assert stock_of("CANDLE") == (100, 6, 0)
        assert (read(order).total, line_of(read(order), "SET").discount) == (total, discount)
        assert line_of(read(order), "CANDLE").bundle_line is line_of(order, "SET")
        assert order.removed_units == []


def test_a_removed_bundle_waits_where_its_parts_do(app: Flask, anna: Actor) -> None:
    make_product("SET", stock=None)
    order = order_of(BOOK)
    product = read_product("SET")
    with changing(order, anna) as current:
        lines.remove(line_of(current, "SET"), by=anna)
    set_stock("CANDLE", 3)

    with changing(order, anna) as current:
        lines.add(current, product, 3, by=anna)

    assert shape(order)[1] == [("BOOK", 1, 1), ("SET", 3, 3), ("CANDLE", 6, 3), ("STAKE", 3, 3)]
    assert stock_of("CANDLE") == (3, 3, 3)


@pytest.mark.parametrize("to", [1, 2])
@pytest.mark.parametrize("discount", [0, 10_001])
def test_bundles_taken_off_one_that_stays_come_back_too(app: Flask, anna: Actor, discount: int, to: int) -> None:
    make_product("SET", price=45_000, stock=None)
    make_product("CANDLE", price=9_900)
    make_product("STAKE", price=9_900)
    order = make_order(lines=[replace(SET, discount=discount), CANDLES, STAKES, BOOK], payment_method="card")
    product, total = read_product("SET"), read(order).total
    with changing(order, anna) as current:
        splits.split(line_of(current, "BOOK"), 1, to=None, by=anna)
    with changing(order, anna) as current:
        lines.change(line_of(current, "SET"), quantity=1, by=anna)

    for _turn in range(2):
        with changing(order, anna) as current:
            lines.add(current, product, 1, to=current.find_shipment(to), by=anna)

    together, apart = {"SET": 3, "CANDLE": 6, "STAKE": 3}, {"SET": 2, "CANDLE": 4, "STAKE": 2}
    expected = {1: together, 2: {"BOOK": 1}}
    if to == 2:
        expected = {1: {"SET": 1, "CANDLE": 2, "STAKE": 1}, 2: {"BOOK": 1, **apart}}
    assert quantities(order) == expected
    assert sum(line.discount for line in read(order).lines) == discount
    assert (read(order).total, order.removed_units) == (total, [])
    assert stock_of("CANDLE") == (100, 6, 0)
