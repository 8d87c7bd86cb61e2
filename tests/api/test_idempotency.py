"""A POST that names itself is carried out once."""

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


def test_the_same_request_is_answered_alike(erp: Integration) -> None:
    first = erp.post("/orders", order_document(), Idempotency_Key="key-1")
    again = erp.post("/orders", order_document(), Idempotency_Key="key-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert {name: again.headers[name] for name in ("ETag", "Location", "Content-Type")} == {
        name: first.headers[name] for name in ("ETag", "Location", "Content-Type")
    }
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_a_refusal_is_answered_alike_too(erp: Integration) -> None:
    first = erp.post("/orders", order_document(currency="kr"), Idempotency_Key="key-1")
    again = erp.post("/orders", order_document(currency="kr"), Idempotency_Key="key-1")
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.data == first.data


def test_another_request_with_the_same_key_is_refused(erp: Integration) -> None:
    erp.post("/orders", order_document(), Idempotency_Key="key-1")

    assert erp.post("/orders", order_document("other"), Idempotency_Key="key-1").status_code == 422
    assert erp.post("/orders/WS-100001/cancellation", Idempotency_Key="key-1").status_code == 422
    assert db.session.scalars(select(Order.external_reference)).all() == ["wc-10248"]


def test_two_integrations_may_use_the_same_key(app: Flask, erp: Integration) -> None:
    other = Integration(app.test_client(), new_key("other"))
    assert erp.post("/orders", order_document("a"), Idempotency_Key="1").status_code == 201
    assert other.post("/orders", order_document("b"), Idempotency_Key="1").status_code == 201


def test_a_request_that_is_being_carried_out_is_told_so(erp: Integration) -> None:
    erp.post("/orders", order_document(), Idempotency_Key="key-1")
    with writing():
        db.session.execute(update(AnsweredRequest).values(status=None, body=None))

    assert erp.post("/orders", order_document(), Idempotency_Key="key-1").status_code == 409

    with time_machine.travel(now() + timedelta(minutes=3)):
        taken_up = erp.post("/orders", order_document(), Idempotency_Key="key-1")
    assert taken_up.status_code == 200
    assert db.session.scalar(select(func.count(Order.id))) == 1


def test_an_answer_is_kept_for_a_day(erp: Integration) -> None:
    erp.post("/orders", order_document(), Idempotency_Key="key-1")
    with time_machine.travel(now() + timedelta(hours=25)):
        assert erp.post("/orders", order_document("later"), Idempotency_Key="key-1").status_code == 201
        retention.delete_expired()
        assert len(db.session.scalars(select(AnsweredRequest)).all()) == 1
    with time_machine.travel(now() + timedelta(hours=50)):
        retention.delete_expired()
        assert db.session.scalars(select(AnsweredRequest)).all() == []


def test_what_failed_on_our_side_can_be_tried_again(erp: Integration, monkeypatch: pytest.MonkeyPatch) -> None:
    from webshop_orders.errors import Busy

    def busy(*_ignored: object, **_named: object) -> None:
        raise Busy("later")

    with monkeypatch.context() as patch:
        patch.setattr("webshop_orders.transactions.order_intake.place_once", busy)
        answer = erp.post("/orders", order_document(), Idempotency_Key="key-1")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert erp.post("/orders", order_document(), Idempotency_Key="key-1").status_code == 201


@pytest.mark.parametrize("key", ["", "å", "x" * 256, "a b"])
def test_a_key_that_is_none_is_refused(erp: Integration, key: str) -> None:
    assert erp.post("/orders", order_document(), Idempotency_Key=key).status_code == 422


def test_what_was_answered_about_an_order_is_forgotten_with_its_customer(erp: Integration) -> None:
    """Also where the answer does not name the order, as that to a comment."""
    customer = {"name": "Bo Ek", "email": "bo@example.com"}
    document = order_document(customer=customer, shipped_at="2026-11-23T09:14:00Z")
    number = erp.post("/orders", document, Idempotency_Key="placed").json["number"]
    erp.post(f"/orders/{number}/comments", {"text": "Ring efter fem"}, Idempotency_Key="comment")
    other = erp.post("/orders", order_document("another"), Idempotency_Key="other").json["number"]
    assert other != number
    with writing():
        personal_data.erase("bo@example.com", by=ADMIN)
    assert db.session.scalars(select(AnsweredRequest.key)).all() == ["other"]
