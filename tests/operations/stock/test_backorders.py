"""Rule 8: stock that arrives covers backordered units, oldest order first."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import (
    ERP,
    changing,
    kinds_of,
    last_event,
    line_of,
    read,
    read_product,
    set_stock,
    shape,
    stock_of,
)
from webshop_orders.models import Actor, ActorKind, DeliveryStatus, EventKind, OrderStatus
from webshop_orders.operations.orders import cancellation, lines, shipments
from webshop_orders.operations.stock import backorders
from webshop_orders.transactions.unit_of_work import writing

MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def test_rule_08_stock_that_arrives_covers_the_oldest_order_first_whichever_came_in_first(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    from_june = make_order(("CANDLE", 3), placed_at=JUNE)
    from_may = make_order(("CANDLE", 3), placed_at=MAY)

    set_stock("CANDLE", 4)

    assert shape(from_may) == {1: [("CANDLE", 3, 3)]}
    assert shape(from_june) == {1: [("CANDLE", 3, 1)]}
    assert stock_of("CANDLE") == (4, 4, 2)


def test_rule_08_a_shipment_that_becomes_whole_turns_ready_by_itself(app: Flask) -> None:
    make_product("CANDLE", stock=1)
    make_product("WICK", stock=0)
    whole, waiting = make_order(("CANDLE", 1), ("WICK", 1)), make_order(("WICK", 1))

    set_stock("WICK", 1)

    assert read(whole).shipments[0].status is DeliveryStatus.READY
    assert read(whole).status is OrderStatus.READY
    assert read(waiting).shipments[0].status is DeliveryStatus.BACKORDERED
    assert read(waiting).status is OrderStatus.BACKORDERED


def test_rule_08_a_shipment_that_waits_for_something_else_as_well_stays_backordered(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_product("WICK", stock=0)
    order = make_order(("CANDLE", 1), ("WICK", 1))

    set_stock("WICK", 9)

    assert read(order).shipments[0].status is DeliveryStatus.BACKORDERED
    assert last_event(order).facts["shipments"] == []


@pytest.mark.parametrize("step", ["cancel", "less", "remove", "reopen"])
def test_rule_08_units_that_an_edit_sets_free_cover_the_oldest_order_that_waits(
    app: Flask, anna: Actor, step: str
) -> None:
    make_product("CANDLE", stock=3)
    make_product("WICK")
    holder = make_order(("CANDLE", 3), ("WICK", 1))
    if step == "reopen":
        set_stock("CANDLE", 0)  # it ships goods that are not in stock, and returns three free units
        with changing(holder, anna) as current:
            shipments.ship(current.shipments[0], by=anna)
        set_stock("CANDLE", 0)
    waiting, later = make_order(("CANDLE", 2)), make_order(("CANDLE", 2))

    with changing(holder, anna) as current:
        line = line_of(current, "CANDLE")
        match step:
            case "cancel":
                cancellation.cancel(current, by=anna)
            case "less":
                lines.change(line, quantity=1, by=anna)
            case "remove":
                lines.remove(line, by=anna)
            case "reopen":
                shipments.reopen(current.shipments[0], by=anna)

    assert shape(waiting) == {1: [("CANDLE", 2, 0 if step == "reopen" else 2)]}
    assert shape(later) == {1: [("CANDLE", 2, 1 if step in {"cancel", "remove"} else 0)]}
    if step == "reopen":  # the reopened order is the oldest one
        assert shape(holder)[1][0] == ("CANDLE", 3, 3)
        return
    assert read(waiting).shipments[0].status is DeliveryStatus.READY
    event = last_event(waiting)
    assert (event.kind, event.actor_kind) == (EventKind.BACKORDER_COVERED, ActorKind.SYSTEM)


def test_rule_08_nothing_is_taken_from_the_safety_margin(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    reshape_shop(stock_safety_margin=2)
    order = make_order(("CANDLE", 3))

    set_stock("CANDLE", 3)

    assert shape(order) == {1: [("CANDLE", 3, 1)]}


def test_rule_08_cancelled_and_shipped_orders_wait_for_nothing(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=0)
    cancelled, shipped, waiting = (make_order(("CANDLE", 1)) for _ in range(3))
    with changing(cancelled, anna) as current:
        cancellation.cancel(current, by=anna)
    with changing(shipped, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    set_stock("CANDLE", 1)

    assert shape(waiting) == {1: [("CANDLE", 1, 1)]}
    assert EventKind.BACKORDER_COVERED not in kinds_of(cancelled) + kinds_of(shipped)


def test_rule_08_covering_again_changes_nothing_and_leaves_no_event(app: Flask) -> None:
    make_product("CANDLE", stock=1)
    order = make_order(("CANDLE", 3))
    before = kinds_of(order)
    candle = read_product("CANDLE").id

    with writing():
        backorders.cover([candle])

    assert kinds_of(order) == before


def test_rule_21_cover_is_one_event_with_what_and_who_and_makes_no_form_stale(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    order = make_order(("CANDLE", 3))
    before = read(order).version

    set_stock("CANDLE", 3)

    assert read(order).version == before
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.BACKORDER_COVERED]
    event = last_event(order)
    assert (event.actor_kind, event.actor_name) == (ERP.kind, ERP.name)
    assert event.facts == {"products": ["Product CANDLE"], "skus": ["CANDLE"], "shipments": [f"{order.number}-1"]}


@pytest.mark.parametrize("was", [3, None])
def test_rule_21_cover_that_is_withdrawn_says_so_whether_or_not_the_stock_was_tracked(
    app: Flask, was: int | None
) -> None:
    make_product("CANDLE", stock=was)
    order = make_order(("CANDLE", 3))
    before = read(order).version

    set_stock("CANDLE", 1)

    assert read(order).version == before
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.COVER_WITHDRAWN]
    assert last_event(order).facts == {
        "products": ["Product CANDLE"],
        "skus": ["CANDLE"],
        "shipments": [f"{order.number}-1"],
    }


def test_rule_21_stock_that_concerns_no_order_leaves_no_event(app: Flask) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 3))

    set_stock("CANDLE", 4)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]


def test_rule_05_stock_that_changes_a_line_overrules_a_status_set_by_hand(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=0)
    order = make_order(("CANDLE", 3))
    with changing(order, anna) as current:
        shipments.set_status(current.shipments[0], DeliveryStatus.READY, by=anna)
    assert read(order).status is OrderStatus.READY

    set_stock("CANDLE", 1)

    assert read(order).shipments[0].status is DeliveryStatus.BACKORDERED
    assert read(order).status is OrderStatus.BACKORDERED
