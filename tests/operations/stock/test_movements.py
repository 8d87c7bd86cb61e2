"""Rule 31: every change of stock is a movement, and the movements of a product add up to its stock."""

import json
from pathlib import Path

import pytest
from flask import Flask

from tests.api.conftest import Integration, new_key
from tests.factories import make_order, make_product
from tests.operations.after_sales.steps import receive, register, ship
from tests.operations.steps import (
    ERP,
    assert_stock_follows_from_movements,
    changing,
    line_of,
    movements_of,
    read,
    read_product,
    set_stock,
)
from tests.operations.undo.steps import make_user, redo, undo
from webshop_orders.connectors.importing import json_lines, products
from webshop_orders.connectors.importing.files import open_text
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, Disposition, MovementReason, Product
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.stock import backorders, movements
from webshop_orders.transactions.preview import previewing
from webshop_orders.transactions.unit_of_work import writing

Moved = list[tuple[MovementReason, int, int | None, str | None, str]]


@pytest.fixture
def anna(app: Flask) -> Actor:
    return make_user("Anna")


@pytest.fixture
def candle(app: Flask) -> Product:
    return make_product("CANDLE", stock=5)


def moved(sku: str = "CANDLE") -> Moved:
    """What changed the stock of a product after it was made, by whom, once it is known that it adds up."""
    assert_stock_follows_from_movements()
    first, *others = movements_of(sku)
    assert first.reason is MovementReason.OPENING
    return [
        (movement.reason, movement.quantity, movement.stock, movement.reference, movement.actor_name)
        for movement in others
    ]


def test_rule_31_of_what_is_not_tracked_nothing_moves(app: Flask, anna: Actor) -> None:
    make_product("FREE", stock=None)
    order = make_order(("FREE", 2))
    ship(order, anna)

    assert movements_of("FREE") == []
    assert_stock_follows_from_movements()


def test_rule_31_stock_moves_by_shipping_and_reopening(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 3), ("CANDLE", 1))
    ship(order, anna)
    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)

    reference = f"{order.number}-1"
    assert moved() == [
        (MovementReason.SHIPPED, -3, 2, reference, "Anna"),
        (MovementReason.SHIPPED, -1, 1, reference, "Anna"),
        (MovementReason.REOPENED, 3, 4, reference, "Anna"),
        (MovementReason.REOPENED, 1, 5, reference, "Anna"),
    ]
    assert {movement.order_id for movement in movements_of("CANDLE")[1:]} == {order.id}
    assert {movement.user_id for movement in movements_of("CANDLE")[1:]} == {anna.user_id}


def test_rule_31_stock_moves_below_zero_where_more_leaves_than_it_knew_of(candle: Product, anna: Actor) -> None:
    ship(make_order(("CANDLE", 8)), anna)
    assert [(quantity, stock) for _reason, quantity, stock, *_rest in moved()] == [(-8, -3)]


def test_rule_31_stock_moves_by_undo_and_redo_of_a_shipping(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 3), send_confirmation=False)
    ship(order, anna)
    undo(order, anna)
    redo(order, anna)

    assert [movement[:3] for movement in moved()] == [
        (MovementReason.SHIPPED, -3, 2),
        (MovementReason.REOPENED, 3, 5),
        (MovementReason.SHIPPED, -3, 2),
    ]


def test_rule_31_stock_moves_by_what_comes_back_and_its_undo_and_redo(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 3), send_confirmation=False)
    ship(order, anna)
    register(order, anna, ("CANDLE", 3))
    receive(order, anna, ("CANDLE", 2), ("CANDLE", 1, Disposition.DISCARD))
    undo(order, anna)
    redo(order, anna)

    reference = f"{order.number}-R1"
    assert moved()[1:] == [
        (MovementReason.RETURNED, 2, 4, reference, "Anna"),
        (MovementReason.RETURN_UNDONE, -2, 2, reference, "Anna"),
        (MovementReason.RETURNED, 2, 4, reference, "Anna"),
    ]


def test_rule_31_stock_moves_where_it_is_set_and_no_longer_or_again_tracked(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 4))
    for level in (7, 7, 2, None, None, 6, None):
        set_stock("CANDLE", level)

    assert [movement[:3] for movement in moved()] == [
        (MovementReason.SET, 2, 7),
        (MovementReason.SET, -5, 2),
        (MovementReason.SET, -2, None),
        (MovementReason.SET, 6, 6),
        (MovementReason.SET, -6, None),
    ]
    ship(order, anna)
    assert len(moved()) == 5
    assert line_of(read(order), "CANDLE").reserved == 4


def test_rule_31_levels_for_which_no_order_loses_cover_move_stock_too(candle: Product) -> None:
    with writing():
        assert backorders.receive({db.session.merge(candle): 9}, by=ERP) == {}
    assert moved() == [(MovementReason.SET, 4, 9, None, "ERP")]


def test_rule_31_stock_moves_by_the_api(app: Flask) -> None:
    erp = Integration(app.test_client(), new_key())
    product = {"name": "Ljus", "price": 100, "vat_rate": 2500}
    erp.put("/products/CANDLE", {**product, "stock": 3})
    erp.put("/products/CANDLE", {**product, "stock": 4})
    make_order(("CANDLE", 4))
    erp.patch("/products/CANDLE", {"stock": 1})
    erp.post("/products/stock", {"levels": [{"sku": "CANDLE", "stock": 6}]})
    erp.patch("/products/CANDLE", {"price": 200})

    assert [movement[:3] for movement in moved()] == [
        (MovementReason.SET, 1, 4),
        (MovementReason.SET, -3, 1),
        (MovementReason.SET, 5, 6),
    ]
    assert {movement.actor_kind for movement in movements_of("CANDLE")} == {ActorKind.INTEGRATION}


def test_rule_31_stock_moves_by_an_import(app: Flask, tmp_path: Path) -> None:
    product = {"sku": "CANDLE", "name": "Ljus", "price": 100, "vat_rate": 2500}
    rows = [{**product, "stock": 3}, {**product, "stock": 4}, {**product, "sku": "FREE"}, {**product, "price": 2}]
    file = tmp_path / "products.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with open_text(file) as text:
        outcome = products.import_products(json_lines.products(text), refuse=print, progress=lambda *_: None)

    assert (outcome.new, outcome.changed) == (2, 2)
    assert moved() == [(MovementReason.SET, 1, 4, None, "import")]
    assert movements_of("FREE") == []


def test_a_preview_moves_nothing(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))
    with previewing(order.number) as current:
        shipments.ship(current.shipments[0], by=anna)
    assert moved() == []


def test_movements_are_read_a_page_at_a_time_with_the_numbers_of_orders(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    ship(order, anna)
    for level in range(60):
        set_stock("CANDLE", level)

    product = read_product("CANDLE")
    first = movements.page(product)
    second = movements.page(product, before=first.next_before)
    read_versions = [movement.version for movement in [*first.movements, *second.movements]]
    assert read_versions == list(range(product.stock_version, 0, -1))
    assert (len(first.movements), second.next_before) == (50, None)
    assert (first.order_numbers, second.order_numbers) == ({}, {order.id: order.number})
