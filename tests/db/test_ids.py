"""An id that something outside may still name is never given to another row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select

from tests.demo.test_generate import generate
from tests.factories import make_order, make_product
from tests.operations.orders.test_bulk_placement import IMPORTER
from webshop_orders.clock import now
from webshop_orders.db import bulk_writing
from webshop_orders.db.extensions import IDS_USED_ONCE, Base, db
from webshop_orders.models import (
    AccountMail,
    AccountMailKind,
    Actor,
    AnsweredRequest,
    ApiKey,
    CallOutcome,
    Connection,
    ConnectionKind,
    FailedLogin,
    IncomingCall,
    Line,
    Order,
    PackingSession,
    Role,
    SavedView,
    Shipment,
    TrackingCode,
    User,
    Webhook,
    WebhookMessage,
    Withdrawal,
    WithdrawalSource,
)
from webshop_orders.operations.orders import lines, splits, tracking
from webshop_orders.transactions.unit_of_work import editing, writing

# Rows of these are never deleted, but with the whole order.
KEPT = {
    "attempts",
    "comments",
    "deliveries",
    "events",
    "mail_templates",
    "messages",
    "orders",
    "product_events",
    "products",
    "shop",
    "stock_movements",
    "told_orders",
}
# No address, document or running request names an id of these.
NAMED_NOWHERE = {
    "access_log",
    "backups",
    "heartbeats",
    "hourly_counts",
    "inbox_counts",
    "logos",
    "order_counts",
    "packing_lines",
    "packing_scans",
    "pinned_views",
    "presences",
    "received_deliveries",
    "tracking_file_columns",
    "used_tokens",
    "webhook_attempts",
}


def test_every_table_whose_rows_are_deleted_and_named_gives_ids_once() -> None:
    tables = db.metadata.tables.values()
    once = {table.name for table in tables if table.dialect_options["sqlite"]["autoincrement"]}

    assert once == {table.name for table in tables} - KEPT - NAMED_NOWHERE
    assert IDS_USED_ONCE.items() >= Base.__table_args__.items()


def user() -> User:
    return User(email="ids@example.com", name="Ida", role=Role.STAFF)


def webhook() -> Webhook:
    return Webhook(url="https://example.com", events=[], secret="s", made_by="Anna")


def key() -> ApiKey:
    return ApiKey(name="ERP", digest="d", hint="h", scopes=[], made_by="Anna")


def saved(parent: Any) -> int:
    db.session.add(parent)
    db.session.flush()
    return int(parent.id)


# A row of each table, without the parts that have defaults.
ROWS: dict[type[Base], Callable[[], Base]] = {
    AccountMail: lambda: AccountMail(
        user_id=saved(user()),
        kind=AccountMailKind.RESET,
        language="sv",
        message_id="<1@x>",
        caused_by="A",
        due_at=now(),
    ),
    AnsweredRequest: lambda: AnsweredRequest(api_key_id=saved(key()), key="k", digest="d"),
    ApiKey: key,
    Connection: lambda: Connection(kind=ConnectionKind.SHOPIFY, name="Butiken", prefix="s", secret="s"),
    FailedLogin: lambda: FailedLogin(email="a@example.com", address="127.0.0.1"),
    IncomingCall: lambda: IncomingCall(source="Shopify", outcome=CallOutcome.IGNORED, body="{}"),
    PackingSession: lambda: PackingSession(
        order_id=make_order(("X", 1)).id, seq=1, user_id=1, user_name="Lars", order_version=1
    ),
    SavedView: lambda: SavedView(user_id=saved(user()), name="Min vy", shared=False, query="q=a"),
    User: user,
    Webhook: webhook,
    WebhookMessage: lambda: WebhookMessage(
        webhook_id=saved(webhook()), event="order.placed", message_id="m", body="{}", about="WS-1", due_at=now()
    ),
    Withdrawal: lambda: Withdrawal(
        source=WithdrawalSource.FORM,
        language="sv",
        number="WS-1",
        name="Åsa",
        email="asa@example.com",
        email_key="asa@example.com",
    ),
}


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__tablename__)
def test_the_id_of_a_deleted_row_is_not_given_again(app: Flask, model: Any) -> None:
    with writing():
        first = saved(ROWS[model]())
        values = db.session.execute(select(model.__table__).where(model.id == first)).mappings().one()
        db.session.execute(delete(model).where(model.id == first))
        kept = {name: value for name, value in values.items() if name != "id"}
        second = db.session.scalar(insert(model.__table__).values(kept).returning(model.id))

    assert second > first


def test_a_removed_line_gives_its_id_to_no_other(app: Flask, anna: Actor) -> None:
    make_product("KAN-02")
    product = make_product("LJUS-12")
    order = make_order(("KAN-02", 1), ("LJUS-12", 1))
    with editing(order.number, None, anna) as current:
        removed = max(current.lines, key=lambda line: line.id)
        lines.remove(removed, by=anna)
    with editing(order.number, None, anna) as current:
        added = lines.add(current, product, 1, to=None, by=anna)

    assert added.id > removed.id


def test_a_shipment_that_disappeared_and_a_removed_code_give_their_ids_to_no_other(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 4))
    ids: list[tuple[int, int]] = []
    for _turn in range(2):
        with editing(order.number, None, anna) as current:
            (line,) = current.lines
            target = splits.split(line, 1, to=None, by=anna)
            tracking.add(target, "ABC-1", None, None, by=anna)
        with editing(order.number, None, anna) as current:
            target = current.shipments[-1]
            ids.append((target.id, target.tracking_codes[0].id))
            tracking.remove(target, target.tracking_codes[0].id, by=anna)
            splits.split(target.lines[0], 1, to=current.shipments[0], by=anna)

    assert ids[1][0] > ids[0][0]
    assert ids[1][1] > ids[0][1]


def highest(model: Any) -> int:
    return db.session.scalar(select(func.max(model.id))) or 0


def delete_last_order() -> dict[type[Base], int]:
    """Delete the last order's parts; returns the highest id that each table gave."""
    given = {model: highest(model) for model in (Shipment, Line, TrackingCode)}
    with writing():
        last = db.session.scalar(select(func.max(Order.id)).join(TrackingCode, TrackingCode.order_id == Order.id))
        for model in (TrackingCode, Line, Shipment):
            db.session.execute(delete(model).where(model.order_id >= last))
    db.session.remove()
    assert all(highest(model) < given[model] for model in given)
    return given


@pytest.mark.own_app
def test_generated_orders_take_no_id_of_a_deleted_row(app: Flask) -> None:
    generate(60)
    given = delete_last_order()

    generate(60)

    for model, last in given.items():
        ids = db.session.scalars(select(model.id)).all()
        assert last not in ids
        assert max(ids) > last


@pytest.mark.own_app
def test_bulk_ids_do_not_set_the_sequence_back(app: Flask, anna: Actor) -> None:
    generate(60)
    given = delete_last_order()
    with writing():
        bulk_writing.advance_sequences((Shipment, Line, TrackingCode))
        ids = {model: next(bulk_writing.reserve_ids(model, 1)) for model in given}

    assert all(ids[model] > last for model, last in given.items())
    order = make_order(("X", 1), by=IMPORTER, placed_at=now() - timedelta(days=1))
    assert next(order.lines).id > given[Line]
