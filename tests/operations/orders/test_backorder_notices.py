"""Telling customers when what they wait for is expected."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from tests.factories import ASA, make_order, make_product
from tests.operations.steps import changing, last_event, line_of, messages_of, read
from tests.operations.undo.steps import make_user, undo
from webshop_orders import expected_days, shop_settings
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, EventKind, IncomingDelivery, Message, MessageKind, Order
from webshop_orders.operations.orders import backorder_notices, cancellation, lines, splits
from webshop_orders.operations.stock import incoming
from webshop_orders.operations.undo import steps
from webshop_orders.text.formatting import day as shown
from webshop_orders.transactions.unit_of_work import editing, writing


@pytest.fixture(autouse=True)
def products(app: Flask) -> None:
    for sku in ("CANDLE", "WICK"):
        make_product(sku, stock=0)


def in_days(days: int) -> date:
    return shop_settings.today() + timedelta(days=days)


def expect(sku: str, quantity: int, days: int, by: Actor) -> IncomingDelivery:
    with writing():
        return incoming.expect(sku, quantity, in_days(days), by=by)


def send(order: Order, by: Actor, *, again: bool = False) -> Message:
    with editing(order.number, None, by) as current:
        return backorder_notices.send(current, expected_days.of_lines([current]), again=again, by=by)


def notices_of(order: Order) -> list[Message]:
    return [message for message in messages_of(order) if message.kind is MessageKind.BACKORDER_NOTICE]


def refused(order: Order, by: Actor, words: str) -> None:
    with pytest.raises(RuleViolation, match=words):
        send(order, by)
    assert notices_of(order) == []


def test_nothing_is_told_of_an_order_that_waits_for_nothing(anna: Actor) -> None:
    make_product("MATCH")

    refused(make_order(("MATCH", 1)), anna, "väntar på lager")


def test_nothing_is_told_where_no_day_is_known(anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    refused(order, anna, "inte känt")

    expect("CANDLE", 1, -1, anna)
    refused(order, anna, "inte känt")


@pytest.mark.parametrize("unusable", [None, "asa@"])
def test_nobody_is_told_where_the_customer_cannot_be_mailed(anna: Actor, unusable: str | None) -> None:
    order = make_order(("CANDLE", 1), customer=replace(ASA, email=None, unusable_email=unusable))
    expect("CANDLE", 1, 3, anna)

    refused(order, anna, "e-post")


def test_nothing_is_told_of_a_cancelled_order_or_a_test(anna: Actor) -> None:
    expect("CANDLE", 9, 3, anna)
    refused(make_order(("CANDLE", 1), is_test=True), anna, "testorder")

    order = make_order(("CANDLE", 1))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    refused(order, anna, "makulerad")


def test_the_customer_is_told_the_day_of_each_line_that_waits(anna: Actor) -> None:
    make_product("MATCH", name="Tändstickor")
    order = make_order(("CANDLE", 3), ("WICK", 1), ("MATCH", 1))
    expect("CANDLE", 3, 3, anna)

    message = send(order, anna)

    expected = shown(in_days(3), "sv", with_year=in_days(3).year != shop_settings.today().year)
    for body in (message.text, message.html):
        assert expected in body
        assert "Product CANDLE" in body
        assert "vi vet ännu inte när" in body
        assert "Tändstickor" not in body
    assert message.recipient == "asa@example.com"
    assert not message.automatic
    assert line_of(read(order), "CANDLE").promised_on == in_days(3).isoformat()
    assert line_of(read(order), "WICK").promised_on is None
    event = last_event(order)
    assert event.kind is EventKind.BACKORDER_NOTICE_SENT
    assert event.facts["days"] == [in_days(3).isoformat()]
    assert event.facts["products"] == ["Product CANDLE"]


def test_the_same_days_are_told_once_unless_they_are_to_be_told_again(anna: Actor) -> None:
    order = make_order(("CANDLE", 3))
    expect("CANDLE", 3, 3, anna)
    send(order, anna)

    with pytest.raises(NoChange):
        send(order, anna)
    assert len(notices_of(order)) == 1

    send(order, anna, again=True)
    assert len(notices_of(order)) == 2


def test_another_day_is_told_as_is_a_line_that_has_none_any_more(anna: Actor) -> None:
    order = make_order(("CANDLE", 3), ("WICK", 1))
    first, other = expect("CANDLE", 3, 3, anna), expect("WICK", 1, 3, anna)
    send(order, anna)

    with writing():
        incoming.change(first.id, quantity=3, expected_on=in_days(8), note=None, version=1, by=anna)
    send(order, anna)
    assert line_of(read(order), "CANDLE").promised_on == in_days(8).isoformat()

    with writing():
        incoming.cancel(other.id, version=1, by=anna)
    send(order, anna)
    assert line_of(read(order), "WICK").promised_on is None
    assert len(notices_of(order)) == 3


def test_an_order_that_ships_whole_is_told_its_one_day(anna: Actor) -> None:
    order = make_order(("CANDLE", 1), ("WICK", 1))
    expect("CANDLE", 1, 3, anna)
    expect("WICK", 1, 9, anna)
    with changing(order, anna) as current:
        current.ships_whole = True

    message = send(order, anna)

    assert "hela ordern tillsammans" in message.text
    assert {line.promised_on for line in read(order).lines} == {in_days(9).isoformat()}


def test_a_notice_is_no_version_and_no_step_to_take_back(anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    expect("CANDLE", 1, 3, anna)
    version = read(order).version

    send(order, anna)

    assert read(order).version == version
    assert steps.read(order.id, anna).steps == []


def test_what_a_customer_was_told_stays_when_a_change_is_taken_back_and_comes_back_with_its_line(app: Flask) -> None:
    anna = make_user("Anna")
    order = make_order(("CANDLE", 3), ("WICK", 1))
    expect("CANDLE", 9, 3, anna)
    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=4, by=anna)
    send(order, anna)
    undo(order, anna)
    assert line_of(read(order), "CANDLE").promised_on == in_days(3).isoformat()

    with changing(order, anna) as current:
        lines.remove(line_of(current, "CANDLE"), by=anna)
    undo(order, anna)
    assert line_of(read(order), "CANDLE").promised_on == in_days(3).isoformat()


def test_both_parts_of_a_split_line_keep_what_the_customer_was_told(anna: Actor) -> None:
    order = make_order(("CANDLE", 3))
    expect("CANDLE", 9, 3, anna)
    send(order, anna)

    with changing(order, anna) as current:
        splits.split(line_of(current, "CANDLE"), 1, to=None, by=anna)

    assert [line.promised_on for line in read(order).lines] == [in_days(3).isoformat()] * 2
