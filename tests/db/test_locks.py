"""Locks are refused outside a write transaction, and no code takes one without this check."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.factories import make_order, make_product, make_user
from webshop_orders import shop_settings
from webshop_orders.db import locks
from webshop_orders.db.extensions import db
from webshop_orders.errors import DomainError
from webshop_orders.models import Order, Product, Shop, User
from webshop_orders.operations.orders import loading
from webshop_orders.operations.stock import reservations
from webshop_orders.operations.users import accounts, throttle
from webshop_orders.transactions.unit_of_work import writing

PACKAGE = Path(locks.__file__).parent.parent
LOCKING = re.compile(r"with_for_update|execute\([^)]*LOCK TABLE", re.IGNORECASE)


def id_of(model: type[Any]) -> int:
    """The id of the only row of a table."""
    return db.session.scalars(select(model.id)).one()  # type: ignore[no-any-return]


LOCKS: dict[str, Callable[[], Any]] = {
    "rows of a statement": lambda: locks.for_update(select(User.id)),
    "rows, unread": lambda: locks.lock_rows(select(User.id)),
    "rows of a prepared statement": lambda: locks.PreparedLock(select(User.id)).take(),
    "a row by its key": lambda: locks.get_for_update(Shop, 1),
    "a table": lambda: locks.lock_tables(text("LOCK TABLE failed_logins IN SHARE ROW EXCLUSIVE MODE")),
    "the shop's settings": shop_settings.for_update,
    "the placement of many orders": shop_settings.lock_bulk_placement,
    "a user": lambda: accounts.lock(id_of(User)),
    "the administrators": lambda: accounts.lock_with_administrators(id_of(User)),
    "the count of attempts": lambda: throttle.count_attempt("asa@example.com", address="192.0.2.7"),
    "an order": lambda: loading.lock_order("WS-100001"),
    "several orders": lambda: loading.lock_orders([id_of(Order)]),
    "stock": lambda: reservations.lock([db.session.get_one(Product, id_of(Product))]),
}


@pytest.fixture
def rows(app: Flask) -> Flask:
    make_user()
    make_product("CANDLE")
    make_order(("CANDLE", 1), number="WS-100001")
    return app


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_a_lock_is_refused_outside_a_writing_transaction(rows: Flask, lock: Callable[[], Any]) -> None:
    db.session.rollback()
    with pytest.raises(locks.LockOutsideTransaction):
        lock()

    db.session.scalar(select(Shop.name))
    assert db.session().in_transaction()  # a read-only transaction
    with pytest.raises(locks.LockOutsideTransaction):
        lock()


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_a_lock_is_taken_inside_a_writing_transaction(rows: Flask, lock: Callable[[], Any]) -> None:
    with writing():
        lock()


def test_a_lock_is_taken_inside_a_savepoint_of_a_writing_transaction(rows: Flask) -> None:
    with writing(), db.session.begin_nested():
        locks.require_write_transaction()


def test_a_lock_is_refused_after_the_commit(rows: Flask) -> None:
    with writing():
        locks.require_write_transaction()

    with pytest.raises(locks.LockOutsideTransaction):
        locks.require_write_transaction()


def test_a_lock_is_refused_after_a_rollback(rows: Flask) -> None:
    with writing():
        db.session.rollback()
        with pytest.raises(locks.LockOutsideTransaction):
            locks.require_write_transaction()


def test_the_refusal_is_a_programming_error() -> None:
    assert not issubclass(locks.LockOutsideTransaction, DomainError)


def test_no_code_locks_without_the_check() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if LOCKING.search(path.read_text())]

    assert [str(path.relative_to(PACKAGE)) for path in modules] == ["db/locks.py"]
