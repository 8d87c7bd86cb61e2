"""Batches are made of selected orders, by their numbers or as all that a list has, each of them once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import ASA, make_order, make_product
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, ActorKind, Batch, BatchOrder, BatchState, Order, OrderStatus
from webshop_orders.operations.batches import selection
from webshop_orders.operations.order_list.filters import OrderFilter, Sort
from webshop_orders.transactions.unit_of_work import writing

ANNA = Actor(ActorKind.STAFF, "Anna", user_id=1)


@pytest.fixture
def orders(app: Flask) -> list[Order]:
    """Five orders, the oldest first, of which the last two wait for stock."""
    make_product("LJUS", stock=3, backorderable=True)
    start = now() - timedelta(days=1)
    return [make_order(("LJUS", 1), placed_at=start + timedelta(hours=hour)) for hour in range(5)]


def make(selected: list[str] | OrderFilter, by: Actor = ANNA) -> Batch:
    with writing():
        return selection.create(selected, by=by)


def numbers(batch: Batch) -> list[str]:
    rows = select(Order.number).join(BatchOrder, BatchOrder.order_id == Order.id)
    return list(db.session.scalars(rows.where(BatchOrder.batch_id == batch.id).order_by(BatchOrder.position)))


@pytest.mark.parametrize("selected", [[], OrderFilter(words="finns inte")])
def test_a_batch_of_no_orders_is_refused(selected: list[str] | OrderFilter, orders: list[Order]) -> None:
    with pytest.raises(RuleViolation, match="minst en order"):
        make(selected)
    assert db.session.scalars(select(Batch)).all() == []


def test_a_number_that_no_order_has_is_refused(orders: list[Order]) -> None:
    with pytest.raises(NotFound, match="WS-0"):
        make([orders[0].number, "WS-0"])
    assert db.session.scalars(select(Batch)).all() == []


@pytest.mark.parametrize("by_filter", [True, False])
def test_more_orders_than_a_batch_may_have_are_refused(
    by_filter: bool, orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MAX_ORDERS", 4)
    with pytest.raises(RuleViolation, match="högst 4 ordrar"):
        make(OrderFilter() if by_filter else [order.number for order in orders])
    assert db.session.scalars(select(BatchOrder)).all() == []


def test_selected_orders_are_in_it_once_in_their_sequence(orders: list[Order]) -> None:
    chosen = [orders[3].number, orders[1].number, orders[3].number]

    assert numbers(make(chosen)) == chosen[:2]


@pytest.mark.parametrize(
    ("order_filter", "places"),
    [
        (OrderFilter(), [4, 3, 2, 1, 0]),
        (OrderFilter(descending=False), [0, 1, 2, 3, 4]),
        (OrderFilter(sort=Sort.NUMBER, descending=False), [0, 1, 2, 3, 4]),
        (OrderFilter(status=OrderStatus.BACKORDERED), [4, 3]),
        (OrderFilter(product="LJUS"), [4, 3, 2, 1, 0]),
        (OrderFilter(words="Öberg"), [4, 3, 2, 1, 0]),
        (OrderFilter(words="asa@example.com"), [4, 3, 2, 1, 0]),
        (OrderFilter(words="åsa", status=OrderStatus.READY), [2, 1, 0]),
    ],
)
def test_all_that_a_list_has_are_in_it_in_its_sequence(
    order_filter: OrderFilter, places: list[int], orders: list[Order]
) -> None:
    assert numbers(make(order_filter)) == [orders[place].number for place in places]


@pytest.mark.parametrize("anywhere", [True, False])
def test_an_order_found_by_its_number_comes_first_and_once(anywhere: bool, orders: list[Order]) -> None:
    number = orders[1].number
    other = make_order(("LJUS", 1), customer=replace(ASA, company=f"{number} AB"))

    found = numbers(make(OrderFilter(words=number, anywhere=anywhere)))

    assert found == ([number, other.number] if anywhere else [number])


def test_a_request_that_is_sent_twice_makes_one_batch(orders: list[Order]) -> None:
    by = ANNA.with_request_key("0123456789")

    assert make(OrderFilter(), by).id == make(OrderFilter(), by).id
    assert len(db.session.scalars(select(BatchOrder)).all()) == 5


def test_a_batch_tells_who_made_it_and_is_named_by_its_number(orders: list[Order]) -> None:
    batch = make([orders[0].number])

    assert batch.name == f"Omgång {batch.id}"
    assert (batch.actor.name, batch.actor.user_id, batch.actor.batch_id) == ("Anna", 1, batch.id)
    assert batch.state is BatchState.DRAFT


def test_what_an_action_needs_of_an_order_is_kept_with_it(orders: list[Order]) -> None:
    data = {orders[0].number: {"shipments": []}}
    with writing():
        batch = selection.create([order.number for order in orders[:2]], by=ANNA, data=data)

    rows = db.session.scalars(select(BatchOrder).where(BatchOrder.batch_id == batch.id).order_by(BatchOrder.position))
    assert [row.data for row in rows] == [{"shipments": []}, None]


def test_batches_are_listed_the_latest_first_with_their_sizes(orders: list[Order]) -> None:
    first, second = make([orders[0].number]), make(OrderFilter())

    listed = selection.recent().batches

    assert [(entry.batch.id, entry.size) for entry in listed] == [(second.id, 5), (first.id, 1)]


def test_a_batch_that_does_not_exist_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        selection.get(1)
    with pytest.raises(NotFound), writing():
        selection.lock(1)


@pytest.mark.parametrize(("name", "sentence"), [(" ", "Ge omgången ett namn"), ("å" * 101, "högst 100 tecken")])
def test_a_batch_needs_a_name(name: str, sentence: str, orders: list[Order]) -> None:
    batch = make([orders[0].number])
    with pytest.raises(RuleViolation, match=sentence), writing():
        selection.rename(selection.lock(batch.id), name)


def test_a_batch_is_renamed_closed_and_opened_again(orders: list[Order]) -> None:
    batch = make([orders[0].number])

    with writing():
        selection.rename(selection.lock(batch.id), "  Fredagens  brev ")
        selection.close(batch)
    assert (batch.name, batch.closed_at is None) == ("Fredagens brev", False)
    with pytest.raises(NoChange), writing():
        selection.close(selection.lock(batch.id))
    with writing():
        selection.reopen(selection.lock(batch.id))
    assert batch.closed_at is None
    with pytest.raises(NoChange), writing():
        selection.reopen(selection.lock(batch.id))
