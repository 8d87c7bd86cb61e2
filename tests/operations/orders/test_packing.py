"""The shipments of orders of which some has left elsewhere, before they came here."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import messages_of, read, stock_of
from webshop_orders.documents.order import NewLine, NewShipment, PackedLine
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import InvalidDocument
from webshop_orders.models import Attribute, DeliveryStatus, Order, OrderStatus
from webshop_orders.money.totals import compute_totals

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
CANDLE = NewLine("CANDLE", "Blockljus", 5, 10_000, 2500, discount=3_001)
WICK = NewLine("WICK", "Veke", 2, 1_000, 2500)


def packed(order: Order) -> list[tuple[DeliveryStatus, list[tuple[str, int, int]]]]:
    """Each shipment's status, with the SKU, quantity and discount of its lines."""
    return [
        (shipment.status, [(line.sku, line.quantity, line.discount) for line in shipment.lines])
        for shipment in order.shipments
    ]


def place(*shipments: NewShipment, **values: object) -> Order:
    return read(make_order(lines=[CANDLE, WICK], shipments=list(shipments), **values))


def refusal(*shipments: NewShipment) -> tuple[str, str]:
    with pytest.raises(InvalidDocument) as refused:
        place(*shipments)
    (fault,) = refused.value.faults
    assert refused.value.field == "shipments"
    return fault.pointer, fault.sentence


def test_what_left_elsewhere_is_shipped_and_the_rest_is_open(app: Flask) -> None:
    make_product("CANDLE", stock=5)
    codes = [NewTrackingCode("RR1SE", "PostNord"), NewTrackingCode("RR1SE", "PostNord"), NewTrackingCode("RR2SE")]

    order = place(
        NewShipment(MONDAY, lines=[PackedLine(0, 2)], tracking=codes),
        NewShipment(TUESDAY, lines=[PackedLine(0, 1), PackedLine(1, 1)]),
    )

    assert order.status is OrderStatus.PARTLY_SHIPPED
    assert packed(order) == [
        (DeliveryStatus.SHIPPED, [("CANDLE", 2, 1_200)]),
        (DeliveryStatus.SHIPPED, [("CANDLE", 1, 600), ("WICK", 1, 0)]),
        (DeliveryStatus.READY, [("CANDLE", 2, 1_201), ("WICK", 1, 0)]),
    ]
    assert [shipment.shipped_at for shipment in order.shipments] == [MONDAY, TUESDAY, None]
    assert [code.code for code in order.shipments[0].tracking_codes] == ["RR1SE", "RR2SE"]
    assert compute_totals(order).total == order.total == 49_000  # in whole kronor
    assert stock_of("CANDLE") == (5, 2, 0)  # what left moved no stock here


def test_a_line_that_a_shipment_names_twice_is_packed_twice(app: Flask) -> None:
    order = place(NewShipment(MONDAY, lines=[PackedLine(0, 2), PackedLine(0, 2)]))

    assert packed(order)[0] == (DeliveryStatus.SHIPPED, [("CANDLE", 4, 2_400)])


def test_a_shipment_without_lines_has_all_that_no_other_one_has(app: Flask) -> None:
    order = place(NewShipment(MONDAY, lines=[PackedLine(1, 2)]), NewShipment(TUESDAY))

    assert packed(order) == [
        (DeliveryStatus.SHIPPED, [("WICK", 2, 0)]),
        (DeliveryStatus.SHIPPED, [("CANDLE", 5, 3_001)]),
    ]
    assert order.status is OrderStatus.SHIPPED
    assert messages_of(order) == []


def test_the_rest_of_an_order_that_is_shipped_left_with_it(app: Flask) -> None:
    order = place(NewShipment(MONDAY, lines=[PackedLine(0, 5)]), shipped_at=TUESDAY)

    assert [(shipment.status, shipment.shipped_at) for shipment in order.shipments] == [
        (DeliveryStatus.SHIPPED, MONDAY),
        (DeliveryStatus.SHIPPED, TUESDAY),
    ]


@pytest.mark.parametrize(
    ("shipments", "pointer"),
    [
        ([NewShipment(MONDAY, lines=[PackedLine(0, 6)])], "/shipments/0/lines"),
        ([NewShipment(MONDAY, lines=[PackedLine(2, 1)])], "/shipments/0/lines"),
        (
            [NewShipment(MONDAY, lines=[PackedLine(0, 3)]), NewShipment(TUESDAY, lines=[PackedLine(0, 3)])],
            "/shipments/1/lines",
        ),
        ([NewShipment(MONDAY), NewShipment(TUESDAY)], "/shipments/1"),
    ],
)
def test_shipments_with_more_than_the_order_are_refused_where_they_stand(
    app: Flask, shipments: list[NewShipment], pointer: str
) -> None:
    assert refusal(*shipments)[0] == pointer


def test_lines_with_different_texts_stay_apart(app: Flask) -> None:
    to_asa = NewLine("CANDLE", "Blockljus", 1, 10_000, 2500, properties=[Attribute("Gravyr", "Till Åsa")])
    to_bo = NewLine("CANDLE", "Blockljus", 1, 10_000, 2500, properties=[Attribute("Gravyr", "Till Bo")])
    order = read(make_order(lines=[to_asa, to_bo]))

    first, second = order.lines
    assert [first.properties, second.properties] == [to_asa.properties, to_bo.properties]
    assert not first.can_merge_with(second)
