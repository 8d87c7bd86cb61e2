"""Units that customers sent back: into the stock of their products, and out of it again where that is taken back."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import ngettext

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Line, MovementReason, Order, Product
from webshop_orders.operations.stock import movements, reservations


@dataclass(frozen=True)
class ReturnedUnits:
    """Units of a product that came back with the return of an order with this reference."""

    product: Product
    quantity: int
    reference: str


def restock(order: Order, units: Iterable[ReturnedUnits], *, by: Actor) -> None:
    """Put units into the stock of locked products, as far as it is tracked.

    Orders that wait for them get them once the change is committed.
    """
    for came in units:
        movements.move(
            came.product, came.quantity, MovementReason.RETURNED, by=by, order=order, reference=came.reference
        )


def take_out(order: Order, units: Iterable[ReturnedUnits], own_lines: Iterable[Line], *, by: Actor) -> list[Line]:
    """Take units out of the stock of locked products again; returns those of an order's own lines that lose cover.

    Raises RuleViolation where other orders have reserved them since.
    """
    uncovered: list[Line] = []
    lines = list(own_lines)
    for goes in units:
        product = goes.product
        if not product.is_tracked:
            continue
        lacking = _lacking(product)
        movements.move(
            product, -goes.quantity, MovementReason.RETURN_UNDONE, by=by, order=order, reference=goes.reference
        )
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
