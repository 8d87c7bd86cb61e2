"""Access to the API: keys, scopes and request allowances."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from tests.api.conftest import Integration, new_key, order_document
from webshop_orders.db.extensions import db
from webshop_orders.models import ApiKey, Event, Order, Scope
from webshop_orders.operations.settings import api_keys
from webshop_orders.transactions.unit_of_work import writing


def integration_with(app: Flask, token: str | None) -> Integration:
    return Integration(app.test_client(), token)


@pytest.mark.parametrize(
    "token", [None, "", "wso_nothing", "Bearer", "é", "x" * 100_000], ids=lambda value: repr(value)[:12]
)
def test_a_request_without_a_valid_key_is_refused(app: Flask, token: str | None) -> None:
    integration = integration_with(app, token)

    for response in (integration.get("/orders"), integration.post("/orders", order_document())):
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert db.session.scalars(select(Order)).all() == []


def test_a_revoked_key_is_refused_at_once(app: Flask) -> None:
    erp = integration_with(app, new_key())
    assert erp.get("/orders").status_code == 200

    with writing():
        api_keys.revoke(db.session.scalars(select(ApiKey.id)).one())

    assert erp.get("/orders").status_code == 401


def test_the_key_may_be_sent_as_the_password_of_basic_authentication(app: Flask) -> None:
    token = new_key()
    basic = b64encode(f"erp:{token}".encode()).decode()

    assert integration_with(app, None).get("/orders", Authorization=f"Basic {basic}").status_code == 200
    for malformed in ("Basic", "Basic %%%", f"Basic {b64encode(b'erp').decode()}", "Digest x"):
        assert integration_with(app, None).get("/orders", Authorization=malformed).status_code == 401


REQUIRED_SCOPES = [
    ("GET", "/orders", Scope.ORDERS_READ),
    ("GET", "/orders/WS-1", Scope.ORDERS_READ),
    ("GET", "/products", Scope.ORDERS_READ),
    ("GET", "/products/A", Scope.ORDERS_READ),
    ("POST", "/orders", Scope.ORDERS_WRITE),
    ("PATCH", "/orders/WS-1", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/lines", Scope.ORDERS_WRITE),
    ("PATCH", "/orders/WS-1/lines/1", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/plan", Scope.SHIPMENTS_WRITE),
    ("POST", "/orders/WS-1/comments", Scope.ORDERS_WRITE),
    ("GET", "/orders/WS-1/withdrawals", Scope.ORDERS_READ),
    ("POST", "/orders/WS-1/withdrawals", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/hold", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/release", Scope.ORDERS_WRITE),
    ("PUT", "/orders/WS-1/whole-delivery", Scope.ORDERS_WRITE),
    ("PUT", "/orders/WS-1/priority", Scope.ORDERS_WRITE),
    ("GET", "/orders/WS-1/refunds/1/credit-note.pdf", Scope.ORDERS_READ),
    ("GET", "/orders/WS-1/refunds", Scope.ORDERS_READ),
    ("POST", "/orders/WS-1/refunds", Scope.PAYMENTS_WRITE),
    ("POST", "/orders/WS-1/refunds/1/done", Scope.PAYMENTS_WRITE),
    ("POST", "/orders/WS-1/refunds/1/cancellation", Scope.PAYMENTS_WRITE),
    ("GET", "/orders/WS-1/payments", Scope.ORDERS_READ),
    ("POST", "/orders/WS-1/payments", Scope.PAYMENTS_WRITE),
    ("POST", "/orders/WS-1/cancellation", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/restoration", Scope.ORDERS_WRITE),
    ("GET", "/orders/WS-1/returns", Scope.ORDERS_READ),
    ("POST", "/orders/WS-1/returns", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/returns/1/receipt", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/returns/1/closing", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/deliveries", Scope.SHIPMENTS_WRITE),
    ("PATCH", "/shipments/WS-1-1", Scope.SHIPMENTS_WRITE),
    ("GET", "/shipments/WS-1-1/packing-slip.pdf", Scope.ORDERS_READ),
    ("POST", "/shipments/WS-1-1/split", Scope.SHIPMENTS_WRITE),
    ("PUT", "/products/A", Scope.PRODUCTS_WRITE),
    ("PATCH", "/products/A", Scope.PRODUCTS_WRITE),
    ("GET", "/products/A/movements", Scope.ORDERS_READ),
    ("POST", "/products/A/movements", Scope.PRODUCTS_WRITE),
    ("POST", "/products/A/counts", Scope.PRODUCTS_WRITE),
    ("POST", "/products/stock", Scope.PRODUCTS_WRITE),
    ("GET", "/incoming-deliveries", Scope.ORDERS_READ),
    ("POST", "/incoming-deliveries", Scope.PRODUCTS_WRITE),
    ("GET", "/incoming-deliveries/1", Scope.ORDERS_READ),
    ("PATCH", "/incoming-deliveries/1", Scope.PRODUCTS_WRITE),
    ("DELETE", "/incoming-deliveries/1", Scope.PRODUCTS_WRITE),
    ("POST", "/incoming-deliveries/1/receipt", Scope.PRODUCTS_WRITE),
]


def test_every_operation_requires_its_scope(app: Flask) -> None:
    integrations = {scope: integration_with(app, new_key(scope.value, (scope,))) for scope in Scope}

    for method, path, required_scope in REQUIRED_SCOPES:
        for scope, integration in integrations.items():
            is_allowed = scope is required_scope or (
                required_scope is Scope.ORDERS_READ and scope is Scope.ORDERS_WRITE
            )
            response = integration.ask(method, path, {} if method != "GET" else None)
            assert (response.status_code != 403) == is_allowed, (method, path, scope)
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert len(rules) == len({path for _method, path, _scope in REQUIRED_SCOPES})


def test_only_a_digest_of_the_key_is_stored(app: Flask) -> None:
    token = new_key()

    key = db.session.scalars(select(ApiKey)).one()
    stored_values = [str(getattr(key, column.key)) for column in ApiKey.__table__.columns]
    assert token not in "".join(stored_values)
    assert token.startswith(key.hint)


def test_the_name_of_the_key_is_the_actor_in_the_history(app: Flask) -> None:
    integration_with(app, new_key("Fortnox")).post("/orders", order_document())

    event = db.session.scalars(select(Event)).one()
    assert (event.actor_name, event.actor_kind.value) == ("Fortnox", "integration")


def test_requests_beyond_the_allowance_are_refused_until_the_next_minute(app: Flask) -> None:
    app.config["API_REQUESTS_PER_MINUTE"] = 40
    erp, other = integration_with(app, new_key("ERP")), integration_with(app, new_key("WMS"))
    with time_machine.travel(datetime(2026, 11, 23, 10, 0, 15, tzinfo=UTC), tick=False):
        statuses = [erp.get("/orders").status_code for _ in range(45)]
        refusal = erp.get("/orders")
        assert other.get("/orders").status_code == 200
    assert statuses == [200] * 40 + [429] * 5
    assert refusal.headers["Retry-After"] == "45"
    with time_machine.travel(datetime(2026, 11, 23, 10, 1, 1, tzinfo=UTC), tick=False):
        assert erp.get("/orders").status_code == 200


def test_all_processes_share_one_allowance(app: Flask) -> None:
    app.config["API_REQUESTS_PER_MINUTE"] = 40
    erp = integration_with(app, new_key())
    with time_machine.travel(datetime(2026, 11, 23, 10, 0, tzinfo=UTC), tick=False):
        assert erp.get("/orders").status_code == 200
        with writing():  # the allowance that other processes have reserved meanwhile
            db.session.execute(update(ApiKey).values(used_in_window=40))
        statuses = [erp.get("/orders").status_code for _ in range(5)]
    assert statuses == [200, 429, 429, 429, 429]


def test_the_last_use_of_a_key_is_stored(app: Flask) -> None:
    erp = integration_with(app, new_key())
    assert db.session.scalars(select(ApiKey.last_used_at)).one() is None
    db.session.rollback()
    erp.get("/orders")
    assert db.session.scalars(select(ApiKey.last_used_at)).one() is not None
