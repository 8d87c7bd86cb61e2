"""Packing slips: what lies in one shipment, what comes later, and whether it has prices."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import LULEA, make_order, make_product, reshape_shop
from tests.operations.printing.lists import ANNA, batch_of, slip, slips
from tests.operations.steps import line_of
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Attribute, CommentKind, DeliveryStatus, Order
from webshop_orders.operations.orders import cancellation, comments, shipments, splits
from webshop_orders.operations.printing import selection
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def shop(app: Flask) -> None:
    make_product("DUK")
    make_product("KOPP", stock=2, price=10_000)
    make_product("LJUS", price=5_000)


def rows(order: Order, seq: int = 1) -> list[tuple[str, int]]:
    return [(row.line.sku, row.quantity) for row in slip(order, seq).rows]


def later(order: Order, seq: int = 1) -> list[tuple[str, int]]:
    return [(row.name, row.quantity) for row in slip(order, seq).later]


@pytest.mark.parametrize("reference", ["WS-100001-9", "WS-9-1", "WS-9", "", "-1", "WS-100001-01", "WS-100001-x"])
def test_a_reference_that_no_shipment_has_is_not_found(shop: None, reference: str) -> None:
    make_order(("DUK", 1))
    with pytest.raises(NotFound, match="ingen försändelse"):
        selection.of_references([reference])


def test_no_reference_is_refused(shop: None) -> None:
    with pytest.raises(RuleViolation, match="minst en försändelse"):
        selection.of_references([])


def test_a_cancelled_order_has_no_slips(shop: None) -> None:
    order = make_order(("DUK", 1))
    with editing(order.number, None, ANNA) as locked:
        cancellation.cancel(locked, by=ANNA)
    with pytest.raises(RuleViolation, match="makulerad"):
        slip(order)


def test_more_slips_than_are_printed_at_once_are_refused(shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MAX_SHIPMENTS", 2)
    with pytest.raises(RuleViolation, match="Högst 2"):
        selection.of_references(["A-1", "A-2", "A-3"])


def test_a_slip_has_what_lies_in_its_shipment_and_says_what_comes_later(shop: None) -> None:
    order = make_order(("DUK", 5), ("LJUS", 1))
    with editing(order.number, None, ANNA) as locked:
        splits.split(line_of(locked, "DUK"), 2, to=None, by=ANNA)
    assert (rows(order), later(order)) == ([("DUK", 3), ("LJUS", 1)], [("Product DUK", 2)])
    assert (rows(order, 2), later(order, 2)) == ([("DUK", 2)], [("Product DUK", 3), ("Product LJUS", 1)])


def test_what_has_left_does_not_come_later(shop: None) -> None:
    order = make_order(("DUK", 5))
    with editing(order.number, None, ANNA) as locked:
        splits.split(line_of(locked, "DUK"), 2, to=None, by=ANNA)
    with editing(order.number, None, ANNA) as locked:
        shipments.ship(locked.shipments[0], by=ANNA)
    assert (rows(order), later(order)) == ([("DUK", 3)], [("Product DUK", 2)])
    assert (rows(order, 2), later(order, 2)) == ([("DUK", 2)], [])


def test_units_that_stock_does_not_cover_come_later(shop: None) -> None:
    order = make_order(("KOPP", 5), ("DUK", 1))
    assert (rows(order), later(order)) == ([("KOPP", 2), ("DUK", 1)], [("Product KOPP", 3)])
    assert slip(order).units == 3


def test_units_of_several_shipments_that_come_later_are_one_row(shop: None) -> None:
    order = make_order(("KOPP", 5), ("DUK", 1))
    with editing(order.number, None, ANNA) as locked:
        splits.split(line_of(locked, "KOPP"), 1, to=None, by=ANNA)
    assert later(order) == [("Product KOPP", 3)]


def test_a_shipment_that_staff_set_to_ready_leaves_whole(shop: None) -> None:
    order = make_order(("KOPP", 5))
    with editing(order.number, None, ANNA) as locked:
        shipments.set_status(locked.shipments[0], DeliveryStatus.READY, by=ANNA)
    assert (rows(order), later(order)) == ([("KOPP", 5)], [])


def test_a_batch_has_the_slips_of_what_can_be_packed_each_with_its_box(shop: None) -> None:
    make_product("SLUT", stock=0)
    first, waiting, last = make_order(("DUK", 1)), make_order(("SLUT", 1)), make_order(("LJUS", 2))
    printed = slips(batch_of(last, waiting, first))
    assert [(one.shipment.reference, one.box) for one in printed] == [(f"{last.number}-1", 1), (f"{first.number}-1", 2)]


def test_a_bundle_is_followed_by_its_parts_and_leaves_only_whole(shop: None) -> None:
    order = make_order(
        lines=[
            NewLine(sku="SET", name="Frukost", quantity=3, unit_price=9_900, vat_rate=2500, bundle="1"),
            NewLine(sku="DUK", name="Duk", quantity=3, unit_price=0, vat_rate=2500),
            NewLine(sku="KOPP", name="Kopp", quantity=3, unit_price=0, vat_rate=2500, bundle="1", units_per_bundle=1),
        ]
    )
    assert rows(order) == [("SET", 2), ("KOPP", 2), ("DUK", 3)]
    assert later(order) == [("Frukost", 1)]
    assert slip(order).units == 5


def test_only_what_the_customer_may_read_is_on_the_slip(shop: None) -> None:
    order = make_order(("DUK", 1), comment="Ring på porten")
    with editing(order.number, None, ANNA) as locked:
        comments.add(locked, CommentKind.INTERNAL, "Betalar aldrig", by=ANNA)
        comments.add(locked, CommentKind.CUSTOMER, "Tack för väntan", by=ANNA)
    assert [(comment.text, comment.from_customer) for comment in slip(order).comments] == [
        ("Ring på porten", True),
        ("Tack för väntan", False),
    ]


@pytest.mark.parametrize(("language", "on_slip"), [("sv", "sv"), ("en", "en"), ("nb", "sv"), ("de", "en")])
def test_a_slip_is_in_the_language_of_mails_to_its_customer(shop: None, language: str, on_slip: str) -> None:
    assert slip(make_order(("DUK", 1), language=language)).language == on_slip


def test_a_slip_has_prices_only_if_the_shop_says_so(shop: None) -> None:
    order = make_order(("DUK", 2))
    assert slip(order).totals is None
    reshape_shop(slip_shows_prices=True)
    totals = slip(order).totals
    assert totals is not None
    assert totals.total == 39_800


def test_the_sums_of_a_slip_are_those_of_what_lies_in_the_parcel(shop: None) -> None:
    reshape_shop(slip_shows_prices=True)
    order = make_order(
        lines=[NewLine(sku="KOPP", name="Kopp", quantity=3, unit_price=10_000, vat_rate=2500, discount=1_000)]
    )
    totals = slip(order).totals
    assert [row.total for row in slip(order).rows] == [19_334]
    assert totals is not None
    assert (totals.total, totals.discount, totals.vat) == (19_334, 666, {2500: 3_867})


GIFTS = [
    ("Gift", "yes"),
    ("gift", "1"),
    ("is_gift", "true"),
    ("Gift message", "Grattis"),
    ("Gift-Note", "Happy birthday"),
    ("giftMessage", "Grattis"),
    ("Det är en present", "Ja"),
    ("Present", "ja"),
    ("Presentinslagning", "Ja tack"),
    ("Presenthälsning", "Grattis"),
    ("Gåvomeddelande", "Grattis"),
    ("Gavehilsen", "Tillykke"),
]
NO_GIFTS = [
    ("Gift", "no"),
    ("Är en present", "Nej"),
    ("gift wrap", "false"),
    ("Gift card", "XYZ-1"),
    ("Presentkort", "100 kr"),
    ("Presentation", "Ja"),
    ("Gravyr", "En gåva till Åke"),
]


@pytest.mark.parametrize(("name", "value"), GIFTS)
@pytest.mark.parametrize("place", ["order", "line"])
def test_a_gift_never_has_prices(shop: None, name: str, value: str, place: str) -> None:
    reshape_shop(slip_shows_prices=True)
    told = [Attribute(name, value)]
    line = NewLine(sku="DUK", name="Duk", quantity=1, unit_price=100, vat_rate=2500)
    if place == "order":
        order = make_order(lines=[line], attributes=told)
    else:
        order = make_order(lines=[replace(line, properties=told)])
    assert slip(order).totals is None


@pytest.mark.parametrize(("name", "value"), NO_GIFTS)
def test_what_only_sounds_like_a_gift_is_none(shop: None, name: str, value: str) -> None:
    reshape_shop(slip_shows_prices=True)
    assert slip(make_order(("DUK", 1), attributes=[Attribute(name, value)])).totals is not None


def test_what_is_wrapped_as_a_gift_is_one(shop: None) -> None:
    reshape_shop(slip_shows_prices=True)
    wrapping = NewLine(sku="INSL-1", name="Presentinslagning en vara", quantity=1, unit_price=2_900, vat_rate=2500)
    assert slip(make_order(lines=[wrapping])).totals is None


def test_the_address_is_the_delivery_address(shop: None) -> None:
    there = replace(LULEA, pickup_point="ICA Kvantum", phone="070-123 45 67")
    assert slip(make_order(("DUK", 1), shipping_address=there)).order.shipping_address == there
