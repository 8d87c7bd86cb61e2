"""What the worker does to each order of a batch, and which ones it leaves with a reason."""

from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories import ASA, make_order, make_product
from tests.jobs.batches import carry_out, make_batch, make_staff, rows, start, work
from tests.operations.steps import changing, events_of, messages_of, read, read_product, shape
from tests.statements import executed
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import Busy
from webshop_orders.jobs import batches as job
from webshop_orders.mailing.messages.active_templates import active_source
from webshop_orders.models import (
    Actor,
    Batch,
    BatchAction,
    BatchOrder,
    BatchOrderState,
    BatchState,
    DeliveryStatus,
    EventKind,
    MessageKind,
    MessageState,
    Order,
)
from webshop_orders.operations.batches import actions, running, selection
from webshop_orders.operations.orders import cancellation, shipments, splits, tracking
from webshop_orders.operations.settings import mail_templates
from webshop_orders.operations.undo import undoing
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import editing, writing

LISTED, WAITING, DONE, REFUSED = BatchOrderState
SHIP_ANYWAY = {"agreed": ["no-code"]}


@pytest.fixture
def anna(app: Flask) -> Actor:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    make_product("LJUS", stock=50, backorderable=True)
    make_product("SLUT", stock=0, backorderable=True)
    return make_staff("Anna")


def outcomes(batch: Batch) -> list[tuple[BatchOrderState, str | None]]:
    return [(row.state, row.reason) for row in rows(batch)]


def batch_kinds(order: Order, batch: Batch) -> list[EventKind]:
    return [event.kind for event in events_of(order) if event.batch_id == batch.id]


def add_code(order: Order, code: str, by: Actor, seq: int = 1) -> None:
    with editing(order.number, None, by) as current:
        tracking.add_new(shipments.get(current, seq), [NewTrackingCode(code, "PostNord")], by=by)


# Shipping


def test_orders_are_shipped_once_each_with_their_mails_in_the_name_of_whoever_started(anna: Actor) -> None:
    orders = [make_order(("LJUS", 2)) for _ in range(3)]
    batch = make_batch(orders, anna)

    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)

    assert outcomes(batch) == [(DONE, None)] * 3
    assert read_product("LJUS").stock == 44
    for order in orders:
        (shipped,) = [shipped for shipped in events_of(order) if shipped.batch_id == batch.id]
        assert (shipped.kind, shipped.actor_name, shipped.user_id) == (EventKind.SHIPMENT_SHIPPED, "Anna", anna.user_id)
        assert [mail.kind for mail in messages_of(order)].count(MessageKind.DELIVERY_CONFIRMATION) == 1
    finished = selection.get(batch.id)
    assert (finished.state, finished.finished_at is None) == (BatchState.FINISHED, False)


@pytest.mark.parametrize(
    ("customer", "codes", "sentence"),
    [
        (ASA, [], "har ingen spårningskod"),
        (replace(ASA, email=None), ["RR123456785SE"], "har ingen e-postadress"),
    ],
)
def test_what_staff_would_have_to_confirm_is_refused_until_it_is_confirmed_for_all(
    customer: Any, codes: list[str], sentence: str, anna: Actor
) -> None:
    order = make_order(("LJUS", 1), customer=customer)
    for code in codes:
        add_code(order, code, anna)
    batch = make_batch([order], anna)

    ((state, reason),) = [(row.state, row.reason) for row in carry_out(batch, BatchAction.SHIP)]
    assert state is REFUSED
    assert sentence in (reason or "")
    assert read(order).shipments[0].status is DeliveryStatus.READY
    assert read_product("LJUS").stock == 50

    with writing():
        running.retry(selection.lock(batch.id), {"agreed": ["no-code", "no-address"]}, by=anna)
    work()
    assert outcomes(batch) == [(DONE, None)]
    assert read(order).shipments[0].status is DeliveryStatus.SHIPPED


