"""Statements of withdrawal over the API."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.conftest import ADMIN, Integration, pointers
from tests.factories import make_order, make_product
from tests.operations.steps import events_of, messages_of
from webshop_orders.db.extensions import db
from webshop_orders.models import Customer, EventKind, MessageKind, Order, WebhookEvent, WebhookMessage, Withdrawal
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.transactions.unit_of_work import writing

LINES = [{"product": "Linneservett", "quantity": 2}, {"product": "Ljus"}]


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE")
    return make_order(("CANDLE", 3), send_confirmation=False)


def path(order: Order) -> str:
    return f"/orders/{order.number}/withdrawals"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"lines": [{"product": ""}]}, "/lines/0/product"),
        ({"lines": [{"product": "Ljus", "quantity": 0}]}, "/lines/0/quantity"),
        ({"lines": [{"product": "Ljus"}] * 101}, "/lines"),
        ({"email": "no address"}, "/email"),
        ({"received_at": "2999-01-01T00:00:00Z"}, "/received_at"),
        ({"reason": "too big"}, "/reason"),
        ({"language": "svenska"}, "/language"),
    ],
)
def test_a_wrong_statement_is_refused_by_field(
    erp: Integration, order: Order, body: dict[str, Any], pointer: str
) -> None:
    answer = erp.post(path(order), body)

    assert answer.status_code == 422
    assert pointers(answer) == [pointer]
    db.session.rollback()
    assert db.session.scalars(select(Withdrawal)).all() == []


def test_there_is_no_statement_about_an_order_that_does_not_exist(erp: Integration) -> None:
    assert erp.post("/orders/WS-1/withdrawals", {}).status_code == 404
    assert erp.get("/orders/WS-1/withdrawals").status_code == 404


def test_a_customer_without_an_address_needs_one_for_the_receipt(app: Flask, erp: Integration) -> None:
    order = make_order(("CANDLE", 1), customer=Customer("Åsa Öberg"))

    assert pointers(erp.post(path(order), {})) == ["/email"]
    assert erp.post(path(order), {"email": "asa@example.com"}).status_code == 201


def test_a_statement_takes_the_customer_of_the_order_where_it_names_nobody(erp: Integration, order: Order) -> None:
    answer = erp.post(path(order))

    assert answer.status_code == 201
    stated = answer.get_json()
    assert (stated["source"], stated["number"]) == ("api", order.number)
    assert (stated["name"], stated["email"], stated["language"]) == ("Åsa Öberg", "asa@example.com", "sv")
    assert stated["lines"] == []
    assert stated["handled_at"] is None


def test_a_statement_is_on_the_order_with_its_receipt(erp: Integration, order: Order) -> None:
    body = {"name": "Bo Ek", "email": "bo@example.com", "lines": LINES, "received_at": "2026-11-20T10:00:00Z"}
    stated = erp.post(path(order), body).get_json()

    assert erp.get(path(order)).get_json() == {"withdrawals": [stated]}
    assert stated["received_at"] == "2026-11-20T10:00:00Z"
    assert stated["lines"] == [{"product": "Linneservett", "quantity": 2}, {"product": "Ljus", "quantity": None}]
    assert events_of(order)[-1].kind is EventKind.WITHDRAWAL_RECEIVED
    (receipt,) = messages_of(order)
    assert (receipt.kind, receipt.recipient) == (MessageKind.WITHDRAWAL_RECEIPT, "bo@example.com")


def test_no_receipt_goes_where_the_shop_sent_one_itself(erp: Integration, order: Order) -> None:
    assert erp.post(path(order), {"send_receipt": False}).status_code == 201
    assert messages_of(order) == []


def test_nobody_is_mailed_about_a_test_order(app: Flask, erp: Integration) -> None:
    order = make_order(("CANDLE", 1), is_test=True)

    assert erp.post(path(order), {}).status_code == 201
    assert [mail for mail in messages_of(order) if mail.kind is MessageKind.WITHDRAWAL_RECEIPT] == []


def test_the_same_request_again_is_the_same_statement(erp: Integration, order: Order) -> None:
    first = erp.post(path(order), {"lines": LINES}, Idempotency_Key="one")
    again = erp.post(path(order), {"lines": LINES}, Idempotency_Key="one")

    assert first.get_json() == again.get_json()
    assert len(erp.get(path(order)).get_json()["withdrawals"]) == 1


def test_a_webhook_tells_of_the_statement_and_its_order(erp: Integration, order: Order) -> None:
    with writing():
        subscriptions.add("https://example.com/hook", [WebhookEvent.WITHDRAWAL_RECEIVED], by=ADMIN)

    stated = erp.post(path(order), {"lines": LINES}).get_json()

    db.session.rollback()
    (message,) = db.session.scalars(select(WebhookMessage)).all()
    assert message.event is WebhookEvent.WITHDRAWAL_RECEIVED
    data = json.loads(message.body)["data"]
    assert (data["order"]["number"], data["withdrawal"]) == (order.number, stated)
