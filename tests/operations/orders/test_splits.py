"""Rules 2, 9, 10, 11 and 12: moving units between the shipments of an order."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, line_of, messages_of, read, shape, stock_of
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, DeliveryStatus, EventKind, Order
from webshop_orders.models.order import MAX_SHIPMENTS
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import cancellation, lines, loading, shipments, splits, tracking
from webshop_orders.transactions.unit_of_work import writing


def split(order: Order, sku: str, quantity: int, by: Actor, *, seq: int = 1, to: int | None = None) -> None:
    """Move units of a product out of the shipment `seq`, into the shipment `to` or a new one."""
    with changing(order, by) as current:
        target = shipments.get(current, to) if to else None
        splits.split(line_of(current, sku, seq), quantity, to=target, by=by)


def units(order: Order) -> dict[str, int]:
    lines = list(read(order).lines)
    return {sku: sum(line.quantity for line in lines if line.sku == sku) for sku in {line.sku for line in lines}}


def test_rule_09_more_units_than_the_line_has_are_refused_with_its_quantity(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))

    with pytest.raises(RuleViolation, match=r"\b7\b") as refusal:
        split(order, "CANDLE", 8, anna)

    assert refusal.value.field == "quantity"
    assert shape(order) == {1: [("CANDLE", 7, 7)]}
    assert kinds_of(order) == [EventKind.ORDER_PLACED]


@pytest.mark.parametrize("quantity", [0, -1])
def test_rule_09_zero_or_negative_units_are_refused(app: Flask, anna: Actor, quantity: int) -> None:
    order = make_order(("CANDLE", 7))

    with pytest.raises(RuleViolation):
        split(order, "CANDLE", quantity, anna)

    assert shape(order) == {1: [("CANDLE", 7, 7)]}


def test_rule_09_a_shipped_target_shipment_is_refused(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    split(order, "CANDLE", 2, anna)
    with changing(order, anna) as current:
        shipments.ship(shipments.get(current, 2), by=anna)

    with pytest.raises(RuleViolation, match=f"{order.number}-2") as refusal:
        split(order, "CANDLE", 1, anna, to=2)

    assert refusal.value.field == "target"
    assert shape(order) == {1: [("CANDLE", 5, 5)], 2: [("CANDLE", 2, 2)]}


def test_rule_09_the_source_shipment_is_refused_as_target(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))

    with pytest.raises(RuleViolation) as refusal:
        split(order, "CANDLE", 1, anna, to=1)

    assert refusal.value.field == "target"
    assert shape(order) == {1: [("CANDLE", 7, 7)]}


def test_rule_09_a_shipment_of_another_order_is_refused_as_target(app: Flask, anna: Actor) -> None:
    order, other = make_order(("CANDLE", 7)), make_order(("CANDLE", 1))

    def split_into_other_order() -> None:
        with changing(order, anna) as current:
            other_shipment = loading.get_order(other.number)
            splits.split(line_of(current, "CANDLE"), 1, to=other_shipment.shipments[0], by=anna)

    with pytest.raises(RuleViolation) as refusal:
        split_into_other_order()

    assert refusal.value.field == "target"
    assert (shape(order), shape(other)) == ({1: [("CANDLE", 7, 7)]}, {1: [("CANDLE", 1, 1)]})


def test_rule_07_nothing_can_be_split_off_a_shipped_shipment(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=1)
    order = make_order(("CANDLE", 7))
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    with pytest.raises(RuleViolation, match=f"{order.number}-1"):
        split(order, "CANDLE", 1, anna)
    with pytest.raises(RuleViolation, match=f"{order.number}-1"), changing(order, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)

    assert len(read(order).shipments) == 1


def test_a_cancelled_order_cannot_be_split(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with pytest.raises(RuleViolation, match=order.number):
        split(order, "CANDLE", 1, anna)


def test_rule_01_joining_cannot_make_a_line_of_more_than_99999(app: Flask, anna: Actor) -> None:
    line = NewLine("CANDLE", "Candle", 60_000, 100, 2500)
    order = make_order(lines=[line, NewLine("CANDLE", "Candle", 50_000, 100, 2500)])
    with changing(order, anna) as current:
        splits.split(current.shipments[0].lines[0], 60_000, to=None, by=anna)

    with pytest.raises(RuleViolation, match="99"):
        split(order, "CANDLE", 50_000, anna, to=2)

    assert units(order) == {"CANDLE": 110_000}


def test_rule_02_splitting_never_changes_the_sum_of_units(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=4)
    order = make_order(("CANDLE", 7), ("WICK", 2))

    for quantity, seq, to in ((3, 1, None), (2, 1, 2), (1, 2, None), (4, 2, 1), (1, 3, 1)):
        split(order, "CANDLE", quantity, anna, seq=seq, to=to)
        assert units(order) == {"CANDLE": 7, "WICK": 2}
        assert read(order).units == 9
        assert stock_of("CANDLE") == (4, 4, 3)


def test_rule_09_backordered_units_move_first(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 7))

    split(order, "CANDLE", 3, anna)

    assert shape(order) == {1: [("CANDLE", 4, 4)], 2: [("CANDLE", 3, 1)]}
    first, second = read(order).shipments
    assert (first.status, second.status) == (DeliveryStatus.READY, DeliveryStatus.BACKORDERED)


def test_rule_09_a_split_changes_neither_stock_nor_total_and_mails_nothing(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 7), shipping_price=4_900, shipping_vat_rate=2500)
    before, mails = compute_totals(read(order)), len(messages_of(order))

    split(order, "CANDLE", 3, anna)

    assert compute_totals(read(order)) == before
    assert stock_of("CANDLE") == (5, 5, 2)
    assert len(messages_of(order)) == mails


def test_rule_09_tracking_codes_stay_with_the_source(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    with changing(order, anna) as current:
        tracking.add(current.shipments[0], "RR123", "PostNord", None, by=anna)

    split(order, "CANDLE", 3, anna)

    codes = {shipment.seq: [code.code for code in shipment.tracking_codes] for shipment in read(order).shipments}
    assert codes == {1: ["RR123"], 2: []}


def test_rule_10_the_same_product_at_the_same_price_joins_into_one_line(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 7))
    split(order, "CANDLE", 3, anna)

    split(order, "CANDLE", 2, anna, to=2)

    assert shape(order) == {1: [("CANDLE", 2, 2)], 2: [("CANDLE", 5, 3)]}


@pytest.mark.parametrize(
    "other",
    [
        NewLine("CANDLE", "Candle", 3, 9_900, 2500),
        NewLine("CANDLE", "Candle", 3, 10_000, 1200),
        NewLine("WICK", "Wick", 3, 10_000, 2500),
    ],
    ids=["price", "VAT", "article"],
)
def test_rule_10_lines_that_differ_in_price_vat_rate_or_product_stay_separate(
    app: Flask, anna: Actor, other: NewLine
) -> None:
    order = make_order(lines=[NewLine("CANDLE", "Candle", 3, 10_000, 2500), other])
    with changing(order, anna) as current:
        splits.split(current.shipments[0].lines[0], 3, to=None, by=anna)

    with changing(order, anna) as current:
        splits.split(current.shipments[0].lines[0], 1, to=shipments.get(current, 2), by=anna)

    assert [line.quantity for line in read(order).shipments[1].lines] == [3, 1]


def test_rule_11_a_shipment_without_lines_is_removed_and_its_number_is_not_reused(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    split(order, "CANDLE", 3, anna)
    split(order, "CANDLE", 3, anna, seq=2, to=1)
    assert shape(order) == {1: [("CANDLE", 7, 7)]}

    split(order, "CANDLE", 2, anna)

    assert shape(order) == {1: [("CANDLE", 5, 5)], 3: [("CANDLE", 2, 2)]}


def test_rule_11_moving_everything_of_the_only_shipment_is_no_change(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))

    with pytest.raises(NoChange, match=r"\w"):
        split(order, "CANDLE", 7, anna)

    assert shape(order) == {1: [("CANDLE", 7, 7)]}
    assert (read(order).last_seq, kinds_of(order)) == (1, [EventKind.ORDER_PLACED])


def test_rule_12_all_backordered_units_move_to_a_new_shipment(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    make_product("WICK", stock=0)
    order = make_order(("CANDLE", 7), ("WICK", 2), ("OIL", 1))

    with changing(order, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)

    assert shape(order) == {
        1: [("CANDLE", 5, 5), ("OIL", 1, 1)],
        2: sorted([("CANDLE", 2, 0), ("WICK", 2, 0)], key=lambda row: row[0] != shape(order)[2][0][0]),
    }
    first, second = read(order).shipments
    assert (first.status, second.status) == (DeliveryStatus.READY, DeliveryStatus.BACKORDERED)
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.BACKORDERED_SPLIT]


@pytest.mark.parametrize("stock", [0, 9])
def test_rule_12_with_no_or_only_backordered_units_nothing_is_split(app: Flask, anna: Actor, stock: int) -> None:
    make_product("CANDLE", stock=stock)
    order = make_order(("CANDLE", 7))

    with pytest.raises(NoChange), changing(order, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)

    assert (len(read(order).shipments), read(order).last_seq) == (1, 1)


@pytest.mark.parametrize("discount", [1, 99, 100, 101, 6_999, 7_000])
def test_rule_12_a_discount_is_divided_over_splits_and_joins_to_the_ore(app: Flask, anna: Actor, discount: int) -> None:
    order = make_order(lines=[NewLine("CANDLE", "Candle", 7, 1_000, 2500, discount=discount)])
    total = read(order).total

    for quantity, seq, to in ((3, 1, None), (2, 1, None), (1, 2, 3), (1, 3, None)):
        split(order, "CANDLE", quantity, anna, seq=seq, to=to)
        assert sum(line.discount for line in read(order).lines) == discount
        assert all(0 <= line.discount <= line.quantity * 1_000 for line in read(order).lines)
        assert read(order).total == total
    for seq, quantity in ((2, 2), (3, 2), (4, 1)):
        split(order, "CANDLE", quantity, anna, seq=seq, to=1)

    assert [(line.quantity, line.discount) for line in read(order).lines] == [(7, discount)]
    assert read(order).total == total


def test_rule_12_the_parts_of_a_discount_are_in_proportion(app: Flask, anna: Actor) -> None:
    order = make_order(lines=[NewLine("CANDLE", "Candle", 3, 1_000, 2500, discount=100)])

    split(order, "CANDLE", 1, anna)

    assert {line.quantity: line.discount for line in read(order).lines} == {2: 67, 1: 33}


def test_rule_05_a_split_recomputes_a_status_set_by_hand(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    with changing(order, anna) as current:
        shipments.set_status(current.shipments[0], DeliveryStatus.BACKORDERED, by=anna)

    split(order, "CANDLE", 2, anna)

    assert {shipment.status for shipment in read(order).shipments} == {DeliveryStatus.READY}


def test_rule_13_a_moved_line_keeps_its_price_after_the_product_changed(app: Flask, anna: Actor) -> None:
    candle = make_product("CANDLE", price=10_000)
    order = make_order(("CANDLE", 3))
    with writing():
        candle.price = 12_000

    split(order, "CANDLE", 1, anna)

    assert {line.unit_price for line in read(order).lines} == {10_000}
    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE", 2), quantity=2, by=anna)
    assert read(order).total == 40_000


@pytest.fixture
def full(app: Flask, anna: Actor) -> Order:
    """An order with as many shipments as it can have, the first of which waits for stock in part."""
    make_product("CANDLE", stock=55)
    make_product("WICK", stock=5)
    order = make_order(("CANDLE", 60), ("WICK", 1))
    for seq in range(MAX_SHIPMENTS - 1):
        with changing(order, anna) as current:
            target = splits.split(line_of(current, "CANDLE", 1), 1, to=None, by=anna)
            if seq == 0:
                shipments.ship(target, by=anna)
    assert len(read(order).shipments) == MAX_SHIPMENTS
    return order


def test_an_order_with_as_many_shipments_as_it_can_have_takes_no_more(full: Order, anna: Actor) -> None:
    before = shape(full)
    sentence = f"högst {MAX_SHIPMENTS} försändelser"

    with pytest.raises(RuleViolation, match=sentence):
        split(full, "CANDLE", 1, anna)
    with pytest.raises(RuleViolation, match=sentence), changing(full, anna) as current:
        splits.isolate_units(current, {line_of(current, "CANDLE", 1): 1}, by=anna)

    assert shape(full) == before
    split(full, "CANDLE", 1, anna, to=4)
    split(full, "WICK", 1, anna, to=3)


def test_backordered_units_are_not_split_off_beyond_the_limit(full: Order, anna: Actor) -> None:
    with changing(full, anna) as current:
        lines.change(line_of(current, "CANDLE", 1), quantity=20, by=anna)
    with pytest.raises(RuleViolation, match="försändelser"), changing(full, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)
