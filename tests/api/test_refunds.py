"""Refunds and payments over the API: requested, answered by the payment system, and registered."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.conftest import ADMIN, Integration, new_key, pointers
from tests.factories import make_order, make_product
from tests.operations.steps import kinds_of, read
from webshop_orders.db.extensions import db
from webshop_orders.documents.fields import MAX_SUM
from webshop_orders.models import Charge, ChargeKind, EventKind, Order, Scope, WebhookEvent, WebhookMessage
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.transactions.unit_of_work import writing

VOUCHER = Charge(ChargeKind.DEDUCTION, "Rabattkod", -2_000, 2500)
TOTAL = 32_900
Json = dict[str, Any]


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("A", price=15_000)
    shipping = {"shipping_price": 4_900, "shipping_vat_rate": 2500}
    return make_order(("A", 2), paid=TOTAL, charges=[VOUCHER], payment_method="card", **shipping)


@pytest.fixture
def path(order: Order) -> str:
    return f"/orders/{order.number}/refunds"


def line(order: Order) -> int:
    return next(iter(read(order).lines)).id


def told() -> list[tuple[str, Json]]:
    """The webhooks that are queued, with what they carry."""
    db.session.rollback()
    messages = db.session.scalars(select(WebhookMessage).order_by(WebhookMessage.id))
    return [(message.event.value, json.loads(message.body)["data"]) for message in messages]


def subscribe(*events: WebhookEvent) -> None:
    with writing():
        webhooks.add("https://example.com/hook", list(events), by=ADMIN)


def test_a_refund_is_requested_and_the_payment_system_answers(erp: Integration, order: Order, path: str) -> None:
    subscribe(WebhookEvent.REFUND_REQUESTED, WebhookEvent.REFUND_DONE)

    response = erp.post(path, {"lines": [{"id": line(order), "quantity": 1}], "reason": "Repad"})

    assert response.status_code == 201
    document = response.get_json()
    assert response.headers["ETag"] == f'"{document["version"]}"'
    assert (document["totals"]["credited"], document["totals"]["balance"]) == (15_000, -15_000)
    (refund,) = document["refunds"]
    assert (refund["id"], refund["state"], refund["amount"], refund["vat"]) == (1, "requested", 15_000, {"2500": 3_000})
    assert [(event, data["refund"]) for event, data in told()] == [("refund.requested", refund)]

    done = erp.post(f"{path}/1/done", {"reference": "pi_17", "method": "swish"})

    (refund,) = done.get_json()["refunds"]
    assert (refund["state"], refund["reference"], refund["method"]) == ("done", "pi_17", "swish")
    assert done.get_json()["payment"] == document["payment"] | {"paid": TOTAL - 15_000, "refunded": 15_000}
    assert [event for event, _data in told()] == ["refund.requested", "refund.done"]
    assert erp.get(path).get_json() == {"refunds": [refund]}


def test_reporting_it_done_again_changes_nothing(erp: Integration, order: Order, path: str) -> None:
    erp.post(path, {"shipping": 4_900})
    erp.post(f"{path}/1/done")
    version = read(order).version

    response = erp.post(f"{path}/1/done")

    assert (response.status_code, response.get_json()["version"]) == (200, version)
    assert read(order).refunded == 4_900


def test_money_that_has_gone_already_is_asked_of_nobody(erp: Integration, path: str) -> None:
    subscribe(WebhookEvent.REFUND_REQUESTED, WebhookEvent.REFUND_DONE)

    erp.post(path, {"shipping": 4_900, "done": True})

    assert [event for event, _data in told()] == ["refund.done"]


def test_a_refund_without_money_is_done_at_once_and_said_to_be(erp: Integration) -> None:
    subscribe(WebhookEvent.REFUND_REQUESTED, WebhookEvent.REFUND_DONE)
    unpaid = make_order(("A", 1))

    response = erp.post(f"/orders/{unpaid.number}/refunds", {"everything": True})

    assert (response.get_json()["refunds"][0]["state"], response.get_json()["totals"]["balance"]) == ("done", 0)
    assert [event for event, _data in told()] == ["refund.done"]


def test_everything_is_refunded_to_the_ore(erp: Integration, order: Order, path: str) -> None:
    body = {"lines": [{"id": line(order), "quantity": 1}], "fees": [{"name": "Returfrakt", "amount": 999}]}
    erp.post(path, body | {"charges": [{"place": 0, "amount": -1_000}]})

    totals = erp.post(path, {"everything": True, "reason": "Allt"}).get_json()["totals"]

    assert (totals["credited"], totals["balance"]) == (totals["total"], -TOTAL)


def test_a_cancelled_refund_is_never_done(erp: Integration, order: Order, path: str) -> None:
    erp.post(path, {"shipping": 4_900})
    assert erp.post(f"{path}/1/cancellation", {"reason": "Fel"}).get_json()["totals"]["credited"] == 0
    assert erp.post(f"{path}/1/cancellation").status_code == 200

    refusal = erp.post(f"{path}/1/done")

    assert (refusal.status_code, read(order).refunded) == (422, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/lines"),
        ({"lines": [{"id": 0, "quantity": 1}]}, "/lines/0/id"),
        ({"lines": [{"id": 999_999_999, "quantity": 1}]}, "/lines/0"),
        ({"lines": [{"id": "A", "quantity": 3}]}, "/lines/0"),
        ({"lines": [{"id": "A", "quantity": 1}, {"id": "A", "quantity": 1}]}, "/lines/1"),
        ({"lines": [{"id": "A", "quantity": -1}]}, "/lines/0/quantity"),
        ({"lines": [{"id": "A", "quantity": "٣"}]}, "/lines/0/quantity"),
        ({"charges": [{"place": 0, "amount": 1}]}, "/charges/0"),
        ({"charges": [{"place": 0, "amount": 0}, {"place": 0, "amount": 0}]}, "/charges/1"),
        ({"shipping": 4_901}, "/shipping"),
        ({"shipping": 10**16}, "/shipping"),
        ({"amount": MAX_SUM, "reason": "Repad"}, "/amount"),
        ({"amount": 100}, "/reason"),
        ({"lines": [{"id": "A", "quantity": 1}], "fees": [{"name": "Frakt", "amount": 99_999}]}, "/fees"),
        ({"overpaid": 1}, "/overpaid"),
        ({"shipping": 1, "return_id": 7}, "/return_id"),
        ({"reason": "x" * 201}, "/reason"),
        ({"money": 1}, "/money"),
    ],
)
def test_what_cannot_be_refunded_is_refused_at_its_pointer(
    erp: Integration, order: Order, path: str, body: Json, pointer: str
) -> None:
    rows = [{**row, "id": line(order) if row["id"] == "A" else row["id"]} for row in body.get("lines", [])]

    refusal = erp.post(path, {**body, "lines": rows} if rows else body)

    assert refusal.status_code in {404, 422}
    assert pointer in pointers(refusal)
    assert read(order).refunds == []


def test_the_same_request_is_carried_out_once(erp: Integration, order: Order, path: str) -> None:
    first = erp.post(path, {"shipping": 2_000}, Idempotency_Key="refund-1")
    again = erp.post(path, {"shipping": 2_000}, Idempotency_Key="refund-1")

    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.REFUND_REQUESTED]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("refunds", {"shipping": 1}),
        ("refunds/1/done", {}),
        ("refunds/1/cancellation", {}),
        ("payments", {"amount": 1}),
    ],
)
def test_another_version_is_refused(erp: Integration, order: Order, path: str, body: Json) -> None:
    erp.post(f"/orders/{order.number}/refunds", {"shipping": 2_000})
    before = read(order).version

    refusal = erp.post(f"/orders/{order.number}/{path}", body, If_Match='"1"')

    assert (refusal.status_code, read(order).version) == (412, before)


def test_what_there_is_not_is_not_found(erp: Integration, path: str) -> None:
    assert erp.get("/orders/NONE/refunds").status_code == 404
    assert erp.get("/orders/NONE/payments").status_code == 404
    assert erp.post(f"{path}/1/done").status_code == 404
    assert erp.post(f"{path}/1/cancellation").status_code == 404


def test_reading_orders_is_enough_to_read_refunds_and_not_to_give_money_back(
    app: Flask, order: Order, path: str
) -> None:
    reader = Integration(app.test_client(), new_key("ERP", (Scope.ORDERS_READ, Scope.ORDERS_WRITE)))

    assert reader.get(path).status_code == 200
    assert reader.post(path, {"shipping": 1}).status_code == 403
    assert read(order).refunds == []


def test_a_payment_is_registered_and_told(erp: Integration) -> None:
    subscribe(WebhookEvent.ORDER_CHANGED)
    order = make_order(("A", 1))
    path = f"/orders/{order.number}/payments"

    body = {"amount": 5_000, "method": "bank", "paid_on": "2026-01-02", "reference": "bg 17"}
    response = erp.post(path, body)

    assert (response.status_code, response.get_json()["totals"]["paid"]) == (201, 5_000)
    (payment,) = response.get_json()["registered_payments"]
    assert {name: payment[name] for name in body} == body
    assert payment["registered_by"] == "ERP"
    assert erp.get(path).get_json() == {"payments": [payment]}
    assert [event for event, _data in told()] == ["order.changed"]
    assert erp.post(path, {"amount": 1}).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/amount"),
        ({"amount": 0}, "/amount"),
        ({"amount": -1}, "/amount"),
        ({"amount": 10**10}, "/amount"),
        ({"amount": 1, "paid_on": "9999-12-31"}, "/paid_on"),
        ({"amount": 1, "paid_on": "2026-02-30"}, "/paid_on"),
        ({"amount": 1, "paid_on": "٢٠٢٦-01-02"}, "/paid_on"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(erp: Integration, order: Order, body: Json, pointer: str) -> None:
    refusal = erp.post(f"/orders/{order.number}/payments", body)

    assert (refusal.status_code, pointers(refusal)) == (422, [pointer])
    assert read(order).registered_payments == []
