"""Which units of stock are held for which line."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Product


def lock(products: Iterable[Product | None]) -> None:
    """Read the stock of products anew, with no other transaction able to change it until this one ends.

    SQLite needs no lock of a row: there a transaction that writes is alone from its beginning. On PostgreSQL the
    lock is one that new lines of the same product, which hold its key, do not wait for: two orders placed at once
    would otherwise wait for each other.
    """
    ids = {product.id for product in products if product is not None}
    locking = for_update(select(Product).where(Product.id.in_(ids)).order_by(Product.id), key_share=True)
    if ids and db.session.get_bind().dialect.name != "sqlite":
        db.session.scalars(locking.execution_options(populate_existing=True)).all()


def check_available(product: Product, more: int, *, already: int = 0) -> None:
    """See that `more` units of a product can be sold on top of what a line has already.

    Raises Refused with the number that can, where the product may not be backordered.
    """
    shop = shop_settings.current()
    available = product.available(shop.stock_safety_margin)
    may_wait = shop.backorderable_by_default if product.backorderable is None else product.backorderable
    if product.is_tracked and more > available and not may_wait:
        raise RuleViolation(
            _(
                "%(name)s cannot be backordered: at most %(most)s are available.",
                name=product.name,
                most=already + available,
            ),
            field="quantity",
        )


def set_quantity(line: Line, quantity: int) -> None:
    """Have a line hold `quantity` units: more are covered as stock goes, fewer give up backordered ones first."""
    more = quantity - line.quantity
    if more > 0:
        _cover_more(line, more)
    else:
        _give_up(line, -more)
    line.quantity = quantity


def reserve(line: Line) -> None:
    """Cover the units of a line that is new, as far as stock goes."""
    line.reserved = 0
    _cover_more(line, line.quantity)


def release(line: Line) -> None:
    """Let go of everything that a line holds or waits for; the line itself stays as it is."""
    _give_up(line, line.quantity)


def deduct(line: Line) -> None:
    """The goods of a line leave the house, whether stock knew of all of them or not."""
    product = line.product
    if product is not None and product.stock is not None:
        product.stock -= line.quantity
        product.reserved -= line.reserved
        product.backordered -= line.quantity - line.reserved


def restock(line: Line) -> None:
    """The goods of a line that was shipped come back and are held for it again, as far as they were before."""
    product = line.product
    if product is None or product.stock is None:
        line.reserved = line.quantity
    else:
        product.stock += line.quantity
        line.reserved = max(0, min(line.reserved, product.stock - product.reserved))
        product.reserved += line.reserved
        product.backordered += line.quantity - line.reserved


def set_level(product: Product, level: int | None, lines: list[Line]) -> list[Line]:
    """Set the stock of a product to `level` units (None: not tracked) and share it out anew.

    `lines` are the open lines that sell it, oldest order first. Returns those whose cover changed.
    """
    was_tracked, product.stock = product.is_tracked, level
    if level is None:
        product.reserved = product.backordered = 0
        uncovered = [line for line in lines if line.backordered]
        for line in uncovered:
            line.reserved = line.quantity
        return uncovered
    if not was_tracked:
        product.reserved = sum(line.reserved for line in lines)
    return [*withdraw(product, reversed(lines)), *cover(product, lines)]


def cover(product: Product, waiting: Iterable[Line]) -> list[Line]:
    """Cover backordered units with what stock has free, in the order given; returns the lines that got some."""
    free = product.available(shop_settings.current().stock_safety_margin)
    covered = []
    for line in waiting:
        units = min(free, line.backordered)
        if units:
            free -= units
            line.reserved += units
            product.reserved += units
            product.backordered -= units
            covered.append(line)
    return covered


def withdraw(product: Product, holding: Iterable[Line]) -> list[Line]:
    """Take back reservations that stock no longer covers, in the order given; returns the lines that lost some."""
    missing = product.reserved - max(0, product.stock or 0)
    uncovered = []
    for line in holding:
        units = min(max(0, missing), line.reserved)
        if units:
            missing -= units
            line.reserved -= units
            product.reserved -= units
            product.backordered += units
            uncovered.append(line)
    return uncovered


def _cover_more(line: Line, units: int) -> None:
    product = line.product
    if product is None or not product.is_tracked:
        line.reserved += units
        return
    covered = min(units, product.available(shop_settings.current().stock_safety_margin))
    line.reserved += covered
    product.reserved += covered
    product.backordered += units - covered


def _give_up(line: Line, units: int) -> None:
    backordered = min(units, line.quantity - line.reserved)
    covered = units - backordered
    if line.product is not None and line.product.is_tracked:
        line.product.reserved -= covered
        line.product.backordered -= backordered
    line.reserved -= covered
