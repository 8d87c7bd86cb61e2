"""A database of the release before the inbox has all that needs a person once it is upgraded and the worker has run."""

from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from tests.factories import make_order, make_product
from tests.operations.inbox.test_attention import check_counts, inbox, kinds
from tests.operations.inbox.test_items import call, fail
from tests.operations.state_machine.inbox_checks import check_inbox, check_kept_counts
from tests.operations.steps import changing
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    CommentKind,
    Difference,
    DisabledReason,
    HoldReason,
    InboxKind,
    Order,
    WebhookEvent,
    WithdrawalSource,
)
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.order_list import day_figures
from webshop_orders.operations.orders import cancellation, comments, holds, loading, shipments, tracking, withdrawals
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.own_app

BEFORE_THE_INBOX = "0028"
LONG_AGO, EARLIER = now() - timedelta(days=10), now() - timedelta(days=40)
# What follows from the orders and from the other tables, which an older release has too.
FOLLOWS = {
    InboxKind.FAILED_MAIL,
    InboxKind.SENT_WITHOUT_CODE,
    InboxKind.CODE_WITHOUT_SHIPPING,
    InboxKind.READY_TOO_LONG,
    InboxKind.SOURCE_DIFFERS,
    InboxKind.WEBHOOK_OFF,
    InboxKind.TO_REFUND,
    InboxKind.CUSTOMER_COMMENT,
    InboxKind.WITHDRAWAL,
    InboxKind.INCOMING_CALL,
}

Row = tuple[InboxKind, str, dict[str, Any], int | None]


@pytest.fixture
def desk(app: Flask, anna: Actor) -> dict[str, Order]:
    """Orders that need a person for each reason, others that need nobody, and what needs one beside orders."""
    make_product("LJUS-12", stock=50)
    with time_machine.travel(LONG_AGO, tick=False):
        orders = {name: make_order(("LJUS-12", 1)) for name in ("old", "unsent", "mailed", "differs", "paused")}
    orders["asks"] = make_order(("LJUS-12", 1), comment="Ring på porten")
    orders["answered"] = make_order(("LJUS-12", 1), comment="Finns den i blått?")
    orders["waits"] = make_order(("LJUS-12", 500))
    for name in ("young", "sent", "coded", "sent_long_ago", "sent_differs"):
        orders[name] = make_order(("LJUS-12", 1))
    orders["cancelled"] = make_order(("LJUS-12", 1), paid=24_800)
    orders["history"] = make_order(("LJUS-12", 1), placed_at=EARLIER, shipped_at=EARLIER)
    _change(orders, anna)
    fail(orders["mailed"])
    call("no stock")
    call("no stock", "1002")
    with writing():
        webhook = subscriptions.add("https://erp.example.com/hooks", [WebhookEvent.ORDER_PLACED], by=anna)
        by_hand = subscriptions.add("https://erp.example.com/other", [WebhookEvent.ORDER_PLACED], by=anna)
    with writing():
        subscriptions.disable(subscriptions.lock(webhook.id), DisabledReason.GONE)
        subscriptions.disable(subscriptions.lock(by_hand.id))
    with writing():
        statement = withdrawals.Statement("X-404", "Åsa Öberg", "asa@example.com", "sv")
        withdrawals._record(statement, WithdrawalSource.FORM, request_key=None, by=Actor("customer", "Åsa"))
    worker.run(app, Event(), once=True)
    return orders


def _change(orders: dict[str, Order], by: Actor) -> None:
    with changing(orders["paused"], by) as order:
        holds.hold(order, HoldReason.CUSTOMER_ASKED, by=by)
    with changing(orders["unsent"], by) as order:
        tracking.add(order.shipments[0], "RR123456785SE", None, None, by=by)
    with changing(orders["answered"], by) as order:
        comments.add(order, CommentKind.CUSTOMER, "Ja, i april.", mail=True, by=by)
    for name in ("sent", "coded", "sent_long_ago", "sent_differs"):
        with changing(orders[name], by) as order:
            if name in {"coded", "sent_differs"}:
                tracking.add(order.shipments[0], "ABC-1", None, None, by=by)
            shipments.ship(order.shipments[0], by=by)
    for name in ("differs", "sent_differs"):
        with changing(orders[name], by) as order:
            order.shop_differences = [Difference("total", "19900", "18900")]
            attention.refresh(order)
    with changing(orders["cancelled"], by) as order:
        cancellation.cancel(order, by=by)
    with changing(orders["sent_long_ago"], by) as order:
        order.shipments[0].shipped_at = EARLIER
        attention.refresh(order)


def _upgrade_from_before_the_inbox() -> None:
    db.session.remove()
    downgrade(revision=BEFORE_THE_INBOX)
    upgrade()


def rows() -> list[Row]:
    return [(item.kind, item.subject, item.facts, item.order_id) for item in inbox() if item.is_shown]


def test_an_upgrade_and_the_worker_find_all_that_needs_a_person_and_count_it(
    app: Flask, desk: dict[str, Order]
) -> None:
    before, hours = rows(), _figures()
    assert {kind for kind, *_rest in before} >= FOLLOWS - {InboxKind.CODE_WITHOUT_SHIPPING}
    orders = {name: (order.number, order.placed_at) for name, order in desk.items()}
    _upgrade_from_before_the_inbox()
    assert inbox() == []
    assert _figures() == hours

    worker.run(app, Event(), once=True)

    assert rows() == before
    check_counts()
    check_kept_counts()
    assert _figures() == hours
    check_inbox([loading.load_order(number) for number, _placed_at in orders.values()])
    number, placed_at = orders["old"]
    assert [item.since for item in inbox() if item.subject == f"{number}-1"] == [placed_at]


def test_what_nobody_needs_to_see_is_not_looked_at_after_an_upgrade(app: Flask, desk: dict[str, Order]) -> None:
    numbers = {name: order.number for name, order in desk.items()}
    _upgrade_from_before_the_inbox()

    unseen = db.session.scalars(text("select number from orders where attention is null")).all()
    passed_over = {name for name, number in numbers.items() if number not in unseen}
    assert passed_over == {"coded", "sent_long_ago", "history"}


def test_what_an_older_release_changes_after_a_downgrade_is_found_by_the_next_upgrade(
    app: Flask, desk: dict[str, Order]
) -> None:
    db.session.remove()
    downgrade(revision=BEFORE_THE_INBOX)
    db.session.execute(text("update webhooks set disabled_at = null, disabled_because = null"))
    db.session.execute(text("update messages set needs_attention = false"))
    db.session.commit()
    db.session.remove()
    upgrade()

    worker.run(app, Event(), once=True)

    assert {InboxKind.WEBHOOK_OFF, InboxKind.FAILED_MAIL}.isdisjoint(kinds())
    assert {InboxKind.WITHDRAWAL, InboxKind.CUSTOMER_COMMENT} <= {*kinds(shown=True)}
    check_counts()


def _figures() -> tuple[list[Any], list[Any]]:
    db.session.rollback()
    today = datetime.now(UTC).date()
    return day_figures.waiting_by_age(today, "Europe/Stockholm"), day_figures.shipped_by_day(today, "Europe/Stockholm")
