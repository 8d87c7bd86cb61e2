"""An order that is only read: plain objects, with the properties of the models, of one row without the ORM."""

from enum import Enum
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, bindparam, select

from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import NestedRows, PlainRows
from webshop_orders.models import Line, Order, Product, Shipment, TrackingCode


class Parts(Enum):
    """How much of an order is read: it and its shipments, their lines as well, or everything. The rest is absent."""

    SHIPMENTS = "shipments"
    LINES = "lines"
    ALL = "all"


ORDER = PlainRows(Order, extra=["has_failed_mail", "customer_comment"], without=["search_text"])
SHIPMENT, LINE = PlainRows(Shipment), PlainRows(Line, without=["placed_at", "order_id"])
CODE = PlainRows(TrackingCode, without=["placed_at", "order_id", "order_status"])
PRODUCT = PlainRows(Product, only=["id", "sku", "stock", "reserved"])

# The tables and not the models, so that a row is read without the ORM.
ORDERS, SHIPMENTS, LINES, PRODUCTS, CODES = (
    model.__table__ for model in (Order, Shipment, Line, Product, TrackingCode)
)
ORDER_END, LINE_END = len(ORDER.columns), len(LINE.columns)
PRODUCT_ID = LINE.names.index("product_id")
OF_ORDER = SHIPMENTS.c.order_id == ORDERS.c.id
NESTED_SHIPMENTS = NestedRows(SHIPMENT.columns, SHIPMENTS, OF_ORDER)
NESTED_LINES = NestedRows(
    [*LINE.columns, *PRODUCT.columns],
    SHIPMENTS.join(LINES, LINES.c.shipment_id == SHIPMENTS.c.id).outerjoin(PRODUCTS),
    OF_ORDER,
)
NESTED_CODES = NestedRows(CODE.columns, SHIPMENTS.join(CODES, CODES.c.shipment_id == SHIPMENTS.c.id), OF_ORDER)
NESTED_PARTS = {
    Parts.SHIPMENTS: {"shipments": NESTED_SHIPMENTS},
    Parts.LINES: {"shipments": NESTED_SHIPMENTS, "lines": NESTED_LINES},
    Parts.ALL: {"shipments": NESTED_SHIPMENTS, "lines": NESTED_LINES, "codes": NESTED_CODES},
}
ORDER_BY_NUMBER = {
    parts: select(*ORDER.columns, *(rows.column.label(f"nested_{name}") for name, rows in nested.items())).where(
        ORDERS.c.number == bindparam("number")
    )
    for parts, nested in NESTED_PARTS.items()
}


def read(number: str, parts: Parts) -> Order | None:
    """The order, or None where there is none; its `customer_comment` is the latest."""
    row = db.session.connection().execute(ORDER_BY_NUMBER[parts], {"number": number}).one_or_none()
    return _order(row, parts) if row is not None else None


def _order(row: Row[Any], parts: Parts) -> Order:
    order = ORDER.make(row[:ORDER_END])
    order.shipments = [SHIPMENT.make(values, order=order) for values in NESTED_SHIPMENTS.read(row.nested_shipments)]
    order.shipments.sort(key=attrgetter("seq"))
    if parts is Parts.SHIPMENTS:
        return order
    by_id = {shipment.id: shipment for shipment in order.shipments}
    for shipment in order.shipments:
        shipment.lines = []
    for values in NESTED_LINES.read(row.nested_lines):
        product = PRODUCT.make(values[LINE_END:]) if values[PRODUCT_ID] is not None else None
        line = LINE.make(values[:LINE_END], product=product)
        line.shipment = by_id[line.shipment_id]
        line.shipment.lines.append(line)
    if parts is Parts.LINES:
        return order
    for shipment in order.shipments:
        shipment.tracking_codes = []
    for values in NESTED_CODES.read(row.nested_codes):
        code = CODE.make(values)
        code.shipment = by_id[code.shipment_id]
        code.shipment.tracking_codes.append(code)
    return order
