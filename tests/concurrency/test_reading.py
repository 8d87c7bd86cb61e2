"""Reads begin no transaction on PostgreSQL, and the driver keeps its prepared statements."""

from contextlib import suppress

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import select, text, update

from tests.factories import make_order, make_product
from webshop_orders.db.extensions import db
from webshop_orders.models import Shop
from webshop_orders.operations.orders import loading
from webshop_orders.transactions.unit_of_work import writing

# Of their own, since a connection that another test used has prepared statements already.
pytestmark = [pytest.mark.own_app, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]
TIMES = 20


def transaction_status() -> TransactionStatus:
    connection = db.session.connection().connection.dbapi_connection
    assert connection is not None
    return TransactionStatus(connection.info.transaction_status)


def uses_of(part: str) -> int:
    """How often the prepared statement with this part, the one used most, was executed."""
    prepared = db.session.execute(text("select statement, generic_plans + custom_plans from pg_prepared_statements"))
    return max((count for statement, count in prepared if part in statement), default=0)


def test_reading_begins_no_transaction(app: Flask) -> None:
    db.session.scalar(select(Shop.name))

    assert transaction_status() is TransactionStatus.IDLE


def test_a_change_is_one_transaction(app: Flask) -> None:
    def give_up() -> None:
        with writing():
            db.session.execute(update(Shop).values(name="Given up"))
            assert transaction_status() is TransactionStatus.INTRANS
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()

    assert db.session.scalar(select(Shop.name)) != "Given up"
    assert transaction_status() is TransactionStatus.IDLE


def test_orders_are_read_by_prepared_statements(app: Flask) -> None:
    make_product("CANDLE", stock=5)
    number = make_order(("CANDLE", 2)).number
    for _turn in range(TIMES):
        loading.get_order(number)
        db.session.remove()

    assert uses_of("WHERE orders.number") > TIMES / 2


def test_a_refused_change_leaves_statements_prepared(app: Flask) -> None:
    class Refused(Exception):
        pass

    make_product("CANDLE", stock=5)
    number = make_order(("CANDLE", 2)).number
    for _turn in range(TIMES):
        loading.get_order(number)
        with suppress(Refused), writing():
            loading.lock_order(number)
            raise Refused
    db.session.remove()

    assert uses_of("WHERE orders.number") > TIMES / 2
    assert uses_of("FOR UPDATE") > TIMES / 2


def test_numbers_of_any_size_share_a_prepared_statement(app: Flask) -> None:
    for size in range(TIMES):
        db.session.scalar(select(Shop.name).where(Shop.id == 7**size))

    assert uses_of("WHERE shop.id") > TIMES / 2
