"""The contents of a database survive the migrations unchanged."""

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from webshop_orders.db.extensions import db
from webshop_orders.models import Event, HoldReason, Message, MessageState
from webshop_orders.outbox import queue as outbox_queue

pytestmark = pytest.mark.own_app

ORDER = """
    insert into orders (id, number, placed_at, currency, language, prices_include_vat, rounds_to_whole_kronor,
        customer_name, billing_address, shipping_address, paid, shipping_price, shipping_vat_rate, version, last_seq,
        event_count, message_count, status, total, units, search_text)
    values (1, 'WS-1', '2026-11-01 09:00:00.000000', 'SEK', 'sv', true, false, 'Åsa', '{}', '{}', 0, 0, 0, 1, 1, 1, 1,
        'ready', 0, 0, '')
"""
MESSAGE = """
    insert into messages (id, order_id, kind, language, message_id, sender, recipient, subject, text, html, caused_by,
        automatic, queued_at, state, due_at, attempts, last_answer)
    values (:id, 1, 'order_confirmation', 'sv', :message_id, 'butiken@example.com', 'Asa@Example.com',
        'Orderbekräftelse', 'text', 'html', 'test shop', true, '2026-11-01 09:00:00.000000', :state,
        '2026-11-01 09:00:00.000000', 1, 'OK')
"""
EVENT = """
    insert into events (id, order_id, at, actor_kind, actor_name, kind, version, facts)
    values (1, 1, '2026-11-01 09:00:00.000000', 'staff', 'Anna', 'comment_added', 1, '{}')
"""
STATES = ("queued", "sending", "sent", "retrying", "given_up")


@pytest.fixture
def older_database(app: Flask) -> Flask:
    """A database of the version before mails could be held, with one mail in each state."""
    downgrade(revision="0001")
    db.session.execute(text(ORDER))
    db.session.execute(text(EVENT))
    for number, state in enumerate(STATES, start=1):
        db.session.execute(text(MESSAGE), {"id": number, "state": state, "message_id": f"<{number}@example.com>"})
    db.session.commit()
    db.session.remove()
    return app


def test_mails_of_older_databases_keep_their_state_and_are_delivered(older_database: Flask) -> None:
    upgrade()

    messages = db.session.query(Message).order_by(Message.id).all()
    assert [message.state.value for message in messages] == list(STATES)
    assert [message.due_at is not None for message in messages] == [True, True, False, True, False]
    assert [message.needs_attention for message in messages] == [False, False, False, False, True]
    assert {message.tried_from for message in messages} == {messages[0].queued_at}
    assert "asa@example.com" in messages[0].search_text
    assert {lease.message.id for lease in outbox_queue.acquire(outbox_queue.MAILS)} == {1, 2, 4}
    assert db.session.query(Event).count() == 1


def test_a_downgrade_deletes_values_unknown_to_older_releases(older_database: Flask) -> None:
    upgrade()
    held = db.session.get_one(Message, 1)
    held.state, held.held_because, held.due_at = MessageState.HELD, HoldReason.NO_SERVER, None
    db.session.commit()
    db.session.remove()

    downgrade(revision="0001")

    remaining = db.session.execute(text("select id, state from messages order by id")).all()
    assert [(row.id, row.state) for row in remaining] == list(enumerate(STATES, start=1))[1:]
    db.session.remove()
    upgrade()
