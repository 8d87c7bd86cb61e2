"""Restradar: the products that orders wait for."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, hold, read_product
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, HoldReason, IncomingDelivery, Order
from webshop_orders.models.priority import Priority
from webshop_orders.operations.orders import cancellation
from webshop_orders.operations.stock import radar
from webshop_orders.operations.stock.radar import NextDelivery, Sort, WaitedFor
from webshop_orders.transactions.unit_of_work import writing

APRIL = datetime(2026, 4, 1, 9, tzinfo=UTC)
MAY = datetime(2026, 5, 1, 9, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, 9, tzinfo=UTC)


def expect(sku: str, quantity: int, day: str | None = None, *, received: int = 0, closed: bool = False) -> int:
    product_id = read_product(sku).id
    with writing():
        delivery = IncomingDelivery(
            product_id=product_id,
            quantity=quantity,
            received=received,
            expected_on=day,
            made_by="Anna",
            closed_at=MAY if closed else None,
        )
        db.session.add(delivery)
    return delivery.id


def put_first(order: Order) -> None:
    with writing():
        read_again = db.session.get_one(Order, order.id)
        read_again.priority = Priority("Anna", "2026-05-01T08:00:00+00:00", "Jubileum")
        read_again.is_prioritised = True


def ship_whole(order: Order) -> None:
    with writing():
        db.session.get_one(Order, order.id).ships_whole = True


def seen(sku: str) -> WaitedFor:
    (found,) = (product for product in all_of(Sort.SKU) if product.sku == sku)
    return found


def all_of(sort: Sort, limit: int = 100) -> list[WaitedFor]:
    """All that the list has, read page by page."""
    db.session.rollback()
    page = radar.page(sort, limit=limit)
    products = page.products
    while page.after is not None:
        page = radar.page(sort, after=page.after, limit=limit)
        products = [*products, *page.products]
    return products


def test_a_product_that_nobody_waits_for_is_not_listed(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    make_product("WICK", stock=0)
    make_order(("CANDLE", 5))
    cancelled = make_order(("WICK", 1))
    with changing(cancelled, anna) as order:
        cancellation.cancel(order, by=anna)

    assert radar.page().products == []
    assert radar.page().after is None


def test_a_product_says_how_many_units_and_orders_wait_and_since_when(app: Flask) -> None:
    make_product("CANDLE", stock=1)
    make_order(("CANDLE", 3), placed_at=MAY)
    make_order(("CANDLE", 2), placed_at=JUNE)

    found = seen("CANDLE")

    assert (found.units, found.orders, found.since, found.free) == (4, 2, MAY, 0)
    assert found.next_delivery is None
    assert found.forecast is not None
    assert (found.forecast.units, len(found.forecast.complete)) == (4, 2)


@pytest.mark.parametrize(
    ("sort", "skus"),
    [(Sort.UNITS, ["B", "E", "C", "D", "A"]), (Sort.SINCE, ["D", "A", "B", "C", "E"]), (Sort.SKU, list("ABCDE"))],
)
@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_the_list_is_sorted_and_read_page_by_page(app: Flask, sort: Sort, skus: list[str], limit: int) -> None:
    for sku in "ABCDE":
        make_product(sku, stock=0)
    for sku, units, placed_at in (("A", 2, MAY), ("B", 9, MAY), ("C", 4, MAY), ("D", 2, APRIL), ("E", 5, JUNE)):
        make_order((sku, units), placed_at=placed_at)

    assert [product.sku for product in all_of(sort, limit)] == skus


@pytest.mark.parametrize(
    "cursor", ["", "~", "x~1", "1~x", "~1", "1", "9" * 40 + "~1", "-1~" + "9" * 40, "٣~٣", "a~b~c"]
)
@pytest.mark.parametrize("sort", Sort)
def test_a_cursor_that_we_did_not_write_is_no_error(app: Flask, sort: Sort, cursor: str) -> None:
    radar.page(sort, after=cursor)


def test_what_comes_next_is_the_delivery_of_the_first_day_and_the_others_are_added_up(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_order(("CANDLE", 3))
    expect("CANDLE", 50)
    first = expect("CANDLE", 7, "2026-06-02", received=1)
    expect("CANDLE", 20, "2026-06-09")
    expect("CANDLE", 99, "2026-05-01", closed=True)

    assert seen("CANDLE").next_delivery == NextDelivery(first, 6, date(2026, 6, 2), 70)


def test_the_forecast_is_of_the_next_delivery_where_one_is_expected(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    first, *_others = (make_order(("CANDLE", 2)) for _ in range(3))
    expect("CANDLE", 3)

    forecast = seen("CANDLE").forecast

    assert forecast is not None
    assert (forecast.units, forecast.complete) == (3, (first.id,))


def test_an_order_that_lacks_another_product_does_not_become_complete(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_product("WICK", stock=0)
    make_order(("CANDLE", 2), ("WICK", 1))
    only_candles = make_order(("CANDLE", 1))

    forecast = seen("CANDLE").forecast

    assert forecast is not None
    assert (forecast.units, forecast.complete) == (3, (only_candles.id,))
    assert seen("WICK").forecast is None


def test_an_order_that_ships_whole_waits_for_nothing_that_is_free(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_product("WICK", stock=0)
    order = make_order(("CANDLE", 2), ("WICK", 1))
    ship_whole(order)
    with writing():
        wick = db.session.get_one(type(read_product("WICK")), read_product("WICK").id)
        wick.stock = 1

    forecast = seen("CANDLE").forecast

    assert forecast is not None
    assert (forecast.units, forecast.complete) == (2, (order.id,))
    reshape_shop(stock_safety_margin=1)
    assert seen("CANDLE").forecast is None


def test_rule_34_an_order_that_ships_whole_and_lacks_another_product_is_passed_by(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_product("WICK", stock=0)
    make_order(("CANDLE", 2), ("WICK", 1), placed_at=APRIL, ships_whole=True)
    too_large = make_order(("CANDLE", 5), placed_at=MAY, ships_whole=True)
    behind = make_order(("CANDLE", 2), placed_at=JUNE)
    expect("CANDLE", 3, "2026-06-02")

    forecast = seen("CANDLE").forecast
    assert forecast is not None
    assert (forecast.units, forecast.complete) == (3, (behind.id,))

    expect("CANDLE", 5, "2026-06-01")
    forecast = seen("CANDLE").forecast
    assert forecast is not None
    assert (forecast.units, forecast.complete) == (5, (too_large.id,))


def test_who_is_put_first_gets_the_units_first(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_order(("CANDLE", 2), placed_at=MAY)
    urgent = make_order(("CANDLE", 2), placed_at=JUNE)
    put_first(urgent)
    expect("CANDLE", 2)

    forecast = seen("CANDLE").forecast

    assert forecast is not None
    assert forecast.complete == (urgent.id,)


def test_what_a_hold_gives_away_waits_but_gets_nothing(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=0)
    paused, other = make_order(("CANDLE", 2), placed_at=MAY), make_order(("CANDLE", 2), placed_at=JUNE)
    hold(paused, anna, HoldReason.WRONG_ADDRESS, keeps_stock=False)
    expect("CANDLE", 4)

    found = seen("CANDLE")

    assert (found.units, found.orders) == (4, 2)
    assert found.forecast is not None
    assert found.forecast.complete == (other.id,)
