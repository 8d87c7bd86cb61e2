"""An integration with a key, which sees every answer for what the API promises of it."""

import json
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webshop_orders.models import Actor, ActorKind, Scope
from webshop_orders.operations.settings import api_keys
from webshop_orders.transactions.unit_of_work import writing

ADMIN = Actor(ActorKind.STAFF, "Anna Lind")
PROBLEM = {"type", "title", "status", "detail", "errors", "request_id"}
# A change that is read as text keeps what Python's own encoder would refuse or make nicer.
Body = dict[str, Any] | list[Any] | str | bytes | None


def new_key(name: str = "ERP", scopes: tuple[Scope, ...] = tuple(Scope)) -> str:
    with writing():
        return api_keys.create(name, scopes, by=ADMIN)[1]


class Integration:
    """A program that speaks to the API with a key; every refusal it gets is a documented problem."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self.client = client
        self.token = token

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Body = None, **headers: str) -> TestResponse:
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body: Body, **headers: str) -> TestResponse:
        return self.ask("PUT", path, body, **headers)

    def patch(self, path: str, body: Body, **headers: str) -> TestResponse:
        return self.ask("PATCH", path, body, **headers)

    def ask(self, method: str, path: str, body: Body = None, **headers: str) -> TestResponse:
        text = body if isinstance(body, str | bytes | None) else json.dumps(body)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if text is not None:
            sent.setdefault("Content-Type", "application/json")
        answer = Context().run(self.client.open, f"/api/v1{path}", method=method, data=text, headers=sent)
        check(answer)
        return answer


def check(answer: TestResponse) -> None:
    """See that an answer is one that a program can read: JSON, a PDF file, or a problem as RFC 9457 has it."""
    assert answer.status_code < 500 or answer.status_code in (501, 503), answer.text
    assert "Set-Cookie" not in answer.headers
    if answer.status_code < 400:
        assert answer.mimetype in ("application/json", "application/pdf"), answer.text
        return
    assert answer.mimetype == "application/problem+json", answer.text
    problem = answer.get_json(force=True)
    assert set(problem) <= PROBLEM
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    for error in problem.get("errors", []):
        assert set(error) == {"pointer", "detail"}


def pointers(answer: TestResponse) -> list[str]:
    """Which fields a refusal names."""
    return [error["pointer"] for error in answer.get_json(force=True).get("errors", [])]


@pytest.fixture
def erp(app: Flask) -> Integration:
    """An integration that may do everything."""
    return Integration(app.test_client(), new_key())


def order_document(reference: str = "wc-10248", **changes: Any) -> dict[str, Any]:
    return {
        "external_reference": reference,
        "placed_at": "2026-11-20T09:14:00Z",
        "currency": "SEK",
        "language": "sv",
        "prices_include_vat": True,
        "customer": {"name": "Åsa Öberg", "email": "asa@example.com", "phone": "+46701234567"},
        "billing_address": {
            "name": "Åsa Öberg",
            "street": "Storgatan 1",
            "postal_code": "972 31",
            "city": "Luleå",
            "country": "SE",
        },
        "payment": {"method": "invoice", "paid": 0},
        "shipping": {"method": "PostNord MyPack", "price": 4900, "vat_rate": 2500},
        "lines": [
            {"sku": "LJUS-12", "name": "Stearinljus", "quantity": 3, "unit_price": 19900, "vat_rate": 2500},
            {"sku": "KAN-02", "name": "Ljusstake", "quantity": 2, "unit_price": 29900, "vat_rate": 2500},
        ],
        **changes,
    }
