"""Rules 6 and 22: many copies of a click at once make one change and one mail."""

from pathlib import Path

import pytest
from flask import Flask

from tests.concurrency.crowd import all_at_once, answer_to, person
from tests.concurrency.test_edits_at_once import remove_the_lock
from tests.factories import make_order, make_product
from tests.operations.steps import events_of, line_of, messages_of, read, stock_of
from webshop_orders.models import CommentKind, EventKind, MessageKind, Order
from webshop_orders.operations.orders import comments, lines, shipments
from webshop_orders.transactions import unit_of_work
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

CLICKS = 16


def sold_order() -> Order:
    make_product("CANDLE", stock=100)
    return make_order(("CANDLE", 3))


def click_shipped(number: str, version: int | None, who: int) -> None:
    with editing(number, version, person(who)) as order:
        shipments.ship(order.shipments[0], by=person(who))


def deliveries(order: Order) -> int:
    return sum(mail.kind is MessageKind.DELIVERY_CONFIRMATION for mail in messages_of(order))


def shippings(order: Order) -> int:
    return sum(event.kind is EventKind.SHIPMENT_SHIPPED for event in events_of(order))


@pytest.mark.parametrize(("with_version", "refusal"), [(True, "StaleVersion"), (False, "NoChange")])
def test_rule_06_16_clicks_on_shipped_are_one_change_one_event_and_one_mail(
    app: Flask, database: str, tmp_path: Path, with_version: bool, refusal: str
) -> None:
    order = sold_order()
    number, version = order.number, order.version if with_version else None

    answers = all_at_once(
        database, tmp_path, CLICKS, lambda who: [answer_to(lambda: click_shipped(number, version, who))]
    )

    assert answers == {"done": 1, refusal: CLICKS - 1}
    assert (shippings(order), deliveries(order)) == (1, 1)
    assert stock_of("CANDLE") == (97, 0, 0)
    assert (read(order).version, read(order).event_count, read(order).message_count) == (2, 2, 2)


def test_negative_control_without_lock_and_comparison_a_mail_goes_out_twice(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(("GOODS-WITHOUT-STOCK", 3))  # the counters of a product would stop the second one
    number, version = order.number, order.version
    remove_the_lock(monkeypatch, people=CLICKS)
    monkeypatch.setattr(unit_of_work, "_check_version", lambda *checked: None)

    all_at_once(database, tmp_path, CLICKS, lambda who: [answer_to(lambda: click_shipped(number, version, who))])

    assert deliveries(order) > 1


@pytest.mark.parametrize("with_version", [True, False])
def test_rule_22_the_same_request_16_times_at_once_is_one_change(
    app: Flask, database: str, tmp_path: Path, with_version: bool
) -> None:
    order = sold_order()
    number, version = order.number, order.version if with_version else None
    clicker = person(1).with_request_key("the same form")

    def send() -> None:
        with editing(number, version, clicker) as present:
            comments.add(present, CommentKind.INTERNAL, "Ring först", by=clicker)

    def change() -> None:
        with editing(number, version, clicker) as present:
            line = line_of(present, "CANDLE")
            lines.change(line, quantity=line.quantity + 1, by=clicker)

    answers = all_at_once(database, tmp_path, CLICKS, lambda who: [answer_to(change if with_version else send)])

    assert answers == {"done": 1, "AlreadyDone": CLICKS - 1}
    assert len(events_of(order)) == 2
    assert line_of(read(order), "CANDLE").quantity == (4 if with_version else 3)
