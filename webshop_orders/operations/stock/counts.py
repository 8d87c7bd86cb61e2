"""Stock that people change (rule 31): by a count, or by so many units with a reason; each request once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from webshop_orders.documents.stock import MAX_NOTE_LENGTH
from webshop_orders.errors import AlreadyDone, RuleViolation
from webshop_orders.models import MAX_QUANTITY, Actor, MovementReason, Product, StockMovement
from webshop_orders.models.stock_movement import BY_HAND, EXPLAINED, TAKEN_OFF
from webshop_orders.operations.stock import backorders, movements, products
from webshop_orders.operations.stock.counted_levels import Counted, level_after, moved_since
from webshop_orders.text.languages import lazy_gettext as _l

ALREADY_DONE = _l("This was done already.")


@dataclass(frozen=True)
class Count:
    """A count that was recorded, and what was expected: None where stock was not tracked before.

    `moved_since` is by how many units stock moved since the version that was counted on, other counts apart.
    """

    movement: StockMovement
    expected: int | None
    moved_since: int


def adjust(sku: str, quantity: int, reason: MovementReason, *, note: str | None = None, by: Actor) -> StockMovement:
    """Change the stock of a product by `quantity` units, for one of the reasons in `BY_HAND`.

    What is freed covers the orders that wait; what is lacking is taken from the youngest. Raises NotFound, AlreadyDone
    where the same request was carried out before, and RuleViolation.
    """
    product = products.get(sku)
    if reason not in BY_HAND:
        raise RuleViolation(_("Choose why the stock changes."), field="reason")
    if reason in EXPLAINED and not (note or "").strip():
        raise RuleViolation(_("Write why the stock changes."), field="note")
    _check_quantity(quantity, reason)

    def level_of(current: Product) -> int:
        if current.stock is None:
            raise RuleViolation(
                _("The stock of %(name)s is not tracked. Count it to begin.", name=current.name), field="quantity"
            )
        if quantity < 0 and current.stock + quantity < 0:
            raise RuleViolation(
                ngettext(
                    "There is only %(stock)s pc in stock.",
                    "There are only %(stock)s pcs in stock.",
                    max(0, current.stock),
                    stock=format_decimal(max(0, current.stock)),
                ),
                field="quantity",
            )
        return current.stock + quantity

    return _move(product, level_of, reason, note=note, by=by)


def count(sku: str, counted: int, stock_version: int | None, *, note: str | None = None, by: Actor) -> Count:
    """Record that so many units of a product were counted when its stock was at a version; None where that is now.

    The new stock is what was counted and what moved since, so that what was sold meanwhile is kept; counts in between
    are superseded. A product that is not tracked is tracked from then on. Raises NotFound, AlreadyDone where the same
    request was carried out before, and RuleViolation.
    """
    product, of_product = products.get(sku), Counted(counted, stock_version)
    known: list[tuple[int | None, int]] = []  # the last one is of the stock as it is when it is locked

    def level_of(current: Product) -> int:
        moved = moved_since({current: of_product})[current]
        known.append((current.stock, moved or 0))
        return level_after(current, of_product, moved)

    movement = _move(product, level_of, MovementReason.COUNTED, note=note, by=by)
    stock, moved = known[-1]
    return Count(movement, None if stock is None else stock - moved, moved)


def _move(
    product: Product, level_of: Callable[[Product], int], reason: MovementReason, *, note: str | None, by: Actor
) -> StockMovement:
    """Set the stock of a product to what `level_of` makes of it, which may raise RuleViolation; raises AlreadyDone."""
    note = (note or "").strip() or None
    if note and len(note) > MAX_NOTE_LENGTH:
        raise RuleViolation(_("Write at most %(most)s characters.", most=MAX_NOTE_LENGTH), field="note")
    known: dict[int, int] = {}

    def level(current: Product) -> int:
        """Computed anew only once the stock has moved."""
        if current.stock_version not in known:
            if movements.of_request(current, by.request_key) is not None:
                raise AlreadyDone(ALREADY_DONE)
            known[current.stock_version] = level_of(current)
        return known[current.stock_version]

    return backorders.change_stock(
        product.id,
        level,
        lambda current, stock: movements.change_level(current, stock, reason, by=by, note=note),
        by=by,
    )


def _check_quantity(quantity: int, reason: MovementReason) -> None:
    if quantity == 0 or abs(quantity) > MAX_QUANTITY:
        raise RuleViolation(
            _("Give by how many the stock changes, from 1 to %(most)s.", most=format_decimal(MAX_QUANTITY)),
            field="quantity",
        )
    if reason is MovementReason.RECEIVED and quantity < 0:
        raise RuleViolation(_("What is received adds to the stock: write it without a minus."), field="quantity")
    if reason in TAKEN_OFF and quantity > 0:
        raise RuleViolation(_("This takes units off the stock: write it with a minus."), field="quantity")
