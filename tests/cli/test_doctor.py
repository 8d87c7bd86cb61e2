"""The doctor: one line for each diagnostic, and what to fix."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import text, update

from tests.cli.test_commands import run
from tests.factories import make_order, make_product
from tests.test_config import STRONG
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.doctor import deployment
from webshop_orders.documents.order import NewLine
from webshop_orders.jobs.inbox import compute_attention
from webshop_orders.mailing.templates.shipped_templates import source
from webshop_orders.models import (
    SYSTEM,
    BatchAction,
    BatchOrder,
    CallOutcome,
    Difference,
    DisabledReason,
    Heartbeat,
    Message,
    MessageKind,
    MessageState,
    OrderCount,
    OrderStatus,
    WebhookEvent,
)
from webshop_orders.operations import heartbeats
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.operations.batches import running, selection
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.settings import mail_templates
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.outbox.mail.smtp import mail
from webshop_orders.security.embed_hosts import LOOPBACK_HOSTS, EmbedHost
from webshop_orders.transactions.unit_of_work import editing, writing


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server(port: int) -> Iterator[int]:
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def healthy(app: Flask, mail_server: int) -> Flask:
    configure(
        app,
        MAIL_SERVER="127.0.0.1",
        MAIL_PORT=mail_server,
        BASE_URL="https://desk.example.com",
        OWN_HOSTS=("desk.example.com", *LOOPBACK_HOSTS),
        TRUSTED_PROXIES=1,
        SECRET_KEY=STRONG,
    )
    with writing():
        heartbeats.beat(heartbeats.WORKER)
    return app


def configure(app: Flask, **settings: object) -> None:
    app.config.update(settings)
    mail.init_app(app)  # Flask-Mail reads its settings once


def wrong(output: str) -> list[str]:
    """What each finding that has to be mended is about."""
    return [line[2:].partition(":")[0] for line in output.splitlines() if line[0] == "✗"]


def test_all_is_well(healthy: Flask) -> None:
    done = run(healthy, "doctor")
    assert done.exit_code == 0, done.output
    assert wrong(done.stdout) == []
    assert done.stdout.count("✓") >= 13


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("/desk", "Sökväg: den svarar under /desk, vare sig proxyn tar bort det eller inte."),
        ("/order", "Sökväg: den svarar under /order, vare sig proxyn tar bort det eller inte."),
        ("/orders", "Sökväg: även egna sidor börjar med /orders, så proxyn måste skicka det vidare."),
        ("/settings/users", "Sökväg: även egna sidor börjar med /settings/users, så proxyn måste skicka det vidare."),
        ("", None),
    ],
)
def test_what_the_proxy_may_do_with_the_path_is_told(healthy: Flask, prefix: str, said: str | None) -> None:
    healthy.config.update(URL_PREFIX=prefix)
    done = run(healthy, "doctor")
    assert done.exit_code == 0
    assert said in done.stdout if said else "Sökväg" not in done.stdout


def test_a_batch_that_no_worker_carries_out_is_to_be_mended(healthy: Flask) -> None:
    make_product("LJUS")
    order = make_order(("LJUS", 1))
    with writing():
        running.start(selection.create([order.number], by=SYSTEM), BatchAction.CANCEL, by=SYSTEM)
    assert "Omgångar" not in run(healthy, "doctor").stdout
    with writing():
        long_ago = now() - deployment.BATCHES_OVERDUE_AFTER - timedelta(seconds=1)
        db.session.execute(update(BatchOrder).values(due_at=long_ago))
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert "Omgångar: 1 order väntar på en arbetare. Starta «webshop-orders worker»." in done.stdout


def test_orders_that_are_still_to_be_looked_at_for_the_inbox_are_told(healthy: Flask) -> None:
    for _ in range(2):
        make_order(("LJUS", 1))
    assert "Inkorgen" not in run(healthy, "doctor").stdout
    with writing():
        attention.outdate()
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert (
        "Inkorgen: 2 ordrar är inte genomgångna än och kan saknas där. Starta «webshop-orders worker»." in done.stdout
    )
    compute_attention(Event())
    assert run(healthy, "doctor").exit_code == 0


def test_counts_that_nobody_adds_up_are_to_be_mended(healthy: Flask) -> None:
    with writing():
        backlog = range(deployment.MAX_WAITING_COUNTS + 1)
        db.session.add_all(OrderCount(status=OrderStatus.READY, count=0) for _ in backlog)
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert "Räknare: 5001 ändringar väntar på att räknas samman" in done.stdout
    with writing():
        order_counts.compact()
    assert run(healthy, "doctor").exit_code == 0


def test_no_mail_server_is_to_be_mended(healthy: Flask) -> None:
    configure(healthy, MAIL_SERVER=None)
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert wrong(done.stdout) == ["E-postserver"]
    assert "WEBSHOP_ORDERS_MAIL_SERVER" in done.stdout


def test_a_mail_server_that_does_not_answer_is_to_be_mended(healthy: Flask) -> None:
    configure(healthy, MAIL_PORT=1)
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert wrong(done.stdout) == ["E-postserver"]


def test_a_mail_server_without_the_encryption_that_is_asked_for_is_to_be_mended(healthy: Flask) -> None:
    configure(healthy, MAIL_USE_TLS=True)
    assert wrong(run(healthy, "doctor").stdout) == ["E-postserver"]


def test_links_that_lead_nowhere_are_to_be_mended(healthy: Flask) -> None:
    configure(healthy, BASE_URL=None)
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["Länkar"]
    assert "WEBSHOP_ORDERS_BASE_URL" in done.stdout


def test_no_sender_is_to_be_mended(healthy: Flask) -> None:
    healthy.config["MAIL_DEFAULT_SENDER"] = None
    assert wrong(run(healthy, "doctor").stdout) == ["Avsändare"]


@pytest.mark.parametrize("keys", [{"SECRET_KEY": "short"}, {"SECRET_KEY_FALLBACKS": ["x" * 50]}])
def test_a_secret_that_is_easy_to_guess_is_to_be_mended(healthy: Flask, keys: dict[str, object]) -> None:
    healthy.config.update(keys)
    assert wrong(run(healthy, "doctor").stdout) == ["Hemlighet"]


def test_a_secret_that_others_can_read_is_to_be_mended(healthy: Flask, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(STRONG)
    (tmp_path / "secret_key").chmod(0o644)
    assert wrong(run(healthy, "doctor").stdout) == ["Hemlighet"]


def test_names_that_others_cannot_reach_it_under_are_told(healthy: Flask) -> None:
    healthy.config.update(OWN_HOSTS=LOOPBACK_HOSTS, TRUSTED_PROXIES=0, BASE_URL="http://localhost:8000")
    assert "WEBSHOP_ORDERS_BASE_URL" in run(healthy, "doctor").stdout
    healthy.config["TRUSTED_PROXIES"] = 1
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["Värdnamn"]
    assert "WEBSHOP_ORDERS_BASE_URL" in done.stdout
    healthy.config["OWN_HOSTS"] = ("desk.example.com", *healthy.config["OWN_HOSTS"])
    done = run(healthy, "doctor")
    assert done.exit_code == 0
    assert "desk.example.com, localhost" in done.stdout


@pytest.mark.parametrize("trusted", [None, 0])
def test_a_proxy_that_does_tls_and_is_not_trusted_is_to_be_mended(healthy: Flask, trusted: int | None) -> None:
    healthy.config["TRUSTED_PROXIES"] = trusted
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert wrong(done.stdout) == ["Värdnamn"]
    assert "WEBSHOP_ORDERS_TRUSTED_PROXIES" in done.stdout


@pytest.mark.own_app
def test_migrations_that_are_lacking_are_to_be_carried_out(healthy: Flask) -> None:
    downgrade(revision="base")
    db.session.remove()
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert wrong(done.stdout) == ["Migreringar"]
    assert "webshop-orders serve" in done.stdout


@pytest.mark.own_app
def test_a_database_that_a_newer_version_has_migrated_is_told(healthy: Flask) -> None:
    with writing():
        db.session.execute(text("update alembic_version set version_num = '9999'"))
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["Migreringar"]
    assert "en nyare version" in done.stdout


def test_a_worker_that_does_not_run_is_to_be_started(healthy: Flask) -> None:
    with writing():
        db.session.execute(update(Heartbeat).values(seen_at=now() - heartbeats.SILENT_AFTER - timedelta(seconds=1)))
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["Arbetare"]
    assert "webshop-orders worker" in done.stdout


def test_a_worker_of_another_version_is_to_be_replaced(healthy: Flask) -> None:
    with writing():
        db.session.execute(update(Heartbeat).values(version="0.0.9"))
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["Arbetare"]
    assert "0.0.9" in done.stdout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"MAIL_USERNAME": "desk"}, "WEBSHOP_ORDERS_MAIL_PASSWORD är inte satt"),
        ({"MAIL_PASSWORD": "secret"}, "WEBSHOP_ORDERS_MAIL_USERNAME är inte satt"),
    ],
)
def test_a_sign_in_that_lacks_a_part_is_to_be_mended(healthy: Flask, settings: dict[str, str], said: str) -> None:
    configure(healthy, **settings)
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["E-postinloggning"]
    assert said in done.stdout


def test_a_password_that_travels_in_the_clear_is_to_be_mended(healthy: Flask) -> None:
    configure(healthy, MAIL_USERNAME="desk", MAIL_PASSWORD="secret")
    done = run(healthy, "doctor")
    assert "lösenordet skickas okrypterat" in done.stdout
    assert "secret" not in done.stdout


@pytest.mark.parametrize("sender", ["ingen adress", "desk@localhost", "desk@"])
def test_a_sender_that_nobody_takes_is_to_be_mended(healthy: Flask, sender: str) -> None:
    healthy.config["MAIL_DEFAULT_SENDER"] = sender
    assert wrong(run(healthy, "doctor").stdout) == ["Avsändare"]


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("{{ order.nmuber }}", "order.nmuber finns inte. Menade du order.number?"),
        ("{{ blocks.rows }}", "kan inte spåra sin försändelse"),
    ],
)
def test_a_template_that_cannot_do_its_work_is_to_be_mended(healthy: Flask, html: str, said: str) -> None:
    kind = MessageKind.DELIVERY_CONFIRMATION
    with writing():
        mail_templates.save(kind, "sv", replace(source(kind, "sv"), html=html), by=SYSTEM)
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["Utskicksmallar"]
    assert said in done.stdout


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": MessageState.GIVEN_UP, "due_at": None, "needs_attention": True}, "1 kunde inte levereras"),
        ({"due_at": now() - timedelta(hours=1)}, "1 väntar på en arbetare"),
    ],
)
def test_mails_that_do_not_leave_are_to_be_seen_to(healthy: Flask, values: dict[str, object], said: str) -> None:
    make_order(("A", 1))
    with writing():
        db.session.execute(update(Message).values(values))
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["Utskick"]
    assert said in done.stdout


def test_each_finding_is_one_line(app: Flask) -> None:
    configure(app, MAIL_SERVER="127.0.0.1", MAIL_PORT=1, MAIL_USERNAME="x", MAIL_DEFAULT_SENDER=None)
    done = run(app, "doctor")
    assert len(wrong(done.stdout)) >= 3
    assert all(line[0] in "✓✗" and len(line) > 8 for line in done.stdout.splitlines())


def test_a_webhook_that_no_longer_hears_is_to_be_seen_to(healthy: Flask) -> None:
    with writing():
        webhook = webhooks.add("https://erp.example.com/", [WebhookEvent.ORDER_PLACED], by=SYSTEM)
    with writing():
        webhooks.disable(webhooks.lock(webhook.id), DisabledReason.UNREACHABLE)
    done = run(healthy, "doctor")
    assert wrong(done.stdout) == ["Webhookar"]
    assert "https://erp.example.com/" in done.stdout


def test_calls_that_were_not_taken_are_to_be_seen_to(healthy: Flask) -> None:
    with writing():
        for outcome in (CallOutcome.NOT_TAKEN, CallOutcome.PLACED, CallOutcome.NOT_TAKEN):
            incoming_calls.record("shopify", None, "{}", CallResult(outcome))
    done = run(healthy, "doctor")
    assert len(wrong(done.stdout)) == 1
    assert "Inkommande anrop: 2 togs inte emot." in done.stdout


def test_orders_with_other_sums_than_their_shops_state_are_named(healthy: Flask) -> None:
    for fields in (["totals.total", "totals.vat.2500"], ["customer.phone"], []):
        order = make_order(("A", 1), lines=[NewLine(sku="A", name="A", quantity=1, unit_price=100, vat_rate=2500)])
        with editing(order.number, None, SYSTEM) as current:
            current.shop_differences = [Difference(field, "1", "2") for field in fields]
    done = run(healthy, "doctor")
    assert len(wrong(done.stdout)) == 1
    assert "Summor: 1 order avviker från vad butiken anger, WS-100001." in done.stdout


def test_products_that_differ_in_case_alone_are_named(healthy: Flask) -> None:
    for sku in ("SKRUV-A", "skruv-a", "SKRUV-B"):
        make_product(sku)
    done = run(healthy, "doctor")
    assert len(wrong(done.stdout)) == 1
    assert "SKRUV-A, skruv-a skiljer sig" in done.stdout


OF_HOST = "Xq7vTz0LmRk4Wb9sNf2Hy6PdEu3CgSi8a"
TYPED = "please-change-me-to-something-random"


@pytest.mark.parametrize(
    ("host", "settings", "said"),
    [
        (EmbedHost("host", ("http://localhost:8090",), ("a" * 40,)), {}, "lätt att gissa"),
        (EmbedHost("host", ("http://localhost:8090",), (TYPED,)), {}, "lätt att gissa"),
        (EmbedHost("host", ("http://localhost:8090",), (STRONG,)), {"SECRET_KEY": STRONG}, "något annat också"),
        (EmbedHost("host", ("https://admin.example.com",), (OF_HOST,)), {"BASE_URL": None}, "bara över"),
        (EmbedHost("host", ("https://admin.example.com",), (OF_HOST,)), {"BASE_URL": "http://a.example"}, "bara över"),
    ],
)
def test_an_embedding_that_is_not_safe_is_to_be_mended(
    healthy: Flask, host: EmbedHost, settings: dict[str, str | None], said: str
) -> None:
    healthy.config.update(EMBED_HOSTS=(host,), **settings)
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert "Inbäddning" in wrong(done.stdout)
    assert said in done.stdout
    assert host.secrets[0] not in done.stdout


def test_hosts_with_strong_secrets_of_their_own_are_well(healthy: Flask) -> None:
    host = EmbedHost("host", ("https://admin.example.com",), (OF_HOST, OF_HOST[::-1]))
    healthy.config.update(EMBED_HOSTS=(host,), BASE_URL="https://orders.example.com")
    done = run(healthy, "doctor")
    assert done.exit_code == 0
    assert "https://admin.example.com får visa ordrarna i en ram" in done.stdout
