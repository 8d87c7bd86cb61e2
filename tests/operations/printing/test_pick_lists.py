"""Pick lists: one row a product, by shelf place, with the box of each shipment; and what is not on them."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.printing.lists import ANNA, batch_of, boxes, pick_list, shown, slip, slips
from tests.operations.steps import hold, line_of
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Attribute, DeliveryStatus
from webshop_orders.models.event_facts import Document
from webshop_orders.operations.orders import cancellation, lines, shipments, splits
from webshop_orders.operations.printing import printed, selection
from webshop_orders.transactions.unit_of_work import editing, writing


@pytest.fixture
def shop(app: Flask) -> None:
    """Products on shelves, one of which is nearly sold out, and one without a shelf place."""
    make_product("LJUS", shelf_place="A-10", barcode="7350053850019")
    make_product("DUK", shelf_place="A-2")
    make_product("FAT", shelf_place="Å-1")
    make_product("KOPP", shelf_place="B-1", stock=2)
    make_product("LAPP")


def test_a_batch_that_does_not_exist_has_no_list(shop: None) -> None:
    with pytest.raises(NotFound, match="omgång"):
        selection.of_batch(99)


def test_more_shipments_than_are_printed_at_once_are_refused(shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_of(make_order(("DUK", 1)), make_order(("DUK", 2)))
    monkeypatch.setattr(selection, "MAX_SHIPMENTS", 1)
    with pytest.raises(RuleViolation, match="Högst 1 försändelser"):
        pick_list(batch)


def test_shipments_of_one_order_count_too(shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order(("DUK", 4))
    with editing(order.number, None, ANNA) as locked:
        splits.split(line_of(locked, "DUK"), 1, to=None, by=ANNA)
    monkeypatch.setattr(selection, "MAX_SHIPMENTS", 1)
    with pytest.raises(RuleViolation, match="Högst 1"):
        pick_list(batch_of(order))


def test_products_stand_in_natural_order_of_their_shelf_places_and_those_without_one_last(shop: None) -> None:
    order = make_order(("LAPP", 1), ("FAT", 1), ("LJUS", 1), ("DUK", 1))
    assert shown(pick_list(batch_of(order)).rows) == [
        ("A-2", "DUK", 1),
        ("A-10", "LJUS", 1),
        ("Å-1", "FAT", 1),
        (None, "LAPP", 1),
    ]


def test_a_product_is_one_row_with_the_boxes_of_its_orders_in_the_sequence_of_the_batch(shop: None) -> None:
    first, second, third = (
        make_order(("LJUS", 3), ("DUK", 1)),
        make_order(("DUK", 2), ("FAT", 1)),
        make_order(("LJUS", 2), ("FAT", 5)),
    )
    listed = pick_list(batch_of(third, first, second))
    assert shown(listed.rows) == [("A-2", "DUK", 3), ("A-10", "LJUS", 5), ("Å-1", "FAT", 6)]
    assert boxes(listed.rows) == [[(1, 2), (2, 3)], [(2, 1), (3, 2)], [(5, 1), (1, 3)]]
    assert listed.rows[1].barcode == "7350053850019"
    assert (listed.units, listed.shipments) == (14, 3)


def test_orders_of_one_product_are_a_part_of_their_own(shop: None) -> None:
    alone, also_alone, other = make_order(("DUK", 1)), make_order(("DUK", 3)), make_order(("DUK", 1), ("FAT", 1))
    listed = pick_list(batch_of(alone, other, also_alone))
    assert shown(listed.singles) == [("A-2", "DUK", 4)]
    assert boxes(listed.singles) == [[(1, 1), (3, 3)]]
    assert shown(listed.rows) == [("A-2", "DUK", 1), ("Å-1", "FAT", 1)]


def test_what_stock_does_not_cover_is_not_fetched_but_listed_as_waiting(shop: None) -> None:
    order, later = make_order(("KOPP", 3), ("DUK", 1)), make_order(("KOPP", 4))
    listed = pick_list(batch_of(order, later))
    assert shown(listed.rows) == [("A-2", "DUK", 1), ("B-1", "KOPP", 2)]
    assert shown(listed.waiting) == [("B-1", "KOPP", 5)]
    assert [share.shipment.reference for share in listed.waiting[0].shares] == [
        f"{order.number}-1",
        f"{later.number}-1",
    ]
    assert (listed.singles, listed.gone, listed.shipments) == ([], [], 1)


def test_an_order_that_waits_for_its_only_product_in_part_is_no_single(shop: None) -> None:
    listed = pick_list(batch_of(make_order(("KOPP", 3))))
    assert (shown(listed.singles), shown(listed.rows)) == ([], [("B-1", "KOPP", 2)])


def test_a_shipment_that_staff_set_to_ready_is_fetched_whole(shop: None) -> None:
    order = make_order(("KOPP", 3), ("DUK", 1))
    with editing(order.number, None, ANNA) as locked:
        shipments.set_status(locked.shipments[0], DeliveryStatus.READY, by=ANNA)
    listed = pick_list(batch_of(order))
    assert shown(listed.rows) == [("A-2", "DUK", 1), ("B-1", "KOPP", 3)]
    assert listed.waiting == []


def test_orders_that_were_shipped_or_cancelled_since_are_left_out_and_said(shop: None) -> None:
    shipped, cancelled, left = make_order(("DUK", 1)), make_order(("FAT", 1)), make_order(("LJUS", 1))
    batch = batch_of(shipped, cancelled, left)
    with editing(shipped.number, None, ANNA) as locked:
        shipments.ship(locked.shipments[0], by=ANNA)
    with editing(cancelled.number, None, ANNA) as locked:
        cancellation.cancel(locked, by=ANNA)
    listed = pick_list(batch)
    assert shown(listed.singles) == [("A-10", "LJUS", 1)]
    assert [order.number for order in listed.gone] == [shipped.number, cancelled.number]


def test_of_a_bundle_the_parts_are_fetched_and_itself_only_from_a_shelf_place_of_its_own(shop: None) -> None:
    make_product("PAKET")
    make_product("KORG", shelf_place="C-1")
    made = [
        make_order(
            lines=[
                NewLine(sku=sku, name=sku, quantity=1, unit_price=100, vat_rate=2500, bundle="1"),
                NewLine(sku="DUK", name="Duk", quantity=2, unit_price=0, vat_rate=2500, bundle="1", units_per_bundle=2),
            ]
        )
        for sku in ("PAKET", "KORG")
    ]
    assert shown(pick_list(batch_of(made[0])).singles) == [("A-2", "DUK", 2)]
    assert shown(pick_list(batch_of(made[1])).rows) == [("A-2", "DUK", 2), ("C-1", "KORG", 1)]


def test_lines_without_a_product_are_fetched_too_each_name_by_itself(shop: None) -> None:
    free = [
        NewLine(sku="-", name=name, quantity=1, unit_price=100, vat_rate=2500, properties=[Attribute("Text", "Åke")])
        for name in ("Skylt", "Kort", "Skylt")
    ]
    listed = pick_list(batch_of(make_order(lines=free)))
    assert [(row.shelf_place, row.sku, row.name, row.quantity) for row in listed.rows] == [
        (None, "", "Kort", 1),
        (None, "", "Skylt", 2),
    ]


def test_boxes_stay_when_the_list_is_printed_again(shop: None) -> None:
    first, second = make_order(("DUK", 1), ("FAT", 1)), make_order(("DUK", 2), ("FAT", 1))
    batch = batch_of(first, second)
    with writing():
        printed.record_batch(batch.id, Document.PICK_LIST, by=ANNA)
    with editing(first.number, None, ANNA) as locked:
        splits.split(line_of(locked, "FAT"), 1, to=None, by=ANNA)
    with editing(second.number, None, ANNA) as locked:
        shipments.ship(locked.shipments[0], by=ANNA)
    listed = pick_list(batch)
    assert boxes(listed.rows) == [[(1, 1)], [(1, 3)]]
    with writing():
        printed.record_batch(batch.id, Document.PICK_LIST, by=ANNA)
    assert boxes(pick_list(batch).rows) == [[(1, 1)], [(1, 3)]]


def test_what_was_edited_since_the_list_was_printed_is_marked(shop: None) -> None:
    first, second = make_order(("DUK", 1), ("FAT", 1)), make_order(("DUK", 2), ("FAT", 1))
    batch = batch_of(first, second)
    assert pick_list(batch).edited == []
    with writing():
        printed.record_batch(batch.id, Document.PICK_LIST, by=ANNA)
    assert pick_list(batch).edited == []
    with editing(first.number, None, ANNA) as locked:
        lines.change(line_of(locked, "DUK"), quantity=3, by=ANNA)
    listed = pick_list(batch)
    assert [order.number for order in listed.edited] == [first.number]
    assert [[share.selected.is_edited for share in row.shares] for row in listed.rows] == [[True, False], [True, False]]
    with writing():
        printed.record_batch(batch.id, Document.PICK_LIST, by=ANNA)
    assert pick_list(batch).edited == []


def test_what_is_paused_is_said_and_neither_picked_nor_given_a_slip(shop: None) -> None:
    paused, other = make_order(("DUK", 2), ("KOPP", 5)), make_order(("DUK", 1))
    hold(paused, ANNA)
    batch = batch_of(paused, other)
    listed = pick_list(batch)
    assert (listed.units, shown(listed.waiting)) == (1, [])
    assert [shipment.reference for shipment in listed.held] == [f"{paused.number}-1"]
    assert [each.order.number for each in slips(batch)] == [other.number]
    assert slip(paused).units, "it is printed where it is asked for by name"
