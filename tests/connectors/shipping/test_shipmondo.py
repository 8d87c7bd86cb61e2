"""Shipmondo: signed tokens with shipments and their deliveries."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.connectors.shipping.calls import call, codes_of, make_key, order_with_codes, report, shipment_of
from tests.factories import make_order

MONITOR = {
    "shipment_id": 17,
    "current_status": "DELIVERED",
    "current_state": "SUCCESS",
    "current_status_registered_at": "2026-11-18T14:12:42.000+01:00",
    "carrier_code": "gls",
    "carrier_track_id": "56000000017",
}
AT = datetime(2026, 11, 18, 13, 12, 42, tzinfo=UTC)


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign(data: Any, key: str, *, algorithm: str = "HS256", is_text: bool = False) -> dict[str, str]:
    content: Any = {"webhook": "Spårning", "data": data, "url": "https://desk.example.com/connect/shipping"}
    payload = json.dumps(json.dumps(content) if is_text else content).encode()
    signed = f"{encode(json.dumps({'alg': algorithm}).encode())}.{encode(payload)}"
    return {"data": f"{signed}.{encode(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())}"}


def send(app: Flask, data: Any, **how: Any) -> dict[str, Any]:
    key = make_key()
    response = call(app, sign(data, key, **how), f"?key={key}", Accept="*/*")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    return answer


@pytest.mark.parametrize("is_text", [False, True])
def test_a_delivered_parcel_is_noted(app: Flask, is_text: bool) -> None:
    order = order_with_codes("56000000017", is_shipped=True)
    send(app, MONITOR, is_text=is_text)
    assert shipment_of(order).delivered_at == AT


def test_the_codes_of_a_booked_shipment_are_added_by_its_reference(app: Flask) -> None:
    order = make_order(("LYKTA", 1), external_reference="butik-17")
    parcels = [{"pkg_no": "00370700000000000017"}, {"pkg_no": "00370700000000000024"}, {"pkg_no": None}]
    send(app, {"id": 17, "reference": "butik-17", "carrier_code": "pdk", "pkg_no": "x", "parcels": parcels})
    assert codes_of(order) == [("00370700000000000017", "PostNord"), ("00370700000000000024", "PostNord")]
    assert not shipment_of(order).is_shipped


@pytest.mark.parametrize(
    "data",
    [
        {**MONITOR, "current_status": "EN_ROUTE"},
        {**MONITOR, "current_status": None},
        {"id": 17, "order_id": "butik-17", "order_status": "open"},
        {"id": 17, "reference": "butik-17", "product_code": "DAO_R", "pkg_no": "57000000017"},
        {"id": 17, "reference": "another", "pkg_no": "57000000017"},
        {"id": 17, "reference": None, "pkg_no": "57000000017"},
        {},
        [],
        17,
    ],
)
def test_other_calls_are_ignored_with_a_reason(app: Flask, data: Any) -> None:
    order = make_order(("LYKTA", 1), external_reference="butik-17")
    assert len(send(app, data)["ignored"]) == 1
    assert codes_of(order) == []


def test_a_token_of_another_key_is_refused(app: Flask) -> None:
    order, key = order_with_codes("56000000017", is_shipped=True), make_key()
    forged = [sign(MONITOR, "wso_another_key_of_the_same_length_as_others"), sign(MONITOR, key, algorithm="none")]
    for body in forged:
        assert call(app, body, f"?key={key}", Accept="*/*").status_code == 401
    assert shipment_of(order).delivered_at is None


def test_the_key_may_come_in_a_header_too(app: Flask) -> None:
    order, key = order_with_codes("56000000017", is_shipped=True), make_key()
    user = base64.b64encode(f"shipmondo:{key}".encode()).decode()
    assert call(app, sign(MONITOR, key), Authorization=f"Basic {user}").status_code == 200
    assert shipment_of(order).delivered_at == AT


def test_another_body_with_data_is_no_token(app: Flask) -> None:
    assert call(app, {"data": "a.b"}).status_code == 422
    assert report(app, {"data": {"shipment_id": "17", "status": "X"}})["orders"] == []
