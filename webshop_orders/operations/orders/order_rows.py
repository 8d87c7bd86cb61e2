"""An order that is only read: plain objects, with the properties of the models, of one row without the ORM."""

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, select

from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import NestedRows, PlainRows
from webshop_orders.models import Line, Order, Product, Shipment, TrackingCode


class Parts(Enum):
    """How much of an order is read: it and its shipments, their lines as well, or everything. The rest is absent."""

    SHIPMENTS = "shipments"
    LINES = "lines"
    ALL = "all"


ORDER = PlainRows(
    Order, extra=["has_failed_mail", "customer_comment", "untold_events"], without=["search_text", "attention"]
)
SHIPMENT, LINE = PlainRows(Shipment), PlainRows(Line, without=["placed_at", "order_id"])
CODE = PlainRows(TrackingCode, without=["placed_at", "order_id", "order_status"])
PRODUCT = PlainRows(Product, only=["id", "sku", "stock", "reserved", "shelf_place", "barcode", "next_delivery_on"])

MAX_STATEMENTS = 50
# The tables and not the models, so that a row is read without the ORM.
ORDERS, SHIPMENTS, LINES, PRODUCTS, CODES = (
    model.__table__ for model in (Order, Shipment, Line, Product, TrackingCode)
)
ORDER_END, LINE_END = len(ORDER.columns), len(LINE.columns)
PRODUCT_ID = LINE.names.index("product_id")
OF_ORDER = SHIPMENTS.c.order_id == ORDERS.c.id
OF_SHIPMENT = SHIPMENTS.join(LINES, LINES.c.shipment_id == SHIPMENTS.c.id).outerjoin(PRODUCTS)
NESTED_SHIPMENTS = NestedRows(select(*SHIPMENT.columns).where(OF_ORDER), ORDERS)
NESTED_LINES = NestedRows(select(*LINE.columns, *PRODUCT.columns).select_from(OF_SHIPMENT).where(OF_ORDER), ORDERS)
NESTED_CODES = NestedRows(
    select(*CODE.columns).join_from(SHIPMENTS, CODES, CODES.c.shipment_id == SHIPMENTS.c.id).where(OF_ORDER), ORDERS
)
NESTED_PARTS = {
    Parts.SHIPMENTS: (NESTED_SHIPMENTS,),
    Parts.LINES: (NESTED_SHIPMENTS, NESTED_LINES),
    Parts.ALL: (NESTED_SHIPMENTS, NESTED_LINES, NESTED_CODES),
}
NestedValues = list[list[list[Any]]]  # the rows of each of some `NestedRows`


def read(
    number: str, parts: Parts, along: tuple[NestedRows, ...] = (), **parameters: Any
) -> tuple[Order, NestedValues] | None:
    """The order, and what is read `along` with it; None where there is no such order."""
    statement = _order_by_number(parts, along)
    row = db.session.connection().execute(statement, {"number": number, **parameters}).one_or_none()
    if row is None:
        return None
    along_from = ORDER_END + len(NESTED_PARTS[parts])
    return _order(row, parts), _values(along, row[along_from:])


def read_many(
    condition: ColumnElement[bool], parts: Parts, along: tuple[NestedRows, ...] = (), **parameters: Any
) -> list[tuple[Order, NestedValues]]:
    """The orders that meet a condition on their table, as `read` has one, in one statement."""
    nested = [rows.column for rows in (*NESTED_PARTS[parts], *along)]
    statement = select(*ORDER.columns, *nested).where(condition)
    along_from = ORDER_END + len(NESTED_PARTS[parts])
    rows = db.session.connection().execute(statement, parameters)
    return [(_order(row, parts), _values(along, row[along_from:])) for row in rows]


def read_along(order_id: int, along: tuple[NestedRows, ...], **parameters: Any) -> NestedValues:
    """What `read` would give along with an order, for one that is in memory."""
    if not along:
        return []
    row = db.session.connection().execute(_along(along), {"id": order_id, **parameters}).one()
    return _values(along, row)


@lru_cache(MAX_STATEMENTS)
def _order_by_number(parts: Parts, along: tuple[NestedRows, ...]) -> Select[*tuple[Any, ...]]:
    nested = (rows.column for rows in (*NESTED_PARTS[parts], *along))
    return select(*ORDER.columns, *nested).where(ORDERS.c.number == bindparam("number"))


@lru_cache(MAX_STATEMENTS)
def _along(along: tuple[NestedRows, ...]) -> Select[*tuple[Any, ...]]:
    return select(*(rows.column for rows in along)).select_from(ORDERS).where(ORDERS.c.id == bindparam("id"))


def _values(nested: tuple[NestedRows, ...], texts: Sequence[str | None]) -> NestedValues:
    return [rows.read(text) for rows, text in zip(nested, texts, strict=True)]


def _order(row: Row[Any], parts: Parts) -> Order:
    order = ORDER.make(row[:ORDER_END])
    order.shipments = [SHIPMENT.make(values, order=order) for values in NESTED_SHIPMENTS.read(row[ORDER_END])]
    order.shipments.sort(key=attrgetter("seq"))
    if parts is Parts.SHIPMENTS:
        return order
    by_id = {shipment.id: shipment for shipment in order.shipments}
    for shipment in order.shipments:
        shipment.lines = []
    for values in NESTED_LINES.read(row[ORDER_END + 1]):
        product = PRODUCT.make(values[LINE_END:]) if values[PRODUCT_ID] is not None else None
        line = LINE.make(values[:LINE_END], product=product)
        line.shipment = by_id[line.shipment_id]
        line.shipment.lines.append(line)
    if parts is Parts.LINES:
        return order
    for shipment in order.shipments:
        shipment.tracking_codes = []
    for values in NESTED_CODES.read(row[ORDER_END + 2]):
        code = CODE.make(values)
        code.shipment = by_id[code.shipment_id]
        code.shipment.tracking_codes.append(code)
    return order
