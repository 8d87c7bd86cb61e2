"""The example of a payment system, against the order desk over HTTP: a refund is done once, whatever is told twice."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from examples.payment_simulator import PaymentSystem
from tests.api.conftest import ADMIN, new_key
from tests.factories import make_order
from tests.operations.steps import changing, kinds_of, read
from tests.wsgi_server import WsgiServer
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, Payment
from webshop_orders.models import Actor, EventKind, Order, RefundState, WebhookEvent, WebhookMessage
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.transactions.unit_of_work import writing

LAMP = NewLine(sku="LYKTA", name="Lykta", quantity=2, unit_price=10_000, vat_rate=2_500)


@pytest.fixture
def desk(app: Flask) -> Iterator[str]:
    app.config["WEBHOOKS_TO_PRIVATE"] = True
    server = WsgiServer(app)
    yield server.url
    server.stop()


@pytest.fixture
def secret(app: Flask) -> str:
    app.config["WEBHOOKS_TO_PRIVATE"] = True
    with writing():
        return subscriptions.add("http://127.0.0.1:8082/", [WebhookEvent.REFUND_REQUESTED], by=ADMIN).secret


def requested(anna: Actor) -> Order:
    order = make_order(lines=[LAMP], payment=Payment(method="card", paid=20_000))
    with changing(order, anna) as current:
        (line,) = current.lines
        refunds.request(current, RequestedRefund(lines={line.id: 1}), by=anna)
    return order


def told() -> str:
    db.session.rollback()
    return db.session.scalars(select(WebhookMessage.body)).one()


def headers_of(body: str, secret: str) -> dict[str, str]:
    at = datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", at, body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def test_a_requested_refund_is_given_back_once_and_told(desk: str, secret: str, anna: Actor) -> None:
    order = requested(anna)
    system, body = PaymentSystem(desk, new_key(), secret), told()
    for _turn in range(2):
        assert system.receive(body.encode(), headers_of(body, secret)) == 204
    assert system.refunded == {(order.number, 1): 10_000}
    (refund,) = read(order).refunds
    assert (refund.state, refund.reference) == (RefundState.DONE, f"re-{order.number}-1")
    assert (read(order).paid, read(order).refunded) == (10_000, 10_000)
    assert kinds_of(order).count(EventKind.REFUND_DONE) == 1


def test_a_call_that_is_signed_by_somebody_else_gives_nothing_back(desk: str, secret: str, anna: Actor) -> None:
    order = requested(anna)
    system, body = PaymentSystem(desk, new_key(), secret), told()
    headers = {**headers_of(body, secret), "webhook-signature": "v1,AAAA"}
    assert system.receive(body.encode(), headers) == 401
    assert system.refunded == {}
    assert read(order).refunds[0].state is RefundState.REQUESTED