def test_a_template_that_leaves_the_code_out_is_refused(anna: Actor) -> None:
    order = make_order(("LJUS", 1))
    add_code(order, "RR123456785SE", anna)
    source = replace(active_source(MessageKind.DELIVERY_CONFIRMATION, "sv"), text="LJUS", html="<p>LJUS</p>")
    with writing():
        mail_templates.save(MessageKind.DELIVERY_CONFIRMATION, "sv", source, by=anna)
    batch = make_batch([order], anna)

    carry_out(batch, BatchAction.SHIP)

    assert rows(batch)[0].state is REFUSED
    assert "visar ingen spårningskod" in (rows(batch)[0].reason or "")


def test_an_order_that_cannot_ship_is_refused_with_the_reason_and_the_others_ship(anna: Actor) -> None:
    shipped, cancelled, backordered, ready = (make_order((sku, 1)) for sku in ("LJUS", "LJUS", "SLUT", "LJUS"))
    with editing(shipped.number, None, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with editing(cancelled.number, None, anna) as current:
        cancellation.cancel(current, by=anna)
    batch = make_batch([shipped, cancelled, backordered, ready], anna)

    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)

    assert outcomes(batch) == [
        (REFUSED, f"{shipped.number} är redan skickad."),
        (REFUSED, f"Order {cancelled.number} är makulerad och kan inte ändras."),
        (REFUSED, f"{backordered.number}-1 väntar på lager och har inte skickats."),
        (DONE, None),
    ]
    assert len(messages_of(shipped)) == len(messages_of(ready))


def test_what_waits_for_stock_stays_and_is_told(anna: Actor) -> None:
    order = make_order(("LJUS", 1), ("SLUT", 1))
    with editing(order.number, None, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)
    batch = make_batch([order], anna)

    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)

    assert outcomes(batch) == [(DONE, f"{order.number}-2 väntar på lager och har inte skickats.")]
    statuses = [shipment.status for shipment in read(order).shipments]
    assert statuses == [DeliveryStatus.SHIPPED, DeliveryStatus.BACKORDERED]


def test_everything_ships_where_that_is_chosen(anna: Actor) -> None:
    order = make_order(("LJUS", 1), ("SLUT", 1))
    batch = make_batch([order], anna)

    carry_out(batch, BatchAction.SHIP, {**SHIP_ANYWAY, "ship_all": True})

    assert outcomes(batch) == [(DONE, None)]
    assert read(order).shipments[0].is_shipped


def test_units_that_stock_does_not_cover_are_confirmed_also_where_the_status_was_set_by_hand(anna: Actor) -> None:
    order = make_order(("SLUT", 1))
    with editing(order.number, None, anna) as current:
        shipments.set_status(current.shipments[0], DeliveryStatus.READY, by=anna)
    batch = make_batch([order], anna)

    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)
    assert rows(batch)[0].state is REFUSED

    carry_out(batch, BatchAction.SHIP, {"agreed": ["no-code", "uncovered"]})
    assert rows(batch)[0].state is DONE


# Other actions


def test_order_confirmations_are_sent_to_those_who_have_an_address(anna: Actor) -> None:
    reachable, unreachable = make_order(("LJUS", 1)), make_order(("LJUS", 1), customer=replace(ASA, email=None))
    batch = make_batch([reachable, unreachable], anna)
    before = len(messages_of(reachable))

    carry_out(batch, BatchAction.SEND_CONFIRMATION, {"agreed": ["just-sent"]})

    assert [row.state for row in rows(batch)] == [DONE, REFUSED]
    assert "ingen e-postadress" in (rows(batch)[1].reason or "")
    sent = messages_of(reachable)[before:]
    assert [(mail.kind, mail.recipient) for mail in sent] == [(MessageKind.ORDER_CONFIRMATION, ASA.email)]


def test_a_mail_that_was_just_sent_is_not_sent_again_unless_it_is_confirmed(anna: Actor) -> None:
    batch = make_batch([make_order(("LJUS", 1))], anna)
    carry_out(batch, BatchAction.SEND_CONFIRMATION, {"agreed": ["just-sent"]})

    carry_out(batch, BatchAction.SEND_CONFIRMATION)

    assert rows(batch)[0].state is REFUSED


