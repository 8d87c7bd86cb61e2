"""Carrying out a file of products: some rows a transaction, and those by which orders lose cover one by one."""

from __future__ import annotations

from collections.abc import Sequence

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor
from webshop_orders.operations.stock import counts, product_import, reservations
from webshop_orders.operations.stock.counted_levels import Counted
from webshop_orders.operations.stock.import_columns import ProductColumn
from webshop_orders.operations.stock.product_import import FileRow, PlannedRow, Refusal
from webshop_orders.transactions.unit_of_work import writing

ROWS_AT_ONCE = 200


def carry_out(rows: Sequence[FileRow], *, may_price: bool, by: Actor) -> list[PlannedRow]:
    """Change the products of a file; returns what became of each row, refused ones with the reason."""
    by = by.with_request_key(None)  # each row says what it is counted on, so that sending it again changes nothing
    done: list[PlannedRow] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        done += _carry_out(rows[start : start + ROWS_AT_ONCE], may_price=may_price, by=by)
    return done


def _carry_out(rows: Sequence[FileRow], *, may_price: bool, by: Actor) -> list[PlannedRow]:
    with writing():
        reservations.lock(product_import.by_sku(row.sku for row in rows).values())
        planned = product_import.plan(rows, may_price=may_price, by=by)
        left = product_import.carry_out(planned, by=by)
        numbers = {product.sku: counted for product, counted in left.items()}
    for row in planned:
        if row.row.sku in numbers and row.is_to_do:
            _count(row, numbers[row.row.sku], by)
    return planned


def _count(row: PlannedRow, counted: Counted, by: Actor) -> None:
    try:
        with writing():
            counts.count(row.row.sku, counted.units, counted.stock_version, by=by)
    except RuleViolation as violation:
        row.refusals.append(Refusal(str(violation), ProductColumn.STOCK))
