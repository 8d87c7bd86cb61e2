"""Checks of the database itself: its file, foreign keys, what is unique, and what rows repeat of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

from flask_babel import gettext as _
from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint, and_, func, or_, select, text

from webshop_orders.db import sqlite
from webshop_orders.db.extensions import db
from webshop_orders.models import Line, Order, Shipment, TrackingCode
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import mends
from webshop_orders.verification.check import Check, Progress, Violation

MOST_FOUND = 100
# What the migrations make on both databases. Without one of them, counts, inbox and search fall behind from then on.
TRIGGERS = {
    *("inbox_items_add", "inbox_items_change", "inbox_items_remove"),
    *("order_counts_add", "order_counts_change"),
    *("order_search_add", "order_search_change"),
    *("orders_attention_add", "orders_attention_change"),
    *("orders_waiting_add", "orders_waiting_change"),
    *("product_search_add", "product_search_change"),
    *("shipments_shipped_add", "shipments_shipped_change", "shipments_shipped_remove"),
    *("tracking_codes_add", "tracking_codes_change"),
}
ON_SQLITE = text("select name from sqlite_master where type = 'trigger'")
ON_POSTGRESQL = text("select tgname from pg_trigger where not tgisinternal and tgenabled <> 'D'")
SHIPMENTS, ORDERS = Shipment.__table__.c, Order.__table__.c


def _file(_progress: Progress) -> Iterator[Violation]:
    """The file of SQLite is whole: https://sqlite.org/pragma.html#pragma_integrity_check.

    On a connection of its own, since one that has searched before reports damage where another rebuilt an index since.
    """
    if db.engine.dialect.name != "sqlite":
        return
    with closing(sqlite.driver().connect(f"file:{quote(str(db.engine.url.database))}?mode=ro", uri=True)) as connection:
        try:
            # nosemgrep: string-built-sql - a constant
            findings = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MOST_FOUND})")]
        except sqlite.driver().DatabaseError as error:
            findings = [str(error)]
    for finding in findings:
        if finding != "ok":
            yield Violation(_("The database's file is damaged: %(finding)s.", finding=finding), mends.restore())


def _triggers(_progress: Progress) -> Iterator[Violation]:
    """The triggers are there that keep counts, inbox and search."""
    there = set(db.session.scalars(ON_SQLITE if db.engine.dialect.name == "sqlite" else ON_POSTGRESQL))
    for name in sorted(TRIGGERS - there):
        yield Violation(_("The database lacks the trigger %(name)s.", name=name), mends.restore())


def _foreign_keys(_progress: Progress) -> Iterator[Violation]:
    """What a row names is there."""
    for table in db.metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.column_keys)):
            yield from _dangling(table, key)


def _dangling(table: Table, key: ForeignKeyConstraint) -> Iterator[Violation]:
    parent = key.referred_table.alias("parent")
    pairs = [(element.parent, parent.c[element.column.name]) for element in key.elements]
    joined = table.outerjoin(parent, and_(*(own == its for own, its in pairs)))
    is_dangling = and_(*(own.is_not(None) for own, _its in pairs), pairs[0][1].is_(None))
    own = pairs[0][0]
    for name, count in db.session.execute(
        select(own, func.count()).select_from(joined).where(is_dangling).group_by(own)
    ):
        yield Violation(
            _(
                "%(table)s: there is no %(parent)s %(id)s, which is named there (rows: %(count)s).",
                table=table.name,
                count=count,
                parent=key.referred_table.name,
                id=name,
            ),
            mends.restore(),
        )


def _unique(_progress: Progress) -> Iterator[Violation]:
    """What is there once is there once: numbers, references, SKUs, keys of requests."""
    for table in db.metadata.sorted_tables:
        for columns in _unique_columns(table):
            counted = select(*columns, func.count()).where(and_(*(column.is_not(None) for column in columns)))
            for *values, count in db.session.execute(counted.group_by(*columns).having(func.count() > 1)):
                yield Violation(
                    _(
                        "%(table)s: the same %(columns)s more than once, %(values)s (rows: %(count)s).",
                        table=table.name,
                        count=count,
                        columns=", ".join(column.name for column in columns),
                        values=", ".join(str(getattr(value, "value", value)) for value in values),
                    ),
                    mends.restore(),
                )


def _unique_columns(table: Table) -> list[list[Any]]:
    constraints = (constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint))
    return sorted((list(constraint.columns) for constraint in constraints), key=str)


def _repeated(_progress: Progress) -> Iterator[Violation]:
    """Lines and tracking codes repeat the order of their shipment and when it was placed, codes its status too."""
    lines, codes = Line.__table__.c, TrackingCode.__table__.c
    own = {"order_id": ORDERS.id, "placed_at": ORDERS.placed_at}
    for rows, repeated in ((lines, own), (codes, {**own, "order_status": ORDERS.status})):
        table: Any = rows.id.table
        joined = table.join(Shipment.__table__, SHIPMENTS.id == rows.shipment_id).join(
            Order.__table__, ORDERS.id == SHIPMENTS.order_id
        )
        is_wrong = or_(*(rows[name] != column for name, column in repeated.items()))
        columns = (column.label(name) for name, column in repeated.items())
        found = select(rows.id, ORDERS.number, *columns).select_from(joined).where(is_wrong).order_by(rows.id)
        for row_id, number, *values in db.session.execute(found):
            yield Violation(
                _(
                    "Order %(number)s: %(table)s, id %(id)s repeats another order, time or status than its own.",
                    number=number,
                    table=table.name,
                    id=row_id,
                ),
                mends.update(table.name, dict(zip(repeated, values, strict=True)), {"id": row_id}),
            )


CHECKS = (
    Check(_l("database: its file"), _file, is_vital=True),
    Check(_l("database: triggers"), _triggers),
    Check(_l("database: foreign keys"), _foreign_keys),
    Check(_l("database: what is unique"), _unique),
    Check(_l("orders: what lines and tracking codes repeat of them"), _repeated),
)
