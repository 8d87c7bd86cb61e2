"""Rule 19: sending a confirmation again by hand always works."""

import pytest
from flask import Flask

from tests.factories import make_order, reshape_shop
from tests.operations.steps import changing, last_event, messages_of, read
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, EventKind, MessageKind
from webshop_orders.operations.orders import confirmations, shipments
from webshop_orders.transactions.unit_of_work import editing


def test_rule_19_a_delivery_confirmation_of_an_open_shipment_is_refused(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1), send_confirmation=False)

    with pytest.raises(RuleViolation, match=f"{order.number}-1"), editing(order.number, None, anna) as current:
        confirmations.send_delivery_confirmation(current.shipments[0], "asa@example.com", by=anna)

    assert messages_of(order) == []


def test_rule_19_an_order_confirmation_can_be_sent_by_hand_with_automatic_mails_off(app: Flask, anna: Actor) -> None:
    reshape_shop(mails_order_confirmations=False)
    order = make_order(("CANDLE", 1))

    with editing(order.number, None, anna) as current:
        confirmations.send_order_confirmation(current, "ekonomi@example.com", by=anna)

    _held, mail = messages_of(order)
    assert (mail.kind, mail.recipient, mail.automatic) == (
        MessageKind.ORDER_CONFIRMATION,
        "ekonomi@example.com",
        False,
    )
    assert anna.name in mail.caused_by


def test_rule_19_a_delivery_confirmation_can_be_sent_by_hand_with_automatic_mails_off(app: Flask, anna: Actor) -> None:
    reshape_shop(mails_delivery_confirmations=False)
    order = make_order(("CANDLE", 1), send_confirmation=False)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    with editing(order.number, None, anna) as current:
        confirmations.send_delivery_confirmation(current.shipments[0], "asa@example.com", by=anna)

    _held, mail = messages_of(order)
    assert not mail.automatic
    assert (mail.kind, mail.shipment_reference) == (MessageKind.DELIVERY_CONFIRMATION, f"{order.number}-1")


def test_rule_21_a_confirmation_is_one_event_without_a_new_version(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    before = read(order)
    version, count = before.version, before.event_count

    with editing(order.number, None, anna) as current:
        confirmations.send_order_confirmation(current, "asa@example.com", by=anna)

    assert (read(order).version, read(order).event_count) == (version, count + 1)
    assert last_event(order).kind is EventKind.CONFIRMATION_SENT
    assert last_event(order).facts == {"mailed_to": "asa@example.com", "held": "no_server"}
    assert read(order).message_count == 2


def test_rule_18_two_mails_never_share_a_message_id(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    with editing(order.number, None, anna) as current:
        confirmations.send_order_confirmation(current, "asa@example.com", by=anna)

    first, second = messages_of(order)
    assert first.message_id != second.message_id
