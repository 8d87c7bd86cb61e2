"""Whole orders for checks: plain objects, some thousand in four statements each, so that a million takes minutes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, func, select

from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import PlainRows
from webshop_orders.models import Line, Order, Product, Shipment, TrackingCode

AT_ONCE = 1000
ORDER, SHIPMENT, CODE = PlainRows(Order), PlainRows(Shipment), PlainRows(TrackingCode, without=["order_status"])
LINE, PRODUCT = PlainRows(Line), PlainRows(Product, only=["id", "sku", "stock"])
# The tables and not the models, so that rows are read without the ORM.
ORDERS, SHIPMENTS, LINES, PRODUCTS, CODES = (
    model.__table__ for model in (Order, Shipment, Line, Product, TrackingCode)
)
IN_RANGE = SHIPMENTS.c.order_id.between(bindparam("first"), bindparam("last"))
SOME_ORDERS = select(*ORDER.columns).where(ORDERS.c.id > bindparam("after")).order_by(ORDERS.c.id).limit(AT_ONCE)
THEIR_SHIPMENTS = select(*SHIPMENT.columns).where(IN_RANGE).order_by(SHIPMENTS.c.order_id, SHIPMENTS.c.seq)
THEIR_LINES = (
    select(*LINE.columns, *PRODUCT.columns)
    .select_from(SHIPMENTS.join(LINES, LINES.c.shipment_id == SHIPMENTS.c.id).outerjoin(PRODUCTS))
    .where(IN_RANGE)
)
THEIR_CODES = select(*CODE.columns).join_from(SHIPMENTS, CODES, CODES.c.shipment_id == SHIPMENTS.c.id).where(IN_RANGE)
LINE_END, PRODUCT_ID = len(LINE.columns), LINE.names.index("product_id")
ORDER_ID = ORDER.names.index("id")


def count() -> int:
    """How many orders there are."""
    return db.session.scalar(select(func.count()).select_from(Order)) or 0


def in_parts() -> Iterator[list[Order]]:
    """All orders with their shipments, lines and tracking codes, some at once, by their ids."""
    after = -1
    while rows := _execute(SOME_ORDERS, after=after):
        yield _orders(rows)
        after = rows[-1][ORDER_ID]


def _orders(rows: list[Any]) -> list[Order]:
    span = {"first": rows[0][ORDER_ID], "last": rows[-1][ORDER_ID]}
    orders = {row[ORDER_ID]: ORDER.make(row, shipments=[]) for row in rows}
    shipments = {}
    for row in _execute(THEIR_SHIPMENTS, **span):
        shipment = SHIPMENT.make(row, lines=[], tracking_codes=[])
        shipments[shipment.id] = shipment
        if (order := orders.get(shipment.order_id)) is not None:  # else a foreign key is broken
            shipment.order = order
            order.shipments.append(shipment)
    for row in sorted(_execute(THEIR_LINES, **span)):
        product = PRODUCT.make(row[LINE_END:]) if row[PRODUCT_ID] is not None else None
        line = LINE.make(row[:LINE_END], product=product)
        line.shipment = shipments[line.shipment_id]
        line.shipment.lines.append(line)
    for row in sorted(_execute(THEIR_CODES, **span)):
        code = CODE.make(row)
        shipments[code.shipment_id].tracking_codes.append(code)
    return list(orders.values())


def _execute(statement: Any, **parameters: int) -> list[Any]:
    return list(db.session.connection().execute(statement, parameters))
