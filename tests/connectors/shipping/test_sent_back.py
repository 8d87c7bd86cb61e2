"""Parcels that nobody collected or that the carrier sent back: noted once, in whatever sequence it is told."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from flask import Flask

from tests.connectors.shipping.calls import PACKER, call, order_with_codes, report, shipment_of
from tests.operations.steps import changing, kinds_of, messages_of
from webshop_orders.clock import now
from webshop_orders.models import EventKind
from webshop_orders.operations.orders import shipments

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
FACTS = {
    "delivered": (EventKind.SHIPMENT_DELIVERED, "delivered_at"),
    "uncollected": (EventKind.SHIPMENT_UNCOLLECTED, "uncollected_at"),
    "sent_back": (EventKind.SHIPMENT_SENT_BACK, "sent_back_at"),
}


def told(status: str, at: datetime | None = AT, code: str = "AB17") -> dict[str, Any]:
    return {"tracking": [code], "status": status, f"{status}_at": at and at.isoformat()}


@pytest.mark.parametrize("status", ["uncollected", "sent_back"])
def test_it_is_noted_once_with_the_time_of_the_first_report(app: Flask, status: str) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    kind, field = FACTS[status]
    for turn in range(3):
        report(app, told(status, AT + timedelta(hours=turn)))
    assert getattr(shipment_of(order), field) == AT
    assert kinds_of(order).count(kind) == 1


@pytest.mark.parametrize("sequence", list(permutations(FACTS)))
def test_reports_come_in_any_sequence(app: Flask, sequence: tuple[str, ...]) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    times = {"uncollected": AT, "sent_back": AT + timedelta(days=1), "delivered": AT + timedelta(days=2)}
    for status in (*sequence, *sequence):
        report(app, told(status, times[status]))
    shipment = shipment_of(order)
    assert {status: getattr(shipment, FACTS[status][1]) for status in FACTS} == times
    assert (shipment.is_uncollected, shipment.is_sent_back) == (False, False)  # it was delivered after all


def test_a_parcel_that_went_back_after_its_delivery_is_on_its_way_back(app: Flask) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    report(app, told("delivered", AT))
    report(app, told("sent_back", AT + timedelta(days=1)))
    assert shipment_of(order).is_sent_back


def test_a_parcel_that_comes_back_has_left_and_its_customer_is_told_nothing(app: Flask) -> None:
    order = order_with_codes("AB17")
    mails = len(messages_of(order))
    report(app, told("sent_back"))
    shipment = shipment_of(order)
    assert (shipment.is_shipped, shipment.shipped_at, shipment.sent_back_at) == (True, AT, AT)
    assert len(messages_of(order)) == mails


def test_reopening_the_shipment_forgets_it(app: Flask) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    report(app, told("uncollected"))
    report(app, told("sent_back"))
    with changing(order, PACKER) as current:
        shipments.reopen(current.shipments[0], by=PACKER)
    shipment = shipment_of(order)
    assert (shipment.uncollected_at, shipment.sent_back_at) == (None, None)


@pytest.mark.parametrize("ahead", [None, timedelta(days=9)])
def test_without_a_time_or_with_one_to_come_it_is_that_of_the_call(app: Flask, ahead: timedelta | None) -> None:
    order = order_with_codes("AB17", is_shipped=True)
    report(app, told("uncollected", ahead and now() + ahead))
    uncollected_at = shipment_of(order).uncollected_at
    assert uncollected_at is not None
    assert abs(now() - uncollected_at) < timedelta(minutes=1)


@pytest.mark.parametrize("values", [{"status": "lost"}, {"status": "uncollected", "uncollected_at": "igår"}])
def test_an_unknown_status_or_time_is_refused(app: Flask, values: dict[str, Any]) -> None:
    order_with_codes("AB17", is_shipped=True)
    assert call(app, {"tracking": ["AB17"], **values}).status_code == 422
