"""Rule 28: what is held does not leave; several holds are released one by one."""

from datetime import date
from threading import Event
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import (
    ERP,
    changing,
    events_of,
    kinds_of,
    last_event,
    line_of,
    read,
    set_stock,
    shape,
    stock_of,
)
from tests.operations.undo.steps import make_user, redo, stored, undo
from webshop_orders.db.extensions import db
from webshop_orders.errors import Held, NoChange, NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    CommentKind,
    DeliveryStatus,
    EventKind,
    Hold,
    HoldReason,
    Order,
    OrderStatus,
)
from webshop_orders.models.event_facts import BackorderCovered, CoverWithdrawn, HoldReleased, OrderHeld
from webshop_orders.models.hold import MAX_HOLDS
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import cancellation, comments, holds, lines, loading, plans, shipments, splits
from webshop_orders.operations.orders.plans import Plan
from webshop_orders.operations.stock import backorders
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing

ADDRESS, WAIT, OTHER = HoldReason.WRONG_ADDRESS, HoldReason.CUSTOMER_ASKED, HoldReason.OTHER
NOON = "2026-11-23T12:00:00+01:00"


@pytest.fixture
def anna(app: Flask) -> Actor:
    return make_user("Anna")


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", stock=10)
    return make_order(("CANDLE", 3), ("WICK", 2))


@pytest.fixture
def two(order: Order, anna: Actor) -> Order:
    """An order whose candles are in its shipment 1, and its wicks in 2."""
    with changing(order, anna) as current:
        splits.split(line_of(current, "WICK"), 2, to=None, by=anna)
    return order


def hold(order: Order, by: Actor, reason: HoldReason = ADDRESS, **more: Any) -> Hold:
    with changing(order, by) as current:
        return holds.hold(current, reason, by=by, **more)


def release(order: Order, hold_id: int, by: Actor, **more: Any) -> Hold:
    with changing(order, by) as current:
        return holds.release(current, hold_id, by=by, **more)


def ship(order: Order, by: Actor, seq: int = 1) -> None:
    with changing(order, by) as current:
        shipments.ship(shipments.get(current, seq), by=by)


def split(order: Order, sku: str, quantity: int, by: Actor, *, to: int | None = None, seq: int | None = None) -> None:
    with changing(order, by) as current:
        target = shipments.get(current, to) if to else None
        splits.split(line_of(current, sku, seq), quantity, to=target, by=by)


def held(order: Order) -> list[tuple[int, int | None]]:
    """The holds that stand: their ids, and the shipments that they are of."""
    return [(hold.id, hold.shipment) for hold in read(order).holds]


# What is refused


def test_a_cancelled_order_is_neither_held_nor_released(order: Order, anna: Actor) -> None:
    made = hold(order, anna)
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with pytest.raises(RuleViolation, match="makulerad"):
        hold(order, anna)
    with pytest.raises(RuleViolation, match="makulerad"):
        release(order, made.id, anna)

    assert held(order) == [(1, None)]


def test_an_order_with_nothing_left_to_leave_is_not_held(order: Order, anna: Actor) -> None:
    ship(order, anna)

    with pytest.raises(RuleViolation, match="skickat"):
        hold(order, anna)

    assert held(order) == []


def test_a_shipped_shipment_is_not_held_and_one_that_is_not_there_neither(two: Order, anna: Actor) -> None:
    ship(two, anna, 2)

    with pytest.raises(RuleViolation, match=f"{two.number}-2") as refusal:
        hold(two, anna, shipment=2)
    with pytest.raises(NotFound):
        hold(two, anna, shipment=7)

    assert refusal.value.field == "shipment"
    assert held(two) == []


@pytest.mark.parametrize("note", [None, "", "  \n"])
def test_another_reason_needs_a_note(order: Order, anna: Actor, note: str | None) -> None:
    with pytest.raises(RuleViolation) as refusal:
        hold(order, anna, OTHER, note=note)

    assert refusal.value.field == "note"
    assert hold(order, anna, OTHER, note=" Ring först ").note == "Ring först"


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 11, 23)])
@time_machine.travel(NOON, tick=False)
def test_a_day_that_has_come_is_refused(order: Order, anna: Actor, day: date) -> None:
    with pytest.raises(RuleViolation) as refusal:
        hold(order, anna, until=day)

    assert refusal.value.field == "until"
    assert hold(order, anna, until=date(2026, 11, 24)).until == "2026-11-24"


