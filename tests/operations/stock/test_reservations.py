"""Rules 3 and 4: which units stock covers, and that the counters of a product are right."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, line_of, read, read_product, set_stock, shape, stock_of
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, DeliveryStatus, Line, Order, Product, Shipment
from webshop_orders.operations.orders import cancellation, lines, shipments
from webshop_orders.transactions.unit_of_work import editing


def sums_over_open_lines(sku: str) -> tuple[int, int]:
    """Reserved and backordered units of a product, added up from its lines by the database."""
    open_lines = (
        select(Line)
        .join(Line.shipment)
        .join(Shipment.order)
        .where(Line.sku == sku, Shipment.status != DeliveryStatus.SHIPPED, Order.cancelled_at.is_(None))
    )
    lines = db.session.scalars(open_lines).all()
    return sum(line.reserved for line in lines), sum(line.quantity - line.reserved for line in lines)


def assert_counters_tell_the_truth(sku: str) -> None:
    product = read_product(sku)
    assert (product.reserved, product.backordered) == sums_over_open_lines(sku)


def test_rule_03_stock_covers_what_it_can_and_the_rest_is_backordered(app: Flask) -> None:
    make_product("CANDLE", stock=2)

    order = make_order(("CANDLE", 5))

    line = line_of(read(order), "CANDLE")
    assert (line.reserved, line.backordered) == (2, 3)
    assert stock_of("CANDLE") == (2, 2, 3)


def test_rule_03_a_product_without_tracked_stock_covers_every_line_whole(app: Flask) -> None:
    make_product("GIFT-CARD", stock=None)

    order = make_order(("GIFT-CARD", 70_000))

    line = line_of(read(order), "GIFT-CARD")
    assert (line.reserved, line.backordered) == (70_000, 0)
    assert stock_of("GIFT-CARD") == (None, 0, 0)


def test_rule_03_a_line_of_no_known_product_is_covered_whole(app: Flask) -> None:
    order = make_order(("UNKNOWN", 4))

    line = line_of(read(order), "UNKNOWN")
    assert (line.product_id, line.reserved) == (None, 4)


def test_rule_03_stock_that_is_no_longer_tracked_covers_what_waited(app: Flask) -> None:
    make_product("CANDLE", stock=1)
    order = make_order(("CANDLE", 5))

    set_stock("CANDLE", None)

    assert shape(order) == {1: [("CANDLE", 5, 5)]}
    assert read(order).shipments[0].status is DeliveryStatus.READY
    assert stock_of("CANDLE") == (None, 0, 0)


def test_rule_03_a_shipment_reopened_after_its_stock_is_no_longer_tracked_is_covered_whole(
    app: Flask, anna: Actor
) -> None:
    make_product("CANDLE", stock=1)
    order = make_order(("CANDLE", 3))
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    set_stock("CANDLE", None)

    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)

    assert shape(order) == {1: [("CANDLE", 3, 3)]}
    assert read(order).shipments[0].status is DeliveryStatus.READY


def test_rule_04_stock_that_becomes_tracked_covers_the_oldest_lines_and_no_more_than_it_has(app: Flask) -> None:
    make_product("CANDLE", stock=None)
    older, newer = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))

    set_stock("CANDLE", 4)

    assert shape(older) == {1: [("CANDLE", 3, 3)]}
    assert shape(newer) == {1: [("CANDLE", 3, 1)]}
    assert stock_of("CANDLE") == (4, 4, 2)


def test_rule_04_less_stock_takes_cover_from_the_newest_order(app: Flask) -> None:
    make_product("CANDLE", stock=6)
    older, newer = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))

    set_stock("CANDLE", 4)

    assert shape(older) == {1: [("CANDLE", 3, 3)]}
    assert shape(newer) == {1: [("CANDLE", 3, 1)]}
    assert read(newer).shipments[0].status is DeliveryStatus.BACKORDERED
    assert stock_of("CANDLE") == (4, 4, 2)


@pytest.mark.parametrize("level", [0, -3])
def test_rule_04_no_stock_at_all_holds_nothing(app: Flask, level: int) -> None:
    make_product("CANDLE", stock=6)
    order = make_order(("CANDLE", 5))

    set_stock("CANDLE", level)

    assert shape(order) == {1: [("CANDLE", 5, 0)]}
    assert stock_of("CANDLE") == (level, 0, 5)


def test_rule_04_goods_that_stock_did_not_know_of_can_leave(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=1)
    order = make_order(("CANDLE", 3))

    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    assert stock_of("CANDLE") == (-2, 0, 0)


@pytest.mark.parametrize("step", ["less", "more", "remove", "cancel", "ship", "ship and reopen"])
def test_rule_04_the_counters_of_a_product_follow_its_open_lines(app: Flask, anna: Actor, step: str) -> None:
    make_product("CANDLE", stock=5)
    make_product("WICK")
    other = make_order(("CANDLE", 4))
    order = make_order(("CANDLE", 3), ("WICK", 1))

    with changing(order, anna) as current:
        line = line_of(current, "CANDLE")
        match step:
            case "less":
                lines.change(line, quantity=2, by=anna)
            case "more":
                lines.change(line, quantity=9, by=anna)
            case "remove":
                lines.remove(line, by=anna)
            case "cancel":
                cancellation.cancel(current, by=anna)
            case "ship" | "ship and reopen":
                shipments.ship(line.shipment, by=anna)
    if step == "ship and reopen":
        with changing(order, anna) as current:
            shipments.reopen(current.shipments[0], by=anna)

    assert_counters_tell_the_truth("CANDLE")
    expected = {
        "less": (5, 5, 1),
        "more": (5, 5, 8),
        "remove": (5, 4, 0),
        "cancel": (5, 4, 0),
        "ship": (2, 4, 0),
        "ship and reopen": (5, 5, 2),
    }
    assert stock_of("CANDLE") == expected[step]
    assert shape(other) == {1: [("CANDLE", 4, 4)]}


def test_rule_04_a_second_change_in_one_session_sees_what_others_reserved_in_between(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=10)
    order = make_order(("CANDLE", 1))
    number = order.number
    with changing(order, anna) as first:  # its objects stay in the session, as in a bulk action or an import
        lines.change(line_of(first, "CANDLE"), quantity=2, by=anna)
    with app.app_context():  # another user, with a session of their own
        make_order(("CANDLE", 5))

    with editing(number, None, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=3, by=anna)

    assert stock_of("CANDLE") == (10, 8, 0)
    assert_counters_tell_the_truth("CANDLE")


def test_a_safety_margin_is_held_back_from_new_lines(app: Flask) -> None:
    make_product("CANDLE", stock=5)
    reshape_shop(stock_safety_margin=2)

    order = make_order(("CANDLE", 5))

    assert shape(order) == {1: [("CANDLE", 5, 3)]}


def test_the_database_itself_refuses_more_reserved_than_ordered(app: Flask) -> None:
    make_product("CANDLE")
    order = make_order(("CANDLE", 2))
    line_id = line_of(order, "CANDLE").id

    with pytest.raises(Exception, match=r"(?i)check constraint"):
        db.session.execute(db.update(Line).where(Line.id == line_id).values(reserved=3))


def test_rule_14_a_line_cannot_outgrow_stock_that_may_not_be_backordered(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5, backorderable=False)
    order = make_order(("CANDLE", 3))

    with pytest.raises(RuleViolation, match="5") as refusal, changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=6, by=anna)

    assert refusal.value.field == "quantity"
    assert shape(order) == {1: [("CANDLE", 3, 3)]}
    assert stock_of("CANDLE") == (5, 3, 0)


def test_rule_14_a_line_can_take_the_very_last_unit_that_may_not_be_backordered(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5, backorderable=False)
    order = make_order(("CANDLE", 3))

    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=5, by=anna)

    assert shape(order) == {1: [("CANDLE", 5, 5)]}


@pytest.mark.parametrize(
    ("product_says", "shop_says", "may"),
    [
        (True, False, True),
        (False, True, False),
        (None, True, True),
        (None, False, False),
    ],
)
def test_rule_14_the_product_decides_on_backorders_or_else_the_shop(
    app: Flask, anna: Actor, product_says: bool | None, shop_says: bool, may: bool
) -> None:
    reshape_shop(backorderable_by_default=shop_says)
    make_product("WICK")
    candle = make_product("CANDLE", stock=2, backorderable=product_says)
    order = make_order(("WICK", 1))

    def add_three() -> None:
        with changing(order, anna) as current:
            lines.add(current, db.session.get_one(Product, candle.id), 3, by=anna)

    if may:
        add_three()
        assert shape(order) == {1: [("WICK", 1, 1), ("CANDLE", 3, 2)]}
    else:
        with pytest.raises(RuleViolation, match="2"):
            add_three()
        assert shape(order) == {1: [("WICK", 1, 1)]}


def test_rule_14_an_order_from_the_checkout_is_taken_in_even_where_stock_lacks(app: Flask) -> None:
    make_product("CANDLE", stock=1, backorderable=False)

    order = make_order(("CANDLE", 3))

    assert shape(order) == {1: [("CANDLE", 3, 1)]}
