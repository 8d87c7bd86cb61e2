"""Helpers of the tests of shipping systems' callbacks."""

import json
from contextvars import Context
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.api.conftest import check, new_key
from tests.factories import make_order
from tests.operations.steps import read
from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models import Actor, ActorKind, ApiKey, Order, Scope, Shipment
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.transactions.unit_of_work import editing

PACKER = Actor(ActorKind.INTEGRATION, "packaren")


def make_key() -> str:
    db.session.rollback()
    return new_key(f"frakt {db.session.scalar(select(func.count(ApiKey.id)))}", (Scope.SHIPMENTS_WRITE,))


def call(app: Flask, body: Any, query: str = "", **headers: str) -> TestResponse:
    """Call /connect/shipping with a key in Authorization, unless other headers are given."""
    sent = headers or {"Authorization": f"Bearer {make_key()}"}
    response = Context().run(
        app.test_client().post,
        f"/connect/shipping{query}",
        data=json.dumps(body),
        headers={"Content-Type": "application/json", **sent},
    )
    check(response)
    return response


def report(app: Flask, body: Any, query: str = "") -> dict[str, Any]:
    """What the order desk answers to a call that it accepts."""
    response = call(app, body, query)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    return answer


def order_with_codes(*codes: str, is_shipped: bool = False) -> Order:
    order = make_order(("LYKTA", 1))
    with editing(order.number, None, PACKER) as current:
        tracking.add_new(current.shipments[0], [NewTrackingCode(code) for code in codes], by=PACKER)
        if is_shipped:
            shipments.ship(current.shipments[0], by=PACKER)
    return order


def shipment_of(order: Order) -> Shipment:
    (shipment,) = read(order).shipments
    return shipment


def codes_of(order: Order) -> list[tuple[str, str | None]]:
    return [(code.code, code.carrier) for shipment in read(order).shipments for code in shipment.tracking_codes]
