"""Rule 35: what becomes free goes first to the orders put first by hand, and then to the oldest."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import ERP, changing, kinds_of, last_event, read, set_stock, shape, stock_of
from tests.operations.steps import product as in_transaction
from tests.operations.undo.steps import make_user, redo, undo
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.models.priority import MAX_REASON_LENGTH
from webshop_orders.operations.orders import cancellation, priority, shipments
from webshop_orders.operations.stock import backorders
from webshop_orders.transactions.unit_of_work import writing

MAY = datetime(2026, 5, 1, tzinfo=UTC)


def placed(quantity: int, days: int) -> Order:
    return make_order(("CANDLE", quantity), placed_at=MAY + timedelta(days=days))


def prioritise(order: Order, by: Actor, reason: str = "Bröllop på lördag") -> None:
    with changing(order, by) as current:
        priority.prioritise(current, reason, by=by)


def covered(order: Order) -> int:
    return sum(row[2] for rows in shape(order).values() for row in rows)


@pytest.mark.parametrize("how", ["set", "worker"])
def test_rule_35_who_was_put_first_gets_what_comes_and_then_the_oldest(app: Flask, anna: Actor, how: str) -> None:
    make_product("CANDLE", stock=0)
    oldest, old, first = placed(2, 1), placed(2, 2), placed(2, 3)
    prioritise(first, anna)

    if how == "set":
        set_stock("CANDLE", 3)
    else:
        with writing():
            product = in_transaction("CANDLE")
            assert backorders.receive({product: 3}, by=ERP) == {}
        while (order_id := backorders.find_next_to_cover()) is not None:
            with writing():
                assert backorders.cover_order(order_id)

    assert [covered(order) for order in (oldest, old, first)] == [1, 0, 2]


def test_rule_35_of_those_put_first_the_oldest_comes_first(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=0)
    older, newer = placed(1, 1), placed(1, 2)
    for order in (newer, older):
        prioritise(order, anna)

    set_stock("CANDLE", 1)

    assert (covered(older), covered(newer)) == (1, 0)


def test_rule_35_what_others_have_reserved_stays_theirs(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=2)
    holder, first = placed(2, 1), placed(1, 2)

    prioritise(first, anna)

    assert (covered(holder), covered(first)) == (2, 0)


def test_rule_35_less_stock_is_taken_from_those_put_first_last(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=4)
    oldest, first = placed(2, 1), placed(2, 2)
    prioritise(first, anna)

    set_stock("CANDLE", 3)

    assert (covered(oldest), covered(first)) == (1, 2)


def test_rule_35_units_that_an_edit_sets_free_go_to_who_was_put_first(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=2)
    holder, older, first = placed(2, 1), placed(2, 2), placed(2, 3)
    prioritise(first, anna)

    with changing(holder, anna) as current:
        cancellation.cancel(current, by=anna)

    assert (covered(older), covered(first)) == (0, 2)
    assert stock_of("CANDLE") == (2, 2, 2)


def test_rule_35_who_and_why_are_kept_and_told(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=0)
    order = placed(1, 1)

    prioritise(order, anna, "  Bröllop på lördag ")

    stored = read(order).priority
    assert stored is not None
    assert (stored.by, stored.reason) == ("Anna Lind", "Bröllop på lördag")
    assert read(order).is_prioritised
    assert last_event(order).facts == {"is_prioritised": True, "reason": "Bröllop på lördag"}
    with changing(order, anna) as current:
        priority.end_priority(current, by=anna)
    assert read(order).priority is None
    assert not read(order).is_prioritised
    assert last_event(order).facts["is_prioritised"] is False


def test_rule_35_it_is_taken_back_and_carried_out_again(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    user, order = make_user("Anna"), placed(1, 1)
    prioritise(order, user)
    stored = read(order).priority

    undo(order, user)
    assert (read(order).priority, read(order).is_prioritised) == (None, False)
    redo(order, user)
    assert (read(order).priority, read(order).is_prioritised) == (stored, True)
    assert kinds_of(order).count(EventKind.ORDER_PRIORITISED) == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * (MAX_REASON_LENGTH + 1)])
def test_rule_35_a_reason_is_needed(app: Flask, anna: Actor, reason: str) -> None:
    make_product("CANDLE", stock=0)
    order = placed(1, 1)

    with pytest.raises(RuleViolation) as refusal:
        prioritise(order, anna, reason)
    assert refusal.value.field == "reason"
    assert read(order).priority is None


def test_rule_35_nothing_that_changes_nothing_or_has_left_is_recorded(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=1)
    order = placed(1, 1)
    with pytest.raises(NoChange), changing(order, anna) as current:
        priority.end_priority(current, by=anna)
    prioritise(order, anna)
    with pytest.raises(NoChange):
        prioritise(order, anna)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with pytest.raises(RuleViolation):
        prioritise(order, anna, "Nu igen")
