"""Who may speak to the API: keys, scopes and allowances."""

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


def stranger(app: Flask, token: str | None) -> Integration:
    return Integration(app.test_client(), token)


@pytest.mark.parametrize(
    "token", [None, "", "wso_nothing", "Bearer", "é", "x" * 100_000], ids=lambda one: repr(one)[:12]
)
def test_without_a_known_key_nothing_is_read_or_changed(app: Flask, token: str | None) -> None:
    nobody = stranger(app, token)

    for answer in (nobody.get("/orders"), nobody.post("/orders", order_document())):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert db.session.scalars(select(Order)).all() == []


def test_a_revoked_key_opens_nothing_at_once(app: Flask) -> None:
    erp = stranger(app, new_key())
    assert erp.get("/orders").status_code == 200

    with writing():
        api_keys.revoke(db.session.scalars(select(ApiKey.id)).one())

    assert erp.get("/orders").status_code == 401


def test_the_key_can_come_as_the_password_of_basic(app: Flask) -> None:
    token = new_key()
    basic = b64encode(f"erp:{token}".encode()).decode()

    assert stranger(app, None).get("/orders", Authorization=f"Basic {basic}").status_code == 200
    for broken in ("Basic", "Basic %%%", f"Basic {b64encode(b'erp').decode()}", "Digest x"):
        assert stranger(app, None).get("/orders", Authorization=broken).status_code == 401


NEEDED = [
    ("GET", "/orders", Scope.ORDERS_READ),
    ("GET", "/orders/WS-1", Scope.ORDERS_READ),
    ("GET", "/products", Scope.ORDERS_READ),
    ("GET", "/products/A", Scope.ORDERS_READ),
    ("POST", "/orders", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/comments", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/cancellation", Scope.ORDERS_WRITE),
    ("POST", "/orders/WS-1/deliveries", Scope.SHIPMENTS_WRITE),
    ("PATCH", "/shipments/WS-1-1", Scope.SHIPMENTS_WRITE),
    ("POST", "/shipments/WS-1-1/split", Scope.SHIPMENTS_WRITE),
    ("PUT", "/products/A", Scope.PRODUCTS_WRITE),
    ("PATCH", "/products/A", Scope.PRODUCTS_WRITE),
    ("POST", "/products/stock", Scope.PRODUCTS_WRITE),
]


def test_every_address_is_open_to_its_scope_alone(app: Flask) -> None:
    holders = {scope: stranger(app, new_key(scope.value, (scope,))) for scope in Scope}

    for method, path, needed in NEEDED:
        for scope, holder in holders.items():
            may = scope is needed or (needed is Scope.ORDERS_READ and scope is Scope.ORDERS_WRITE)
            answer = holder.ask(method, path, {} if method != "GET" else None)
            assert (answer.status_code != 403) == may, (method, path, scope)
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert len(rules) == len({path for _method, path, _scope in NEEDED})


def test_the_key_is_shown_once_and_kept_as_a_digest_alone(app: Flask) -> None:
    token = new_key()

    key = db.session.scalars(select(ApiKey)).one()
    kept = [str(getattr(key, column.key)) for column in ApiKey.__table__.columns]
    assert token not in "".join(kept)
    assert token.startswith(key.hint)


def test_the_name_of_the_key_is_the_actor_in_the_history(app: Flask) -> None:
    stranger(app, new_key("Fortnox")).post("/orders", order_document())

    event = db.session.scalars(select(Event)).one()
    assert (event.actor_name, event.actor_kind.value) == ("Fortnox", "integration")


def test_who_asks_too_often_waits_for_the_next_minute(app: Flask) -> None:
    app.config["API_REQUESTS_PER_MINUTE"] = 40
    erp, other = stranger(app, new_key("ERP")), stranger(app, new_key("WMS"))
    with time_machine.travel(datetime(2026, 11, 23, 10, 0, 15, tzinfo=UTC), tick=False):
        answers = [erp.get("/orders").status_code for _ in range(45)]
        refused = erp.get("/orders")
        assert other.get("/orders").status_code == 200
    assert answers == [200] * 40 + [429] * 5
    assert refused.headers["Retry-After"] == "45"
    with time_machine.travel(datetime(2026, 11, 23, 10, 1, 1, tzinfo=UTC), tick=False):
        assert erp.get("/orders").status_code == 200


def test_the_allowance_is_one_for_all_processes(app: Flask) -> None:
    app.config["API_REQUESTS_PER_MINUTE"] = 40
    erp = stranger(app, new_key())
    with time_machine.travel(datetime(2026, 11, 23, 10, 0, tzinfo=UTC), tick=False):
        assert erp.get("/orders").status_code == 200
        with writing():  # what other processes have drawn meanwhile
            db.session.execute(update(ApiKey).values(used_in_window=40))
        answers = [erp.get("/orders").status_code for _ in range(5)]
    assert answers == [200, 429, 429, 429, 429]


def test_when_a_key_was_last_used_is_kept(app: Flask) -> None:
    erp = stranger(app, new_key())
    assert db.session.scalars(select(ApiKey.last_used_at)).one() is None
    db.session.rollback()
    erp.get("/orders")
    assert db.session.scalars(select(ApiKey.last_used_at)).one() is not None
