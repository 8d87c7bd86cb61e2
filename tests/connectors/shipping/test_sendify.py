"""Sendify: booked shipments and their deliveries, wherever their fields are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.connectors.shipping.calls import codes_of, order_with_codes, report, shipment_of
from tests.factories import make_order

AT = datetime(2026, 11, 18, 13, 12, 42, tzinfo=UTC)
BOOKED = {
    "id": "5f1c",
    "main_tracking_id": "00373500000000000086",
    "reference_id": "butik-17",
    "carrier_name": "DB Schenker Parcel",
    "tracking_url": "https://parcels.example.com/86",
    "status": "ORDERED",
}


@pytest.mark.parametrize("body", [BOOKED, {"shipment": BOOKED}, {"event": "x", "data": {"shipment": BOOKED}}])
def test_the_codes_of_a_booked_shipment_are_added_by_its_reference(app: Flask, body: dict[str, Any]) -> None:
    order = make_order(("LYKTA", 1), external_reference="butik-17")
    report(app, body)
    assert codes_of(order) == [("00373500000000000086", "DB Schenker")]
    assert not shipment_of(order).is_shipped


def test_the_parcels_of_a_shipment_come_before_its_own_number(app: Flask) -> None:
    order = make_order(("LYKTA", 1), external_reference="butik-17")
    report(app, {**BOOKED, "packages": [{"tracking_id": "AB17"}, {"tracking_number": "AB18"}, {"quantity": 1}]})
    assert [code for code, _carrier in codes_of(order)] == ["AB17", "AB18"]


@pytest.mark.parametrize(
    "news",
    [
        {"status": "DELIVERED", "delivered_at": "2026-11-18T13:12:42.123456789Z"},
        {"tracking": [{"status": "DELIVERED", "created_at": "2026-11-18T13:12:42Z"}, {"status": "ORDERED"}]},
        {"event": {"status": "delivered", "created_at": "2026-11-18T14:12:42+01:00"}},
    ],
)
def test_a_delivered_shipment_is_noted(app: Flask, news: dict[str, Any]) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    report(app, {"shipment_id": "5f1c", "main_tracking_id": "AB17", "status": "IN_TRANSIT", **news})
    delivered_at = shipment_of(order).delivered_at
    assert delivered_at is not None
    assert delivered_at.replace(microsecond=0) == AT


@pytest.mark.parametrize("status", ["IN_TRANSIT", "SOMETHING_NEW", None, {"x": 1}])
def test_other_statuses_are_ignored_with_a_reason(app: Flask, status: Any) -> None:
    order = order_with_codes("AB17")
    answer = report(app, {"shipment_id": "5f1c", "main_tracking_id": "AB17", "status": status})
    assert len(answer["ignored"]) == 1
    assert not shipment_of(order).is_shipped
