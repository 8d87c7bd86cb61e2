"""The demo shop Ljus & Linne: realistic, consistent, and the same each time."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event as ThreadEvent
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import settings
from tests.demo.orders import check_invariants, snapshot, whole_orders
from webshop_orders import create_app, verification
from webshop_orders.db.extensions import db
from webshop_orders.demo import shop
from webshop_orders.demo.catalogue import make_products
from webshop_orders.models import (
    OPEN_STATUSES,
    Comment,
    CommentKind,
    DeliveryStatus,
    Event,
    EventKind,
    InboxItem,
    InboxKind,
    Message,
    MessageKind,
    Order,
    OrderStatus,
    RefundState,
    ReturnKind,
    ReturnState,
    Role,
    User,
    Withdrawal,
)
from webshop_orders.operations.inbox import snoozing
from webshop_orders.operations.orders import withdrawals
from webshop_orders.operations.stock import whole_orders as stock_orders
from webshop_orders.outbox import worker
from webshop_orders.security import sign_in_links
from webshop_orders.transactions.unit_of_work import writing

TODAY = date(2026, 11, 23)
FICTIONAL = ("@example.com", "@example.se")
MORNING = datetime(2026, 11, 22, 23, tzinfo=UTC)


@contextmanager
def shop_on(copy: Path) -> Iterator[Flask]:
    app = create_app(settings(f"sqlite:///{copy}"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def filled(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    shutil.copy(migrated_sqlite, copy)
    with shop_on(copy):
        shop.fill(TODAY)
    return copy


@pytest.fixture
def demo(filled: Path, tmp_path: Path) -> Iterator[Flask]:
    """A copy for each test, since some go on with what is in it, and none depends on which were before it."""
    shutil.copy(filled, tmp_path / "demo.sqlite3")
    with shop_on(tmp_path / "demo.sqlite3") as app:
        yield app


def test_everything_in_it_is_as_the_rules_say(demo: Flask) -> None:
    assert list(verification.verify_all()) == []


def test_the_same_day_gives_the_same_orders(demo: Flask, migrated_sqlite: Path, tmp_path: Path) -> None:
    first = [snapshot(order) for order in whole_orders()]
    comments = list(db.session.execute(select(Comment.text, Comment.written_at).order_by(Comment.id)))
    shutil.copy(migrated_sqlite, tmp_path / "again.sqlite3")
    with shop_on(tmp_path / "again.sqlite3"):
        shop.fill(TODAY)
        assert [snapshot(order) for order in whole_orders()] == first
        assert list(db.session.execute(select(Comment.text, Comment.written_at).order_by(Comment.id))) == comments


def test_some_goods_come_back(demo: Flask) -> None:
    found = [a_return for order in whole_orders() for a_return in order.returns]

    assert {a_return.state for a_return in found} == set(ReturnState)
    assert {a_return.kind for a_return in found} == set(ReturnKind)


def test_some_orders_are_collected_and_one_comes_before_older_ones(demo: Flask) -> None:
    orders = whole_orders()
    collected = [progress for order in orders if (progress := stock_orders.progress(order))]
    (first,) = (order for order in orders if order.priority)

    assert len(collected) == 2
    assert all(0 < progress.there < progress.all for progress in collected)
    assert first.status in OPEN_STATUSES
    waits_for = {line.product_id for line in first.lines if line.backordered}
    older = (order for order in orders if order.placed_at < first.placed_at)
    assert any(line.backordered and line.product_id in waits_for for order in older for line in order.lines)


def test_the_rules_of_quantities_and_money_hold(demo: Flask) -> None:
    check_invariants()


def test_there_are_three_hundred_orders_of_every_kind(demo: Flask) -> None:
    orders = whole_orders()
    statuses = Counter(order.status for order in orders)
    assert len(orders) == 300
    assert set(statuses) == set(OrderStatus)
    assert min(statuses.values()) >= 8
    assert {order.payment_method for order in orders} == {"klarna", "card", "swish", "invoice"}
    assert sum(order.customer.company is not None for order in orders) >= 20
    assert max(len(list(order.lines)) for order in orders) == 60
    assert max(len(order.customer.name) for order in orders) > 60
    assert any(order.paid == 0 for order in orders)
    assert any(line.discount for order in orders for line in order.lines)
    names = "".join(order.customer.name + order.shipping_address.city for order in orders)
    assert set("åäöÅÄÖ") <= set(names)
    split = [order for order in orders if len(order.shipments) > 1]
    assert {order.status for order in split} >= {OrderStatus.PARTLY_SHIPPED, OrderStatus.BACKORDERED}


def test_what_is_written_has_happened_before_today_and_in_order(demo: Flask) -> None:
    orders = whole_orders()
    assert [order.number for order in orders[:2]] == ["WS-100001", "WS-100002"]
    placed = [order.placed_at for order in orders]
    assert placed == sorted(placed)
    assert placed[0] >= MORNING - timedelta(days=60)
    for order in orders:
        times = [*db.session.scalars(select(Event.at).where(Event.order_id == order.id).order_by(Event.id))]
        assert times == sorted(times)
        assert times[0] == order.placed_at
        shipped = [shipment.shipped_at for shipment in order.shipments if shipment.shipped_at]
        assert all(order.placed_at <= at < MORNING for at in [*times, *shipped])
    assert set(db.session.scalars(select(Comment.kind))) == set(CommentKind)


def test_shipped_shipments_carry_codes_of_carriers_that_the_shop_knows(demo: Flask) -> None:
    shipped = [one for order in whole_orders() for one in order.shipments if one.status is DeliveryStatus.SHIPPED]
    assert all(shipment.tracking_codes for shipment in shipped)
    carriers = {code.carrier for shipment in shipped for code in shipment.tracking_codes}
    assert {"PostNord", "DHL", "Budbee"} <= carriers
    assert set(db.session.scalars(select(Event.kind).distinct())) >= {
        EventKind.ORDER_PLACED,
        EventKind.SHIPMENT_SHIPPED,
        EventKind.TRACKING_ADDED,
        EventKind.BACKORDERED_SPLIT,
        EventKind.ORDER_CANCELLED,
        EventKind.COMMENT_ADDED,
    }


def test_only_the_latest_orders_have_mail_in_the_outbox(demo: Flask) -> None:
    latest = set(db.session.scalars(select(Order.id).order_by(Order.id.desc()).limit(25)))
    of_orders = Message.kind != MessageKind.WITHDRAWAL_RECEIPT
    mailed = set(db.session.scalars(select(Message.order_id).where(of_orders)))
    assert len(mailed) >= 15
    assert mailed <= latest
    assert all(
        recipient.endswith(("@example.com", "@example.se"))
        for recipient in db.session.scalars(select(Message.recipient))
    )
    assert len(set(db.session.scalars(select(Message.kind).where(of_orders)))) == 2


def test_three_customers_withdraw_of_whom_one_matches_no_order(demo: Flask) -> None:
    statements = db.session.scalars(select(Withdrawal).order_by(Withdrawal.id)).all()
    numbers = [withdrawals.matching_number(statement) for statement in statements]

    assert numbers == [statements[0].number, statements[1].number, None]
    assert [len(statement.lines) for statement in statements] == [0, 1, 1]


def test_nobody_in_it_can_be_reached(demo: Flask) -> None:
    for order in whole_orders():
        customer = order.customer
        assert customer.email is None or customer.email.endswith(("@example.com", "@example.se"))
        assert customer.phone is not None
        assert (
            1_740_605
            <= int("".join(character for character in customer.phone if character.isdigit()).removeprefix("070"))
            <= 1_740_699
        )
        if customer.organisation_number:
            assert not has_right_check_digit(customer.organisation_number)


def has_right_check_digit(number: str) -> bool:
    digits = [int(character) for character in number if character.isdigit()]
    doubled = [digit * (2 - place % 2) for place, digit in enumerate(digits)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def test_the_catalogue_has_everything_that_a_shop_has_to_cope_with() -> None:
    products = make_products()
    assert len({product.sku for product in products}) == 200
    assert {product.vat_rate for product in products} == {2500, 1200, 600, 0}
    assert {product.backorderable for product in products} == {True, False, None}
    assert {product.active for product in products} == {True, False}
    assert any(product.stock == 0 for product in products)
    assert any(product.stock is None for product in products)
    assert max(len(product.name) for product in products) > 180
    assert {"LJUS-12", "DUK-250-S", "KAN-02"} <= {product.sku for product in products}


def test_a_link_signs_in_the_administrator_until_the_password_changes(demo: Flask) -> None:
    anna = shop.administrator()
    assert (anna.email, anna.role) == ("anna@example.com", Role.ADMIN)
    token = sign_in_links.make(anna)
    assert sign_in_links.find_user(token) is anna
    assert sign_in_links.find_user(token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]) is None
    assert sign_in_links.find_user("") is None
    anna.set_password("something long")
    assert sign_in_links.find_user(token) is None
    db.session.rollback()
    assert {user.role for user in db.session.scalars(select(User))} == set(Role)


def test_a_link_ends_after_twelve_hours_and_with_its_user(demo: Flask, time_machine: Any) -> None:
    anna = shop.administrator()
    time_machine.move_to(datetime(2026, 11, 23, 6, tzinfo=UTC), tick=False)
    token = sign_in_links.make(anna)
    time_machine.shift(timedelta(hours=12))
    assert sign_in_links.find_user(token) is anna
    anna.active = False
    assert sign_in_links.find_user(token) is None
    db.session.rollback()
    time_machine.shift(timedelta(seconds=2))
    assert sign_in_links.find_user(token) is None


def test_some_money_was_given_back_or_is_to_be_and_some_came_in(demo: Flask) -> None:
    found = [refund for order in whole_orders() for refund in order.refunds]

    assert {refund.state for refund in found} == {RefundState.REQUESTED, RefundState.DONE}
    assert any(refund.return_id for refund in found)
    assert any(order.registered_payments for order in whole_orders())


def test_the_inbox_has_what_needs_a_person_of_many_kinds_since_days(demo: Flask) -> None:
    with writing():
        snoozing.wake_due()
    found = {item.kind: item.since for item in db.session.scalars(select(InboxItem).where(InboxItem.is_shown))}
    assert set(found) >= {
        InboxKind.FAILED_MAIL,
        InboxKind.CODE_WITHOUT_SHIPPING,
        InboxKind.READY_TOO_LONG,
        InboxKind.SOURCE_DIFFERS,
        InboxKind.WEBHOOK_OFF,
        InboxKind.TO_REFUND,
        InboxKind.TO_CHARGE,
        InboxKind.CUSTOMER_COMMENT,
        InboxKind.WITHDRAWAL,
        InboxKind.INCOMING_CALL,
    }
    assert max(found.values()) < datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert db.session.scalars(select(Order.id).where(Order.attention.is_(None))).all() == []


def test_a_pause_of_it_ends_once_the_worker_runs(demo: Flask, time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 8, tzinfo=UTC))
    worker.end_holds(ThreadEvent())
    ended = select(InboxItem.facts).where(InboxItem.kind == InboxKind.HOLD_ENDED)
    assert [facts["until"] for facts in db.session.scalars(ended)] == ["2026-11-23"]
