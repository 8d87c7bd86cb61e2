"""Units that customers sent back: into the stock of their products, and out of it again where that is taken back."""

from collections.abc import Iterable, Mapping

from flask_babel import ngettext

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Product
from webshop_orders.operations.stock import reservations


def restock(units: Mapping[Product, int]) -> None:
    """Put units into the stock of locked products, as far as it is tracked.

    Orders that wait for them get them once the change is committed.
    """
    for product, quantity in units.items():
        if product.stock is not None:
            product.stock += quantity


def take_out(units: Mapping[Product, int], own_lines: Iterable[Line]) -> list[Line]:
    """Take units out of the stock of locked products again; returns those of an order's own lines that lose cover.

    Raises RuleViolation where other orders have reserved them since.
    """
    uncovered: list[Line] = []
    lines = list(own_lines)
    for product, quantity in units.items():
        if product.stock is None:
            continue
        lacking = _lacking(product)
        product.stock -= quantity
        uncovered += reservations.withdraw(product, [line for line in lines if line.product is product])
        if (missing := _lacking(product) - lacking) > 0:
            raise RuleViolation(
                ngettext(
                    "%(count)s pc of %(name)s that came back is reserved for another order by now, so this can no "
                    "longer be taken back.",
                    "%(count)s pcs of %(name)s that came back are reserved for other orders by now, so this can no "
                    "longer be taken back.",
                    missing,
                    count=missing,
                    name=product.name,
                )
            )
    return uncovered


def _lacking(product: Product) -> int:
    """Reserved units that the stock of a product does not have."""
    return max(0, product.reserved - max(0, product.stock or 0))
