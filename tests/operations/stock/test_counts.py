"""Rule 31: a count says how many there were at a version, and what moved since stays; and movements by hand."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.after_sales.steps import ship
from tests.operations.steps import (
    ERP,
    assert_stock_follows_from_movements,
    kinds_of,
    line_of,
    movements_of,
    read,
    read_product,
    set_stock,
    stock_of,
)
from tests.operations.undo.steps import make_user
from tests.web.orders.test_budgets import counting
from webshop_orders.db.extensions import db
from webshop_orders.errors import AlreadyDone, NotFound, RuleViolation
from webshop_orders.models import Actor, EventKind, MovementReason, OrderStatus, Product, StockMovement
from webshop_orders.models.stock_movement import BY_HAND
from webshop_orders.operations.stock import counted_levels, counts, products
from webshop_orders.operations.stock.counted_levels import Counted
from webshop_orders.operations.stock.counts import Count
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture
def anna(app: Flask) -> Actor:
    return make_user("Anna")


@pytest.fixture
def candle(app: Flask) -> Product:
    return make_product("CANDLE", stock=10)


def version() -> int:
    return read_product("CANDLE").stock_version


def count(counted: int, at: int | None, by: Actor, note: str | None = None) -> Count:
    with writing():
        return counts.count("CANDLE", counted, at, note=note, by=by)


def adjust(quantity: int, reason: MovementReason, by: Actor, note: str | None = None) -> StockMovement:
    with writing():
        return counts.adjust("CANDLE", quantity, reason, note=note, by=by)


def refused(field: str, match: str, quantity: int, reason: MovementReason, by: Actor, note: str | None = None) -> None:
    before = stock_of("CANDLE"), version()
    with pytest.raises(RuleViolation, match=match) as refusal:
        adjust(quantity, reason, by, note)
    assert refusal.value.field == field
    assert (stock_of("CANDLE"), version()) == before


@pytest.mark.parametrize("at", [-1, 2, 10**12])
def test_a_count_of_a_version_that_never_was_is_refused(candle: Product, anna: Actor, at: int) -> None:
    with pytest.raises(RuleViolation, match="aldrig haft") as refusal:
        count(9, at, anna)
    assert (refusal.value.field, stock_of("CANDLE")) == ("stock_version", (10, 0, 0))


@pytest.mark.parametrize("counted", [-1, 10**7, 10**18])
def test_a_count_below_none_or_of_far_too_many_is_refused(candle: Product, anna: Actor, counted: int) -> None:
    with pytest.raises(RuleViolation, match="från 0 till 9") as refusal:
        count(counted, 1, anna)
    assert refusal.value.field == "counted"


def test_a_count_since_which_more_left_than_was_counted_is_refused(candle: Product, anna: Actor) -> None:
    ship(make_order(("CANDLE", 4)), anna)
    with pytest.raises(RuleViolation, match="4 st har lämnat") as refusal:
        count(3, 1, anna)
    assert (refusal.value.field, stock_of("CANDLE")) == ("counted", (6, 0, 0))


@pytest.mark.parametrize("levels", [(None,), (None, 4)])
def test_a_count_since_which_stock_was_not_always_tracked_is_refused(
    candle: Product, anna: Actor, levels: tuple[int | None, ...]
) -> None:
    for level in levels:
        set_stock("CANDLE", level)
    with pytest.raises(RuleViolation, match="inte följts") as refusal:
        count(9, 1, anna)
    assert refusal.value.field == "stock_version"


def test_an_unknown_product_is_neither_counted_nor_changed(app: Flask, anna: Actor) -> None:
    for change in (lambda: count(1, None, anna), lambda: adjust(1, MovementReason.RECEIVED, anna)):
        with pytest.raises(NotFound):
            change()


def test_rule_31_what_was_sold_since_a_count_is_kept(candle: Product, anna: Actor) -> None:
    at = version()
    ship(make_order(("CANDLE", 3)), anna)
    adjust(20, MovementReason.RECEIVED, anna)

    result = count(9, at, anna)

    assert (result.movement.quantity, result.movement.stock) == (-1, 26)
    assert (result.expected, result.moved_since) == (10, 17)
    assert_stock_follows_from_movements()


def test_rule_31_a_count_since_is_not_applied_twice(candle: Product, anna: Actor) -> None:
    at = version()
    ship(make_order(("CANDLE", 3)), anna)
    count(8, at, anna)
    assert stock_of("CANDLE") == (5, 0, 0)

    result = count(8, at, ERP)
    assert (result.movement.quantity, result.expected, result.moved_since) == (0, 8, -3)
    assert count(9, at, anna).movement.stock == 6
    assert [movement.quantity for movement in movements_of("CANDLE")] == [10, -3, -2, 0, 1]
    assert_stock_follows_from_movements()


def test_rule_31_a_count_of_now_sets_the_stock_and_one_of_nothing_tracked_begins_to_track_it(
    candle: Product, anna: Actor
) -> None:
    assert count(7, None, anna).movement.stock == 7
    assert count(7, version(), anna, note="  hylla A ").movement.note == "hylla A"
    set_stock("CANDLE", None)
    order = make_order(("CANDLE", 9))

    result = count(4, version(), anna)

    assert (result.expected, result.movement.quantity, result.movement.stock) == (None, 4, 4)
    assert stock_of("CANDLE") == (4, 4, 5)
    assert read(order).status is OrderStatus.BACKORDERED
    assert_stock_follows_from_movements()


def test_a_count_that_lowers_takes_cover_from_the_youngest_and_one_that_raises_covers_the_queue(
    candle: Product, anna: Actor
) -> None:
    older, younger = make_order(("CANDLE", 6)), make_order(("CANDLE", 4))

    count(7, version(), anna)
    assert [line_of(read(order), "CANDLE").reserved for order in (older, younger)] == [6, 1]
    assert kinds_of(younger)[-1] is EventKind.COVER_WITHDRAWN

    count(12, version(), anna)
    assert [line_of(read(order), "CANDLE").reserved for order in (older, younger)] == [6, 4]
    assert kinds_of(younger)[-1] is EventKind.BACKORDER_COVERED


@pytest.mark.parametrize("quantity", [0, 100_000, -100_000, 10**12])
def test_a_movement_of_nothing_or_of_far_too_many_is_refused(candle: Product, anna: Actor, quantity: int) -> None:
    refused("quantity", "från 1 till", quantity, MovementReason.CORRECTION, anna, "räknefel")


def test_a_movement_of_what_is_not_tracked_is_refused(candle: Product, anna: Actor) -> None:
    set_stock("CANDLE", None)
    refused("quantity", "följs inte", 5, MovementReason.RECEIVED, anna)


def test_more_is_not_taken_off_than_there_is(candle: Product, anna: Actor) -> None:
    refused("quantity", "bara 10", -11, MovementReason.WASTE, anna)


def test_a_reason_that_says_the_opposite_is_refused(candle: Product, anna: Actor) -> None:
    refused("quantity", "utan minus", -1, MovementReason.RECEIVED, anna)
    for reason in (MovementReason.WASTE, MovementReason.DAMAGED, MovementReason.OWN_USE):
        refused("quantity", "med minus", 1, reason, anna)


@pytest.mark.parametrize("reason", sorted(set(MovementReason) - set(BY_HAND)))
def test_reasons_that_are_not_for_people_are_refused(candle: Product, anna: Actor, reason: MovementReason) -> None:
    refused("reason", "Välj varför", 1, reason, anna)


def test_a_correction_and_another_reason_need_a_note_and_no_note_is_too_long(candle: Product, anna: Actor) -> None:
    for reason in (MovementReason.CORRECTION, MovementReason.OTHER):
        refused("note", "Skriv varför", 1, reason, anna, "  ")
    refused("note", "högst 200", 1, MovementReason.OTHER, anna, "x" * 201)


def test_rule_31_a_movement_by_hand_says_who_and_why_and_covers_the_queue(candle: Product, anna: Actor) -> None:
    order = make_order(("CANDLE", 12))

    movement = adjust(5, MovementReason.RECEIVED, anna, "utan följesedel")
    assert (movement.reason, movement.actor_name, movement.note) == (MovementReason.RECEIVED, "Anna", "utan följesedel")
    assert stock_of("CANDLE") == (15, 12, 0)
    assert kinds_of(order)[-1] is EventKind.BACKORDER_COVERED

    adjust(-8, MovementReason.WASTE, anna)
    assert stock_of("CANDLE") == (7, 7, 5)
    assert kinds_of(order)[-1] is EventKind.COVER_WITHDRAWN
    assert_stock_follows_from_movements()


def test_the_same_request_moves_stock_once(candle: Product, anna: Actor) -> None:
    by = anna.with_request_key("page-1")
    adjust(-10, MovementReason.WASTE, by)
    with pytest.raises(AlreadyDone):
        adjust(-10, MovementReason.WASTE, by)
    with pytest.raises(AlreadyDone):
        count(4, None, by)
    assert stock_of("CANDLE") == (0, 0, 0)
    make_product("WICK", stock=10)
    with writing():
        assert counts.adjust("WICK", 1, MovementReason.RECEIVED, by=by).stock == 11


def test_many_counts_are_recorded_in_few_statements_and_only_those_that_take_no_cover(app: Flask, anna: Actor) -> None:
    skus = [f"P-{number}" for number in range(30)]
    for sku in skus:
        make_product(sku, stock=10)
    make_product("FREE", stock=None)
    ship(make_order(*((sku, 1) for sku in skus[:20])), anna)
    make_order(("P-1", 9))
    with writing():
        catalogue = products.by_sku([*skus, "FREE"])
        counted = {product: Counted(8, 1) for product in catalogue.values()}
        counted[catalogue["P-2"]] = Counted(0, 1)
        counted[catalogue["FREE"]] = Counted(3, 0)
        with counting() as statements:
            left = counted_levels.count_all(counted, by=anna)
            db.session.flush()

    assert len(statements) <= 5, "\n".join(statements)  # one more on PostgreSQL, where products are locked
    assert {product.sku for product in left} == {"P-1", "P-2", "FREE"}
    assert [stock_of(sku)[0] for sku in ("P-0", "P-1", "P-2", "P-29", "FREE")] == [7, 9, 9, 8, None]
    assert_stock_follows_from_movements()


def test_what_counts_come_to_is_known_before(candle: Product, anna: Actor) -> None:
    make_product("WICK", stock=5)
    make_product("OIL", stock=5)
    ship(make_order(("CANDLE", 4), ("WICK", 1)), anna)
    catalogue = products.by_sku(["CANDLE", "WICK", "OIL"])
    counted = dict(zip(catalogue.values(), (Counted(9, 1),) * 3, strict=True))
    counted[catalogue["WICK"]], counted[catalogue["OIL"]] = Counted(0, 1), Counted(1, 7)
    levels = counted_levels.levels_after(counted)

    assert {product.sku: level for product, level in levels.stock.items()} == {"CANDLE": 5}
    assert {product.sku: refusal.field for product, refusal in levels.refused.items()} == {
        "WICK": "counted",
        "OIL": "stock_version",
    }
