"""A POST with an idempotency key is carried out once."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from tests.api.conftest import ADMIN, Integration, new_key, order_document
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import AnsweredRequest, Order
from webshop_orders.operations.audit import personal_data
from webshop_orders.outbox import retention
from webshop_orders.transactions.unit_of_work import writing


def test_a_repeated_request_gets_the_stored_response(erp: Integration) -> None:
    first = erp.post("/orders", order_document(), Idempotency_Key="key-1")
    repeated = erp.post("/orders", order_document(), Idempotency_Key="key-1")

    assert (first.status_code, repeated.status_code) == (201, 201)
    assert repeated.data == first.data
    assert {name: repeated.headers[name] for name in ("ETag", "Location", "Content-Type")} == {
        name: first.headers[name] for name in ("ETag", "Location", "Content-Type")
    }
    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_a_repeated_invalid_request_gets_the_stored_refusal(erp: Integration) -> None:
    first = erp.post("/orders", order_document(currency="kr"), Idempotency_Key="key-1")
    repeated = erp.post("/orders", order_document(currency="kr"), Idempotency_Key="key-1")
    assert (first.status_code, repeated.status_code) == (422, 422)
    assert repeated.data == first.data


def test_a_different_request_with_the_same_key_is_refused(erp: Integration) -> None:
    erp.post("/orders", order_document(), Idempotency_Key="key-1")

    assert erp.post("/orders", order_document("other"), Idempotency_Key="key-1").status_code == 422
    assert erp.post("/orders/WS-100001/cancellation", Idempotency_Key="key-1").status_code == 422
    assert db.session.scalars(select(Order.external_reference)).all() == ["wc-10248"]


def test_two_integrations_may_use_the_same_key(app: Flask, erp: Integration) -> None:
    other = Integration(app.test_client(), new_key("other"))
    assert erp.post("/orders", order_document("a"), Idempotency_Key="1").status_code == 201
    assert other.post("/orders", order_document("b"), Idempotency_Key="1").status_code == 201


def test_a_repeated_request_is_refused_while_the_first_is_running(erp: Integration) -> None:
    erp.post("/orders", order_document(), Idempotency_Key="key-1")
    with writing():
        db.session.execute(update(AnsweredRequest).values(status=None, body=None))

    assert erp.post("/orders", order_document(), Idempotency_Key="key-1").status_code == 409

    with time_machine.travel(now() + timedelta(minutes=3)):
        retried = erp.post("/orders", order_document(), Idempotency_Key="key-1")
    assert retried.status_code == 200
    assert db.session.scalar(select(func.count(Order.id))) == 1


def test_a_response_is_stored_for_a_day(erp: Integration) -> None:
    erp.post("/orders", order_document(), Idempotency_Key="key-1")
    with time_machine.travel(now() + timedelta(hours=25)):
        assert erp.post("/orders", order_document("later"), Idempotency_Key="key-1").status_code == 201
        retention.delete_expired()
        assert len(db.session.scalars(select(AnsweredRequest)).all()) == 1
    with time_machine.travel(now() + timedelta(hours=50)):
        retention.delete_expired()
        assert db.session.scalars(select(AnsweredRequest)).all() == []


def test_a_request_that_failed_with_a_server_error_can_be_retried(
    erp: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webshop_orders.errors import Busy

    def raise_busy(*_ignored: object, **_named: object) -> None:
        raise Busy("later")

    with monkeypatch.context() as patch:
        patch.setattr("webshop_orders.transactions.order_intake.place_once", raise_busy)
        response = erp.post("/orders", order_document(), Idempotency_Key="key-1")
        assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert erp.post("/orders", order_document(), Idempotency_Key="key-1").status_code == 201


@pytest.mark.parametrize("key", ["", "å", "x" * 256, "a b"])
def test_an_invalid_key_is_refused(erp: Integration, key: str) -> None:
    assert erp.post("/orders", order_document(), Idempotency_Key=key).status_code == 422


def test_stored_responses_about_an_order_are_deleted_when_its_customer_is_erased(erp: Integration) -> None:
    """This includes responses that do not contain the order, such as the one to a comment."""
    customer = {"name": "Bo Ek", "email": "bo@example.com"}
    document = order_document(customer=customer, shipped_at="2026-11-23T09:14:00Z")
    number = erp.post("/orders", document, Idempotency_Key="placed").json["number"]
    erp.post(f"/orders/{number}/comments", {"text": "Ring efter fem"}, Idempotency_Key="comment")
    other = erp.post("/orders", order_document("another"), Idempotency_Key="other").json["number"]
    assert other != number
    with writing():
        personal_data.erase("bo@example.com", by=ADMIN)
    assert db.session.scalars(select(AnsweredRequest.key)).all() == ["other"]
