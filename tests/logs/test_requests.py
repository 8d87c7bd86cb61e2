"""Each request has an id, which its response names, and one line in the log."""

import logging
import re

import pytest
from flask import Flask

from tests.api.conftest import Integration, new_key
from tests.logs.captured import Log
from tests.web.conftest import HTMX, SWEDISH, Browser, on_sqlite
from webshop_orders.models import Order

pytestmark = on_sqlite
GIVEN = "3f2a9c-from.the_proxy"
TYPED = "asa@example.com"


@pytest.fixture
def failing(app: Flask) -> Flask:
    def fail(**values: object) -> str:
        raise ValueError(TYPED)

    app.view_functions["products.search"] = fail
    app.view_functions["api.products.search"] = fail
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def test_each_response_names_an_id_of_its_own(nobody: Browser) -> None:
    ids = [nobody.get(path).headers["X-Request-Id"] for path in ("/login", "/login", "/nowhere", "/orders/WS-1")]
    assert all(re.fullmatch("[0-9a-f]{32}", request_id) for request_id in ids)
    assert len(set(ids)) == 4


def test_an_id_is_not_taken_from_a_client(nobody: Browser) -> None:
    answer = nobody.client.get("/login", headers={"X-Request-Id": GIVEN})
    assert answer.headers["X-Request-Id"] != GIVEN


def test_an_id_is_taken_from_a_trusted_proxy(app: Flask, nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_PROXIES", 1)
    answer = nobody.client.get("/login", headers={"X-Request-Id": GIVEN})
    assert answer.headers["X-Request-Id"] == GIVEN


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space in it", "åäöåäöåäö", "<script>alert</script>"])
def test_what_is_no_id_is_replaced(app: Flask, nobody: Browser, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_PROXIES", 1)
    answer = nobody.client.get("/login", headers={"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])


def test_a_request_is_one_line(staff: Browser, order: Order, log: Log) -> None:
    answer = staff.get(f"/orders/{order.number}/shipping?q=Åsa")
    answer.close()
    (line,) = log.requests()
    assert line.pop("ms") >= 0
    assert line.pop("user") > 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "event": "request",
        "method": "GET",
        "status": 200,
        "route": "/orders/<number:number>/<tab>",
        "order": order.number,
        "request_id": answer.headers["X-Request-Id"],
        "logger": "webshop_orders.logs.requests",
    }


def test_an_address_is_logged_without_what_may_be_secret_in_it(nobody: Browser, log: Log) -> None:
    for path in (
        "/password/secret-token",
        "/login/secret-token",
        "/secret-token",
        "/login?next=/orders?q=secret-token",
    ):
        nobody.client.get(path, headers=SWEDISH).close()
    assert len(log.requests()) == 4
    assert "secret" not in log.text


def test_a_request_of_an_integration_names_its_key(app: Flask, log: Log) -> None:
    erp = Integration(app.test_client(), new_key())
    erp.get("/orders").close()
    (line,) = log.requests()
    assert line["api_key"] > 0
    assert "user" not in line


def test_a_probe_that_succeeds_is_no_line(app: Flask, log: Log) -> None:
    app.test_client().get("/healthz").close()
    assert log.text == ""


def test_at_a_higher_level_requests_are_not_logged(nobody: Browser, log: Log) -> None:
    logging.getLogger("webshop_orders").setLevel(logging.WARNING)
    answer = nobody.client.get("/login")
    answer.close()
    assert log.text == ""
    assert answer.headers["X-Request-Id"]


def test_a_long_response_is_logged_when_it_ends(staff: Browser, order: Order, log: Log) -> None:
    answer = staff.client.get("/orders.csv", headers=SWEDISH)
    assert order.number in answer.text
    answer.close()
    (line,) = log.requests()
    assert line["status"] == 200


def test_an_unexpected_error_is_logged_once_and_its_page_names_the_id(failing: Flask, staff: Browser, log: Log) -> None:
    for headers in (SWEDISH, {**SWEDISH, **HTMX}):
        before = len(log.lines)
        answer = staff.client.get("/products?q=secret", headers=headers)
        answer.close()
        error, line = log.lines[before:]
        assert error["request_id"] == line["request_id"] == answer.headers["X-Request-Id"]
        assert f'Anrops-id <code class="request-id">{line["request_id"]}</code>' in answer.text
        assert error["level"] == "error"
        assert error["route"] == line["route"] == "/products"
        assert error["traceback"].count("Traceback") == 0
        assert "in fail" in error["traceback"]
        assert (line["level"], line["status"]) == ("warning", 500)
    assert TYPED not in log.text
    assert "secret" not in log.text


def test_a_problem_of_the_api_names_the_id(failing: Flask, log: Log) -> None:
    erp = Integration(failing.test_client(), new_key())
    for path, status in (("/nothing", 404), ("/orders?limit=x", 422), ("/orders/WS-0", 404)):
        answer = erp.get(path)
        assert answer.status_code == status
        assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


def test_a_page_that_is_not_there_names_the_id_and_its_toast_does_not(staff: Browser) -> None:
    page = staff.get("/nowhere")
    assert page.headers["X-Request-Id"] in page.text
    toast = staff.get("/nowhere", htmx=True)
    assert toast.headers["X-Request-Id"] not in toast.text