@time_machine.travel("2026-11-23T23:30:00Z", tick=False)
def test_the_day_is_the_one_of_the_shops_time_zone(order: Order, anna: Actor) -> None:
    with pytest.raises(RuleViolation):
        hold(order, anna, until=date(2026, 11, 24))  # has begun in Stockholm

    hold(order, anna, until=date(2026, 11, 25))


def test_there_are_only_so_many_holds_at_once(order: Order, anna: Actor) -> None:
    for _each in range(MAX_HOLDS):
        hold(order, anna)

    with pytest.raises(RuleViolation, match=str(MAX_HOLDS)):
        hold(order, anna)
    release(order, 1, anna)

    assert hold(order, anna).id == MAX_HOLDS + 1


def test_a_hold_that_never_was_is_not_found(order: Order, anna: Actor) -> None:
    hold(order, anna)

    for unknown in (0, 2, -1):
        with pytest.raises(NotFound):
            release(order, unknown, anna)

    assert held(order) == [(1, None)]


def test_a_hold_is_released_once(order: Order, anna: Actor) -> None:
    hold(order, anna)
    release(order, 1, anna)
    version = read(order).version

    with pytest.raises(NoChange):
        release(order, 1, anna)

    assert read(order).version == version


# What it keeps from leaving


@pytest.mark.parametrize("shipment", [None, 1])
def test_rule_28_what_is_held_does_not_leave(order: Order, anna: Actor, shipment: int | None) -> None:
    hold(order, anna, shipment=shipment)

    with pytest.raises(Held, match=f"{order.number}-1 är pausad: fel adress"):
        ship(order, anna)

    assert read(order).status is OrderStatus.READY
    assert read(order).is_held
    assert stock_of("CANDLE") == (10, 3, 0)
    assert EventKind.SHIPMENT_SHIPPED not in kinds_of(order)


def test_rule_28_a_shipment_that_is_not_held_leaves(two: Order, anna: Actor) -> None:
    hold(two, anna, shipment=1)

    ship(two, anna, 2)

    with pytest.raises(Held):
        ship(two, anna, 1)
    assert read(two).is_held


def test_rule_28_several_holds_are_released_one_by_one(order: Order, anna: Actor) -> None:
    hold(order, anna)
    hold(order, anna, WAIT)
    hold(order, anna, OTHER, note="Ring", shipment=1)

    release(order, 2, anna)
    with pytest.raises(Held, match="fel adress, annat"):
        ship(order, anna)
    release(order, 1, anna)
    release(order, 3, anna)
    ship(order, anna)

    assert read(order).status is OrderStatus.SHIPPED
    assert not read(order).is_held


def test_editing_goes_on_while_held(order: Order, anna: Actor) -> None:
    hold(order, anna)

    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=5, by=anna)

    assert stock_of("CANDLE") == (10, 5, 0)


def test_each_is_one_event_that_says_what_was_held_and_why(two: Order, anna: Actor) -> None:
    hold(two, anna, OTHER, note="Ring", shipment=2, until=date(9999, 12, 31), keeps_stock=False)
    made = last_event(two).read_facts()
    release(two, 1, anna, note="Nådde henne")
    released = last_event(two).read_facts()

    reference = f"{two.number}-2"
    assert made == OrderHeld(1, OTHER, reference, "Ring", "9999-12-31", keeps_stock=False)
    assert released == HoldReleased(1, OTHER, reference, "Nådde henne")
    assert kinds_of(two)[-2:] == [EventKind.ORDER_HELD, EventKind.HOLD_RELEASED]


def test_a_hold_says_who_made_it_and_when(order: Order, anna: Actor) -> None:
    with time_machine.travel(NOON, tick=False):
        hold(order, anna)

    (made,) = read(order).holds
    assert (made.by, made.at) == ("Anna", "2026-11-23T11:00:00+00:00")


# What becomes of it where the order changes


