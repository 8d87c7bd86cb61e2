"""When what orders wait for is expected: from their places in the queue and the deliveries that come."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, hold, line_of, read, read_product
from tests.statements import executed
from webshop_orders import expected_days, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, IncomingDelivery, Order, Product
from webshop_orders.models.priority import Priority
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.stock import incoming
from webshop_orders.transactions.unit_of_work import writing

BO = Actor(ActorKind.STAFF, "Bo")
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def in_days(days: int) -> date:
    return shop_settings.today() + timedelta(days=days)


def expect(sku: str, quantity: int, days: int | None = None) -> IncomingDelivery:
    with writing():
        return incoming.expect(sku, quantity, None if days is None else in_days(days), by=BO)


def days_of(order: Order) -> dict[str, date]:
    """The day of each line that has one, by its SKU."""
    shown = get_order(order.number)
    days = expected_days.of_orders([shown])
    return {line.sku: days[line.id] for line in shown.lines if line.id in days}


def test_a_line_that_waits_has_no_day_where_nothing_is_expected_and_that_is_not_even_asked(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    order = get_order(make_order(("CANDLE", 3)).number)

    with executed() as statements:
        assert expected_days.of_orders([order]) == {}

    assert statements == []


def test_a_line_has_the_day_of_the_delivery_that_covers_it_after_those_before_it(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    second, first = (make_order(("CANDLE", 3), placed_at=placed) for placed in (JUNE, MAY))
    third = make_order(("CANDLE", 4))
    expect("CANDLE", 4, 9)
    expect("CANDLE", 3, 2)

    assert days_of(first) == {"CANDLE": in_days(2)}
    assert days_of(second) == {"CANDLE": in_days(9)}
    assert days_of(third) == {}


def test_the_days_of_a_page_of_orders_are_read_in_one_statement(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_product("WICK", stock=0)
    numbers = [make_order(("CANDLE", 1), ("WICK", 1)).number for _each in range(3)]
    expect("CANDLE", 2, 2)
    expect("WICK", 9, 4)
    orders = [get_order(number) for number in numbers]
    shop_settings.current()

    with executed() as statements:
        days = expected_days.of_orders(orders)

    assert len(statements) == 1
    assert [len([line for line in order.lines if line.id in days]) for order in orders] == [2, 2, 1]


def test_units_that_a_partly_covered_line_has_do_not_wait(app: Flask) -> None:
    make_product("CANDLE", stock=2)
    order, other = make_order(("CANDLE", 3)), make_order(("CANDLE", 2))
    expect("CANDLE", 1, 2)
    expect("CANDLE", 2, 5)

    assert (days_of(order), days_of(other)) == ({"CANDLE": in_days(2)}, {"CANDLE": in_days(5)})


@pytest.mark.parametrize("days", [None, -1], ids=["without a day", "that is late"])
def test_a_delivery_of_no_known_day_comes_last_and_promises_nothing(app: Flask, days: int | None) -> None:
    make_product("CANDLE", stock=0)
    first, second = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))
    expect("CANDLE", 3, days)
    expect("CANDLE", 3, 6)

    assert days_of(first) == {"CANDLE": in_days(6)}
    assert days_of(second) == {}


def test_a_delivery_of_today_is_expected_today(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    order = make_order(("CANDLE", 3))
    expect("CANDLE", 3, 0)

    assert days_of(order) == {"CANDLE": in_days(0)}


def test_what_came_of_a_delivery_is_not_expected_again(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 5, 2)
    first, second = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))
    assert (days_of(first), days_of(second)) == ({"CANDLE": in_days(2)}, {})

    with writing():
        incoming.receive(delivery.id, 3, version=1, closes=False, by=BO)

    assert (days_of(first), days_of(second)) == ({}, {})


def test_an_order_that_is_put_first_is_expected_before_older_ones(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    older, newer = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))
    expect("CANDLE", 3, 2)
    with changing(newer, BO) as current:
        current.priority = Priority("Bo", "2026-11-30T12:00:00+00:00", "Wedding")

    assert (days_of(older), days_of(newer)) == ({}, {"CANDLE": in_days(2)})


def test_a_held_shipment_that_gives_its_stock_to_others_has_no_day(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=0)
    held, other = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))
    expect("CANDLE", 3, 2)
    hold(held, anna, keeps_stock=False)

    assert (days_of(held), days_of(other)) == ({}, {"CANDLE": in_days(2)})


def test_an_order_that_ships_whole_has_the_last_of_its_days_for_all_lines_or_none(app: Flask) -> None:
    for sku in ("CANDLE", "WICK"):
        make_product(sku, stock=0)
    order = make_order(("CANDLE", 1), ("WICK", 1))
    expect("CANDLE", 1, 2)
    with changing(order, BO) as current:
        current.ships_whole = True
    assert days_of(order) == {}
    assert expected_days.of_order(get_order(order.number)) is None

    expect("WICK", 1, 7)

    assert days_of(order) == {"CANDLE": in_days(7), "WICK": in_days(7)}
    assert expected_days.of_order(get_order(order.number)) == in_days(7)


def test_an_order_has_the_last_of_its_days_unless_a_line_lacks_one(app: Flask) -> None:
    for sku in ("CANDLE", "WICK"):
        make_product(sku, stock=0)
    make_product("MATCH")
    order = make_order(("CANDLE", 1), ("WICK", 1), ("MATCH", 1))
    expect("CANDLE", 1, 2)
    assert expected_days.of_order(get_order(order.number)) is None

    expect("WICK", 1, 1)
    assert expected_days.of_order(get_order(order.number)) == in_days(2)


def test_an_order_that_waits_for_nothing_has_no_day(app: Flask) -> None:
    make_product("CANDLE")
    expect("CANDLE", 1, 2)

    assert expected_days.of_order(get_order(make_order(("CANDLE", 1)).number)) is None


def test_free_units_that_are_not_allocated_yet_come_today_but_not_those_that_the_shop_keeps_back(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    first, second = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))
    expect("CANDLE", 9, 4)
    with writing():
        db.session.execute(update(Product).values(stock=5))

    assert (days_of(first), days_of(second)) == ({"CANDLE": in_days(0)}, {"CANDLE": in_days(4)})

    reshape_shop(stock_safety_margin=3)
    assert days_of(first) == {"CANDLE": in_days(4)}


def test_lines_in_memory_count_as_they_are_and_an_order_that_is_being_placed_comes_last(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_order(("CANDLE", 3))
    placed = make_order(("CANDLE", 2))
    expect("CANDLE", 5, 2)
    expect("CANDLE", 1, 4)
    shown = get_order(placed.number)
    line_of(shown, "CANDLE").quantity = 3
    assert expected_days.of_order(shown) == in_days(4)

    line_of(shown, "CANDLE").quantity, shown.id = 1, None  # type: ignore[assignment]
    assert expected_days.of_order(shown) == in_days(4)  # after the five that wait


def test_rule_34_one_that_lacks_what_nobody_expects_is_passed_by(app: Flask) -> None:
    for sku in ("CANDLE", "WICK"):
        make_product(sku, stock=0)
    whole = make_order(("CANDLE", 2), ("WICK", 2), placed_at=MAY, ships_whole=True)
    behind = make_order(("CANDLE", 2), placed_at=JUNE)
    expect("CANDLE", 3, 2)
    assert (days_of(whole), days_of(behind)) == ({}, {"CANDLE": in_days(2)})

    expect("WICK", 1, 1)
    assert days_of(behind) == {"CANDLE": in_days(2)}
    expect("WICK", 1)  # of a day that nobody knows
    assert days_of(behind) == {"CANDLE": in_days(2)}

    expect("WICK", 1, 1)
    assert (days_of(whole), days_of(behind)) == ({"CANDLE": in_days(2), "WICK": in_days(2)}, {})


def test_rule_34_what_the_shop_keeps_back_lets_it_be_passed_by(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_product("WICK", stock=1)
    make_order(("CANDLE", 2), ("WICK", 1), placed_at=MAY, ships_whole=True)
    behind = make_order(("CANDLE", 2), placed_at=JUNE)
    expect("CANDLE", 3, 2)
    assert days_of(behind) == {}

    reshape_shop(stock_safety_margin=1)
    assert days_of(behind) == {"CANDLE": in_days(2)}


def test_rule_34_a_day_is_promised_of_a_whole_order_only_after_those_who_may_get_what_comes_before(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    whole = make_order(("CANDLE", 5), placed_at=MAY, ships_whole=True)
    behind = make_order(("CANDLE", 1), placed_at=JUNE)
    expect("CANDLE", 3, 1)
    expect("CANDLE", 2, 2)
    assert (days_of(whole), days_of(behind)) == ({}, {})

    expect("CANDLE", 1, 3)
    assert (days_of(whole), days_of(behind)) == ({"CANDLE": in_days(3)}, {"CANDLE": in_days(3)})


@pytest.mark.parametrize("seed", range(8))
def test_rule_34_no_order_waits_beyond_its_day_where_some_ship_whole(app: Flask, seed: int) -> None:
    chosen = random.Random(seed)
    skus = ["CANDLE", "WICK", "BOX"]
    for sku in skus:
        make_product(sku, stock=chosen.randint(0, 3))
    orders = [
        make_order(
            *((sku, chosen.randint(1, 4)) for sku in chosen.sample(skus, chosen.randint(1, 3))),
            ships_whole=chosen.random() < 0.5,
        )
        for _each in range(6)
    ]
    for day in range(9):
        expect(chosen.choice(skus), chosen.randint(1, 6), day)
    expected = {(order.number, sku): day for order in orders for sku, day in days_of(order).items()}
    assert expected

    for delivery in incoming.page(incoming.State.OPEN).deliveries:
        with writing():
            incoming.receive(delivery.id, delivery.quantity, version=delivery.version, by=BO)
        due = {key for key, day in expected.items() if delivery.day is not None and day <= delivery.day}
        waiting = {(order.number, line.sku) for order in orders for line in read(order).lines if line.backordered}
        assert not due & waiting


@pytest.mark.parametrize("seed", range(6))
def test_each_line_is_covered_on_the_day_that_was_expected(app: Flask, seed: int) -> None:
    chosen = random.Random(seed)
    skus = ["CANDLE", "WICK"]
    for sku in skus:
        make_product(sku, stock=chosen.randint(0, 4))
    orders = [
        make_order(*((sku, chosen.randint(1, 4)) for sku in chosen.sample(skus, chosen.randint(1, 2))))
        for _each in range(6)
    ]
    for _each in range(6):
        expect(chosen.choice(skus), chosen.randint(1, 5), chosen.randint(0, 5))
    expected = {(order.number, sku): day for order in orders for sku, day in days_of(order).items()}
    waiting = {(order.number, line.sku) for order in orders for line in read(order).lines if line.backordered}

    covered: dict[tuple[str, str], date] = {}
    while page := incoming.page(incoming.State.OPEN).deliveries:
        delivery = page[0]
        assert delivery.day is not None
        with writing():
            incoming.receive(delivery.id, delivery.quantity, version=delivery.version, by=BO)
        for order in orders:
            for line in read(order).lines:
                if (order.number, line.sku) in waiting and not line.backordered:
                    covered.setdefault((order.number, line.sku), delivery.day)

    assert expected == covered
    assert read_product("CANDLE").next_delivery_on is None
