"""Nothing personal is in the log of what is done without a browser; tests/browser does the same with one."""

import json
import threading
from pathlib import Path

from flask import Flask

from tests.api.conftest import Integration, new_key, order_document
from tests.cli.test_commands import run
from tests.connectors.importing.test_json_lines import document
from tests.factories import make_user, reshape_shop
from tests.logs.captured import Log, leaks, personal_data
from tests.outbox.conftest import post  # noqa: F401
from tests.outbox.servers import Post
from tests.web.conftest import SWEDISH, Browser
from webshop_orders.db.extensions import db
from webshop_orders.outbox import worker

EMAIL, PHONE = "asa@example.com", "+46701234567"


def work(app: Flask) -> None:
    db.session.rollback()
    worker.run(app, threading.Event(), once=True)
    db.session.rollback()


def test_api_import_mails_and_errors_leave_no_personal_data(
    app: Flask,
    post: Post,  # noqa: F811
    nobody: Browser,
    staff: Browser,
    tmp_path: Path,
    log: Log,
) -> None:
    app.config.update(BASE_URL="http://localhost", PROPAGATE_EXCEPTIONS=False)
    reshape_shop(mail_grace_seconds=0)
    make_user("bo.ek@shop.example", name="Bo Ekelund")
    post.to_recipient[EMAIL] = f"550 5.1.1 <{EMAIL}>: Recipient address rejected"
    key = new_key()
    erp = Integration(app.test_client(), key)

    number = erp.post("/orders", order_document()).get_json()["number"]
    erp.post("/orders", order_document("wc-2", customer={"name": "Åsa Öberg", "email": "no address"}))
    erp.get(f"/orders?q={EMAIL}")
    erp.get(f"/nothing/{EMAIL}")
    Integration(app.test_client(), "no-such-key-of-asa").get("/orders")
    file = tmp_path / "orders.jsonl"
    wrong = {**document("2"), "customer": {"name": "Åsa Öberg", "phone": PHONE * 10}}
    file.write_text("".join(json.dumps(one) + "\n" for one in (document("1"), wrong)), encoding="utf-8")
    run(app, "import", str(file))
    for path in (f"/orders?q={EMAIL}", f"/asa/{EMAIL}", f"/orders/{number}/customer", "/login/token-of-asa-0123456789"):
        staff.client.get(path, headers=SWEDISH).close()
    nobody.fill_in("/login", email="bo.ek@shop.example", password="fel lösenord")
    nobody.fill_in("/forgotten", email="bo.ek@shop.example")
    app.view_functions["orders.index"] = lambda: int(EMAIL)
    assert staff.client.get(f"/orders?q={PHONE}", headers=SWEDISH).status_code == 500
    work(app)

    personal = personal_data() | {key, "no-such-key-of-asa", "token-of-asa-0123456789", PHONE, "fel lösenord"}
    assert {"Åsa Öberg", "Ekelund", EMAIL, PHONE, "Storgatan 1"} <= personal
    assert leaks(log.text, personal) == set()
    assert {line["event"] for line in log.lines} >= {"request", "mail", "job", "a request failed unexpectedly"}


def test_a_search_of_the_log_finds_what_is_there() -> None:
    text = 'event="Hej Åsa" order=WS-1 to=bo@example.com Holmen'
    assert leaks(text, {"Åsa", "Holm", "Bo Ek"}) == {"Åsa", "bo@example.com"}
