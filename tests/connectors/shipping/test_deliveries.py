"""Parcels that a carrier delivered: found by their codes, noted once, nothing mailed."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.connectors.shipping.calls import PACKER, call, codes_of, make_key, order_with_codes, report, shipment_of
from tests.factories import make_order
from tests.operations.steps import changing, kinds_of, messages_of
from webshop_orders.clock import now
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, EventKind, MessageKind
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.orders import cancellation, parcels, shipments

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def event(package: str, status: str = "DELIVERED", at: datetime = AT) -> dict[str, str]:
    return {
        "status": status,
        "package": package,
        "shipment": "70000000000000001",
        "created": f"{at:%Y-%m-%dT%H:%M:%S+0000}",
    }


def test_a_delivered_parcel_is_noted_once_and_nothing_is_mailed(app: Flask) -> None:
    order = order_with_codes("370000000000000017", is_shipped=True)
    mails = len(messages_of(order))
    for turn in range(2):
        report(app, event("370000000000000017", at=AT + timedelta(hours=turn)))
    assert shipment_of(order).delivered_at == AT
    assert kinds_of(order).count(EventKind.SHIPMENT_DELIVERED) == 1
    assert len(messages_of(order)) == mails


def test_a_parcel_that_is_delivered_has_left(app: Flask) -> None:
    order = order_with_codes("370000000000000024")
    for _turn in range(2):
        report(app, event("370000000000000024"))
    shipment = shipment_of(order)
    assert (shipment.is_shipped, shipment.shipped_at, shipment.delivered_at) == (True, AT, AT)
    assert [message.kind for message in messages_of(order)].count(MessageKind.DELIVERY_CONFIRMATION) == 1


def test_a_shipment_is_delivered_when_each_of_its_parcels_is(app: Flask) -> None:
    order = order_with_codes("AB17", "AB18", is_shipped=True)
    report(app, event("AB18", at=AT + timedelta(days=1)))
    assert shipment_of(order).delivered_at is None
    report(app, event("AB17"))
    assert shipment_of(order).delivered_at == AT + timedelta(days=1)


@pytest.mark.parametrize(
    ("noted", "reported"),
    [("00370000000000000031", "370000000000000031"), ("370000000000000048", "00370000000000000048")],
)
def test_a_code_is_known_with_and_without_the_zeros_before_it(app: Flask, noted: str, reported: str) -> None:
    order = order_with_codes(noted, is_shipped=True)
    report(app, event(reported))
    assert shipment_of(order).delivered_at == AT
    assert [code for code, _carrier in codes_of(order)] == [noted]


def test_a_parcel_of_somebody_else_is_ignored(app: Flask) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    answer = report(app, event("ZZ99"))
    assert answer["orders"] == []
    assert "ZZ99" in answer["ignored"][0]
    assert shipment_of(order).delivered_at is None


def test_a_number_that_a_carrier_uses_again_is_the_newest_parcel(app: Flask) -> None:
    earlier, later = (order_with_codes("AB17", is_shipped=True) for _turn in range(2))
    report(app, event("AB17"))
    assert shipment_of(later).delivered_at == AT
    assert shipment_of(earlier).delivered_at is None


def test_a_time_in_the_future_is_the_time_of_the_call(app: Flask) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    report(app, event("AB17", at=now() + timedelta(days=9)))
    delivered_at = shipment_of(order).delivered_at
    assert delivered_at is not None
    assert abs(now() - delivered_at) < timedelta(minutes=1)


def test_a_delivery_of_a_cancelled_order_is_accepted_and_waits_in_the_log(app: Flask, anna: Actor) -> None:
    order = order_with_codes("AB17")
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    assert order.number in report(app, event("AB17"))["ignored"][0]
    (call_id,) = incoming_calls.not_taken_ids(9)
    assert incoming_calls.get(call_id).source == "bring"


def test_taking_back_that_a_shipment_left_takes_back_that_it_was_delivered(app: Flask, anna: Actor) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    report(app, event("AB17"))
    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)
    assert shipment_of(order).delivered_at is None
    report(app, event("AB17", at=AT + timedelta(days=2)))
    assert shipment_of(order).delivered_at == AT + timedelta(days=2)


def test_a_shipment_that_has_not_left_cannot_be_delivered_by_itself(app: Flask) -> None:
    order = make_order(("LYKTA", 1))
    with pytest.raises(RuleViolation), changing(order, PACKER) as current:
        parcels.mark_delivered(current.shipments[0], by=PACKER)


def test_our_own_format_says_delivered_by_order_shipment_or_code(app: Flask) -> None:
    by_order, by_shipment, by_code = make_order(("LYKTA", 1)), make_order(("LYKTA", 1)), order_with_codes("AB17")
    for about in ({"order": by_order.number}, {"shipment": f"{by_shipment.number}-1"}, {"tracking": ["AB17"]}):
        report(app, {**about, "status": "delivered", "delivered_at": "2026-11-20T10:30:00+01:00"})
    assert [shipment_of(order).delivered_at for order in (by_order, by_shipment, by_code)] == [AT] * 3


def test_a_key_in_the_address_is_accepted_here_and_nowhere_else(app: Flask) -> None:
    order, key = order_with_codes("AB17", is_shipped=True), make_key()
    assert call(app, event("AB17"), f"?key={key}", Accept="*/*").status_code == 200
    assert shipment_of(order).delivered_at == AT
    assert call(app, event("AB17"), "?key=wso_wrong", Accept="*/*").status_code == 401
    assert call(app, event("AB17"), f"?key={key}", Authorization="Bearer wso_wrong").status_code == 401
    assert app.test_client().get(f"/api/v1/orders?key={key}").status_code == 401
