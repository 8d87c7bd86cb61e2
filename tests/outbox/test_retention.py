"""Retention reads only the messages that it deletes, by indexes, however many messages are stored."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from tests.factories import make_order, make_product, reshape_shop
from tests.statements import executed
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    SYSTEM,
    Batch,
    BatchOrder,
    CallOutcome,
    DisabledReason,
    IncomingCall,
    MessageState,
    Webhook,
    WebhookAttempt,
    WebhookEvent,
    WebhookMessage,
)
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.operations.batches import selection
from webshop_orders.outbox import retention
from webshop_orders.transactions.unit_of_work import writing

MESSAGES, EXPIRED = 12_000, 60
OLD = timedelta(days=31)
STATES = (MessageState.SENT, MessageState.GIVEN_UP, MessageState.QUEUED)
OF_A_WEBHOOK = re.compile(r"ix_webhook_messages_(under_way|webhook_id_id)\b")
FULL_SCAN = re.compile(r"(Seq Scan on|SCAN) webhook_(messages|attempts)\b")


@pytest.mark.own_app  # the statistics that a plan is made by are of the whole database
def test_expired_webhook_messages_are_found_by_indexes(app: Flask) -> None:
    _store_messages()
    with executed() as statements:
        retention.delete_expired()

    plans = [_explain(sql, parameters) for sql, parameters in statements if sql.startswith("DELETE FROM webhook_")]
    assert len(plans) == 6
    for plan in plans:
        assert not FULL_SCAN.search(plan), plan
    assert all("ix_webhook_messages_state_queued_at" in plan for plan in plans[:4]), plans
    assert all(OF_A_WEBHOOK.search(plan) for plan in plans[4:]), plans
    remaining = db.session.scalar(select(func.count(WebhookMessage.id)))
    assert remaining == MESSAGES - EXPIRED


def test_closed_batches_are_kept_for_a_year(app: Flask) -> None:
    make_product("LJUS")
    order = make_order(("LJUS", 1))
    batches = {}
    for name, closed_at in (("old", now() - timedelta(days=366)), ("new", now() - timedelta(days=364)), ("open", None)):
        with writing():
            batches[name] = selection.create([order.number], by=SYSTEM, name=name)
            batches[name].closed_at = closed_at

    retention.delete_expired()

    assert db.session.scalars(select(Batch.name).order_by(Batch.id)).all() == ["new", "open"]
    assert set(db.session.scalars(select(BatchOrder.batch_id))) == {batches["new"].id, batches["open"].id}


def test_incoming_calls_are_kept_for_the_days_that_the_shop_sets(app: Flask) -> None:
    reshape_shop(incoming_call_days=7)
    with writing():
        for days in (6, 8):
            incoming_calls.record("shopify", None, "{}", CallResult(CallOutcome.NOT_TAKEN, f"{days} dagar"))
            db.session.flush()
            call = db.session.scalars(select(IncomingCall).order_by(IncomingCall.id.desc())).first()
            assert call is not None
            call.received_at = now() - timedelta(days=days)

    retention.delete_expired()

    assert db.session.scalars(select(IncomingCall.reference)).all() == ["6 dagar"]


def _store_messages() -> None:
    """Insert messages in every state, each with an attempt; the first EXPIRED were finished or disabled long ago."""
    at = now()
    webhooks = [
        {"id": 1, "url": "https://erp.example.com/", "events": ["order.placed"], "made_by": "Anna"},
        {"id": 2, "url": "https://wms.example.com/", "events": ["order.placed"], "made_by": "Anna"},
    ]
    messages = [_message(number, at) for number in range(1, MESSAGES + 1)]
    attempts = [
        {"message_id": message["id"], "number": 1, "at": message["queued_at"], "answer": "", "state": message["state"]}
        for message in messages
    ]
    with writing():
        db.session.execute(insert(Webhook), webhooks)
        disabled = {"disabled_at": at - OLD, "disabled_because": DisabledReason.BY_HAND}
        db.session.execute(update(Webhook).where(Webhook.id == 2).values(disabled))
        db.session.execute(insert(WebhookMessage), messages)
        db.session.execute(insert(WebhookAttempt), attempts)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("analyze")


def _message(number: int, at: datetime) -> dict[str, object]:
    state = STATES[number % len(STATES)]
    queued_at = at - (OLD if number <= EXPIRED else timedelta(hours=number % 600))
    is_pending = state is MessageState.QUEUED
    return {
        "id": number,
        "webhook_id": 2 if is_pending and number <= EXPIRED else 1,
        "event": WebhookEvent.ORDER_PLACED,
        "message_id": f"msg_{number}",
        "body": "{}",
        "about": f"WS-{number}",
        "state": state,
        "queued_at": queued_at,
        "tried_from": queued_at,
        "due_at": queued_at if is_pending else None,
        "sent_at": queued_at if state is MessageState.SENT else None,
    }


def _explain(statement: str, parameters: object) -> str:
    prefix = "explain query plan " if db.engine.dialect.name == "sqlite" else "explain "
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(prefix + statement, parameters).all()  # type: ignore[arg-type]
    return "\n".join(" ".join(map(str, row)) for row in rows)
