"""Rules 1, 7, 13 and 15: the products of an order."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, line_of, read, shape, stock_of
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, EventKind, Line, Order, Product, Shipment
from webshop_orders.operations.orders import cancellation, lines, shipments, splits
from webshop_orders.transactions.unit_of_work import writing


def add(order: Order, product: Product, quantity: int, by: Actor, to: int | None = None) -> None:
    """Add a product to an order, to shipment `to` if it is not None."""
    with changing(order, by) as current:
        target = shipments.get(current, to) if to else None
        lines.add(current, db.session.get_one(Product, product.id), quantity, to=target, by=by)


def ship(order: Order, seq: int, by: Actor) -> None:
    with changing(order, by) as current:
        shipments.ship(shipments.get(current, seq), by=by)


def split_off(order: Order, sku: str, quantity: int, by: Actor) -> None:
    with changing(order, by) as current:
        splits.split(line_of(current, sku), quantity, to=None, by=by)


@pytest.mark.parametrize("quantity", [-1, 0, 100_000, 10**18])
def test_rule_01_a_quantity_outside_1_to_99999_is_refused(app: Flask, anna: Actor, quantity: int) -> None:
    candle = make_product("CANDLE", stock=None)
    order = make_order(("CANDLE", 2))

    with pytest.raises(RuleViolation, match="99") as refusal, changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=quantity, by=anna)
    with pytest.raises(RuleViolation, match="99"):
        add(order, candle, quantity, anna)

    assert refusal.value.field == "quantity"
    assert shape(order) == {1: [("CANDLE", 2, 2)]}
    assert kinds_of(order) == [EventKind.ORDER_PLACED]


def test_rule_01_adding_a_product_cannot_raise_a_line_beyond_99999(app: Flask, anna: Actor) -> None:
    candle = make_product("CANDLE", stock=None)
    order = make_order(("CANDLE", 99_998))

    with pytest.raises(RuleViolation, match="99"):
        add(order, candle, 2, anna)
    add(order, candle, 1, anna)

    assert shape(order) == {1: [("CANDLE", 99_999, 99_999)]}


@pytest.mark.parametrize("quantity", [0, 100_000])
def test_rule_01_the_database_refuses_an_invalid_quantity(app: Flask, quantity: int) -> None:
    order = make_order(("CANDLE", 2))
    line_id = line_of(order, "CANDLE").id

    with pytest.raises(Exception, match=r"(?i)check constraint"):
        db.session.execute(db.update(Line).where(Line.id == line_id).values(quantity=quantity, reserved=0))


def test_rule_07_a_product_cannot_be_added_to_a_shipped_shipment(app: Flask, anna: Actor) -> None:
    candle = make_product("CANDLE")
    order = make_order(("CANDLE", 2))
    ship(order, 1, anna)

    with pytest.raises(RuleViolation, match=f"{order.number}-1"):
        add(order, candle, 1, anna, to=1)

    assert shape(order) == {1: [("CANDLE", 2, 2)]}


def test_rule_07_lines_of_a_shipped_shipment_cannot_be_changed(app: Flask, anna: Actor) -> None:
    make_product("CANDLE")
    make_product("WICK")
    order = make_order(("CANDLE", 2), ("WICK", 1))
    split_off(order, "CANDLE", 1, anna)
    ship(order, 1, anna)
    before = shape(order)

    with pytest.raises(RuleViolation, match=f"{order.number}-1"), changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE", 1), quantity=5, by=anna)
    with pytest.raises(RuleViolation, match=f"{order.number}-1"), changing(order, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)

    assert shape(order) == before


def test_lines_of_a_cancelled_order_cannot_be_changed(app: Flask, anna: Actor) -> None:
    candle = make_product("CANDLE")
    order = make_order(("CANDLE", 2), ("WICK", 1))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with pytest.raises(RuleViolation, match=order.number):
        add(order, candle, 1, anna)
    with pytest.raises(RuleViolation, match=order.number), changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=1, by=anna)
    with pytest.raises(RuleViolation, match=order.number), changing(order, anna) as current:
        lines.remove(line_of(current, "CANDLE"), by=anna)

    assert stock_of("CANDLE") == (100, 0, 0)


def test_a_line_of_another_order_is_not_found(app: Flask, anna: Actor) -> None:
    order, other = make_order(("CANDLE", 2)), make_order(("CANDLE", 2))
    other_line_id = line_of(other, "CANDLE").id

    with pytest.raises(NotFound, match=order.number), changing(order, anna) as current:
        lines.get(current, other_line_id)


def test_setting_the_same_quantity_is_no_change(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2))

    with pytest.raises(NoChange), changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=2, by=anna)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]


@pytest.mark.parametrize("changes", [{"active": False}, {"currency": "EUR"}])
def test_a_product_that_is_not_for_sale_in_the_order_is_refused(
    app: Flask, anna: Actor, changes: dict[str, object]
) -> None:
    product_not_for_sale = make_product("GONE", **changes)
    order = make_order(("CANDLE", 2))

    with pytest.raises(RuleViolation, match="Product GONE") as refusal:
        add(order, product_not_for_sale, 1, anna)

    assert refusal.value.field == "product"


def test_rule_13_an_added_product_goes_to_the_selected_shipment(app: Flask, anna: Actor) -> None:
    wick = make_product("WICK")
    order = make_order(("CANDLE", 2))
    split_off(order, "CANDLE", 1, anna)

    add(order, wick, 3, anna, to=2)

    assert shape(order) == {1: [("CANDLE", 1, 1)], 2: [("CANDLE", 1, 1), ("WICK", 3, 3)]}


def test_rule_13_an_added_product_goes_to_the_first_open_shipment_by_default(app: Flask, anna: Actor) -> None:
    wick = make_product("WICK")
    order = make_order(("CANDLE", 3))
    split_off(order, "CANDLE", 1, anna)
    with changing(order, anna) as current:
        splits.split(line_of(current, "CANDLE", 1), 1, to=None, by=anna)
    ship(order, 1, anna)

    add(order, wick, 3, anna)

    assert shape(order) == {1: [("CANDLE", 1, 1)], 2: [("CANDLE", 1, 1), ("WICK", 3, 3)], 3: [("CANDLE", 1, 1)]}


def test_rule_13_an_added_product_gets_a_new_shipment_if_all_are_shipped(app: Flask, anna: Actor) -> None:
    wick = make_product("WICK")
    order = make_order(("CANDLE", 1))
    ship(order, 1, anna)

    add(order, wick, 3, anna)

    assert shape(order) == {1: [("CANDLE", 1, 1)], 2: [("WICK", 3, 3)]}


def test_rule_13_an_added_product_keeps_its_name_price_and_vat_rate_of_that_time(app: Flask, anna: Actor) -> None:
    wick = make_product("WICK", name="Veke", price=1_900, vat_rate=1200)
    order = make_order(("CANDLE", 1))

    add(order, wick, 2, anna)
    with writing():
        stored_product = db.session.get_one(Product, wick.id)
        stored_product.name, stored_product.price, stored_product.vat_rate = "Veke XL", 2_900, 2500
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), quantity=3, by=anna)

    line = line_of(read(order), "WICK")
    assert (line.name, line.unit_price, line.vat_rate, line.total) == ("Veke", 1_900, 1200, 5_700)


def test_rule_13_the_same_product_at_another_price_is_a_separate_line(app: Flask, anna: Actor) -> None:
    wick = make_product("WICK", price=1_900)
    order = make_order(("WICK", 1))
    add(order, wick, 1, anna)
    with writing():
        db.session.get_one(Product, wick.id).price = 2_900

    add(order, wick, 1, anna)

    assert [(line.quantity, line.unit_price) for line in read(order).lines] == [(2, 1_900), (1, 2_900)]


def test_rule_15_the_last_line_cannot_be_removed_and_the_message_offers_to_cancel(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2))

    with pytest.raises(RuleViolation, match=r"(?i)cancel|makulera"), changing(order, anna) as current:
        lines.remove(line_of(current, "CANDLE"), by=anna)

    assert shape(order) == {1: [("CANDLE", 2, 2)]}


def test_rule_15_any_line_but_the_last_can_be_removed(app: Flask, anna: Actor) -> None:
    make_product("WICK", stock=5)
    order = make_order(("CANDLE", 2), ("WICK", 3))

    with changing(order, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)

    assert shape(order) == {1: [("CANDLE", 2, 2)]}
    assert stock_of("WICK") == (5, 0, 0)


def test_rule_11_removing_the_only_line_removes_the_shipment_and_its_number_is_not_reused(
    app: Flask, anna: Actor
) -> None:
    order = make_order(("CANDLE", 2), ("WICK", 1))
    split_off(order, "WICK", 1, anna)

    with changing(order, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)
    split_off(order, "CANDLE", 1, anna)

    assert shape(order) == {1: [("CANDLE", 1, 1)], 3: [("CANDLE", 1, 1)]}
    assert db.session.query(Shipment).filter_by(order_id=order.id).count() == 2


def test_rule_03_a_lower_quantity_removes_backordered_units_first(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=3)
    order = make_order(("CANDLE", 5))

    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=3, by=anna)

    assert shape(order) == {1: [("CANDLE", 3, 3)]}
    assert stock_of("CANDLE") == (3, 3, 0)
