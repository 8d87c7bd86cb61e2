"""/metrics: who may read it, and that it answers without a database."""

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from tests.web.conftest import Browser, on_sqlite
from tests.web.http.test_unavailable import failing

TOKEN = "kA9_mEtRiCs-Zq7uB3xN5tR1wP8sY2"
REMOTE = "203.0.113.9"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

pytestmark = on_sqlite


def read(app: Flask, address: str = "127.0.0.1", **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/metrics", headers=sent, environ_overrides={"REMOTE_ADDR": address})


def names(answer: TestResponse) -> set[str]:
    return {family.name for family in text_string_to_metric_families(answer.text)}


def test_another_machine_is_refused_and_told_what_to_set(app: Flask) -> None:
    answer = read(app, REMOTE, Accept_Language="en")
    assert (answer.status_code, answer.mimetype) == (403, "text/plain")
    assert answer.text == "The metrics are for this machine alone. For others, set WEBSHOP_ORDERS_METRICS_TOKEN.\n"


def test_a_refusal_is_in_swedish_for_whom_reads_swedish(app: Flask) -> None:
    assert read(app, REMOTE, Accept_Language="sv").text.startswith("Mätvärdena är bara för den här datorn.")
    app.config["METRICS_TOKEN"] = TOKEN
    assert read(app, REMOTE, Accept_Language="sv").text.startswith("Mätvärdena är för den som skickar")


@pytest.mark.parametrize(
    "sent",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \xe5\xe4"],
)
def test_another_machine_without_the_token_is_refused(app: Flask, sent: str) -> None:
    app.config["METRICS_TOKEN"] = TOKEN
    answer = read(app, REMOTE, Authorization=sent)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "webshop_orders_" not in answer.text


@pytest.mark.parametrize("name", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"])
def test_what_a_proxy_on_this_machine_passes_on_is_refused(app: Flask, name: str) -> None:
    assert read(app, **{name: "127.0.0.1"}).status_code == 403


def test_what_a_proxy_on_this_machine_passes_on_under_our_name_is_refused(app: Flask) -> None:
    app.config["OWN_HOSTS"] = ("desk.example.com", "127.0.0.1", "localhost")
    assert read(app, Host="desk.example.com").status_code == 403
    assert read(app, Host="127.0.0.1:8000").status_code == 200


@pytest.mark.own_app
def test_a_trusted_proxy_does_not_make_clients_local(app: Flask) -> None:
    from werkzeug.middleware.proxy_fix import ProxyFix

    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    assert read(app, REMOTE, X_Forwarded_For="127.0.0.1", X_Forwarded_Host="localhost").status_code == 403
    assert read(app, X_Forwarded_For=REMOTE).status_code == 403


def test_a_user_who_is_signed_in_elsewhere_is_not_let_in(app: Flask, admin: Browser) -> None:
    assert admin.client.get("/metrics", environ_overrides={"REMOTE_ADDR": REMOTE}).status_code == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_a_program_on_this_machine_reads_them(app: Flask, address: str) -> None:
    answer = read(app, address)
    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert {"webshop_orders_build_info", "webshop_orders_outbox_waiting"} <= names(answer)
    assert answer.headers["Cache-Control"] == "no-store"


def test_another_machine_with_the_token_reads_them(app: Flask) -> None:
    app.config["METRICS_TOKEN"] = TOKEN
    assert "webshop_orders_build_info" in names(read(app, REMOTE, **BEARER))
    assert read(app, REMOTE, Authorization=f"bearer {TOKEN}").status_code == 200
    assert read(app).status_code == 200


def test_without_a_database_they_say_that_it_does_not_answer(app: Flask) -> None:
    with failing("disk I/O error"):
        answer = read(app)
    assert answer.status_code == 200
    assert "webshop_orders_database_up 0.0" in answer.text.splitlines()
    assert "webshop_orders_build_info" in names(answer)
    assert "webshop_orders_mails_failed" not in names(answer)
    assert "webshop_orders_database_up 1.0" in read(app).text.splitlines()
