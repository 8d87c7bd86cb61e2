"""Many systems at once: an order is placed once, a delivery ships once, and no change of settings is lost."""

from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.api.conftest import order_document
from tests.concurrency.crowd import all_at_once, answer_to, assert_only, assert_stock_is_consistent, person
from tests.factories import make_order, make_product
from tests.operations.steps import kinds_of, messages_of, read, stock_of
from webshop_orders.db.extensions import db
from webshop_orders.documents.delivery import DeliveredLine, NewDelivery
from webshop_orders.documents.order import read as read_document
from webshop_orders.models import Delivery, EventKind, Order, Shop, WebhookEvent
from webshop_orders.operations.orders import deliveries
from webshop_orders.operations.stock import backorders, products
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.outbox import worker
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing, writing

pytestmark = pytest.mark.own_app

PEOPLE = 8
NEVER = Event()


def count(kind: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(kind)) or 0


def test_an_order_that_many_place_at_once_is_there_once(app: Flask, database: str, tmp_path: Path) -> None:
    make_product("LJUS-12", stock=100)
    document = order_document()

    def place(who: int) -> list[str]:
        return [answer_to(lambda: order_intake.place_once(read_document(document), document, by=person(who)))]

    answers = all_at_once(database, tmp_path, PEOPLE, place)

    assert_only(answers, "done", attempts=PEOPLE)
    assert count(Order) == 1
    assert stock_of("LJUS-12") == (100, 3, 0)


def test_a_delivery_that_is_reported_many_times_at_once_ships_once(app: Flask, database: str, tmp_path: Path) -> None:
    make_product("A", stock=10)
    order = make_order(("A", 4))
    number = order.number
    new = NewDelivery("FS-1", [DeliveredLine(2, sku="A")])

    def report(who: int) -> list[str]:
        def once() -> None:
            with editing(number, None, person(who)) as present:
                deliveries.report(present, new, "digest", by=person(who))

        return [answer_to(once)]

    answers = all_at_once(database, tmp_path, PEOPLE, report)

    assert_only(answers, "done", attempts=PEOPLE)
    assert count(Delivery) == 1
    assert kinds_of(order).count(EventKind.SHIPMENT_SHIPPED) == 1
    assert len(messages_of(order)) == 2
    assert stock_of("A") == (8, 2, 0)


def test_settings_keep_what_each_of_many_admins_set_at_once(app: Flask, database: str, tmp_path: Path) -> None:
    def add(who: int) -> list[str]:
        def once() -> None:
            with writing():
                webhooks.add(f"https://erp{who}.example.com/", [WebhookEvent.ORDER_PLACED], by=person(who))

        return [answer_to(once)]

    answers = all_at_once(database, tmp_path, PEOPLE, add)

    assert_only(answers, "done", attempts=PEOPLE)
    db.session.rollback()
    shop = db.session.get_one(Shop, 1, populate_existing=True)
    assert len(shop.webhook_events) == len(webhooks.list_all()) == PEOPLE


def test_rule_08_workers_that_cover_at_once_never_cover_more_than_there_is(
    app: Flask, database: str, tmp_path: Path
) -> None:
    make_product("A", stock=0)
    orders = [make_order(("A", 2)) for _ in range(10)]
    with writing():
        backorders.receive({products.get("A"): 15}, by=person(0))

    def cover(who: int) -> list[str]:
        return [answer_to(lambda: worker.cover_backorders(NEVER))]

    answers = all_at_once(database, tmp_path, 4, cover)

    assert_only(answers, "done", attempts=4)
    worker.cover_backorders(NEVER)
    assert_stock_is_consistent()
    assert stock_of("A") == (15, 15, 5)
    reserved = [sum(line.reserved for line in read(order).lines) for order in orders]
    assert sum(reserved) == 15
    assert reserved == sorted(reserved, reverse=True)