def test_a_status_is_set_on_open_shipments(anna: Actor) -> None:
    ready, backordered, shipped = make_order(("LJUS", 1)), make_order(("SLUT", 1)), make_order(("LJUS", 1))
    with editing(shipped.number, None, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    batch = make_batch([ready, backordered, shipped], anna)

    carry_out(batch, BatchAction.SET_STATUS, {"status": "backordered"})

    assert [row.state for row in rows(batch)] == [DONE, REFUSED, REFUSED]
    assert "står redan så" in (rows(batch)[1].reason or "")
    assert read(ready).shipments[0].status is DeliveryStatus.BACKORDERED


def test_orders_are_cancelled_and_their_stock_released(anna: Actor) -> None:
    order, shipped = make_order(("LJUS", 2)), make_order(("LJUS", 1))
    with editing(shipped.number, None, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    batch = make_batch([order, shipped], anna)

    carry_out(batch, BatchAction.CANCEL)

    assert [row.state for row in rows(batch)] == [DONE, REFUSED]
    assert read(order).is_cancelled
    assert read_product("LJUS").reserved == 0


def codes_of(order: Order, *codes: str, ship: bool = False, reference: str | None = None) -> dict[str, Any]:
    entry = {
        "reference": reference or f"{order.number}-1",
        "codes": [{"code": code, "carrier": "PostNord"} for code in codes],
        "ship": ship,
    }
    return {order.number: {"shipments": [entry]}}


def test_tracking_codes_are_added_and_shipments_leave_with_them(anna: Actor) -> None:
    order, other = make_order(("LJUS", 1)), make_order(("LJUS", 1))
    data = {**codes_of(order, "RR123456785SE", "RR473124829SE", ship=True), **codes_of(other, "RB123456785SE")}
    batch = make_batch([order, other], anna, data)

    carry_out(batch, BatchAction.ADD_TRACKING)

    assert outcomes(batch) == [(DONE, None)] * 2
    assert [code.code for code in read(order).shipments[0].tracking_codes] == ["RR123456785SE", "RR473124829SE"]
    assert read(order).shipments[0].is_shipped
    assert not read(other).shipments[0].is_shipped
    (mail,) = [mail for mail in messages_of(order) if mail.kind is MessageKind.DELIVERY_CONFIRMATION]
    assert "RR473124829SE" in mail.text


def test_a_code_that_is_there_already_is_no_refusal_and_no_change(anna: Actor) -> None:
    order = make_order(("LJUS", 1))
    add_code(order, "RR123456785SE", anna)
    version = read(order).version
    batch = make_batch([order], anna, codes_of(order, "rr 123 456 785 se"))

    carry_out(batch, BatchAction.ADD_TRACKING)

    assert (rows(batch)[0].state, rows(batch)[0].version) == (DONE, None)
    assert read(order).version == version


def test_a_shipment_that_left_meanwhile_gets_its_code_alone(anna: Actor) -> None:
    order = make_order(("LJUS", 1))
    with editing(order.number, None, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    mails = len(messages_of(order))
    batch = make_batch([order], anna, codes_of(order, "RR123456785SE", ship=True))

    carry_out(batch, BatchAction.ADD_TRACKING)

    assert rows(batch)[0].state is DONE
    assert batch_kinds(order, batch) == [EventKind.TRACKING_ADDED]
    assert len(messages_of(order)) == mails


@pytest.mark.parametrize("which", ["no data", "unknown shipment"])
def test_codes_of_nothing_are_refused(which: str, anna: Actor) -> None:
    order = make_order(("LJUS", 1))
    data = codes_of(order, "RR123456785SE", reference=f"{order.number}-7") if which == "unknown shipment" else None
    batch = make_batch([order], anna, data)

    carry_out(batch, BatchAction.ADD_TRACKING)

    assert rows(batch)[0].state is REFUSED
    assert rows(batch)[0].reason


# Taking back


def test_a_batch_is_taken_back_within_the_grace_of_its_mails(anna: Actor) -> None:
    orders = [make_order(("LJUS", 1)) for _ in range(3)]
    batch = make_batch(orders, anna)
    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)
    assert read_product("LJUS").stock == 47

    carry_out(batch, BatchAction.UNDO, by=anna)

    assert outcomes(batch) == [(DONE, None)] * 3
    assert read_product("LJUS").stock == 50
    for order in orders:
        assert read(order).shipments[0].status is DeliveryStatus.READY
        assert messages_of(order)[-1].state is MessageState.WITHDRAWN
        assert batch_kinds(order, batch) == [EventKind.SHIPMENT_SHIPPED, EventKind.CHANGES_UNDONE]


def test_rule_34_a_whole_delivery_that_a_batch_shipped_comes_back_whole_or_with_nothing(anna: Actor) -> None:
    make_product("VEKE", stock=1, backorderable=True)
    order = make_order(("LJUS", 50), ("VEKE", 1), ships_whole=True)
    batch = make_batch([order], anna)
    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)
    beyond, waiting = make_order(("VEKE", 1)), make_order(("LJUS", 2))
    with changing(beyond, anna) as current:  # that leaves stock a unit short
        shipments.ship(current.shipments[0], by=anna)

    carry_out(batch, BatchAction.UNDO, by=anna)

    assert outcomes(batch) == [(DONE, None)]
    assert shape(order) == {1: [("LJUS", 50, 0), ("VEKE", 1, 0)]}
    assert shape(waiting) == {1: [("LJUS", 2, 2)]}
    assert read(order).shipments[0].status is DeliveryStatus.BACKORDERED


def test_codes_that_came_with_a_batch_and_what_was_shipped_with_them_are_taken_back(anna: Actor) -> None:
    order = make_order(("LJUS", 1))
    batch = make_batch([order], anna, codes_of(order, "RR123456785SE", ship=True))
    carry_out(batch, BatchAction.ADD_TRACKING)

    carry_out(batch, BatchAction.UNDO, by=anna)

    assert outcomes(batch) == [(DONE, None)]
    (shipment,) = read(order).shipments
    assert (shipment.status, shipment.tracking_codes) == (DeliveryStatus.READY, [])
    assert messages_of(order)[-1].state is MessageState.WITHDRAWN


def test_what_has_left_or_was_changed_since_is_not_taken_back(anna: Actor) -> None:
    left, changed, own, alone, again = (make_order(("LJUS", 1)) for _ in range(5))
    batch = make_batch([left, changed, own, alone, again], anna)
    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)
    with writing():
        mail = messages_of(left)[-1]
        mail.state, mail.attempts, mail.due_at, mail.sent_at = MessageState.SENT, 1, None, now()
        db.session.add(mail)
    bo = make_staff("Bo")
    add_code(changed, "RR123456785SE", bo)
    add_code(own, "RR123456785SE", anna)
    with editing(again.number, None, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)

    carry_out(batch, BatchAction.UNDO, by=anna)

    assert [row.state for row in rows(batch)] == [REFUSED, REFUSED, REFUSED, DONE, REFUSED]
    reasons = [row.reason or "" for row in rows(batch)]
    assert "har redan gått" in reasons[0]
    assert "Bo har ändrat" in reasons[1]
    assert reasons[2] == reasons[4] == "Du har ändrat ordern sedan dess. Ta tillbaka det först."
    assert read(left).shipments[0].is_shipped
    assert read(own).shipments[0].tracking_codes