@pytest.mark.parametrize("quantity", [1, 3])
def test_rule_28_a_new_shipment_split_off_a_held_one_is_held_too(two: Order, anna: Actor, quantity: int) -> None:
    hold(two, anna, shipment=1)

    split(two, "CANDLE", quantity, anna)

    assert [shipment.is_held for shipment in read(two).shipments if shipment.seq != 2] == [True] * (1 + (quantity < 3))
    assert not shipments.get(read(two), 2).is_held
    assert held(two) == ([(1, 1), (2, 3)] if quantity < 3 else [(1, 3)])


def test_rule_28_backordered_units_that_are_split_off_are_held_too(anna: Actor) -> None:
    make_product("CANDLE", stock=1)
    order = make_order(("CANDLE", 3))
    hold(order, anna, shipment=1)

    with changing(order, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)

    assert held(order) == [(1, 1), (2, 2)]


def test_units_that_go_to_another_shipment_are_as_free_as_that_is(two: Order, anna: Actor) -> None:
    hold(two, anna, shipment=1)

    split(two, "CANDLE", 1, anna, to=2)

    assert held(two) == [(1, 1)]


def test_rule_28_where_all_of_a_held_shipment_moves_its_hold_goes_with_it(two: Order, anna: Actor) -> None:
    hold(two, anna, shipment=1)

    split(two, "CANDLE", 3, anna, to=2)

    assert held(two) == [(1, 2)]
    with pytest.raises(Held):
        ship(two, anna, 2)


def test_parts_that_come_together_again_have_one_hold(order: Order, anna: Actor) -> None:
    hold(order, anna, shipment=1)
    split(order, "WICK", 2, anna)
    assert held(order) == [(1, 1), (2, 2)]

    split(order, "WICK", 2, anna, to=1)

    assert held(order) == [(1, 1)]


def rearrange(order: Order, wishes: dict[str, list[int]], targets: list[int | None], by: Actor) -> None:
    with changing(order, by) as current:
        quantities = {row.id: wishes[row.sku] for row in plans.rows(current)}
        plans.rearrange(current, Plan([seq and current.find_shipment(seq) for seq in targets], quantities), by=by)


def test_rule_28_a_plan_takes_holds_along(two: Order, anna: Actor) -> None:
    hold(two, anna, shipment=1)

    rearrange(two, {"CANDLE": [0, 2, 1], "WICK": [0, 2, 0]}, [1, 2, None], anna)

    assert held(two) == [(1, 2), (2, 3)]


def test_rule_28_shipments_that_swap_all_their_units_are_both_held(two: Order, anna: Actor) -> None:
    hold(two, anna, shipment=1)

    rearrange(two, {"CANDLE": [0, 3], "WICK": [2, 0]}, [1, 2], anna)

    assert held(two) == [(1, 1), (2, 2)]


def test_a_plan_leaves_holds_where_units_only_go_to_existing_shipments(two: Order, anna: Actor) -> None:
    hold(two, anna, shipment=1)

    rearrange(two, {"CANDLE": [2, 1], "WICK": [0, 2]}, [1, 2], anna)

    assert held(two) == [(1, 1)]


def test_the_hold_of_a_shipment_that_is_removed_goes_with_it(two: Order, anna: Actor) -> None:
    hold(two, anna, shipment=2)

    with changing(two, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)

    assert held(two) == []
    assert not read(two).is_held
    undo(two, anna)
    assert held(two) == [(1, 2)]


def test_a_cancelled_order_is_not_held_and_is_again_once_it_is_restored(order: Order, anna: Actor) -> None:
    hold(order, anna)
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    assert not read(order).is_held

    with changing(order, anna) as current:
        cancellation.restore(current, by=anna)

    assert read(order).is_held
    with pytest.raises(Held):
        ship(order, anna)


def test_a_reopened_shipment_is_held_by_a_hold_of_the_order(two: Order, anna: Actor) -> None:
    ship(two, anna, 2)
    hold(two, anna)

    with changing(two, anna) as current:
        shipments.reopen(shipments.get(current, 2), by=anna)

    with pytest.raises(Held):
        ship(two, anna, 2)


