"""Rule 31 under concurrency: what is sold, counted, received and changed by hand at once all stays."""

import random
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from tests.concurrency.crowd import (
    TIMEOUT,
    all_at_once,
    answer_to,
    assert_only,
    assert_stock_is_consistent,
    person,
)
from tests.factories import make_order, make_product
from tests.operations.steps import movements_of, read_product
from webshop_orders.db import sqlite
from webshop_orders.db.extensions import db
from webshop_orders.models import MovementReason, Product
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.stock import backorders, counts, incoming
from webshop_orders.transactions.unit_of_work import editing, writing

pytestmark = pytest.mark.own_app

PEOPLE = 16
TURNS = 3
SKUS = ("CANDLE", "WICK")


def test_rule_31_nothing_of_what_16_sell_count_receive_and_adjust_at_once_is_lost(
    app: Flask, database: str, tmp_path: Path
) -> None:
    for sku in SKUS:
        make_product(sku, stock=60)
    moved: list[tuple[str, int]] = []

    def sell(who: int, turn: int, sku: str) -> None:
        number = f"OWN-{who}-{turn}"
        make_order((sku, 2), number=number, external_reference=number)
        with editing(number, None, person(who)) as order:
            shipments.ship(order.shipments[0], by=person(who))
        moved.append((sku, -2))

    def adjust(who: int, turn: int, sku: str) -> None:
        with writing():
            counts.adjust(sku, -1, MovementReason.WASTE, by=person(who))
        moved.append((sku, -1))

    def count(who: int, turn: int, sku: str) -> None:
        product = read_product(sku)
        level, version = product.stock, product.stock_version
        assert level is not None
        with writing():
            result = counts.count(sku, level + random.Random(who + turn).randint(0, 3), version, by=person(who))
            quantity = result.movement.quantity
        moved.append((sku, quantity))

    def receive(who: int, turn: int, sku: str) -> None:
        with writing():
            delivery_id, version = _expect(sku, who)
        with writing():
            incoming.receive(delivery_id, 5, version=version, by=person(who))
        moved.append((sku, 5))

    acts = (sell, adjust, count, receive)

    def trade(who: int) -> list[str]:
        return [answer_to(partial(acts[who % 4], who, turn, SKUS[(who // 4 + turn) % 2])) for turn in range(TURNS)]

    answers = all_at_once(database, tmp_path, PEOPLE, trade)

    assert_only(answers, "done", attempts=PEOPLE * TURNS)
    assert_stock_is_consistent()
    for sku in SKUS:
        assert read_product(sku).stock == 60 + sum(quantity for of_sku, quantity in moved if of_sku == sku)
        assert len(movements_of(sku)) == 1 + sum(of_sku == sku for of_sku, _quantity in moved)


def _expect(sku: str, who: int) -> tuple[int, int]:
    delivery = incoming.expect(sku, 5, None, by=person(who))
    db.session.flush()
    return delivery.id, delivery.version


def test_rule_31_one_request_that_16_send_at_once_moves_stock_once(app: Flask, database: str, tmp_path: Path) -> None:
    make_product("CANDLE", stock=60)
    by = person(1).with_request_key("page-1")

    def receive() -> None:
        with writing():
            counts.adjust("CANDLE", 50, MovementReason.RECEIVED, by=by)

    answers = all_at_once(database, tmp_path, PEOPLE, lambda who: [answer_to(receive)])

    assert_only(answers, "done", "AlreadyDone", attempts=PEOPLE)
    assert (answers["done"], read_product("CANDLE").stock) == (1, 110)


def test_negative_control_without_the_lock_what_is_done_at_once_is_refused_by_the_database(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = 4
    make_product("CANDLE", stock=60)
    remove_the_lock(monkeypatch, people=people)

    def adjust(who: int) -> None:
        with writing():
            counts.adjust("CANDLE", -1, MovementReason.WASTE, by=person(who))

    def act(who: int) -> list[str]:
        try:
            return [answer_to(partial(adjust, who))]
        except IntegrityError as error:
            return ["same version" if "version" in str(error) else str(error)]

    answers = all_at_once(database, tmp_path, people, act)

    assert answers["same version"] > 0, "the levels that they read were the same"


def remove_the_lock(monkeypatch: pytest.MonkeyPatch, *, people: int) -> None:
    """Have stock read without a lock, and SQLite begin no transaction; all read before any writes."""
    together = Barrier(people, timeout=TIMEOUT)

    def read_without_lock(ids: set[int]) -> list[Product]:
        statement = select(Product).where(Product.id.in_(ids)).execution_options(populate_existing=True)
        products = list(db.session.scalars(statement))
        together.wait()
        return products

    def begin_nothing(connection: Connection) -> None:
        pass

    monkeypatch.setattr(sqlite, "_begin", begin_nothing)
    monkeypatch.setattr(backorders, "_lock_products", read_without_lock)
