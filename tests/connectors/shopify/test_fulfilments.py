"""What left a Shopify shop already: shipments with their codes, and the rest still to be sent."""

from typing import Any

from flask import Flask

from tests.connectors.shopify.payloads import line, order, refund, refund_line
from tests.connectors.shopify.placing import SETTINGS, place, read
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import StatusMeaning
from webshop_orders.documents.order import NewShipment
from webshop_orders.models import OrderStatus

pytestmark = on_sqlite
KNIFE, BOARD = line("KNIV", "300.00", id=1), line("BRÄDA", "100.00", 2, id=2)
PARTLY, WHOLLY = {"fulfillment_status": "partial"}, {"fulfillment_status": "fulfilled"}


def fulfilment(*items: tuple[int, int], **more: Any) -> dict[str, Any]:
    """A fulfilment of lines, as pairs of an id and a number of units."""
    lines = [{"id": line_id, "quantity": quantity} for line_id, quantity in items]
    return {"id": 31, "status": "success", "created_at": "2026-11-24T15:30:00+01:00", "line_items": lines, **more}


def packed(shipment: NewShipment) -> list[tuple[int, int]]:
    return [(packed_line.line, packed_line.quantity) for packed_line in shipment.lines]


def test_what_left_is_a_shipment_and_the_rest_is_open(app: Flask) -> None:
    sent = fulfilment((1, 1), tracking_company="PostNord", tracking_numbers=["JJFI64300000000091"])
    placed = place(order(KNIFE, BOARD, fulfillments=[sent], **PARTLY))
    first, second = placed.shipments
    assert placed.status is OrderStatus.PARTLY_SHIPPED
    assert first.shipped_at is not None
    assert first.shipped_at.isoformat() == "2026-11-24T14:30:00+00:00"
    assert [(code.code, code.carrier) for code in first.tracking_codes] == [("JJFI64300000000091", "PostNord")]
    assert [[(row.sku, row.quantity) for row in shipment.lines] for shipment in (first, second)] == [
        [("KNIV", 1)],
        [("BRÄDA", 2)],
    ]


def test_an_order_that_left_in_two_parcels_is_shipped(app: Flask) -> None:
    parcels = [fulfilment((1, 1), (2, 1)), fulfilment((2, 1), created_at="2026-11-26T08:00:00+01:00")]
    payload = order(KNIFE, BOARD, fulfillments=parcels, **WHOLLY)
    new = read(payload)
    assert [packed(shipment) for shipment in new.shipments] == [[(0, 1), (1, 1)], [(1, 1)]]
    assert place(payload).status is OrderStatus.SHIPPED
    assert Shopify.meaning(payload, SETTINGS) is StatusMeaning.SHIPPED


def test_each_code_has_its_link(app: Flask) -> None:
    codes = ["00370730254000000011", "00370730254000000028"]
    sent = fulfilment(
        (1, 1),
        tracking_company="Instabox",
        tracking_numbers=codes,
        tracking_urls=[f"https://spar.example/{code}" for code in codes],
    )
    (shipment,) = read(order(KNIFE, fulfillments=[sent], **WHOLLY)).shipments
    assert [(tracking.code, tracking.url) for tracking in shipment.tracking] == [
        (code, f"https://spar.example/{code}") for code in codes
    ]


def test_an_older_fulfilment_has_one_code(app: Flask) -> None:
    sent = fulfilment((1, 1), tracking_number="AB123456785SE", tracking_url="https://spar.example/1")
    (shipment,) = read(order(KNIFE, fulfillments=[sent], **WHOLLY)).shipments
    assert [(tracking.code, tracking.url) for tracking in shipment.tracking] == [
        ("AB123456785SE", "https://spar.example/1")
    ]


def test_codes_links_and_carriers_that_are_none_are_left_out(app: Flask) -> None:
    sent = fulfilment(
        (1, 1),
        tracking_company="Other",
        tracking_numbers=["", None, "?!", "AB-1"],
        tracking_urls=["javascript:alert(1)"],
    )
    (shipment,) = read(order(KNIFE, fulfillments=[sent], **WHOLLY)).shipments
    assert [(tracking.code, tracking.carrier, tracking.url) for tracking in shipment.tracking] == [("AB-1", None, None)]


def test_a_cancelled_or_failed_fulfilment_sent_nothing(app: Flask) -> None:
    parcels = [fulfilment((1, 1), status=status) for status in ("cancelled", "error", "failure", "open", "pending")]
    assert read(order(KNIFE, fulfillments=parcels)).shipments == []


def test_a_fulfilment_without_a_time_left_at_the_best_time_of_the_order(app: Flask) -> None:
    sent = fulfilment((1, 1), created_at=None)
    (shipment,) = read(order(KNIFE, BOARD, fulfillments=[sent], **PARTLY)).shipments
    assert shipment.shipped_at.isoformat() == "2026-11-23T07:12:05+00:00"


def test_a_fulfilled_order_without_fulfilments_is_shipped_when_it_last_changed(app: Flask) -> None:
    new = read(order(KNIFE, **WHOLLY))
    assert new.shipped_at is not None
    assert new.shipped_at.isoformat() == "2026-11-23T07:12:05+00:00"


def test_an_order_that_was_sent_in_part_without_fulfilments_goes_by_what_needs_no_sending(app: Flask) -> None:
    items = [{**KNIFE, "fulfillable_quantity": 0}, {**BOARD, "fulfillable_quantity": 1}]
    (shipment,) = read(order(*items, **PARTLY)).shipments
    assert packed(shipment) == [(0, 1), (1, 1)]


def test_a_fulfilment_that_names_no_lines_has_what_needs_no_sending(app: Flask) -> None:
    items = [{**KNIFE, "fulfillment_status": "fulfilled"}, {**BOARD, "fulfillable_quantity": 2}]
    (shipment,) = read(order(*items, fulfillments=[fulfilment()], **PARTLY)).shipments
    assert packed(shipment) == [(0, 1)]


def test_units_that_came_back_after_they_left_are_in_no_shipment(app: Flask) -> None:
    items = [KNIFE, {**BOARD, "current_quantity": 1}]
    payload = order(
        *items,
        fulfillments=[fulfilment((1, 1), (2, 2))],
        refunds=[refund("100.00", refund_line("100.00", of=2, total_tax="20.00"))],
        financial_status="partially_refunded",
        current_total_price="400.00",
        current_total_tax="80.00",
        **WHOLLY,
    )
    (shipment,) = read(payload).shipments
    assert packed(shipment) == [(0, 1), (1, 1)]
    assert place(payload).status is OrderStatus.SHIPPED


def test_tips_and_lines_that_are_gone_are_in_no_shipment(app: Flask) -> None:
    tip = line(None, "20.00", id=3, rate="0", tip_payment_gateway="klarna")
    payload = order(KNIFE, tip, fulfillments=[fulfilment((1, 1), (3, 1), (99, 1))], **WHOLLY)
    (shipment,) = read(payload).shipments
    assert packed(shipment) == [(0, 1)]
