"""The stock rule: how many units of stock are reserved for which line; `backorders` applies it to waiting orders."""

from collections.abc import Iterable

from flask_babel import ngettext
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import PREVIEWS, db
from webshop_orders.db.locks import PreparedLock
from webshop_orders.db.parameters import is_one_of
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Line, MovementReason, Order, Product, Shipment
from webshop_orders.operations.stock import movements

PRODUCTS = PreparedLock(
    select(Product).where(is_one_of(Product.id, "ids")).order_by(Product.id).execution_options(populate_existing=True),
    key_share=True,
)


def lock(products: Iterable[Product | None], *, of: Order | None = None) -> None:
    """Lock products until the transaction ends, and reload their stock; a preview takes them as they were read.

    With them those `of` an order that ships whole, whose cover can change with that of any: locks are taken by
    ascending id, so that none can deadlock.

    SQLite needs no row locks: there a writing transaction is alone from its beginning. On PostgreSQL the lock is FOR
    NO KEY UPDATE, which inserts of lines with the product as their foreign key do not wait for: two orders placed at
    once would otherwise deadlock.
    """
    if PREVIEWS in db.session.info:
        return
    ids = {product.id for product in products if product is not None}
    if ids and of is not None and of.ships_whole:
        ids |= {line.product.id for line in of.lines if line.product is not None}
    locking = PRODUCTS.statement
    if ids and db.session.get_bind().dialect.name != "sqlite":
        db.session.scalars(locking, {"ids": list(ids)}).all()


def check_available(product: Product, units: int, *, current: int = 0) -> None:
    """Check that a line can have `units` more of a product besides its `current` ones.

    Raises RuleViolation with the number that can, where the product may not be backordered.
    """
    shop = shop_settings.current()
    available = product.available(shop.stock_safety_margin)
    can_wait = shop.backorderable_by_default if product.backorderable is None else product.backorderable
    if product.is_tracked and units > available and not can_wait:
        raise RuleViolation(
            ngettext(
                "%(name)s cannot be backordered: at most %(most)s is available.",
                "%(name)s cannot be backordered: at most %(most)s are available.",
                current + available,
                name=product.name,
                most=current + available,
            ),
            field="quantity",
        )


def set_quantity(line: Line, quantity: int) -> None:
    """Set the quantity of a line: added units are covered as far as stock goes, removed ones are backordered first."""
    added = quantity - line.quantity
    if added > 0:
        _add_units(line, added)
    else:
        _release_units(line, -added)
    line.quantity = quantity


def reserve(line: Line) -> None:
    """Cover the units of a new line as far as stock goes."""
    line.reserved = 0
    _add_units(line, line.quantity)


def reserve_again(line: Line, units: int) -> None:
    """Reserve units for a line that has none: so many that its order gave up in this transaction; the others wait."""
    product = line.product
    if product is None or not product.is_tracked:
        line.reserved = line.quantity
        return
    line.reserved = units
    product.reserved += units
    product.backordered += line.quantity - units


def release(line: Line) -> None:
    """Release all units that are reserved or backordered for a line; its quantity stays."""
    _release_units(line, line.quantity)


def give_to_others(order: Order) -> list[Line]:
    """Release what stock covers in shipments whose holds give it to others; returns these lines, which wait for it."""
    giving = [
        line
        for shipment in order.open_shipments
        if not shipment.keeps_stock
        for line in shipment.lines
        if line.reserved and line.is_tracked
    ]
    if giving:
        lock((line.product for line in giving), of=order)
    for line in giving:
        uncover(line)
    return giving


def take_again(shipments: Iterable[Shipment]) -> list[Line]:
    """Cover lines that had given their stock to others with what is free; returns those that got some.

    Free units are nobody else's: as long as an older order waits for them, there are none.
    """
    waiting = [line for shipment in shipments if shipment.keeps_stock for line in shipment.lines if line.backordered]
    lock((line.product for line in waiting), of=waiting[0].shipment.order if waiting else None)
    return [covered for line in waiting if line.product for covered in cover(line.product, [line])]


