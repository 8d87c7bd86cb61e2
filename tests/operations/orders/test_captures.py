"""Rule 30: what is to be charged for a shipment is settled when it leaves."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import ERP, read
from tests.operations.undo.steps import document, make_user, redo, undo
from webshop_orders.documents.order import NewLine
from webshop_orders.models import Capture, Order
from webshop_orders.money import captures
from webshop_orders.operations.orders import shipments, shipping_fee, splits
from webshop_orders.transactions.unit_of_work import editing

CANDLE = NewLine(sku="CANDLE", name="Stearinljus", quantity=4, unit_price=10_000, vat_rate=2500, discount=800)


@pytest.fixture
def order(app: Flask) -> Order:
    """An order of two shipments, 9 800 and 29 400 öre of goods, with shipping."""
    make_product("CANDLE")
    placed = make_order(lines=[CANDLE], shipping_price=4_900, shipping_vat_rate=2500)
    with editing(placed.number, None, ERP) as current:
        splits.split(next(iter(current.lines)), 3, to=None, by=ERP)
    return read(placed)


def ship(order: Order, seq: int, at: datetime | None = None) -> None:
    with editing(order.number, None, ERP) as current:
        shipments.ship(shipments.get(current, seq), by=ERP, at=at)


def stored(order: Order) -> list[Capture | None]:
    return [shipment.capture for shipment in read(order).shipments]


def test_rule_30_nothing_is_settled_before_a_shipment_leaves(order: Order) -> None:
    assert stored(order) == [None, None]
    assert [capture["amount"] for capture in written(order)] == [14_700, 29_400]


def test_rule_30_a_shipment_that_leaves_keeps_what_is_to_be_charged_for_it(order: Order) -> None:
    ship(order, 2)

    assert stored(order) == [
        None,
        Capture(amount=34_300, goods=29_400, shipping=4_900, vat={"2500": 6_860}),
    ]
    assert [capture["amount"] for capture in written(order)] == [9_800, 34_300]


def test_rule_30_one_that_left_earlier_than_told_is_charged_for_too(order: Order) -> None:
    ship(order, 1, at=datetime(2026, 11, 1, tzinfo=UTC))
    ship(order, 2, at=datetime(2026, 10, 1, tzinfo=UTC))

    assert [capture["amount"] for capture in written(order)] == [14_700, 29_400]


def test_rule_30_a_fee_that_changes_afterwards_is_charged_with_what_is_left(order: Order) -> None:
    ship(order, 1)
    with editing(order.number, None, ERP) as current:
        shipping_fee.change(current, "Hemleverans", 9_900, by=ERP)

    assert [capture["amount"] for capture in written(order)] == [14_700, 34_400]


def test_rule_30_a_reopened_shipment_has_nothing_settled(order: Order) -> None:
    ship(order, 1)
    with editing(order.number, None, ERP) as current:
        shipments.reopen(shipments.get(current, 1), by=ERP)

    assert stored(order) == [None, None]


def test_rule_30_undo_and_redo_give_back_what_is_to_be_charged(order: Order) -> None:
    anna = make_user("Anna")
    with editing(order.number, None, anna) as current:
        shipments.ship(shipments.get(current, 2), by=anna, mails=False)
    shipped, settled = document(order), stored(order)

    undo(order, anna)
    assert stored(order) == [None, None]
    redo(order, anna)

    assert stored(order) == settled
    assert document(order) == shipped


def test_rule_30_undo_of_reopening_gives_back_what_was_charged_then(order: Order) -> None:
    anna = make_user("Anna")
    ship(order, 2)
    settled = stored(order)
    with editing(order.number, None, anna) as current:
        shipments.reopen(shipments.get(current, 2), by=anna)

    undo(order, anna)

    assert stored(order) == settled


def written(order: Order) -> list[dict[str, int]]:
    """What is to be charged as the order's JSON has it, which adds up to its total."""
    found = document(order)
    of_shipments = [shipment["capture"] for shipment in found["shipments"]]
    assert sum(capture["amount"] for capture in of_shipments) == found["totals"]["total"]
    assert {seq: capture.amount for seq, capture in captures.of_order(read(order)).items()} == {
        place: capture["amount"] for place, capture in enumerate(of_shipments, start=1)
    }
    return of_shipments