def test_the_step_of_another_change_is_not_taken_for_that_of_the_batch(anna: Actor) -> None:
    """Of an order that the batch did not change, nothing is taken back."""
    order, other = make_order(("LJUS", 1)), make_order(("LJUS", 1))
    add_code(order, "RR123456785SE", anna)
    data = {**codes_of(order, "RR123456785SE"), **codes_of(other, "RR123456785SE")}
    batch = make_batch([order, other], anna, data)
    carry_out(batch, BatchAction.ADD_TRACKING)

    carry_out(batch, BatchAction.UNDO, by=anna)

    assert [row.state for row in rows(batch)] == [LISTED, DONE]
    assert [len(read(each).shipments[0].tracking_codes) for each in (order, other)] == [1, 0]


def test_what_was_refused_to_be_taken_back_is_tried_again(anna: Actor) -> None:
    order = make_order(("LJUS", 1))
    batch = make_batch([order], anna)
    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)
    add_code(order, "RR123456785SE", anna)
    carry_out(batch, BatchAction.UNDO, by=anna)
    assert rows(batch)[0].state is REFUSED
    with editing(order.number, None, anna, is_step=False) as current:
        undoing.undo(current, by=anna)

    with writing():
        running.retry(selection.lock(batch.id), by=anna)
    work()

    assert rows(batch)[0].state is DONE
    assert not read(order).shipments[0].is_shipped