def deduct(line: Line, *, by: Actor) -> None:
    """Deduct the units of a shipped line from stock, including those that stock did not cover."""
    product = line.product
    if product is not None and product.is_tracked:
        _move(line, -line.quantity, MovementReason.SHIPPED, by)
        product.reserved -= line.reserved
        product.backordered -= line.quantity - line.reserved


def restock(line: Line, *, by: Actor) -> None:
    """Return the units of a shipped line to stock, and reserve them for it again as far as they were before."""
    product = line.product
    if product is None or product.stock is None:
        line.reserved = line.quantity
    else:
        _move(line, line.quantity, MovementReason.REOPENED, by)
        covered = max(0, min(line.reserved, product.stock - product.reserved))
        line.reserved = covered if line.shipment.keeps_stock else 0
        product.reserved += line.reserved
        product.backordered += line.quantity - line.reserved


def reallocate(product: Product, lines: list[Line], *, was_tracked: bool) -> list[Line]:
    """Allocate the stock of a product anew after it was set; returns the lines whose reservation changed.

    `lines` are the open lines that sell it, oldest order first.
    """
    if not product.is_tracked:
        product.reserved = product.backordered = 0
        uncovered = [line for line in lines if line.backordered]
        for line in uncovered:
            line.reserved = line.quantity
        return uncovered
    given = [] if was_tracked else [line for line in lines if line.reserved and not line.shipment.keeps_stock]
    if not was_tracked:
        product.reserved = sum(line.reserved for line in lines)
    for line in given:
        uncover(line)
    return [*given, *withdraw(product, reversed(lines)), *cover(product, lines)]


def cover(product: Product, waiting: Iterable[Line], *, besides: int = 0) -> list[Line]:
    """Cover backordered units with free stock, line by line in this sequence; returns the lines that got some.

    Those of orders that ship whole get none: `whole_orders` covers all of such an order at once.
    `besides` units are free even where the shop keeps back as many, since the order had them in this transaction.
    """
    free = max(besides, product.available(shop_settings.current().stock_safety_margin))
    covered = []
    for line in waiting:
        gets_part = line.shipment.keeps_stock and not line.shipment.order.ships_whole
        units = min(free, line.backordered) if gets_part else 0
        if units:
            free -= units
            line.reserved += units
            product.reserved += units
            product.backordered -= units
            covered.append(line)
    return covered


def withdraw(product: Product, covered: Iterable[Line]) -> list[Line]:
    """Withdraw reservations that stock no longer covers, line by line; returns the lines that lost some."""
    missing = product.reserved - max(0, product.stock or 0)
    uncovered = []
    for line in covered:
        units = min(max(0, missing), line.reserved)
        if units:
            missing -= units
            uncover(line, units)
            uncovered.append(line)
    return uncovered


def _move(line: Line, quantity: int, reason: MovementReason, by: Actor) -> None:
    if line.product is not None:
        shipment = line.shipment
        movements.move(line.product, quantity, reason, by=by, order=shipment.order, reference=shipment.reference)


def cover_whole(line: Line) -> None:
    """Cover all units of an open line, which are there."""
    units = line.uncovered
    line.reserved += units
    if line.product is not None:
        line.product.reserved += units
        line.product.backordered -= units


def uncover(line: Line, units: int | None = None) -> None:
    """Have units of a line, or all, wait for stock that it had."""
    units = line.reserved if units is None else units
    line.reserved -= units
    if line.product is not None:
        line.product.reserved -= units
        line.product.backordered += units


def _add_units(line: Line, units: int) -> None:
    product = line.product
    if product is None or not product.is_tracked:
        line.reserved += units
        return
    available = product.available(shop_settings.current().stock_safety_margin)
    covered = min(units, available) if line.shipment.keeps_stock else 0
    line.reserved += covered
    product.reserved += covered
    product.backordered += units - covered


def _release_units(line: Line, units: int) -> None:
    backordered = min(units, line.quantity - line.reserved)
    covered = units - backordered
    if line.product is not None and line.product.is_tracked:
        line.product.reserved -= covered
        line.product.backordered -= backordered
    line.reserved -= covered
