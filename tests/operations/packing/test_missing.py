"""What is missing is split off, so that staff see it, and the rest leaves."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_order, make_product
from tests.operations.orders.test_bundles import BOOK, order_of
from tests.operations.packing.packing import LARS, load, packing_of, scan, ship, split_off, start, ticks
from tests.operations.steps import kinds_of, read, shape
from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Comment, CommentKind, DeliveryStatus, EventKind, Order, ScanKind
from webshop_orders.operations.packing import differences, missing, sessions
from webshop_orders.operations.packing.sessions import Packing
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS-12", name="Ljus")
    make_product("KAN-02", name="Stake")
    return make_order(("LJUS-12", 3), ("KAN-02", 2))


@pytest.fixture
def session(order: Order) -> int:
    session_id = start(order)
    scan(session_id, "2*LJUS-12")
    return session_id


def test_more_than_is_left_or_nothing_or_all_of_it_is_not_missing(order: Order, session: int) -> None:
    with pytest.raises(RuleViolation, match="från 1 till 1") as refusal:
        split_off(order, session, **{"LJUS-12": 2})
    assert refusal.value.field == "quantity"
    with pytest.raises(RuleViolation, match="Inget saknas"):
        split_off(order, session)
    other = make_order(("LJUS-12", 1), ("KAN-02", 1))
    empty = start(other)
    with pytest.raises(RuleViolation, match="Lämna den i stället"):
        split_off(other, empty, **{"LJUS-12": 1, "KAN-02": 1})
    with pytest.raises(NotFound), editing(order.number, None, LARS) as current:
        missing.split_off(sessions_lock(session, current), {10**9: 1}, by=LARS)
    assert len(read(order).shipments) == 1


def sessions_lock(session: int, order: Order) -> Packing:

    return sessions.lock(session, LARS, order)


def test_missing_units_wait_in_a_shipment_of_their_own_and_a_comment_says_so(order: Order, session: int) -> None:
    target = split_off(order, session, **{"LJUS-12": 1, "KAN-02": 2})

    assert shape(order) == {1: [("LJUS-12", 2, 2)], 2: [("KAN-02", 2, 2), ("LJUS-12", 1, 1)]}
    assert read(order).shipments[1].status is DeliveryStatus.BACKORDERED
    (comment,) = db.session.scalars(select(Comment).where(Comment.order_id == order.id))
    assert comment.kind is CommentKind.INTERNAL
    assert comment.text == (
        f"Saknades när {order.number}-1 packades: 1 × Ljus, 2 × Stake. Flyttat till {target.reference}."
    )
    assert kinds_of(order)[1:] == [
        EventKind.LINE_SPLIT,
        EventKind.LINE_SPLIT,
        EventKind.STATUS_SET,
        EventKind.COMMENT_ADDED,
    ]


def test_the_packer_goes_on_with_the_rest_without_being_stopped(order: Order, session: int) -> None:
    split_off(order, session, **{"LJUS-12": 1})

    assert ticks(session) == {"LJUS-12": (2, 2), "KAN-02": (0, 2)}
    assert differences.find(load(session)) is None
    scan(session, "2*KAN-02")
    ship(order, session, "no-code")
    assert [shipment.is_shipped for shipment in read(order).shipments] == [True, False]


def test_a_missing_part_keeps_its_whole_bundle_back(app: Flask) -> None:
    order = order_of(BOOK)
    session = start(order)
    scan(session, "BOOK")
    scan(session, "5*CANDLE")
    scan(session, "3*STAKE")

    split_off(order, session, CANDLE=1)

    assert [(sku, quantity) for sku, quantity, _ in shape(order)[2]] == [("SET", 1), ("CANDLE", 2), ("STAKE", 1)]
    assert ticks(session) == {"CANDLE": (4, 4), "STAKE": (2, 2), "BOOK": (1, 1)}


def test_asking_splits_nothing_off_and_is_answered_by_the_next_scan(order: Order, session: int) -> None:
    with packing_of(session) as packing:
        missing.ask(packing, request_key="asked-key-1")
    with packing_of(session) as packing:
        missing.ask(packing, request_key="asked-key-1")

    question = load(session).question
    assert question is not None
    assert question.kind is ScanKind.ASKED_FOR_MISSING
    assert len(read(order).shipments) == 1
    scan(session, "LJUS-12")
    assert load(session).question is None
