"""Orders that ship whole: stock covers all units that they wait for at once, or none of them (rule 34).

`settle` stands after each change of an order, in its transaction, so that no change needs to know of the rule.
"""

from dataclasses import dataclass

from webshop_orders import shop_settings
from webshop_orders.models import Line, Order, Product
from webshop_orders.operations.stock import reservations


@dataclass(frozen=True)
class Progress:
    """How many of the products that an order waits for as a whole are there, of how many."""

    there: int
    all: int


def settle(order: Order) -> list[Line]:
    """As `settle_locked`, with its products locked first."""
    if order.ships_whole and not _is_covered(lines := lines_of(order)):
        reservations.lock(line.product for line in lines)
        return settle_locked(order)
    return []


def settle_locked(order: Order) -> list[Line]:
    """Have an order that ships whole hold all that it needs, or nothing; returns the lines whose cover changed.

    What it gives back, others get once the transaction is committed.
    """
    lines = lines_of(order) if order.ships_whole else []
    if _is_covered(lines):
        return []
    if all(_is_there(product, lines) for product in _products(lines).values()):
        changed = [line for line in lines if line.uncovered]
        for line in changed:
            reservations.cover_whole(line)
    else:
        changed = [line for line in lines if line.reserved]
        for line in changed:
            reservations.uncover(line)
    for shipment in {line.shipment: None for line in changed}:
        shipment.refresh_status()
    return changed


def lines_of(order: Order) -> list[Line]:
    """The lines of an order that stock covers together: of open shipments that no hold takes it from."""
    return [
        line
        for shipment in order.open_shipments
        if shipment.keeps_stock
        for line in shipment.lines
        if line.product is not None and line.product.is_tracked
    ]


def progress(order: Order) -> Progress | None:
    """What of an order is there, as its products say now; None where it does not wait to ship whole."""
    lines = lines_of(order) if order.ships_whole else []
    if _is_covered(lines):
        return None
    products = _products(lines).values()
    return Progress(sum(_is_there(product, lines) for product in products), len(products))


def _is_covered(lines: list[Line]) -> bool:
    return not any(line.uncovered for line in lines)


def _products(lines: list[Line]) -> dict[int, Product]:
    """The products of lines, by their ids: what is only read has one for each line."""
    return {line.product.id: line.product for line in lines if line.product is not None}


def _is_there(product: Product, lines: list[Line]) -> bool:
    """Whether free units cover what some lines lack of a product."""
    lacking = sum(line.uncovered for line in lines if line.product is not None and line.product.id == product.id)
    return lacking <= product.available(shop_settings.current().stock_safety_margin)
