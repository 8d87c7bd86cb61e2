"""The shop's settings, edited in Konfiguration, and the series of order numbers."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from sqlalchemy import Integer, Row, bindparam, func, select, true, update

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update, lock_rows
from webshop_orders.db.row_values import RowValues
from webshop_orders.models import Shop
from webshop_orders.models.shop import ORDER_NUMBERS

ID = 1  # of the only row
VALUES = RowValues(Shop)
IS_ROW = Shop.__table__.c.id == ID
SETTINGS = select(*VALUES.columns).where(IS_ROW)
TAKE_FROM_SEQUENCE = (
    select(Shop.number_prefix, Shop.number_digits, ORDER_NUMBERS.next_value())
    .select_from(Shop)
    .join(func.generate_series(1, bindparam("count", type_=Integer)).table_valued("each"), true())
    .where(Shop.id == ID)
)
COUNT_UP = (
    update(Shop)
    .values(next_number=Shop.next_number + bindparam("count"))
    .returning(Shop.number_prefix, Shop.number_digits, Shop.next_number)
    .execution_options(synchronize_session=False)
)


def current() -> Shop:
    """The shop's settings, read once a request and immutable."""
    shop: Shop | None = g.get("shop")
    return shop or cache(db.session.execute(SETTINGS).one())


def cache(row: Iterable[Any]) -> Shop:
    """Keep the settings of a row, which was selected as VALUES, for the rest of the request."""
    g.shop = shop = VALUES.of(row)
    return shop


def for_update() -> Shop:
    """The settings, locked to be changed until the transaction ends."""
    g.pop("shop", None)
    shop = get_for_update(Shop, ID)
    assert shop is not None, "commands create the settings before anything else (cli/database.py)"
    return shop


def today() -> date:
    """The present day in the shop's time zone."""
    return now().astimezone(ZoneInfo(current().time_zone)).date()


def lock_bulk_placement() -> None:
    """Keep other transactions that place many orders waiting until this one ends; those that place one do not wait.

    A transaction that places many orders does so first: two of them with some of the same orders could deadlock.
    """
    lock_rows(select(Shop.id))


def next_numbers(count: int) -> list[str]:
    """The next order numbers of the series, such as WS-100234; no two transactions get the same.

    On PostgreSQL they come from a sequence, since the row of a counter would be locked until the commit, and orders
    placed at once would wait for each other. The number of an order that is rolled back is therefore never used there;
    on SQLite, where transactions that write run one at a time anyway, the next order gets it.
    """
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    rows = _count_up(count) if is_sqlite else _take_from_sequence(count)
    return [f"{prefix}{number:0{digits}d}" for prefix, digits, number in rows]


def _take_from_sequence(count: int) -> Sequence[Row[str, int, int]]:
    return db.session.execute(TAKE_FROM_SEQUENCE, {"count": count}).all()


def _count_up(count: int) -> list[tuple[str, int, int]]:
    taken = db.session.execute(COUNT_UP, {"count": count}).one()
    numbers = range(taken.next_number - count, taken.next_number)
    return [(taken.number_prefix, taken.number_digits, number) for number in numbers]
