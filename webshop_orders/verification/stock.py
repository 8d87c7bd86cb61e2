"""Checks of products: their stock, what of it is reserved, and what they are found by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, select

from webshop_orders.db.extensions import db
from webshop_orders.models import (
    DeliveryStatus,
    IncomingDelivery,
    Line,
    MovementReason,
    Order,
    Product,
    ProductEvent,
    Shipment,
    StockMovement,
)
from webshop_orders.models.product import NO_SHELF_PLACE, list_text
from webshop_orders.text.folding import sku_key, sort_key
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.text.search import search_text
from webshop_orders.verification import mends, sentences
from webshop_orders.verification.check import Check, Progress, Violation

# Columns of the tables and not of the models, so that rows are read without the ORM.
PRODUCTS, MOVEMENTS, LINES = Product.__table__.c, StockMovement.__table__.c, Line.__table__.c
SHIPMENTS, ORDERS = Shipment.__table__.c, Order.__table__.c
DELIVERIES, PRODUCT_EVENTS = IncomingDelivery.__table__.c, ProductEvent.__table__.c

RULE = 31


def _counters(_progress: Progress) -> Iterator[Violation]:
    """What is reserved and lacking of a product is what its open lines have reserved and lack."""
    of_lines = (
        select(
            LINES.product_id,
            func.sum(LINES.reserved).label("reserved"),
            func.sum(LINES.quantity - LINES.reserved).label("backordered"),
        )
        .select_from(Line.__table__.join(Shipment.__table__, SHIPMENTS.id == LINES.shipment_id))
        .join(Order.__table__, ORDERS.id == SHIPMENTS.order_id)
        .where(LINES.product_id.is_not(None), SHIPMENTS.status != DeliveryStatus.SHIPPED, ORDERS.cancelled_at.is_(None))
        .group_by(LINES.product_id)
        .subquery()
    )
    is_tracked = PRODUCTS.stock.is_not(None)
    should = [
        case((is_tracked, func.coalesce(of_lines.c[name], 0)), else_=0).label(f"should_{name}")
        for name in ("reserved", "backordered")
    ]
    joined = Product.__table__.outerjoin(of_lines, of_lines.c.product_id == PRODUCTS.id)
    found = select(PRODUCTS.sku, PRODUCTS.reserved, PRODUCTS.backordered, *should).select_from(joined)
    wrong = (PRODUCTS.reserved != should[0]) | (PRODUCTS.backordered != should[1])
    for row in db.session.execute(found.where(wrong).order_by(PRODUCTS.sku)):
        for name in ("reserved", "backordered"):
            stored, computed = getattr(row, name), int(getattr(row, f"should_{name}"))
            if stored != computed:
                yield Violation(
                    sentences.differs(row.sku, name, stored, computed),
                    mends.update("products", {name: computed}, {"sku": row.sku}),
                )


def _movements(_progress: Progress) -> Iterator[Violation]:
    """Rule 31: a product's movements add up to its stock, the last one says it, and their versions have no gap."""
    last = MOVEMENTS.version == func.max(MOVEMENTS.version).over(partition_by=MOVEMENTS.product_id)
    each = select(
        MOVEMENTS.product_id,
        MOVEMENTS.version,
        MOVEMENTS.quantity,
        MOVEMENTS.stock,
        case((last, MOVEMENTS.stock)).label("last_stock"),
    ).subquery()
    sums = (
        select(
            each.c.product_id,
            func.count().label("count"),
            func.max(each.c.version).label("last"),
            func.sum(each.c.quantity).label("stock"),
            func.max(each.c.last_stock).label("last_stock"),
        )
        .group_by(each.c.product_id)
        .subquery()
    )
    count, stock = (func.coalesce(sums.c[name], 0) for name in ("count", "stock"))
    joined = Product.__table__.outerjoin(sums, sums.c.product_id == PRODUCTS.id)
    columns = select(PRODUCTS.sku, PRODUCTS.stock, PRODUCTS.stock_version, count.label("count"), stock.label("sum"))
    has_gap = (count != PRODUCTS.stock_version) | (func.coalesce(sums.c.last, 0) != PRODUCTS.stock_version)
    adds_up = (stock == func.coalesce(PRODUCTS.stock, 0)) & sums.c.last_stock.is_not_distinct_from(PRODUCTS.stock)
    wrong = has_gap | ~adds_up
    found = (
        columns.add_columns(sums.c.last_stock, has_gap.label("has_gap"))
        .select_from(joined)
        .where(wrong)
        .order_by(PRODUCTS.sku)
    )
    for row in db.session.execute(found):
        if row.has_gap:
            sentence = sentences.differs(row.sku, "stock_version", row.stock_version, row.count)
            yield Violation(sentence, mends.restore(), rule=RULE)
        else:
            sentence = sentences.differs(row.sku, "stock", row.stock, None if row.last_stock is None else int(row.sum))
            yield Violation(sentence, mends.count_stock(row.sku), rule=RULE)


