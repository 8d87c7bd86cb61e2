"""What is packed by a scan, and a batch that is packed box by box."""

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories import make_order, make_product
from tests.operations.packing.packing import EVA, LABEL, LARS, scan, ship, start
from tests.operations.steps import changing, read
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import Held, NotFound, RuleViolation
from webshop_orders.models import Actor, Batch, BatchOrder, HoldReason, Order
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import cancellation, holds, lines, shipments, splits, tracking
from webshop_orders.operations.packing import rounds, starting
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture
def orders(app: Flask) -> list[Order]:
    make_product("LJUS-12", stock=100)
    return [make_order(("LJUS-12", 2)) for _ in range(3)]


def batch_of(orders: list[Order]) -> Batch:
    with writing():
        return selection.create([order.number for order in orders], by=LARS.with_request_key(None))


def give_boxes(batch: Batch, boxes: dict[int, dict[str, int]]) -> None:
    with writing():
        for order_id, of_order in boxes.items():
            of_row = (BatchOrder.batch_id == batch.id, BatchOrder.order_id == order_id)
            db.session.execute(update(BatchOrder).where(*of_row).values(boxes=of_order))


def references(scanned: str) -> list[str]:
    return [choice.reference for choice in starting.choices(scanned)]


@pytest.mark.parametrize("scanned", ["nej", "4006381333931", "WS-1", "", "٣"])
def test_an_unknown_code_begins_nothing(orders: list[Order], scanned: str) -> None:
    with pytest.raises(RuleViolation, match="Ingen order har koden"):
        starting.choices(scanned)


def test_a_slip_a_number_and_a_label_name_their_shipment(orders: list[Order], anna: Actor) -> None:
    order = orders[0]
    with changing(order, anna) as current:
        tracking.add(current.shipments[0], LABEL, None, None, by=anna)

    digits = order.number.removeprefix("WS-")
    for scanned in (f"{order.number}-1", order.number, digits, f"]C0{order.number}-1", LABEL, order.external_reference):
        assert references(scanned or "") == [f"{order.number}-1"], scanned


def test_of_several_open_shipments_those_that_are_ready_are_offered(orders: list[Order], anna: Actor) -> None:
    order = orders[0]
    with changing(order, anna) as current:
        splits.split(next(current.lines), 1, to=None, by=anna)
    assert references(order.number) == [f"{order.number}-1", f"{order.number}-2"]
    start(order, 2, by=EVA)
    assert [choice.holder and choice.holder.user_name for choice in starting.choices(order.number)] == [
        None,
        "Eva Sund",
    ]


def test_what_is_closed_says_why(orders: list[Order], anna: Actor) -> None:
    with changing(orders[0], anna) as current:
        cancellation.cancel(current, by=anna)
    with changing(orders[1], anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with pytest.raises(RuleViolation, match="Packa den inte"):
        starting.choices(orders[0].number)
    for scanned in (orders[1].number, f"{orders[1].number}-1"):
        with pytest.raises(RuleViolation, match="är redan skickad"):
            starting.choices(scanned)


def test_the_boxes_of_the_pick_list_decide_the_sequence(orders: list[Order]) -> None:
    batch = batch_of(orders)
    assert [stop.number for stop in rounds.read(batch.id).stops] == [order.number for order in orders]

    give_boxes(batch, {orders[0].id: {"1": 3}, orders[1].id: {"1": 1}, orders[2].id: {"1": 2}})

    round_ = rounds.read(batch.id)
    assert [stop.number for stop in round_.stops] == [orders[place].number for place in (1, 2, 0)]
    stop = round_.find(orders[0].number, 1)
    assert stop is not None
    assert stop.box == 3
    assert round_.find(orders[0].number, 2) is None


def test_what_was_edited_since_its_pick_list_was_printed_is_marked(orders: list[Order], anna: Actor) -> None:
    batch = batch_of(orders)
    assert not any(stop.is_edited for stop in rounds.read(batch.id).stops)
    with writing():
        db.session.execute(update(BatchOrder).values(printed_version=orders[0].version))
    with changing(orders[1], anna) as current:
        lines.change(next(current.lines), quantity=1, by=anna)

    assert [stop.is_edited for stop in rounds.read(batch.id).stops] == [False, True, False]


def test_next_is_what_one_has_begun_and_then_what_nobody_packs(orders: list[Order]) -> None:
    batch = batch_of(orders)
    assert LARS.user_id
    start(orders[0], by=EVA)
    stop = rounds.read(batch.id).next_for(LARS.user_id)
    assert stop is not None
    assert stop.number == orders[1].number
    start(orders[2])
    stop = rounds.read(batch.id).next_for(LARS.user_id)
    assert stop is not None
    assert stop.number == orders[2].number


def test_a_batch_counts_what_left_since_it_was_made(orders: list[Order], anna: Actor) -> None:
    with changing(orders[0], anna) as current:
        splits.split(next(current.lines), 1, to=None, by=anna)
    with changing(orders[0], anna) as current:
        shipments.ship(current.shipments[1], by=anna)
    batch = batch_of(orders)
    with writing():
        db.session.execute(update(Batch).values(created_at=now()))
    session = start(orders[1], batch_id=batch.id)
    scan(session, "2*LJUS-12")
    scan(session, LABEL)
    ship(orders[1], session)
    with changing(orders[2], anna) as current:
        cancellation.cancel(current, by=anna)

    round_ = rounds.read(batch.id)

    assert (round_.packed, len(round_.stops)) == (1, 2)
    assert [(listed.packed, listed.size) for listed in rounds.open_rounds()] == [(1, 2)]
    assert starting.batch_of(read(orders[1]).id) == batch.id


def test_what_waits_for_stock_is_not_packed_in_a_batch(orders: list[Order]) -> None:
    waiting = make_order(("LJUS-12", 200))
    batch = batch_of([*orders, waiting])

    assert waiting.number not in [stop.number for stop in rounds.read(batch.id).stops]


def test_a_closed_or_packed_batch_is_not_offered(orders: list[Order], anna: Actor) -> None:
    batch = batch_of(orders)
    with writing():
        selection.close(selection.lock(batch.id))
    assert rounds.open_rounds() == []
    assert starting.batch_of(orders[0].id) is None
    with pytest.raises(NotFound):
        rounds.read(10**9)


def test_rule_28_what_is_held_is_not_offered_to_be_packed(orders: list[Order], anna: Actor) -> None:
    first, second, _third = orders
    with changing(first, anna) as current:
        splits.split(next(current.lines), 1, to=None, by=anna)
    with changing(first, anna) as current:
        holds.hold(current, HoldReason.WRONG_ADDRESS, shipment=1, by=anna)
    with changing(second, anna) as current:
        holds.hold(current, HoldReason.WRONG_ADDRESS, by=anna)

    assert references(first.number) == [f"{first.number}-2"]
    for scanned in (second.number, f"{first.number}-1"):
        with pytest.raises(Held, match="är pausad: fel adress"):
            starting.choices(scanned)


def test_rule_28_what_is_held_does_not_come_next_and_is_shown(orders: list[Order], anna: Actor) -> None:
    batch = batch_of(orders)
    with changing(orders[0], anna) as current:
        holds.hold(current, HoldReason.WRONG_ADDRESS, by=anna)

    round_ = rounds.read(batch.id)

    assert [stop.is_held for stop in round_.stops] == [True, False, False]
    following = round_.next_for(LARS.user_id or 0)
    assert following is not None
    assert following.number == orders[1].number
