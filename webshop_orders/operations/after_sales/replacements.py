"""What leaves instead of goods that come back: products in a shipment of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Line, Order, Product, Return, ReturnKind, Shipment, check_quantity
from webshop_orders.models.event_facts import LineAdded
from webshop_orders.money import crediting
from webshop_orders.money.recalculation import recalculate
from webshop_orders.money.totals import vat_on_top
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import bundles, lines
from webshop_orders.operations.stock import reservations


@dataclass(frozen=True)
class Replacement:
    """Units that leave instead: of a product, or of the same as a line of the order, as it was made for the customer.

    One of `product` and `line_id` is given.
    """

    quantity: int
    product: Product | None = None
    line_id: int | None = None


def add(
    order: Order, replacements: Sequence[Replacement], *, is_free: bool, given_back: int = 0, by: Actor
) -> Shipment:
    """Put replacements into a new shipment: at no cost where `is_free`, or else at their present prices.

    `given_back` is what the goods cost that come back, in öre, so much of which the total may rise by whatever the
    payment method allows. Raises RuleViolation where stock or payment forbids them.
    """
    shipment = order.add_shipment()
    named = {replacement.line_id for replacement in replacements}
    for replacement in replacements:
        check_quantity(replacement.quantity)
        source = lines.get(order, replacement.line_id) if replacement.line_id is not None else None
        product = source.product if source else replacement.product
        if is_free and source:
            _add_same(shipment, source, replacement.quantity, named, by=by)
        elif is_free and product:
            _add_free(shipment, _line_of(product, replacement.quantity), by=by)
        elif product:
            lines.add(order, product, replacement.quantity, to=shipment, given_back=given_back, by=by)
        else:
            name = source.name if source else ""
            raise RuleViolation(_("%(name)s is no product, so it cannot be sent instead.", name=name), field="product")
    return shipment


def given_back(order: Order, exchange: Return) -> int:
    """What an exchange gives back, with those before it that are not refunded yet, in öre and with VAT.

    Units that were refunded already give nothing back: their money is with the customer.
    """
    before = crediting.credited(order)
    by_rate: Counter[int] = Counter()
    for line in order.lines:
        if units := _to_be_credited(order, line, exchange, before.units[line.id]):
            by_rate[line.vat_rate] += crediting.of_line(line, units, before)
    vat = sum(vat_on_top(amount, rate) for rate, amount in by_rate.items())
    return by_rate.total() + (0 if order.prices_include_vat else vat)


def _to_be_credited(order: Order, line: Line, exchange: Return, credited: int) -> int:
    """The units of a line that exchanges can still be credited for, other returns having been credited first."""
    units: Counter[bool] = Counter()
    for a_return in order.returns:
        is_replaced_claim = a_return.kind is ReturnKind.CLAIM and a_return.replacement is not None
        if a_return.id != exchange.id and not is_replaced_claim:
            units[a_return.kind is ReturnKind.EXCHANGE] += _units_in(a_return, line)
    left = line.quantity - credited
    earlier = max(0, units[True] - max(0, credited - units[False]))
    return max(0, min(left, earlier + _units_in(exchange, line)))


def _units_in(a_return: Return, line: Line) -> int:
    return sum(returned.units for returned in a_return.lines if returned.line_id == line.id)


def _add_same(shipment: Shipment, source: Line, quantity: int, named: Container[int | None], *, by: Actor) -> None:
    """Add the same as a line at no cost, a bundle with its parts that are not `named` themselves."""
    bundle = f"{source.bundle}-{shipment.seq}" if source.bundle and not source.is_part else None
    parts = {part: units for part, units in bundles.units_for(source, quantity).items() if part.id not in named}
    for line, units in {source: quantity, **parts}.items():
        same = line.part(units, reserved=0, discount=0)
        same.unit_price, same.price_change, same.bundle = 0, None, bundle
        same.units_per_bundle = line.units_per_bundle if bundle else None
        _add_free(shipment, same, by=by)


def _line_of(product: Product, quantity: int) -> Line:
    return Line(
        product=product,
        product_id=product.id,
        sku=product.sku,
        name=product.name,
        unit_price=0,
        vat_rate=product.vat_rate,
        quantity=quantity,
        reserved=0,
        discount=0,
        properties=[],
    )


def _add_free(shipment: Shipment, line: Line, *, by: Actor) -> None:
    order = shipment.order
    if line.product is not None:
        reservations.lock([line.product], of=order)
        reservations.check_available(line.product, line.quantity)
    shipment.lines.append(line)
    reservations.reserve(line)
    shipment.refresh_status()
    facts = LineAdded(
        product=line.name,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=0,
        shipment=shipment.reference,
        total=recalculate(order),
    )
    history.record(order, facts, by=by)
