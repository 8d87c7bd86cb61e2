"""Placing and cancelling orders."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.factories import SHOP, make_order, make_product, reshape_shop, restart_numbers
from tests.operations.steps import changing, events_of, kinds_of, last_event, messages_of, read, shape, stock_of
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import (
    Actor,
    Comment,
    CommentKind,
    Customer,
    DeliveryStatus,
    EventKind,
    MailHoldReason,
    MessageKind,
    MessageState,
    Order,
    OrderStatus,
)
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.transactions.unit_of_work import writing

LAST_YEAR = datetime(2025, 11, 23, 9, 14, tzinfo=UTC)


def cancel(order: Order, by: Actor) -> None:
    with changing(order, by) as current:
        cancellation.cancel(current, by=by)


def test_a_reference_that_is_taken_is_refused_and_reserves_no_stock(app: Flask) -> None:
    make_product("CANDLE", stock=5)
    make_order(("CANDLE", 1), external_reference="wc-1")

    with pytest.raises(RuleViolation, match="wc-1") as refusal:
        make_order(("CANDLE", 1), external_reference="wc-1")

    assert refusal.value.field == "external_reference"
    assert stock_of("CANDLE") == (5, 1, 0)


def test_a_number_that_is_taken_is_refused(app: Flask) -> None:
    make_order(("CANDLE", 1), number="S-77")

    with pytest.raises(RuleViolation, match="S-77") as refusal:
        make_order(("CANDLE", 1), number="S-77")

    assert refusal.value.field == "number"


def test_the_number_series_skips_numbers_of_imported_orders(app: Flask) -> None:
    make_order(("CANDLE", 1), number="WS-100001")
    make_order(("CANDLE", 1), number="WS-100002")

    assert make_order(("CANDLE", 1)).number == "WS-100003"
    assert make_order(("CANDLE", 1)).number == "WS-100004"


def test_numbers_follow_the_series_of_the_shop(app: Flask) -> None:
    reshape_shop(number_prefix="B", number_digits=4)
    restart_numbers(7)

    assert [make_order(("CANDLE", 1)).number for _ in range(2)] == ["B0007", "B0008"]


def test_a_refused_order_takes_no_number(app: Flask) -> None:
    make_order(("CANDLE", 1), external_reference="wc-1")

    with pytest.raises(RuleViolation):
        make_order(("CANDLE", 1), external_reference="wc-1")

    assert make_order(("CANDLE", 1)).number == "WS-100002"


def test_a_number_whose_transaction_is_rolled_back_is_left_out_on_postgresql_only(app: Flask) -> None:
    with suppress(RuleViolation), writing():
        assert shop_settings.next_numbers(2) == ["WS-100001", "WS-100002"]
        raise RuleViolation("The customer left.")

    is_sqlite = db.engine.dialect.name == "sqlite"
    assert make_order(("CANDLE", 1)).number == ("WS-100001" if is_sqlite else "WS-100003")


def test_rule_21_a_placed_order_is_one_event_and_the_first_version(app: Flask) -> None:
    order = make_order(("CANDLE", 2), comment="Ring på porten")

    placed = read(order)
    (event,) = events_of(placed)
    assert (placed.version, placed.event_count, event.version) == (1, 1, 1)
    assert (event.kind, event.actor_kind, event.actor_name) == (EventKind.ORDER_PLACED, SHOP.kind, SHOP.name)
    assert event.facts == {"total": 20_000}
    (comment,) = db.session.scalars(db.select(Comment).where(Comment.order_id == order.id))
    assert (comment.kind, comment.author) == (CommentKind.CUSTOMER, "Åsa Öberg")


def test_rule_19_a_placed_order_is_mailed_to_the_customer_and_to_the_shop(app: Flask) -> None:
    reshape_shop(notification_email="lager@example.com")

    order = make_order(("CANDLE", 2))

    assert {(mail.kind, mail.recipient, mail.automatic) for mail in messages_of(order)} == {
        (MessageKind.ORDER_CONFIRMATION, "asa@example.com", True),
        (MessageKind.SHOP_NOTIFICATION, "lager@example.com", True),
    }
    assert read(order).message_count == 2


def test_rule_19_with_automatic_order_confirmations_off_the_mail_is_held(app: Flask) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    reshape_shop(mails_order_confirmations=False)

    (mail,) = messages_of(make_order(("CANDLE", 2)))

    assert (mail.state, mail.held_because, mail.due_at) == (MessageState.HELD, MailHoldReason.NOT_AUTOMATIC, None)


@pytest.mark.parametrize("reason", ["not requested", "no address", "shipped elsewhere"])
def test_rule_19_without_a_recipient_no_confirmation_is_queued(app: Flask, reason: str) -> None:
    values = {
        "not requested": {"send_confirmation": False},
        "no address": {"customer": Customer("Åsa Öberg")},
        "shipped elsewhere": {"shipped_at": LAST_YEAR},
    }[reason]

    order = make_order(("CANDLE", 2), **values)

    assert messages_of(order) == []


def test_an_order_placed_as_already_shipped_moves_no_stock(app: Flask) -> None:
    make_product("CANDLE", stock=5)

    order = make_order(("CANDLE", 9), shipped_at=LAST_YEAR)

    shipment = read(order).shipments[0]
    assert (shipment.status, shipment.shipped_at) == (DeliveryStatus.SHIPPED, LAST_YEAR)
    assert read(order).status is OrderStatus.SHIPPED
    assert stock_of("CANDLE") == (5, 0, 0)


def test_rule_02_two_rows_of_one_product_stay_separate_lines(app: Flask) -> None:
    make_product("CANDLE", stock=5)

    order = make_order(("CANDLE", 3), ("CANDLE", 4))

    assert shape(order) == {1: [("CANDLE", 3, 3), ("CANDLE", 4, 2)]}
    assert stock_of("CANDLE") == (5, 5, 2)


def test_an_order_with_a_shipped_shipment_cannot_be_cancelled(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    with pytest.raises(RuleViolation, match=f"{order.number}-1"):
        cancel(order, anna)

    assert read(order).status is OrderStatus.SHIPPED


def test_an_order_is_cancelled_once(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 3))
    cancel(order, anna)

    with pytest.raises(NoChange, match=order.number):
        cancel(order, anna)

    assert stock_of("CANDLE") == (5, 0, 0)
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.ORDER_CANCELLED]


def test_rule_04_a_cancelled_order_releases_its_reserved_and_backordered_units(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=2)
    order = make_order(("CANDLE", 3))

    cancel(order, anna)

    assert read(order).status is OrderStatus.CANCELLED
    assert stock_of("CANDLE") == (2, 0, 0)
    assert shape(order) == {1: [("CANDLE", 3, 0)]}
    assert last_event(order).facts == {"status": {"before": "backordered", "after": "cancelled"}}
    assert read(order).version == 2
