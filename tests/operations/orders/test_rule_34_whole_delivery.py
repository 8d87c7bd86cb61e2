"""Rule 34: an order that ships whole takes no cover until stock covers all of it, and then takes it at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import (
    ERP,
    changing,
    hold,
    kinds_of,
    last_event,
    line_of,
    product,
    read,
    set_stock,
    shape,
    stock_of,
)
from tests.operations.undo.steps import make_user, redo, undo
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, DeliveryStatus, EventKind, Order, OrderStatus
from webshop_orders.operations.orders import (
    cancellation,
    holds,
    lines,
    loading,
    plans,
    shipments,
    splits,
    whole_delivery,
)
from webshop_orders.operations.stock import backorders, whole_orders
from webshop_orders.transactions.unit_of_work import writing

MAY = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def catalogue(app: Flask) -> None:
    make_product("CANDLE", stock=5)
    make_product("WICK", stock=0)
    make_product("CARD", stock=None)


def placed(*rows: tuple[str, int], days: int = 0, **values: object) -> Order:
    return make_order(*rows, placed_at=MAY + timedelta(days=days), **values)


def whole(*rows: tuple[str, int], days: int = 0) -> Order:
    return placed(*rows, days=days, ships_whole=True)


def work() -> int:
    """Let the worker cover what it can; returns how many orders it covered."""
    covered = 0
    while (order_id := backorders.find_next_to_cover()) is not None:
        with writing():
            assert backorders.cover_order(order_id), "it would be found again and again"
        covered += 1
    return covered


def test_rule_34_nothing_is_covered_while_a_product_lacks(catalogue: None) -> None:
    order = whole(("CANDLE", 2), ("WICK", 1), ("CARD", 3))

    assert shape(order) == {1: [("CANDLE", 2, 0), ("WICK", 1, 0), ("CARD", 3, 3)]}
    assert stock_of("CANDLE") == (5, 0, 2)
    assert read(order).status is OrderStatus.BACKORDERED


def test_rule_34_what_it_does_not_hold_others_get(catalogue: None) -> None:
    whole(("CANDLE", 5), ("WICK", 1))
    later = placed(("CANDLE", 5), days=1)

    assert shape(later) == {1: [("CANDLE", 5, 5)]}


@pytest.mark.parametrize("how", ["set", "worker"])
def test_rule_34_all_of_it_is_covered_at_once(catalogue: None, how: str) -> None:
    order = whole(("CANDLE", 2), ("WICK", 1))
    if how == "set":
        set_stock("WICK", 1)
    else:
        with writing():
            backorders.receive({product("WICK"): 1}, by=ERP)
        assert work() == 1

    assert shape(order) == {1: [("CANDLE", 2, 2), ("WICK", 1, 1)]}
    assert read(order).shipments[0].status is DeliveryStatus.READY
    assert last_event(order).kind is EventKind.BACKORDER_COVERED


def test_rule_34_the_worker_neither_loops_nor_starves_those_behind(catalogue: None) -> None:
    set_stock("CANDLE", 0)
    first, second = whole(("CANDLE", 2), ("WICK", 1)), placed(("CANDLE", 2), days=1)
    with writing():
        backorders.receive({product("CANDLE"): 2}, by=ERP)

    assert work() == 1
    assert shape(first) == {1: [("CANDLE", 2, 0), ("WICK", 1, 0)]}
    assert shape(second) == {1: [("CANDLE", 2, 2)]}


def test_rule_34_two_lines_of_one_product_count_together(catalogue: None, anna: Actor) -> None:
    order = whole(("CANDLE", 4), ("WICK", 1))
    with changing(order, anna) as current:
        splits.split(line_of(current, "CANDLE"), 2, to=None, by=anna)
    set_stock("CANDLE", 3)
    set_stock("WICK", 1)

    assert work() == 0
    assert {reserved for rows in shape(order).values() for _sku, _quantity, reserved in rows} == {0}


def less_stock(order: Order, by: Actor) -> None:
    set_stock("CANDLE", 1)


def more_units(order: Order, by: Actor) -> None:
    with changing(order, by) as current:
        lines.change(line_of(current, "CANDLE"), quantity=9, by=by)


def another_product(order: Order, by: Actor) -> None:
    with changing(order, by) as current:
        lines.add(current, product("WICK"), 1, by=by)


def tracked_from_now_on(order: Order, by: Actor) -> None:
    set_stock("CARD", 0)


@pytest.mark.parametrize("take_away", [less_stock, more_units, another_product, tracked_from_now_on])
def test_rule_34_it_gives_all_back_when_a_part_is_taken_away_and_others_get_that(
    catalogue: None, anna: Actor, take_away: Callable[[Order, Actor], None]
) -> None:
    make_product("BOX", stock=2)
    order = whole(("CANDLE", 3), ("BOX", 2), ("CARD", 1))
    waiting = placed(("BOX", 2), days=1)
    assert shape(order)[1][:2] == [("CANDLE", 3, 3), ("BOX", 2, 2)]

    take_away(order, anna)
    work()

    assert {reserved for _sku, _quantity, reserved in shape(order)[1]} == {0} | (
        {1} if take_away is not tracked_from_now_on else set()
    )
    assert shape(waiting) == {1: [("BOX", 2, 2)]}


def test_rule_34_it_is_covered_once_what_lacks_is_taken_off(catalogue: None, anna: Actor) -> None:
    order = whole(("CANDLE", 2), ("WICK", 1))

    with changing(order, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)

    assert shape(order) == {1: [("CANDLE", 2, 2)]}
    assert read(order).status is OrderStatus.READY


def test_rule_34_setting_it_gives_a_part_back_and_taking_that_back_takes_it_again(catalogue: None) -> None:
    anna = make_user("Anna")
    order = placed(("CANDLE", 2), ("WICK", 1))
    as_it_comes = shape(order)

    with changing(order, anna) as current:
        whole_delivery.set_whole(current, True, by=anna)
    assert shape(order) == {1: [("CANDLE", 2, 0), ("WICK", 1, 0)]}
    assert read(order).ships_whole
    undo(order, anna)
    assert shape(order) == as_it_comes
    assert not read(order).ships_whole
    redo(order, anna)
    assert shape(order) == {1: [("CANDLE", 2, 0), ("WICK", 1, 0)]}

    with changing(order, anna) as current:
        whole_delivery.set_whole(current, False, by=anna)
    assert shape(order) == as_it_comes
    assert kinds_of(order).count(EventKind.WHOLE_DELIVERY_SET) == 2


def test_rule_34_setting_it_as_it_is_or_where_nothing_is_left_is_refused(catalogue: None, anna: Actor) -> None:
    order = placed(("CANDLE", 1))
    with pytest.raises(NoChange), changing(order, anna) as current:
        whole_delivery.set_whole(current, False, by=anna)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with pytest.raises(RuleViolation), changing(order, anna) as current:
        whole_delivery.set_whole(current, True, by=anna)
    other = placed(("CANDLE", 1))
    with changing(other, anna) as current:
        cancellation.cancel(current, by=anna)
    with pytest.raises(RuleViolation), changing(other, anna) as current:
        whole_delivery.set_whole(current, True, by=anna)


def test_rule_34_moving_units_by_hand_leaves_it_whole(catalogue: None, anna: Actor) -> None:
    order = whole(("CANDLE", 3), ("CARD", 1))

    with changing(order, anna) as current:
        splits.split(line_of(current, "CANDLE"), 1, to=None, by=anna)

    assert shape(order) == {1: [("CANDLE", 2, 2), ("CARD", 1, 1)], 2: [("CANDLE", 1, 1)]}


def test_rule_34_what_a_hold_gives_to_others_is_not_waited_for(catalogue: None, anna: Actor) -> None:
    order = whole(("CANDLE", 2), ("WICK", 1))
    with changing(order, anna) as current:
        splits.split(line_of(current, "WICK"), 1, to=None, by=anna)
    assert shape(order)[1] == [("CANDLE", 2, 0)]

    held = hold(order, anna, shipment=2, keeps_stock=False)
    assert shape(order) == {1: [("CANDLE", 2, 2)], 2: [("WICK", 1, 0)]}
    with changing(order, anna) as current:
        holds.release(current, held.id, by=anna)
    assert shape(order) == {1: [("CANDLE", 2, 0)], 2: [("WICK", 1, 0)]}


def test_rule_34_the_rest_of_an_order_that_left_in_part_is_collected_too(catalogue: None, anna: Actor) -> None:
    order = whole(("CANDLE", 2), ("WICK", 1))
    with changing(order, anna) as current:
        splits.split(line_of(current, "WICK"), 1, to=None, by=anna)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[1], by=anna)
    assert shape(order)[1] == [("CANDLE", 2, 2)]

    with changing(order, anna) as current:
        shipments.reopen(current.shipments[1], by=anna)
    assert sum(row[2] for rows in shape(order).values() for row in rows) in (0, 3)


def test_rule_34_a_cancelled_order_comes_back_whole_or_with_nothing(catalogue: None, anna: Actor) -> None:
    order = whole(("CANDLE", 4))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    other = placed(("CANDLE", 2))
    with changing(order, anna) as current:
        cancellation.restore(current, by=anna)

    assert shape(order) == {1: [("CANDLE", 4, 0)]}
    assert last_event(order).facts["status"]["after"] == "backordered"
    with changing(other, anna) as current:
        cancellation.cancel(current, by=anna)
    assert shape(order) == {1: [("CANDLE", 4, 4)]}


def test_rule_34_new_orders_follow_the_shop_unless_they_say_otherwise(catalogue: None) -> None:
    reshape_shop(ships_whole_by_default=True)

    assert read(placed(("CANDLE", 1))).ships_whole
    assert not read(placed(("CANDLE", 1), ships_whole=False)).ships_whole


def test_what_of_it_is_there_is_told_by_product(catalogue: None, anna: Actor) -> None:
    make_product("BOX", stock=9)
    order = whole(("CANDLE", 2), ("WICK", 1), ("BOX", 1), ("CARD", 1))

    assert whole_orders.progress(read(order)) == whole_orders.Progress(2, 3)
    assert whole_orders.progress(loading.get_order(order.number)) == whole_orders.Progress(2, 3)
    set_stock("WICK", 1)
    assert whole_orders.progress(read(order)) is None
    assert whole_orders.progress(read(placed(("WICK", 1)))) is None
    assert plans.rows(read(order))


def test_what_may_not_be_backordered_is_refused_as_before(catalogue: None, anna: Actor) -> None:
    make_product("RARE", stock=1, backorderable=False)
    order = whole(("CANDLE", 1))

    with pytest.raises(RuleViolation, match="1"), changing(order, anna) as current:
        lines.add(current, product("RARE"), 2, by=anna)
    db.session.rollback()
    assert shape(order) == {1: [("CANDLE", 1, 1)]}