# The job


def test_an_unexpected_error_of_one_order_does_not_stop_the_batch(
    anna: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    orders = [make_order(("LJUS", 1)) for _ in range(3)]
    batch = make_batch(orders, anna)
    carry_one_out = actions.carry_out

    def fail(order: Order, task: actions.Task, *, by: Actor) -> str | None:
        note = carry_one_out(order, task, by=by)
        if order.number == orders[1].number:
            raise ZeroDivisionError("of the test")
        return note

    monkeypatch.setattr(actions, "carry_out", fail)
    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)

    assert [row.state for row in rows(batch)] == [DONE, REFUSED, DONE]
    assert "Något gick fel" in (rows(batch)[1].reason or "")
    assert "of the test" in caplog.text
    assert not read(orders[1]).shipments[0].is_shipped


def test_an_order_that_others_hold_waits_and_is_done_later(anna: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order(("LJUS", 1))
    batch = make_batch([order], anna)
    change, failures = job.change, [Busy("a"), Busy("b"), Busy("c"), Busy("d")]

    def be_busy(lease: job.Lease) -> None:
        if failures:
            raise failures.pop()
        change(lease)

    monkeypatch.setattr(job, "change", be_busy)
    monkeypatch.setattr(job, "BUSY_DELAY", timedelta(0))
    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)

    assert outcomes(batch) == [(DONE, None)]
    assert not failures


def test_an_order_that_was_leased_by_a_worker_that_died_is_done_when_the_lease_is_over(anna: Actor) -> None:
    batch = make_batch([make_order(("LJUS", 1))], anna)
    start(batch, BatchAction.SHIP, SHIP_ANYWAY)
    assert len(job.acquire(batch.id)) == 1  # and dies
    assert work() == 0
    assert selection.get(batch.id).state is BatchState.RUNNING

    expire_leases()
    assert work() == 1
    assert outcomes(batch) == [(DONE, None)]


def expire_leases() -> None:
    with writing():
        db.session.execute(update(BatchOrder).where(BatchOrder.due_at.is_not(None)).values(due_at=now()))


def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(anna: Actor) -> None:
    order = make_order(("LJUS", 1))
    batch = make_batch([order], anna)
    start(batch, BatchAction.SET_STATUS, {"status": "backordered"})
    (late,) = job.acquire(batch.id)
    expire_leases()
    work()
    with editing(order.number, None, anna) as current:
        shipments.set_status(current.shipments[0], DeliveryStatus.READY, by=anna)

    with pytest.raises(job.LeaseLost):
        job.change(late)

    assert read(order).shipments[0].status is DeliveryStatus.READY
    assert rows(batch)[0].state is DONE


def test_nothing_more_is_done_of_a_batch_that_is_stopped(anna: Actor) -> None:
    orders = [make_order(("LJUS", 1)) for _ in range(2)]
    batch = make_batch(orders, anna)
    start(batch, BatchAction.SHIP, SHIP_ANYWAY)
    first, second = job.acquire(batch.id)
    job.change(first)
    with writing():
        running.stop(selection.lock(batch.id))

    with pytest.raises(job.LeaseLost):
        job.change(second)

    assert [row.state for row in rows(batch)] == [DONE, LISTED]
    assert not read(orders[1]).shipments[0].is_shipped


