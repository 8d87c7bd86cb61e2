"""Many mails and four workers: none lost, none sent twice, and acquiring leases costs the same in a long queue."""

import pytest
from flask import Flask
from sqlalchemy import text

from tests.outbox.test_crashes import queue, run
from tests.statements import executed
from webshop_orders.db.extensions import db
from webshop_orders.outbox import queue as outbox_queue


def test_four_workers_lose_none_and_send_none_twice(app: Flask) -> None:
    outcome = run(app, 400, 0, seed=0, stops=0, batch=20)
    assert (outcome.lost, outcome.duplicates, outcome.unsent) == (0, 0, 0), outcome


@pytest.mark.soak
def test_ten_thousand_mails_leave_by_four_workers(app: Flask) -> None:
    outcome = run(app, 10_000, 0, seed=0, stops=0, batch=20, timeout=900)
    assert (outcome.lost, outcome.duplicates, outcome.unsent) == (0, 0, 0), outcome


def test_acquiring_leases_reads_the_front_of_the_queue_by_its_index(app: Flask) -> None:
    queue(3_000)
    db.session.execute(text("analyze"))
    db.session.commit()
    with executed() as statements:
        outbox_queue.acquire(outbox_queue.MAILS)
    (statement, parameters), *_ = [each for each in statements if "ORDER BY messages.due_at" in each.sql]
    prefix = "explain query plan " if db.engine.dialect.name == "sqlite" else "explain "
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(prefix + statement, parameters).all()

    plan = "\n".join(" ".join(map(str, row)) for row in rows)
    assert "ix_messages_due_at_id" in plan, plan
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan


def test_acquiring_leases_takes_as_many_statements_from_a_long_queue_as_from_a_short_one(app: Flask) -> None:
    from tests.web.orders.test_budgets import counting

    counts = []
    for length in (30, 3_000):
        queue_more(length)
        with counting() as statements:
            assert len(outbox_queue.acquire(outbox_queue.MAILS)) == outbox_queue.BATCH_SIZE
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 5


def queue_more(count: int) -> None:
    db.session.execute(text("delete from messages"))
    db.session.commit()
    queue(count)
