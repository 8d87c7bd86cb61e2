"""Tracking codes: part of rule 7, and which input is accepted as one."""

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.steps import changing, kinds_of, read
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import CARRIERS, Actor, EventKind, Order
from webshop_orders.operations.orders import cancellation, shipments, tracking, typed_codes


def add(order: Order, code: str, by: Actor, carrier: str | None = None) -> None:
    with changing(order, by) as current:
        tracking.add(current.shipments[0], code, carrier, None, by=by)


def codes_of(order: Order) -> list[str]:
    return [code.code for shipment in read(order).shipments for code in shipment.tracking_codes]


def test_a_code_that_the_shipment_already_has_is_refused(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    add(order, "RR123", anna)

    with pytest.raises(RuleViolation, match="RR123") as refusal:
        add(order, "RR123", anna)

    assert refusal.value.field == "code"
    assert codes_of(order) == ["RR123"]


def test_more_codes_than_the_limit_are_refused(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    with changing(order, anna) as current:
        for number in range(tracking.MAX_CODES):
            tracking.add(current.shipments[0], f"RR{number}", None, None, by=anna)

    with pytest.raises(RuleViolation, match=str(tracking.MAX_CODES)):
        add(order, "ONE-MORE", anna)

    assert len(codes_of(order)) == tracking.MAX_CODES


def test_a_code_of_a_cancelled_order_is_refused(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with pytest.raises(RuleViolation, match=order.number):
        add(order, "RR123", anna)


def test_a_code_of_another_shipment_is_not_found(app: Flask, anna: Actor) -> None:
    order, other = make_order(("CANDLE", 1)), make_order(("CANDLE", 1))
    add(other, "RR123", anna)
    other_code = read(other).shipments[0].tracking_codes[0].id

    with pytest.raises(NotFound), changing(order, anna) as current:
        tracking.remove(current.shipments[0], other_code, by=anna)

    assert codes_of(other) == ["RR123"]


def test_rule_07_codes_of_a_shipped_shipment_can_be_changed(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    add(order, "RR123", anna)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    add(order, "RR456", anna, carrier="PostNord")
    with changing(order, anna) as current:
        tracking.remove(current.shipments[0], current.shipments[0].tracking_codes[0].id, by=anna)

    assert codes_of(order) == ["RR456"]
    assert kinds_of(order)[-2:] == [EventKind.TRACKING_ADDED, EventKind.TRACKING_REMOVED]


@pytest.mark.parametrize("text", ["", " ", "-", "RR\x00123", "<b>", "å1", "x" * 101, "٣", "\u200b", ";\n", "RR1,<b>"])
def test_an_invalid_code_is_refused(app: Flask, text: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        typed_codes.parse_input(text, None, CARRIERS)

    assert refusal.value.field == "code"


@pytest.mark.parametrize("text", ["http://", "https://", "https://exa mple.com/x", "https://example.com/å"])
def test_an_invalid_url_is_refused(app: Flask, text: str) -> None:
    with pytest.raises(RuleViolation):
        typed_codes.parse_input(text, None, CARRIERS)


def test_an_unknown_carrier_is_refused(app: Flask) -> None:
    with pytest.raises(RuleViolation) as refusal:
        typed_codes.parse_input("RR123", "Brevduvan", CARRIERS)

    assert refusal.value.field == "carrier"


@pytest.mark.parametrize(
    ("text", "carrier", "expected"),
    [
        ("RR123", None, NewTrackingCode("RR123")),
        ("RR123", "PostNord", NewTrackingCode("RR123", "PostNord")),
        ("https://tracking.postnord.com/se/?id=RR123SE", None, NewTrackingCode("RR123SE", "PostNord")),
        (
            "https://parcels.example.com/track?n=AB1",
            None,
            NewTrackingCode("AB1", None, "https://parcels.example.com/track?n=AB1"),
        ),
    ],
)
def test_a_code_or_a_link_is_read_as_code_carrier_and_link(
    app: Flask, text: str, carrier: str | None, expected: NewTrackingCode
) -> None:
    assert typed_codes.parse_input(text, carrier, CARRIERS) == [expected]


@pytest.mark.parametrize("again", ["QW 17", "QW17", "qw17", " Q W17", "QW\u200b17"])
def test_codes_are_compared_without_spaces(app: Flask, anna: Actor, again: str) -> None:
    order = make_order(("CANDLE", 1))
    add(order, "QW 17", anna, "DHL")

    with pytest.raises(RuleViolation, match="har redan koden"):
        add(order, again, anna)
    with changing(order, anna) as current:
        tracking.add_new(current.shipments[0], [NewTrackingCode(again)], by=anna)
    before = kinds_of(order)
    with changing(order, anna) as current:
        tracking.replace(current.shipments[0], [NewTrackingCode(again)], by=anna)

    assert codes_of(order) == ["QW 17"]
    assert kinds_of(order) == before
