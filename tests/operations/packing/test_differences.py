"""An order that is changed while it is packed stops the packer with what is different."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import LULEA, make_order, make_product
from tests.operations.packing.packing import command, load, packing_of, scan, ship, split_off, start, ticks
from tests.operations.steps import changing, events_of, line_of, product, read, set_stock
from webshop_orders.errors import Held, RuleViolation
from webshop_orders.models import Actor, CommentKind, EventKind, HoldReason, Order
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    customers,
    holds,
    lines,
    shipments,
    splits,
    tracking,
)
from webshop_orders.operations.packing import differences, scanning
from webshop_orders.operations.packing.commands import Command
from webshop_orders.operations.packing.differences import LineDifference, Stopped

Change = Callable[[Order, Actor], object]


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS-12", name="Ljus", stock=10)
    make_product("KAN-02", name="Stake")
    make_product("DUK-7", name="Duk")
    return make_order(("LJUS-12", 3), ("KAN-02", 1))


@pytest.fixture
def session(order: Order) -> int:
    session_id = start(order)
    scan(session_id, "3*LJUS-12")
    return session_id


def move(order: Order, by: Actor) -> None:
    address = replace(LULEA, street="Storgatan 2")
    customers.change(order, order.customer, address, address, by=by)


def cancel(order: Order, by: Actor) -> None:
    cancellation.cancel(order, by=by)


def add_to_first(order: Order, by: Actor) -> None:
    lines.add(order, product("DUK-7"), 2, to=None, by=by)


def fewer(order: Order, by: Actor) -> None:
    lines.change(line_of(order, "LJUS-12"), quantity=2, by=by)


def remove(order: Order, by: Actor) -> None:
    lines.remove(line_of(order, "KAN-02"), by=by)


def split(order: Order, by: Actor) -> None:
    splits.split(line_of(order, "LJUS-12"), 1, to=None, by=by)


def ship_all(order: Order, by: Actor) -> None:
    shipments.ship(order.shipments[0], by=by)


CONCERN_THE_PACKER: dict[str, tuple[Change, list[LineDifference]]] = {
    "fewer units": (fewer, [LineDifference("Ljus", "LJUS-12", 3, 2, 3)]),
    "a product more": (add_to_first, [LineDifference("Duk", "DUK-7", 0, 2, 0)]),
    "a product removed": (remove, [LineDifference("Stake", "KAN-02", 1, 0, 0)]),
    "units split off": (split, [LineDifference("Ljus", "LJUS-12", 3, 2, 3)]),
    "another address": (move, []),
}


@pytest.mark.parametrize("change", CONCERN_THE_PACKER)
def test_a_change_stops_the_packer_with_the_difference_and_counts_nothing(
    order: Order, session: int, anna: Actor, change: str
) -> None:
    carry_out, expected = CONCERN_THE_PACKER[change]
    with changing(order, anna) as current:
        carry_out(current, anna)

    with pytest.raises(Stopped, match="ändrades medan du packade"):
        scan(session, "KAN-02")
    with pytest.raises(Stopped):
        ship(order, session)

    difference = differences.find(load(session))
    assert difference is not None
    assert difference.lines == expected
    assert [event.actor_name for event in difference.events] == ["Anna Lind"]
    assert not difference.is_over
    assert ticks(session) == {"LJUS-12": (3, 3), "KAN-02": (0, 1)}


def test_going_on_keeps_the_ticks_that_still_fit(order: Order, session: int, anna: Actor) -> None:
    with changing(order, anna) as current:
        fewer(current, anna)
    with changing(order, anna) as current:
        add_to_first(current, anna)

    with packing_of(session) as packing:
        differences.read_again(packing)

    assert ticks(session) == {"LJUS-12": (2, 2), "KAN-02": (0, 1), "DUK-7": (0, 2)}
    assert differences.find(load(session)) is None
    with pytest.raises(RuleViolation, match="inget att ångra"), packing_of(session) as packing:
        scanning.carry_out(packing, Command.UNDO, request_key=None)
    scan(session, "KAN-02")
    scan(session, "2*DUK-7")
    ship(order, session, "no-code")
    assert read(order).shipments[0].is_shipped


def test_units_of_a_line_that_was_joined_with_another_stay_packed(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12", name="Ljus")
    make_product("KAN-02", name="Stake")
    order = make_order(("KAN-02", 1), ("LJUS-12", 3))
    with changing(order, anna) as current:
        splits.split(line_of(current, "LJUS-12"), 2, to=None, by=anna)
    session = start(order, 2)
    scan(session, "LJUS-12")
    with changing(order, anna) as current:
        second = current.shipments[1]
        splits.split(line_of(current, "LJUS-12", 1), 1, to=second, by=anna)

    with packing_of(session) as packing:
        differences.read_again(packing)

    assert ticks(session) == {"LJUS-12": (1, 3)}


@pytest.mark.parametrize("change", [cancel, ship_all])
def test_what_is_cancelled_or_shipped_meanwhile_is_over(
    order: Order, session: int, anna: Actor, change: Change
) -> None:
    with changing(order, anna) as current:
        change(current, anna)

    with pytest.raises(Stopped):
        scan(session, "KAN-02")
    difference = differences.find(load(session))
    assert difference is not None
    assert difference.is_over
    with pytest.raises(RuleViolation), packing_of(session) as packing:
        differences.read_again(packing)


def test_a_shipment_that_was_moved_away_whole_is_over(order: Order, session: int, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(line_of(current, "LJUS-12"), 3, to=None, by=anna)
    with changing(order, anna) as current:
        splits.split(line_of(current, "KAN-02"), 1, to=current.shipments[1], by=anna)

    with pytest.raises(Stopped):
        scan(session, "KAN-02")
    packing = load(session)
    difference = differences.find(packing)
    assert difference is not None
    assert difference.is_over
    assert packing.shipment is None


def comment(order: Order, by: Actor) -> None:
    comments.add(order, CommentKind.INTERNAL, "Hej", by=by)


def add_code(order: Order, by: Actor) -> None:
    tracking.add(order.shipments[0], "ABC-123", None, None, by=by)


def change_other_shipment(order: Order, by: Actor) -> None:
    lines.change(line_of(order, "LJUS-12", 2), quantity=2, by=by)


@pytest.mark.parametrize("change", [comment, add_code])
def test_what_does_not_concern_the_packer_does_not_stop_them(
    order: Order, session: int, anna: Actor, change: Change
) -> None:
    with changing(order, anna) as current:
        change(current, anna)

    scan(session, "KAN-02")

    assert ticks(session)["KAN-02"] == (1, 1)
    assert load(session).session.order_version == read(order).version


def test_a_change_of_another_shipment_does_not_stop_the_packer(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(line_of(current, "LJUS-12"), 1, to=None, by=anna)
    session = start(order, 1)
    with changing(order, anna) as current:
        change_other_shipment(current, anna)

    scan(session, "KAN-02")

    assert ticks(session)["KAN-02"] == (1, 1)


def test_stock_that_goes_elsewhere_does_not_stop_the_packer(order: Order, session: int) -> None:
    set_stock("LJUS-12", 1)

    scan(session, "KAN-02")


def test_control_a_packer_who_is_not_stopped_ships_what_nobody_ordered(
    order: Order, session: int, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with changing(order, anna) as current:
        fewer(current, anna)
    monkeypatch.setattr(differences, "find", lambda packing: None)
    scan(session, "KAN-02")

    ship(order, session, "no-code")

    packed_event = events_of(order)[-1]
    assert (packed_event.facts["quantity"], read(order).shipments[0].quantity) == (4, 3)


def hold(order: Order, by: Actor, shipment: int | None = None) -> None:
    with changing(order, by) as current:
        holds.hold(current, HoldReason.WRONG_ADDRESS, note="Ring", shipment=shipment, by=by)


def test_rule_28_a_hold_that_was_made_meanwhile_stops_the_packer(order: Order, session: int, anna: Actor) -> None:
    hold(order, anna)

    for refused in (
        lambda: scan(session, "KAN-02"),
        lambda: command(session, Command.DONE),
        lambda: ship(order, session),
        lambda: split_off(order, session, **{"KAN-02": 1}),
    ):
        with pytest.raises(Held, match="är pausad: fel adress"):
            refused()
    with pytest.raises(Held), packing_of(session) as packing:
        differences.read_again(packing)

    difference = differences.find(load(session))
    assert difference is not None
    assert difference.is_held
    assert [event.kind for event in difference.events] == [EventKind.ORDER_HELD]
    assert ticks(session) == {"LJUS-12": (3, 3), "KAN-02": (0, 1)}
    assert not read(order).shipments[0].is_shipped


def test_packing_goes_on_once_it_is_released(order: Order, session: int, anna: Actor) -> None:
    hold(order, anna)
    with changing(order, anna) as current:
        holds.release(current, 1, by=anna)

    assert differences.find(load(session)) is None
    scan(session, "KAN-02")
    ship(order, session, "no-code")

    assert read(order).shipments[0].is_shipped


def test_a_hold_of_another_shipment_does_not_concern_the_packer(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(line_of(current, "KAN-02"), 1, to=None, by=anna)
    session = start(order, 1)
    hold(order, anna, shipment=2)

    scan(session, "3*LJUS-12")

    assert differences.find(load(session)) is None


def test_rule_28_what_is_held_is_not_begun(order: Order, anna: Actor) -> None:
    hold(order, anna)

    with pytest.raises(Held, match=order.number):
        start(order)