def test_notes_are_erased_with_personal_data(order: Order, anna: Actor) -> None:
    hold(order, anna, OTHER, note="Åsa är bortrest")
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with writing():
        personal_data.erase("asa@example.com", by=anna)

    assert held(order) == []
    assert "bortrest" not in str([event.facts for event in events_of(order)])


# Stock


def test_a_hold_keeps_its_stock(anna: Actor) -> None:
    make_product("CANDLE", stock=3)
    order, other = make_order(("CANDLE", 3)), make_order(("CANDLE", 2))

    hold(order, anna)

    assert shape(order) == {1: [("CANDLE", 3, 3)]}
    assert shape(other) == {1: [("CANDLE", 2, 0)]}


def test_a_hold_gives_its_stock_to_the_oldest_that_wait(anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 5))
    others = [make_order(("CANDLE", quantity)) for quantity in (3, 4)]

    hold(order, anna, keeps_stock=False)

    assert shape(order) == {1: [("CANDLE", 5, 0)]}
    assert read(order).status is OrderStatus.BACKORDERED
    assert [shape(other) for other in others] == [{1: [("CANDLE", 3, 3)]}, {1: [("CANDLE", 4, 2)]}]
    assert stock_of("CANDLE") == (5, 5, 7)
    assert isinstance(last_event(others[0]).read_facts(), BackorderCovered)


def test_released_it_takes_the_stock_again_that_is_still_there(anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 5))
    hold(order, anna, keeps_stock=False)
    make_order(("CANDLE", 2))

    release(order, 1, anna)

    assert shape(order) == {1: [("CANDLE", 5, 3)]}
    assert read(order).status is OrderStatus.BACKORDERED
    assert stock_of("CANDLE") == (5, 5, 2)


def test_released_with_all_its_stock_there_it_is_ready_again(order: Order, anna: Actor) -> None:
    hold(order, anna, keeps_stock=False)
    assert read(order).status is OrderStatus.BACKORDERED
    assert stock_of("CANDLE") == (10, 0, 3)

    release(order, 1, anna)

    assert read(order).status is OrderStatus.READY
    assert stock_of("CANDLE") == (10, 3, 0)


def test_stock_stays_with_others_until_the_last_hold_that_gives_it_is_released(order: Order, anna: Actor) -> None:
    hold(order, anna, keeps_stock=False)
    hold(order, anna, keeps_stock=False, shipment=1)
    hold(order, anna, WAIT)

    release(order, 1, anna)
    assert stock_of("CANDLE") == (10, 0, 3)
    release(order, 2, anna)

    assert stock_of("CANDLE") == (10, 3, 0)


def test_no_new_stock_goes_to_what_gives_its_own_away(anna: Actor) -> None:
    make_product("CANDLE", stock=0)
    order = make_order(("CANDLE", 5))
    hold(order, anna, keeps_stock=False)
    younger = make_order(("CANDLE", 2))

    set_stock("CANDLE", 4)

    assert shape(order) == {1: [("CANDLE", 5, 0)]}
    assert shape(younger) == {1: [("CANDLE", 2, 2)]}
    db.session.rollback()
    assert backorders.find_next_to_cover() is None  # or the worker would come back to it for ever


def test_once_stock_is_counted_what_gives_its_own_away_waits_and_others_are_covered(anna: Actor) -> None:
    make_product("CANDLE", stock=None)
    order, younger = make_order(("CANDLE", 5)), make_order(("CANDLE", 2))
    hold(order, anna, keeps_stock=False)

    set_stock("CANDLE", 4)

    assert shape(order) == {1: [("CANDLE", 5, 0)]}
    assert read(order).status is OrderStatus.BACKORDERED
    assert isinstance(last_event(order).read_facts(), CoverWithdrawn)
    assert shape(younger) == {1: [("CANDLE", 2, 2)]}
    assert stock_of("CANDLE") == (4, 2, 5)


def test_what_is_added_to_it_waits_too(order: Order, anna: Actor) -> None:
    hold(order, anna, keeps_stock=False)

    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=5, by=anna)

    assert stock_of("CANDLE") == (10, 0, 5)


