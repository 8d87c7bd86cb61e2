"""What counts come to (rule 31): the new stock is what was counted and what moved since, for many products at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import and_, case, func, or_, select, tuple_

from webshop_orders.db.extensions import db
from webshop_orders.documents.stock import MAX_COUNTED
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, MovementReason, Product, StockMovement
from webshop_orders.operations.stock import movements, reservations

AT_ONCE = 200  # products whose movements one statement reads


@dataclass(frozen=True)
class Counted:
    """So many units of a product were counted when its stock was at a version; None where that is now."""

    units: int
    stock_version: int | None = None


@dataclass(frozen=True)
class Levels:
    """The stock that products have after counts, and those that are refused, with the reason."""

    stock: dict[Product, int]
    refused: dict[Product, RuleViolation]


def count_all(counted: Mapping[Product, Counted], *, by: Actor) -> dict[Product, Counted]:
    """Record counts by which no order loses cover, in nearly as few statements for many products as for one.

    The worker allocates what becomes free. Returns those that `count` has to record, each in a transaction of its own,
    since that locks orders, or refuses.
    """
    reservations.lock(counted)
    levels = levels_after(counted).stock
    enough = {product: level for product, level in levels.items() if product.is_tracked and level >= product.reserved}
    for product, level in enough.items():
        movements.change_level(product, level, MovementReason.COUNTED, by=by.with_request_key(None))
    return {product: of_product for product, of_product in counted.items() if product not in enough}


def levels_after(counted: Mapping[Product, Counted]) -> Levels:
    """What these counts come to, as the stock of the products is now."""
    moved, levels = moved_since(counted), Levels({}, {})
    for product, of_product in counted.items():
        try:
            levels.stock[product] = level_after(product, of_product, moved[product])
        except RuleViolation as violation:
            levels.refused[product] = violation
    return levels


def level_after(product: Product, counted: Counted, moved: int | None) -> int:
    """The stock of a product after a count since which `moved` units moved; raises RuleViolation."""
    if not 0 <= counted.units <= MAX_COUNTED:
        raise RuleViolation(
            _("Give how many were counted, from 0 to %(most)s.", most=format_decimal(MAX_COUNTED)), field="counted"
        )
    if counted.stock_version is not None and not 0 <= counted.stock_version <= product.stock_version:
        raise RuleViolation(
            _("%(name)s never had the stock version %(version)s.", name=product.name, version=counted.stock_version),
            field="stock_version",
        )
    if moved is None:
        raise RuleViolation(
            _("The stock of %(name)s was not tracked all the time since that count. Count again.", name=product.name),
            field="stock_version",
        )
    if counted.units + moved < 0:
        raise RuleViolation(
            ngettext(
                "%(count)s pc left stock since that count, which is more than was counted. Count again.",
                "%(count)s pcs left stock since that count, which is more than was counted. Count again.",
                -moved,
                count=format_decimal(-moved),
            ),
            field="counted",
        )
    return counted.units + moved


def moved_since(counted: Mapping[Product, Counted]) -> dict[Product, int | None]:
    """By how many units the stock of products moved since their counts, other counts apart.

    None where it was not tracked all the time.
    """
    moved: dict[Product, int | None] = dict.fromkeys(counted, 0)
    since = {
        product.id: of_product.stock_version
        for product, of_product in counted.items()
        if of_product.stock_version is not None and 0 <= of_product.stock_version < product.stock_version
    }
    by_id = {product.id: product for product in counted}
    versions = list(since.items())
    for first in range(0, len(versions), AT_ONCE):
        some = versions[first : first + AT_ONCE]
        for product_id, units, is_tracked in _read_moved(some):
            moved[by_id[product_id]] = units if is_tracked else None
        for product_id in _read_untracked(some):
            moved[by_id[product_id]] = None
    return moved


def _read_moved(since: Sequence[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """For products and versions: the id, the units that moved later, and whether stock stayed tracked."""
    is_count = StockMovement.reason == MovementReason.COUNTED
    later = or_(*(and_(StockMovement.product_id == key, StockMovement.version > version) for key, version in since))
    rows = db.session.execute(
        select(
            StockMovement.product_id,
            func.sum(case((is_count, 0), else_=StockMovement.quantity)),
            func.count() == func.count(StockMovement.stock),
        )
        .where(later)
        .group_by(StockMovement.product_id)
    )
    return [(product_id, int(units), bool(is_tracked)) for product_id, units, is_tracked in rows]


def _read_untracked(since: Sequence[tuple[int, int]]) -> list[int]:
    """The ids of the products that were not tracked at their versions."""
    tracked = select(StockMovement.product_id).where(
        tuple_(StockMovement.product_id, StockMovement.version).in_(since), StockMovement.stock.is_not(None)
    )
    return list({product_id for product_id, _version in since} - set(db.session.scalars(tracked)))
