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
SOME_IDS = select(ORDERS.c.id).where(ORDERS.c.id > bindparam("after")).order_by(ORDERS.c.id).limit(bindparam("most"))
SOME_ORDERS = (
    select(*ORDER.columns).where(ORDERS.c.id.between(bindparam("first"), bindparam("last"))).order_by(ORDERS.c.id)
)
THEIR_SHIPMENTS = select(*SHIPMENT.columns).where(IN_RANGE).order_by(SHIPMENTS.c.order_id, SHIPMENTS.c.seq)
THEIR_LINES = (
    select(*LINE.columns, *PRODUCT.columns)
    .select_from(SHIPMENTS.join(LINES, LINES.c.shipment_id == SHIPMENTS.c.id).outerjoin(PRODUCTS))
    .where(IN_RANGE)
)
THEIR_CODES = select(*CODE.columns).join_from(SHIPMENTS, CODES, CODES.c.shipment_id == SHIPMENTS.c.id).where(IN_RANGE)
LINE_END, PRODUCT_ID = len(LINE.columns), LINE.names.index("product_id")
ORDER_ID = ORDER.names.index("id")
UNREADABLE = (LookupError, TypeError, ValueError)


def count() -> int:
    """How many orders there are."""
    return db.session.scalar(select(func.count()).select_from(Order)) or 0


def in_parts() -> Iterator[list[Order | str]]:
    """All orders with their shipments, lines and tracking codes, some at once, by their ids.

    In place of one that cannot be read, as its JSON is none or lacks something, is its number.
    """
    after = -1
    while ids := list(db.session.scalars(SOME_IDS, {"after": after, "most": AT_ONCE})):
        try:
            yield [*_orders(ids[0], ids[-1])]
        except UNREADABLE:
            yield [_order_or_number(order_id) for order_id in ids]
        after = ids[-1]


def _order_or_number(order_id: int) -> Order | str:
    try:
        return _orders(order_id, order_id)[0]
    except UNREADABLE:
        return db.session.scalar(select(ORDERS.c.number).where(ORDERS.c.id == order_id)) or ""


def _orders(first: int, last: int) -> list[Order]:
    span = {"first": first, "last": last}
    rows = _execute(SOME_ORDERS, **span)
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