def test_what_moves_into_it_gives_its_stock_away(order: Order, anna: Actor) -> None:
    split(order, "CANDLE", 1, anna)
    hold(order, anna, keeps_stock=False, shipment=2)
    assert stock_of("CANDLE") == (10, 2, 1)

    split(order, "CANDLE", 1, anna, to=2, seq=1)

    assert shape(order) == {1: [("WICK", 2, 2), ("CANDLE", 1, 1)], 2: [("CANDLE", 2, 0)]} or shape(order) == {
        1: [("CANDLE", 1, 1), ("WICK", 2, 2)],
        2: [("CANDLE", 2, 0)],
    }
    assert stock_of("CANDLE") == (10, 1, 2)


def test_what_moves_out_of_it_is_covered(order: Order, anna: Actor) -> None:
    split(order, "WICK", 2, anna)
    hold(order, anna, keeps_stock=False, shipment=1)
    assert stock_of("CANDLE") == (10, 0, 3)

    split(order, "CANDLE", 1, anna, to=2)

    assert stock_of("CANDLE") == (10, 1, 2)


def test_a_shipment_that_takes_such_a_hold_over_gives_its_own_stock_away_too(order: Order, anna: Actor) -> None:
    split(order, "CANDLE", 1, anna)
    hold(order, anna, keeps_stock=False, shipment=2)

    split(order, "CANDLE", 1, anna, to=1, seq=2)

    assert held(order) == [(1, 1)]
    assert stock_of("CANDLE") == (10, 0, 3)
    assert shipments.get(read(order), 1).status is DeliveryStatus.BACKORDERED


def test_an_order_restored_under_such_a_hold_takes_no_stock(order: Order, anna: Actor) -> None:
    hold(order, anna, keeps_stock=False)
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    assert stock_of("CANDLE") == (10, 0, 0)

    with changing(order, anna) as current:
        cancellation.restore(current, by=anna)

    assert stock_of("CANDLE") == (10, 0, 3)


def test_a_shipment_reopened_under_such_a_hold_takes_no_stock(two: Order, anna: Actor) -> None:
    ship(two, anna, 1)
    hold(two, anna, keeps_stock=False)

    with changing(two, anna) as current:
        shipments.reopen(shipments.get(current, 1), by=anna)

    assert stock_of("CANDLE") == (10, 0, 3)


def test_products_that_begin_to_be_counted_are_not_reserved_under_such_a_hold(anna: Actor) -> None:
    make_product("CANDLE", stock=None)
    order = make_order(("CANDLE", 3))
    hold(order, anna, keeps_stock=False)
    assert shape(order) == {1: [("CANDLE", 3, 3)]}  # its stock is not tracked

    set_stock("CANDLE", 10)

    assert stock_of("CANDLE") == (10, 0, 3)
    release(order, 1, anna)
    assert stock_of("CANDLE") == (10, 3, 0)


# Undo


@pytest.mark.parametrize("keeps_stock", [True, False])
def test_rule_23_a_hold_is_taken_back_and_made_again(order: Order, anna: Actor, keeps_stock: bool) -> None:
    before = stored(order)
    hold(order, anna, keeps_stock=keeps_stock)
    after = stored(order)

    undo(order, anna)
    assert without_ids(stored(order)) == without_ids(before)
    redo(order, anna)

    assert stored(order) == after
    with pytest.raises(Held):
        ship(order, anna)


@pytest.mark.parametrize("keeps_stock", [True, False])
def test_rule_23_a_release_is_taken_back_and_made_again(order: Order, anna: Actor, keeps_stock: bool) -> None:
    hold(order, anna, keeps_stock=keeps_stock)
    before = stored(order)
    release(order, 1, anna)
    after = stored(order)

    undo(order, anna)
    assert stored(order) == before
    redo(order, anna)

    assert stored(order) == after
    ship(order, anna)


def test_rule_23_a_hold_that_comes_back_gives_away_what_its_order_got_since(anna: Actor) -> None:
    make_product("CANDLE", stock=0)
    order = make_order(("CANDLE", 3))
    hold(order, anna, keeps_stock=False)
    release(order, 1, anna)
    set_stock("CANDLE", 3)
    assert stock_of("CANDLE") == (3, 3, 0)

    undo(order, anna)

    assert stock_of("CANDLE") == (3, 0, 3)
    assert read(order).status is OrderStatus.BACKORDERED