def _deliveries(_progress: Progress) -> Iterator[Violation]:
    """What came of an incoming delivery was put into stock, once."""
    received = (
        select(MOVEMENTS.incoming_delivery_id, func.sum(MOVEMENTS.quantity).label("units"))
        .where(MOVEMENTS.incoming_delivery_id.is_not(None), MOVEMENTS.reason == MovementReason.RECEIVED)
        .group_by(MOVEMENTS.incoming_delivery_id)
        .subquery()
    )
    units = func.coalesce(received.c.units, 0)
    joined = IncomingDelivery.__table__.join(Product.__table__, PRODUCTS.id == DELIVERIES.product_id).outerjoin(
        received, received.c.incoming_delivery_id == DELIVERIES.id
    )
    found = select(DELIVERIES.id, PRODUCTS.sku, DELIVERIES.received, units.label("units")).select_from(joined)
    for row in db.session.execute(found.where(DELIVERIES.received != units).order_by(DELIVERIES.id)):
        yield Violation(
            _(
                "Incoming delivery %(id)s of %(sku)s: received is %(received)s, and put into stock %(units)s.",
                id=row.id,
                sku=row.sku,
                received=row.received,
                units=int(row.units),
            ),
            mends.count_stock(row.sku),
            rule=RULE,
        )


def _expected_days(_progress: Progress) -> Iterator[Violation]:
    """A product says the first day on which more of it is expected."""
    first = (
        select(func.min(DELIVERIES.expected_on))
        .where(DELIVERIES.product_id == PRODUCTS.id, DELIVERIES.closed_at.is_(None))
        .scalar_subquery()
    )
    found = select(PRODUCTS.sku, PRODUCTS.next_delivery_on, first.label("first"))
    wrong = PRODUCTS.next_delivery_on.is_distinct_from(first)
    for row in db.session.execute(found.where(wrong).order_by(PRODUCTS.sku)):
        yield Violation(
            sentences.differs(row.sku, "next_delivery_on", row.next_delivery_on, row.first),
            mends.update("products", {"next_delivery_on": row.first}, {"sku": row.sku}),
        )


def _keys(_progress: Progress) -> Iterator[Violation]:
    """What products are found and sorted by follows from their names, SKUs, shelf places and barcodes."""
    names = ("sku", "name", "shelf_place", "barcode", *_keys_of("", "", None, None))
    for row in db.session.execute(select(*(PRODUCTS[name] for name in names)).order_by(PRODUCTS.sku)):
        wrong = [
            (name, value)
            for name, value in _keys_of(row.sku, row.name, row.shelf_place, row.barcode).items()
            if getattr(row, name) != value
        ]
        for name, value in wrong:
            yield Violation(
                sentences.does_not_follow(row.sku, name),
                mends.update("products", {name: value}, {"sku": row.sku}),
            )


def _keys_of(sku: str, name: str, shelf_place: str | None, barcode: str | None) -> dict[str, Any]:
    return {
        "sku_key": sku_key(sku),
        "search_text": search_text([f"{name} {sku}"]),
        "list_text": list_text(sku, name, shelf_place, barcode),
        "sku_sort_key": sort_key(sku),
        "name_sort_key": sort_key(name),
        "shelf_sort_key": sort_key(shelf_place) if shelf_place else NO_SHELF_PLACE,
    }


def _product_versions(_progress: Progress) -> Iterator[Violation]:
    """A product has the version that its latest event made."""
    last = select(func.max(PRODUCT_EVENTS.version)).where(PRODUCT_EVENTS.product_id == PRODUCTS.id).scalar_subquery()
    found = select(PRODUCTS.sku, PRODUCTS.version, last.label("last")).where(PRODUCTS.version < last)
    for row in db.session.execute(found.order_by(PRODUCTS.sku)):
        yield Violation(
            sentences.differs(row.sku, "version", row.version, row.last),
            mends.update("products", {"version": row.last}, {"sku": row.sku}),
        )


CHECKS = (
    Check(_l("products: reserved and backordered units"), _counters),
    Check(_l("products: stock and its movements"), _movements, RULE),
    Check(_l("incoming deliveries: units that came"), _deliveries, RULE),
    Check(_l("products: the next expected day"), _expected_days),
    Check(_l("products: what they are found by"), _keys),
    Check(_l("products: versions"), _product_versions),
)
