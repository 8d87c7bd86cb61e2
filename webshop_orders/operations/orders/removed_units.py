"""Units that were taken off an order keep the terms they were sold at, for when they come back.

Discounts are shared between the units of a line and those that were taken off it, and none is made or lost: 10 units
that become 1 and 10 again have the same discount to the öre.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from webshop_orders.db.extensions import db
from webshop_orders.models import Line, Order, Product, RemovedUnits
from webshop_orders.money.rounding import round_half_up
from webshop_orders.operations.orders import bundles

MAX_KEPT = 20  # lines of an order, those whose units were taken off last


@dataclass(frozen=True)
class Terms:
    """Units that come back as they were sold: to the line `line_id`, where that is in the order still.

    Those of a bundle bring their `parts` along.
    """

    kept: RemovedUnits
    product: Product | None
    quantity: int
    discount: int
    parts: list[Terms]

    def make_line(self) -> Line:
        return Line(
            product=self.product,
            product_id=self.kept.product_id,
            sku=self.kept.sku,
            name=self.kept.name,
            unit_price=self.kept.unit_price,
            vat_rate=self.kept.vat_rate,
            properties=self.kept.properties,
            bundle=self.kept.bundle,
            units_per_bundle=self.kept.units_per_bundle,
            price_change=self.kept.price_change,
            quantity=self.quantity,
            reserved=0,
            discount=self.discount,
        )


def share_discount(line: Line, quantity: int) -> None:
    """Give a line the discount of a new quantity; what it loses stays with the units that are taken off.

    Units that are added come back first, from other lines of the same article too; the discount of any beyond them is
    in proportion.
    """
    order = line.shipment.order
    kept = _of_line(order, line)
    units, discount = _with_kept(line, kept)
    if not line.bundle:
        others = _take_back(order, quantity - units, lambda other: other is not kept and _is_of_article(other, line))
        units += sum(terms.quantity for terms in others)
        discount += sum(terms.discount for terms in others)
    line.discount = round_half_up(discount * quantity, units)
    _replace(order, kept, _kept_units(line, units - quantity, discount - line.discount))


def keep(line: Line, parts: Sequence[Line] = ()) -> None:
    """Keep the terms of a line that is removed as a whole, a bundle with its parts; a part follows its bundle."""
    order = line.shipment.order
    removed_parts = [_removed(order, part) for part in parts]
    for part in parts:
        _replace(order, _of_line(order, part), None)
    removed = None if line.is_part else replace(_removed(order, line), parts=removed_parts)
    _replace(order, _of_line(order, line), removed)


def _removed(order: Order, line: Line) -> RemovedUnits:
    return replace(_kept_units(line, *_with_kept(line, _of_line(order, line))), is_bundled=False)


def count(order: Order, product: Product) -> int:
    """How many units of a product can come back."""
    return sum(kept.quantity for kept in order.removed_units if _is_of(order, kept, product))


def take_back(order: Order, product: Product, quantity: int) -> list[Terms]:
    """Up to so many units of a product that were taken off the order, the latest first, which it keeps no longer."""
    return _take_back(order, quantity, lambda kept: _is_of(order, kept, product))


def _take_back(order: Order, quantity: int, matches: Callable[[RemovedUnits], bool]) -> list[Terms]:
    taken: list[Terms] = []
    for kept in reversed(order.removed_units):
        units = min(kept.quantity, quantity - sum(terms.quantity for terms in taken))
        if units > 0 and matches(kept):
            terms = _terms(kept, _kept_parts(order, kept, units), units)
            _replace(order, kept, _rest(kept, terms))
            for part in terms.parts if kept.is_bundled else ():
                _replace(order, part.kept, _rest(part.kept, part))
            taken.append(terms)
    return taken


def _kept_parts(order: Order, kept: RemovedUnits, units: int) -> list[RemovedUnits]:
    """What was taken off the parts of a bundle along with it."""
    bundle = order.find_line(kept.line_id) if kept.is_bundled and kept.line_id else None
    if bundle is None:
        return kept.parts
    parts = bundles.parts_of(bundle)
    return [_of_line(order, part) or _kept_units(part, units * (part.units_per_bundle or 0), 0) for part in parts]


def _terms(kept: RemovedUnits, kept_parts: Sequence[RemovedUnits], units: int) -> Terms:
    """The terms of some units, and of what is in them."""
    parts = []
    for part in kept_parts:
        follows = part.quantity if units == kept.quantity else min(part.quantity, units * (part.units_per_bundle or 0))
        if follows:
            parts.append(_terms(part, (), follows))
    product = db.session.get(Product, kept.product_id) if kept.product_id else None
    return Terms(kept, product, units, round_half_up(kept.discount * units, kept.quantity), parts)


def _rest(kept: RemovedUnits, taken: Terms) -> RemovedUnits:
    """What is kept still after some units were taken back."""
    of_parts = {id(terms.kept): terms for terms in taken.parts}
    parts = [_rest(part, of_parts[id(part)]) if id(part) in of_parts else part for part in kept.parts]
    quantity, discount = kept.quantity - taken.quantity, kept.discount - taken.discount
    return replace(kept, quantity=quantity, discount=discount, parts=[part for part in parts if part.quantity])


def follow(order: Order, line_id: int | None, successor: Line) -> None:
    """Let what was taken off a line that is gone come back to its successor."""
    kept = next((units for units in order.removed_units if units.line_id == line_id), None)
    if kept is None or line_id is None or line_id == successor.id:
        return
    db.session.flush()  # a new line has no id before
    own = _of_line(order, successor)
    quantity, discount = (own.quantity, own.discount) if own else (0, 0)
    joined = replace(kept, line_id=successor.id, quantity=kept.quantity + quantity, discount=kept.discount + discount)
    if own:
        _replace(order, own, None)
    _replace(order, kept, joined)


def keep_apart(line: Line) -> None:
    """Let units that were taken off a line keep the price that they had, now that it has another: they come back alone.

    Those of a bundle follow its price, since its parts cannot tell two of them apart.
    """
    order = line.shipment.order
    kept = _of_line(order, line)
    if kept is None:
        return
    if line.bundle:
        discount = round_half_up(line.discount * kept.quantity, line.quantity)
        terms = replace(kept, unit_price=line.unit_price, discount=discount, price_change=line.price_change)
        _replace(order, kept, terms)
    else:
        _replace(order, kept, replace(kept, line_id=None))


def _is_of(order: Order, kept: RemovedUnits, product: Product) -> bool:
    """Whether units of a product can come back by themselves, which parts of a bundle cannot."""
    if kept.product_id != product.id or kept.units_per_bundle is not None:
        return False
    return not kept.is_bundled or (kept.bundle is not None and order.find_line(kept.line_id or 0) is not None)


def _is_of_article(kept: RemovedUnits, line: Line) -> bool:
    terms = kept.product_id, kept.sku, kept.name, kept.unit_price, kept.vat_rate, kept.properties, kept.price_change
    same = line.product_id, line.sku, line.name, line.unit_price, line.vat_rate, line.properties, line.price_change
    return terms == same and not kept.is_bundled and kept.bundle is None


def _of_line(order: Order, line: Line) -> RemovedUnits | None:
    return next((units for units in order.removed_units if units.line_id and units.line_id == line.id), None)


def _with_kept(line: Line, kept: RemovedUnits | None) -> tuple[int, int]:
    """The units of a line and their discount, with those that were taken off it."""
    return (line.quantity + kept.quantity, line.discount + kept.discount) if kept else (line.quantity, line.discount)


def _kept_units(line: Line, quantity: int, discount: int) -> RemovedUnits:
    return RemovedUnits(
        line_id=line.id,
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
        unit_price=line.unit_price,
        vat_rate=line.vat_rate,
        quantity=quantity,
        discount=discount,
        properties=line.properties,
        is_bundled=line.bundle is not None,
        bundle=line.bundle,
        units_per_bundle=line.units_per_bundle,
        price_change=line.price_change,
    )


def _replace(order: Order, before: RemovedUnits | None, after: RemovedUnits | None) -> None:
    """Put `after` last in the place of `before`; units of which none are left are dropped."""
    others = [units for units in order.removed_units if units is not before]
    order.removed_units = [*others, *([after] if after and after.quantity > 0 else [])][-MAX_KEPT:]