def test_rule_23_a_hold_made_back_takes_only_the_stock_that_is_there(order: Order, anna: Actor) -> None:
    hold(order, anna, keeps_stock=False)
    make_order(("CANDLE", 9))

    facts = undo(order, anna)

    assert facts.uncovered == 2
    assert stock_of("CANDLE") == (10, 10, 2)


@pytest.mark.parametrize("keeps_stock", [True, False])
def test_rule_23_a_split_of_a_held_shipment_is_taken_back(two: Order, anna: Actor, keeps_stock: bool) -> None:
    hold(two, anna, shipment=1, keeps_stock=keeps_stock)
    before = stored(two)
    split(two, "CANDLE", 3, anna, to=2)
    after = stored(two)

    undo(two, anna)
    assert stored(two) == before
    redo(two, anna)

    assert stored(two) == after


def without_ids(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Rows without the ids given to holds, which none gets again."""
    return {
        table: [{name: row[name] for name in row if name != "last_ids"} for row in found]
        for table, found in rows.items()
    }


# The day that a hold ends on


def end_all() -> list[Hold]:
    ended: list[Hold] = []
    for _each in range(9):
        with writing():
            order_id = holds.find_ended()
            if order_id is None:
                return ended
            (order,) = loading.lock_orders([order_id])
            ended += holds.release_ended(order)
    raise AssertionError("the worker would never be done")


def test_a_hold_ends_on_its_day_in_the_shops_time_zone(order: Order, anna: Actor) -> None:
    with time_machine.travel(NOON, tick=False):
        hold(order, anna, until=date(2026, 12, 24))
        hold(order, anna, WAIT, until=date(2026, 12, 25))

    with time_machine.travel("2026-12-23T22:59:59Z", tick=False):
        assert end_all() == []
    with time_machine.travel("2026-12-23T23:00:00Z", tick=False):
        assert [ended.id for ended in end_all()] == [1]

    assert last_event(order).read_facts() == HoldReleased(1, ADDRESS, ended=True)
    assert held(order) == [(2, None)]
    assert read(order).hold_ends_on == "2026-12-25"


def test_a_hold_that_ends_takes_its_stock_again_and_tells_it_once(order: Order, anna: Actor) -> None:
    with time_machine.travel(NOON, tick=False):
        hold(order, anna, until=date(2026, 11, 24), keeps_stock=False)

    with time_machine.travel("2026-11-24T12:00:00Z", tick=False):
        assert len(end_all()) == 1
        assert end_all() == []

    assert stock_of("CANDLE") == (10, 3, 0)
    assert kinds_of(order).count(EventKind.HOLD_RELEASED) == 1
    assert not read(order).is_held


def test_a_worker_ends_what_is_due_however_late_it_comes_and_does_nothing_then(order: Order, anna: Actor) -> None:
    other = make_order(("CANDLE", 1))
    with time_machine.travel(NOON, tick=False):
        for held_order in (order, other):
            hold(held_order, anna, until=date(2026, 11, 24))
            hold(held_order, anna, WAIT, until=date(2026, 11, 25))

    with time_machine.travel("2027-02-01T12:00:00Z", tick=False):
        assert worker.end_holds(Event()) == 4
        assert worker.end_holds(Event()) == 0

    assert held(order) == held(other) == []
    assert [event.actor_name for event in events_of(order)[-2:]] == ["webshop-orders"] * 2


def test_a_hold_of_a_cancelled_order_ends_too(order: Order, anna: Actor) -> None:
    with time_machine.travel(NOON, tick=False):
        hold(order, anna, until=date(2026, 11, 24), keeps_stock=False)
        with changing(order, anna) as current:
            cancellation.cancel(current, by=anna)

    with time_machine.travel("2026-11-25T12:00:00Z", tick=False):
        assert len(end_all()) == 1

    assert stock_of("CANDLE") == (10, 0, 0)
    assert held(order) == []


def test_a_comment_can_be_left_on_a_held_order(order: Order, anna: Actor) -> None:
    hold(order, ERP)

    with changing(order, anna) as current:
        comments.add(current, CommentKind.INTERNAL, "Ringde", by=anna)

    assert last_event(order).kind is EventKind.COMMENT_ADDED
