"""Callbacks of Bring, PostNord and DHL: what each of them calls a delivered parcel."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.connectors.shipping.calls import codes_of, order_with_codes, report, shipment_of
from tests.factories import make_order, reshape_shop

AT = datetime(2026, 11, 18, 13, 12, 42, tzinfo=UTC)
TIME = "2026-11-18T14:12:42+01:00"
CODE, CONSIGNMENT = "00373500000000000017", "84000000017SE"

Call = dict[str, Any]


def bring(status: str = "DELIVERED", **values: Any) -> Call:
    times = {"created": "2026-11-18T13:12:42+0000", "pushed": "2026-11-18T13:20:00+0000"}
    return {"status": status, "id": "5f1c", "shipment": CONSIGNMENT, "package": CODE, **times, **values}


def postnord(status: str = "DELIVERED", **values: Any) -> Call:
    events = [
        {"status": "EN_ROUTE", "eventTime": "2026-11-17T08:00:00Z", "eventCode": "20"},
        {"status": status, "eventTime": TIME, "eventCode": "40"},
    ]
    item = {"itemId": CODE, "status": status, "events": events}
    return {"shipmentId": CONSIGNMENT, "status": status, "items": [item], **values}


def dhl(code: str = "delivered", **values: Any) -> Call:
    shipment = {"id": CODE, "service": "parcel-connect", "status": {"statusCode": code, "timestamp": TIME}, **values}
    return {"scope": "subscription.push", "self": "https://api-eu.dhl.com/x/17", "shipments": [shipment]}


@pytest.mark.parametrize(
    "body",
    [
        bring(),
        [bring()],
        postnord(),
        [postnord()],
        {"shipments": [postnord()]},
        {"TrackingInformationResponse": {"shipments": [postnord()]}},
        {"trackingInformationResponse": {"shipments": [postnord()]}},
        {"itemId": CODE, "status": "DELIVERED", "deliveryDate": TIME},
        {"shipmentId": CODE, "events": [{"eventCode": "DELIVERED", "eventTime": TIME}]},
        dhl(),
        {"shipments": dhl()["shipments"]},
    ],
)
def test_a_delivered_parcel_is_found_by_its_code(app: Flask, body: Any) -> None:
    order = order_with_codes(CODE, is_shipped=True)
    report(app, body)
    assert shipment_of(order).delivered_at == AT


@pytest.mark.parametrize("body", [bring(), postnord(), dhl(details={"pieceIds": [17, CONSIGNMENT]})])
def test_a_parcel_that_is_noted_by_its_other_number_is_found_and_gets_no_second_code(app: Flask, body: Call) -> None:
    order = order_with_codes(CONSIGNMENT, is_shipped=True)
    report(app, body)
    assert shipment_of(order).delivered_at == AT
    assert codes_of(order) == [(CONSIGNMENT, None)]


@pytest.mark.parametrize(
    ("body", "carrier"),
    [
        (postnord(references=[{"value": "butik-17"}]), "PostNord"),
        (dhl(details={"references": [{"number": "butik-17", "type": "customer-reference"}]}), "DHL"),
    ],
)
def test_a_parcel_that_is_not_noted_is_found_by_the_shops_reference(app: Flask, body: Call, carrier: str) -> None:
    order = make_order(("LYKTA", 1), external_reference="butik-17")
    report(app, body)
    assert codes_of(order) == [(CODE, carrier)]
    assert shipment_of(order).delivered_at == AT


@pytest.mark.parametrize(
    "body",
    [
        bring("IN_TRANSIT"),
        bring("SOMETHING_NEW"),
        bring(status=None),
        bring(status={"x": 1}),
        postnord("EN_ROUTE"),
        postnord(items=[{"itemId": CODE}], status="AVAILABLE_FOR_DELIVERY"),
        postnord(items=[{"itemId": CODE}], status=None),
        dhl("transit"),
        dhl("unknown"),
        dhl(status={"status": "held"}),
        {"scope": "subscription.ready"},
        {"scope": "subscription.push", "shipments": []},
        {"scope": "subscription.push", "shipments": [1, None]},
    ],
)
def test_other_statuses_are_ignored_with_a_reason(app: Flask, body: Call) -> None:
    order = order_with_codes(CODE)
    answer = report(app, body)
    assert answer["orders"] == []
    assert len(answer["ignored"]) == 1
    assert not shipment_of(order).is_shipped


@pytest.mark.parametrize("body", [bring("RETURN"), bring("DELIVERED_SENDER"), postnord("RETURNED")])
def test_a_parcel_on_its_way_back_is_noted_with_its_time(app: Flask, body: Call) -> None:
    order = order_with_codes(CODE, is_shipped=True)
    report(app, body)
    shipment = shipment_of(order)
    assert (shipment.sent_back_at, shipment.uncollected_at, shipment.delivered_at) == (AT, None, None)


def test_each_of_several_parcels_has_its_own_status(app: Flask) -> None:
    delivered, waiting = order_with_codes("PN17", is_shipped=True), order_with_codes("PN18", is_shipped=True)
    items = [{"itemId": "PN17", "status": "DELIVERED"}, {"itemId": "PN18", "status": "AVAILABLE_FOR_DELIVERY"}]
    report(app, postnord(items=items))
    assert shipment_of(delivered).delivered_at is not None
    assert shipment_of(waiting).delivered_at is None


def test_a_time_without_a_zone_is_in_the_zone_of_the_shop(app: Flask) -> None:
    reshape_shop(time_zone="Europe/Helsinki")
    order = order_with_codes(CODE, is_shipped=True)
    report(app, dhl(status={"statusCode": "delivered", "timestamp": "2026-11-18T15:12:42"}))
    assert shipment_of(order).delivered_at == AT


@pytest.mark.parametrize("at", ["", "yesterday", 17, None, {"x": 1}, "2026-13-45T99:00:00Z"])
def test_a_time_that_cannot_be_read_is_the_time_of_the_call(app: Flask, at: Any) -> None:
    order = order_with_codes(CODE, is_shipped=True)
    report(app, bring(created=at, pushed=at))
    assert shipment_of(order).delivered_at is not None


def test_the_secret_that_activates_a_subscription_of_dhl_is_told(app: Flask) -> None:
    answer = report(
        app, {"scope": "subscription.validate", "self": "https://api-eu.dhl.com/x/17", "secret": "hemligt17"}
    )
    assert "hemligt17" in answer["ignored"][0]
