"""Stock that people change: what they counted, and movements by hand with their reasons (rule 31)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import case, func, select

from webshop_orders.db.extensions import db
from webshop_orders.errors import AlreadyDone, RuleViolation
from webshop_orders.models import MAX_QUANTITY, Actor, MovementReason, Product, StockMovement
from webshop_orders.operations.stock import backorders, movements, products
from webshop_orders.text.languages import lazy_gettext as _l

MAX_COUNTED = 9_999_999
MAX_NOTE_LENGTH = 200
TAKEN_OFF = (MovementReason.WASTE, MovementReason.DAMAGED, MovementReason.OWN_USE)
EXPLAINED = (MovementReason.CORRECTION, MovementReason.OTHER)
BY_HAND = (MovementReason.RECEIVED, *TAKEN_OFF, *EXPLAINED)
ALREADY_DONE = _l("This was done already.")


@dataclass(frozen=True)
class Count:
    """A count that was recorded, and what was expected: None where stock was not tracked before.

    `moved_since` is by how many units stock moved since the version that was counted on, other counts apart.
    """

    movement: StockMovement
    expected: int | None
    moved_since: int


@dataclass(frozen=True)
class _Since:
    """The stock at a version, counts after it included, and how many units moved since but for these counts."""

    expected: int | None
    moved: int


def adjust(sku: str, quantity: int, reason: MovementReason, *, note: str | None = None, by: Actor) -> StockMovement:
    """Change the stock of a product by `quantity` units, for one of the reasons in `BY_HAND`.

    What is freed covers the orders that wait; what is lacking is taken from the youngest. Raises NotFound, AlreadyDone
    where the same request was carried out before, and RuleViolation.
    """
    product = products.get(sku)
    note = _checked_note(note)
    if reason not in BY_HAND:
        raise RuleViolation(_("Choose why the stock changes."), field="reason")
    if reason in EXPLAINED and note is None:
        raise RuleViolation(_("Write why the stock changes."), field="note")
    _check_quantity(quantity, reason)

    def level_of(current: Product) -> int:
        _check_not_done(current, by)
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

    return _move(product, _once_a_version(level_of), reason, note, by)


def count(sku: str, counted: int, stock_version: int | None, *, note: str | None = None, by: Actor) -> Count:
    """Record that so many units of a product were counted when its stock was at a version; None where that is now.

    The new stock is what was counted and what moved since, so that what was sold meanwhile is kept; counts in between
    are superseded. A product that is not tracked is tracked from then on. Raises NotFound, AlreadyDone where the same
    request was carried out before, and RuleViolation.
    """
    product = products.get(sku)
    note = _checked_note(note)
    if not 0 <= counted <= MAX_COUNTED:
        raise RuleViolation(
            _("Give how many were counted, from 0 to %(most)s.", most=format_decimal(MAX_COUNTED)), field="counted"
        )
    found: list[_Since] = []  # the last one is of the stock as it is when it is locked

    def level_of(current: Product) -> int:
        _check_not_done(current, by)
        found.append(_since(current, stock_version))
        moved = found[-1].moved
        if counted + moved < 0:
            raise RuleViolation(
                ngettext(
                    "%(count)s pc left stock since that count, which is more than was counted. Count again.",
                    "%(count)s pcs left stock since that count, which is more than was counted. Count again.",
                    -moved,
                    count=format_decimal(-moved),
                ),
                field="counted",
            )
        return counted + moved

    movement = _move(product, _once_a_version(level_of), MovementReason.COUNTED, note, by)
    return Count(movement, found[-1].expected, found[-1].moved)


def _move(
    product: Product, level_of: Callable[[Product], int], reason: MovementReason, note: str | None, by: Actor
) -> StockMovement:
    return backorders.change_stock(
        product.id,
        level_of,
        lambda product, level: movements.change_level(product, level, reason, by=by, note=note),
        by=by,
    )


def _once_a_version(level_of: Callable[[Product], int]) -> Callable[[Product], int]:
    """The same function, which computes anew only once the stock has moved."""
    known: dict[int, int] = {}

    def level(product: Product) -> int:
        if product.stock_version not in known:
            known[product.stock_version] = level_of(product)
        return known[product.stock_version]

    return level


def _since(product: Product, version: int | None) -> _Since:
    if version is None or version == product.stock_version:
        return _Since(product.stock, 0)
    if not 0 <= version < product.stock_version:
        raise RuleViolation(
            _("%(name)s never had the stock version %(version)s.", name=product.name, version=version),
            field="stock_version",
        )
    of_product = StockMovement.product_id == product.id
    was = select(StockMovement.stock).where(of_product, StockMovement.version == version).scalar_subquery()
    is_count = StockMovement.reason == MovementReason.COUNTED
    sums = select(
        was,
        func.coalesce(func.sum(case((is_count, StockMovement.quantity), else_=0)), 0),
        func.coalesce(func.sum(case((is_count, 0), else_=StockMovement.quantity)), 0),
        func.count() - func.count(StockMovement.stock),
    ).where(of_product, StockMovement.version > version)
    stock, counted, moved, untracked = db.session.execute(sums).one()
    if stock is None or untracked:
        raise RuleViolation(
            _("The stock of %(name)s was not tracked all the time since that count. Count again.", name=product.name),
            field="stock_version",
        )
    return _Since(stock + int(counted), int(moved))


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


def _checked_note(note: str | None) -> str | None:
    note = (note or "").strip() or None
    if note and len(note) > MAX_NOTE_LENGTH:
        raise RuleViolation(_("Write at most %(most)s characters.", most=MAX_NOTE_LENGTH), field="note")
    return note


def _check_not_done(product: Product, by: Actor) -> None:
    """Raise AlreadyDone where this request has moved the stock of a product before."""
    if movements.of_request(product, by.request_key) is not None:
        raise AlreadyDone(ALREADY_DONE)
