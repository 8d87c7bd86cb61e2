"""Ongoing: its webhook of an order ships the goods only at a status that means so."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.shipping.calls import call, codes_of, report, shipment_of
from tests.factories import make_order
from tests.operations.steps import messages_of
from webshop_orders.models import MessageKind, Order


def webhook(order: Order, status: Any, *tracking: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {
        "webhookOrdersId": 17,
        "webhookEventId": 18,
        "orderId": 19,
        "orderNumber": order.number,
        "goodsOwnerId": 2,
        "orderStatus": status,
        "tracking": list(tracking),
        "timestamp": "2026-11-29T12:00:00.0000000Z",
        **values,
    }


def parcel(code: str | None, **values: Any) -> dict[str, Any]:
    return {"waybill": code, "trackingUrl": f"https://tracking.postnord.com/se/?id={code}", "isReturn": False, **values}


def delivery_mails(order: Order) -> int:
    return sum(message.kind is MessageKind.DELIVERY_CONFIRMATION for message in messages_of(order))


@pytest.mark.parametrize(
    "status",
    [
        {"number": 200, "text": "Open"},
        {"number": 320, "text": "Picking"},
        {"number": 400, "text": "Picked"},
        {"number": 1000, "text": "Cancelled"},
        {"number": 400},
        "Released",
        None,
        {},
        [],
    ],
)
def test_goods_that_have_not_left_stay_and_nothing_is_mailed(app: Flask, status: Any) -> None:
    order = make_order(("LYKTA", 1))
    report(app, webhook(order, status))
    assert not shipment_of(order).is_shipped
    assert delivery_mails(order) == 0


def test_the_codes_of_goods_that_have_not_left_are_noted(app: Flask) -> None:
    order = make_order(("LYKTA", 1))
    report(app, webhook(order, {"number": 300, "text": "Picking"}, parcel("373500000000000017")))
    assert codes_of(order) == [("373500000000000017", "PostNord")]
    assert not shipment_of(order).is_shipped


@pytest.mark.parametrize("status", [{"number": 450, "text": "Sent"}, {"number": 450}, {"text": "sent"}, "Sent"])
def test_sent_goods_are_shipped_and_confirmed_once(app: Flask, status: Any) -> None:
    order = make_order(("LYKTA", 1))
    for _turn in range(2):
        report(app, webhook(order, status, parcel("373500000000000024")))
    assert shipment_of(order).is_shipped
    assert codes_of(order) == [("373500000000000024", "PostNord")]
    assert delivery_mails(order) == 1


@pytest.mark.parametrize("query", ["?shipped=Picked,Delivered", "?shipped=%20picked%20", "?shipped=400,500"])
def test_the_address_of_the_webhook_says_at_which_statuses_goods_have_left(app: Flask, query: str) -> None:
    order = make_order(("LYKTA", 1))
    report(app, webhook(order, {"number": 450, "text": "Sent"}), query)
    assert not shipment_of(order).is_shipped
    report(app, webhook(order, {"number": 400, "text": "Picked"}), query)
    assert shipment_of(order).is_shipped


def test_codes_of_returns_and_parcels_without_a_waybill_are_left_out(app: Flask) -> None:
    order = make_order(("LYKTA", 1))
    parcels = [parcel("AB17"), parcel("RETUR17", isReturn=True), parcel(None), parcel(""), parcel("AB17")]
    report(app, webhook(order, {"number": 450, "text": "Sent"}, *parcels))
    assert codes_of(order) == [("AB17", "PostNord")]


def test_an_order_is_found_by_the_goods_owners_own_id_too(app: Flask) -> None:
    order = make_order(("LYKTA", 1), external_reference="butik-17")
    ids = {"orderNumber": "O17", "goodsOwnerOrderId": "butik-17"}
    report(app, webhook(order, {"text": "Sent"}, **ids))
    assert shipment_of(order).is_shipped


def test_a_malformed_waybill_is_refused_and_nothing_changes(app: Flask) -> None:
    order = make_order(("LYKTA", 1))
    response = call(app, webhook(order, {"text": "Sent"}, parcel("<b>")))
    assert response.status_code == 422
    assert "/tracking/0/waybill" in response.text
    assert not shipment_of(order).is_shipped


@pytest.mark.parametrize("left_out", ["webhookOrdersId", "webhookEventId"])
def test_a_template_may_leave_out_one_of_its_numbers(app: Flask, left_out: str) -> None:
    order = make_order(("LYKTA", 1))
    payload = webhook(order, {"number": 450, "text": "Sent"}, parcel("373500000000000017"))
    del payload[left_out]
    report(app, payload)
    assert shipment_of(order).is_shipped
    assert codes_of(order) == [("373500000000000017", "PostNord")]
