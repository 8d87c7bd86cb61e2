"""Reads begin no transaction on PostgreSQL, so that the driver keeps its prepared statements."""

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

    prepared = db.session.execute(text("select statement, generic_plans + custom_plans from pg_prepared_statements"))
    uses = [count for statement, count in prepared if "WHERE orders.number" in statement]
    assert max(uses, default=0) > TIMES / 2
