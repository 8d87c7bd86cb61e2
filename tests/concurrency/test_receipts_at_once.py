"""Sixteen people receive the same delivery, sell what comes and ship it, at once: nothing double, nothing lost."""

from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.concurrency.crowd import all_at_once, answer_to, assert_only, assert_stock_is_consistent, person
from tests.factories import make_order, make_product
from tests.operations.steps import read_product
from webshop_orders.db.extensions import db
from webshop_orders.models import IncomingDelivery, MovementReason, StockMovement
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.stock import incoming
from webshop_orders.transactions.unit_of_work import editing, writing

pytestmark = pytest.mark.own_app

PEOPLE = 16
DELIVERED = 40
TURNS = 3


def deliver(units: int) -> int:
    with writing():
        return incoming.expect("CANDLE", units, None, by=person(0)).id


def receive(delivery_id: int, units: int, version: int, who: int) -> None:
    with writing():
        incoming.receive(delivery_id, units, version=version, closes=False, by=person(who))


def received() -> list[int]:
    db.session.rollback()
    of_deliveries = select(StockMovement.quantity).where(StockMovement.reason == MovementReason.RECEIVED)
    return list(db.session.scalars(of_deliveries))


def test_a_delivery_that_all_receive_at_once_comes_once(app: Flask, database: str, tmp_path: Path) -> None:
    make_product("CANDLE", stock=0)
    waiting = [make_order(("CANDLE", 3)).number for _each in range(PEOPLE)]
    delivery_id = deliver(DELIVERED)

    def take_part(who: int) -> list[str]:
        return [answer_to(partial(receive, delivery_id, DELIVERED, 1, who))]

    answers = all_at_once(database, tmp_path, PEOPLE, take_part)

    assert_only(answers, "done", "StaleVersion", attempts=PEOPLE)
    assert answers["done"] == 1
    assert received() == [DELIVERED]
    assert read_product("CANDLE").reserved == DELIVERED
    covered = [order for order in waiting if _is_covered(order)]
    assert covered == waiting[: DELIVERED // 3]  # the oldest first
    assert_stock_is_consistent()


def test_without_the_comparison_of_versions_it_would_come_more_than_once(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product("CANDLE", stock=0)
    delivery_id = deliver(DELIVERED)
    monkeypatch.setattr(incoming, "_check_current", lambda delivery, version: None)

    def take_part(who: int) -> list[str]:
        return [answer_to(partial(receive, delivery_id, DELIVERED, 1, who))]

    answers = all_at_once(database, tmp_path, PEOPLE, take_part)

    assert answers["done"] > 1
    assert len(received()) > 1


def test_goods_that_come_while_others_sell_and_ship_them_are_neither_doubled_nor_lost(
    app: Flask, database: str, tmp_path: Path
) -> None:
    make_product("CANDLE", stock=0)
    deliveries = [deliver(DELIVERED) for _each in range(4)]
    placed = [make_order(("CANDLE", 2)).number for _each in range(8)]

    def take_part(who: int) -> list[str]:
        def receive_in_parts(turn: int) -> None:
            delivery_id = deliveries[who % 4]
            version = incoming.get(delivery_id).version
            receive(delivery_id, 5, version, who)

        def sell(turn: int) -> None:
            make_order(("CANDLE", 1 + turn), number=f"OWN-{who}-{turn}", external_reference=f"own-{who}-{turn}")

        def ship(turn: int) -> None:
            with editing(placed[who % 8], None, person(who)) as order:
                shipment = order.shipments[0]
                if not shipment.backordered:  # what is not covered would take what others have
                    (shipments.reopen if shipment.is_shipped else shipments.ship)(shipment, by=person(who))

        act = (receive_in_parts, receive_in_parts, sell, ship)[who // 4]
        return [answer_to(partial(act, turn)) for turn in range(TURNS)]

    answers = all_at_once(database, tmp_path, PEOPLE, take_part)

    assert_only(answers, "done", "StaleVersion", attempts=PEOPLE * TURNS)
    db.session.rollback()
    counted = list(db.session.scalars(select(IncomingDelivery.received)))
    assert sum(counted) == sum(received()) == 5 * len(received())
    assert_stock_is_consistent()


def _is_covered(number: str) -> bool:
    with editing(number, None, person(0), is_step=False) as order:
        return not any(line.backordered for line in order.lines)