def test_a_worker_that_is_told_to_stop_hands_its_orders_back(anna: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = make_batch([make_order(("LJUS", 1)) for _ in range(3)], anna)
    start(batch, BatchAction.SHIP, SHIP_ANYWAY)
    stop, change = Event(), job.change

    def change_and_stop(lease: job.Lease) -> None:
        change(lease)
        stop.set()

    monkeypatch.setattr(job, "change", change_and_stop)
    assert job.carry_out_batches(stop) == 1

    assert [row.state for row in rows(batch)] == [DONE, WAITING, WAITING]
    assert all(row.due_at and row.due_at <= now() for row in rows(batch)[1:])


def test_others_get_the_database_between_two_orders(anna: Actor) -> None:
    batch = make_batch([make_order(("LJUS", 1)) for _ in range(3)], anna)
    start(batch, BatchAction.SHIP, SHIP_ANYWAY)
    pauses: list[float] = []

    class Watched(Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert not db.session().in_transaction()
            pauses.append(timeout or 0)
            return super().wait(timeout)

    job.carry_out_batches(Watched())

    on_sqlite = db.engine.dialect.name == "sqlite"
    assert len(pauses) == (3 if on_sqlite else 0)
    assert all(0 < pause <= job.MAX_PAUSE_SECONDS for pause in pauses)


def test_a_small_batch_does_not_wait_for_a_large_one(anna: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "LEASED_AT_ONCE", 2)
    large = make_batch([make_order(("LJUS", 1)) for _ in range(5)], anna)
    small = make_batch([make_order(("LJUS", 1))], anna)
    start(large, BatchAction.SHIP, SHIP_ANYWAY)
    start(small, BatchAction.SHIP, SHIP_ANYWAY)

    assert job.carry_out_batches(Event()) == 3

    assert [row.state for row in rows(small)] == [DONE]
    assert selection.get(small.id).state is BatchState.FINISHED


def test_a_batch_whose_last_worker_died_before_it_was_finished_is_finished_by_the_next(anna: Actor) -> None:
    batch = make_batch([make_order(("LJUS", 1))], anna)
    start(batch, BatchAction.SHIP, SHIP_ANYWAY)
    (lease,) = job.acquire(batch.id)
    job.change(lease)
    assert selection.get(batch.id).state is BatchState.RUNNING

    work()

    db.session.expire_all()
    assert selection.get(batch.id).state is BatchState.FINISHED


def test_an_order_whose_customer_is_erased_is_refused(anna: Actor) -> None:
    order = make_order(("LJUS", 1))
    batch = make_batch([order], anna)
    with writing():
        db.session.execute(update(Order).values(personal_data_erased_at=now()))

    carry_out(batch, BatchAction.SHIP, SHIP_ANYWAY)

    assert rows(batch)[0].state is REFUSED


def test_the_worker_has_the_job_among_its_own() -> None:
    assert job.carry_out_batches in worker.jobs().values()
    assert worker.IDLE_SECONDS <= 2


def test_what_is_due_is_found_by_an_index_however_much_of_the_batch_is_done(anna: Actor) -> None:
    batch = make_batch([make_order(("LJUS", 1))], anna)
    start(batch, BatchAction.SHIP, SHIP_ANYWAY)
    with executed() as statements:
        work()

    found = [statement for statement in statements if statement.sql.startswith("SELECT batch_orders.")]
    assert len(found) >= 3  # whether something is due, what it is, and whether anything waits
    for statement, parameters in found:
        assert "ix_batch_orders_waiting" in _plan(statement, parameters), statement


def _plan(statement: str, parameters: Any) -> str:
    on_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        if not on_sqlite:  # a table of one row is scanned otherwise
            connection.exec_driver_sql("SET enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if on_sqlite else ''}{statement}", parameters)
        plan = "\n".join(str(row[-1]) for row in rows)
        connection.rollback()
        return plan
