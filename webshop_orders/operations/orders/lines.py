"""Adding, changing and removing the lines of an order: products, and what has no product."""

from flask_babel import gettext as _

from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import NO_SKU, Actor, BeforeAfter, Line, Order, Product, Shipment, check_quantity
from webshop_orders.models.event_facts import LineAdded, LineChanged, LineRemoved
from webshop_orders.money import crediting
from webshop_orders.money.recalculation import recalculate
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import bundles, prices, removed_units
from webshop_orders.operations.orders.removed_units import Terms
from webshop_orders.operations.stock import reservations


def get(order: Order, line_id: int) -> Line:
    """A line of this order; raises NotFound where there is none, or it belongs to another order."""
    line = order.find_line(line_id)
    if line is None:
        raise NotFound(_("This product is no longer in order %(number)s.", number=order.number))
    return line


def add(
    order: Order, product: Product, quantity: int, *, to: Shipment | None = None, given_back: int = 0, by: Actor
) -> Line:
    """Add a product at its current name, price and VAT rate to a shipment, or else to the first open one.

    Units of it that were taken off the order before come back at the price and discount that they were sold at, bundles
    with their parts. `given_back` is what goods cost that come back for it, in öre.
    Raises RuleViolation where a product that is new in it is not for sale, where stock or payment forbids it, or the
    shipment is closed.
    """
    check_quantity(quantity)
    order.check_not_cancelled()
    if to is not None:
        to.check_open()
    comes_back = removed_units.count(order, product) >= quantity
    if product.currency != order.currency or not (product.active or comes_back):
        raise RuleViolation(_("%(name)s is not for sale in this order.", name=product.name), field="product")
    returning = removed_units.take_back(order, product, quantity)
    parts = [part for terms in returning for part in terms.parts]
    reservations.lock([product, *(part.product for part in parts)], of=order)
    reservations.check_available(product, quantity)
    for part in parts:
        if part.product is not None:
            reservations.check_available(part.product, part.quantity)
    shipment = to or next(iter(order.open_shipments), None) or order.add_shipment()
    discount_before = _total_discount(order)
    line = _add_units(shipment, product, quantity, returning)
    shipment.refresh_status()
    facts = LineAdded(
        product=line.name,
        sku=product.sku,
        quantity=quantity,
        unit_price=line.unit_price,
        shipment=shipment.reference,
        total=recalculate(order, given_back=given_back),
        discount=_total_discount(order) - discount_before,
    )
    history.record(order, facts, by=by)
    return line


def add_free(
    order: Order,
    name: str,
    quantity: int,
    *,
    unit_price: int,
    vat_rate: int,
    to: Shipment | None = None,
    by: Actor,
) -> Line:
    """Add a line that has no product, such as gift wrapping, to a shipment, or else to the first open one.

    `unit_price` in öre, with VAT where the order's prices have it, `vat_rate` in basis points. Stock does not apply.
    Raises RuleViolation where payment forbids it, or the shipment is closed.
    """
    check_quantity(quantity)
    prices.check_unit_price(unit_price)
    order.check_not_cancelled()
    if to is not None:
        to.check_open()
    shipment = to or next(iter(order.open_shipments), None) or order.add_shipment()
    line = Line(
        sku=NO_SKU,
        name=name,
        unit_price=unit_price,
        vat_rate=vat_rate,
        quantity=quantity,
        reserved=0,
        discount=0,
        properties=[],
    )
    shipment.lines.append(line)
    reservations.reserve(line)
    shipment.refresh_status()
    facts = LineAdded(
        product=name,
        sku=NO_SKU,
        quantity=quantity,
        unit_price=unit_price,
        shipment=shipment.reference,
        total=recalculate(order),
    )
    history.record(order, facts, by=by)
    return line


def change(
    line: Line,
    *,
    quantity: int | None = None,
    unit_price: int | None = None,
    discount: int | None = None,
    reason: str | None = None,
    by: Actor,
) -> LineChanged:
    """Change what is given of a line: its number of units, unit price and discount, in öre; returns what changed.

    A discount that is not given follows the quantity in proportion, and units that were taken off the line before come
    back with the one that they had. The parts of a bundle follow its quantity.

    Raises RuleViolation where stock or payment forbids it, for a price without a reason, a part or a closed shipment,
    NoChange where all is as before.
    """
    order = line.shipment.order
    units = BeforeAfter(line.quantity, line.quantity if quantity is None else quantity)
    discount_before = line.discount
    check_quantity(units.after)
    line.shipment.check_open()
    bundles.check_not_part(line)
    if units.after != units.before:
        _change_quantity(line, units.after)
        line.shipment.refresh_status()
    sold = prices.change(line, unit_price, discount, reason, by=by)
    if units.after == units.before and not sold:
        raise NoChange(_("The quantity already is %(quantity)s.", quantity=units.after))
    facts = LineChanged(
        product=line.name,
        sku=line.sku,
        shipment=line.shipment.reference,
        quantity=units,
        total=recalculate(order),
        unit_price=sold.unit_price if sold else None,
        discount=BeforeAfter(discount_before, line.discount) if line.discount != discount_before else None,
        reason=sold.reason if sold else None,
    )
    if facts.total.after < facts.total.before:
        crediting.check_line(line)
    history.record(order, facts, by=by)
    return facts


def remove(line: Line, *, by: Actor) -> None:
    """Remove a line from its order, a bundle with its parts, and its shipment too where that has no other lines.

    Raises RuleViolation for the last line of the order, a part, a closed shipment, or where payment forbids it.
    """
    shipment, order = line.shipment, line.shipment.order
    shipment.check_open()
    bundles.check_not_part(line)
    removed = [line, *bundles.parts_of(line)]
    if len(list(order.lines)) == len(removed):
        raise RuleViolation(_("An order needs at least one product. Cancel the order instead, under Summary."))
    reference = shipment.reference
    reservations.lock((gone.product for gone in removed), of=order)
    removed_units.keep(line, removed[1:])
    for gone in removed:
        reservations.release(gone)
        shipment.lines.remove(gone)
    shipment.refresh_status()
    facts = LineRemoved(
        product=line.name,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount=line.discount,
        vat_rate=line.vat_rate,
        shipment=reference,
        total=recalculate(order),
    )
    history.record(order, facts, by=by)


def _total_discount(order: Order) -> int:
    return sum(line.discount for line in order.lines)


def _change_quantity(line: Line, quantity: int) -> None:
    """Set the units of a line, and of a bundle's parts what is in them."""
    added = quantity - line.quantity
    quantities = {part: part.quantity + added * (part.units_per_bundle or 0) for part in bundles.parts_of(line)}
    quantities[line] = quantity
    reservations.lock((changed.product for changed in quantities), of=line.shipment.order)
    for changed, units in quantities.items():
        _set_quantity(changed, units)


def _set_quantity(line: Line, quantity: int) -> None:
    before = line.quantity
    check_quantity(quantity)
    if line.product is not None:
        reservations.check_available(line.product, quantity - before, current=before)
    removed_units.share_discount(line, quantity)
    reservations.set_quantity(line, quantity)


def _add_units(shipment: Shipment, product: Product, quantity: int, returning: list[Terms]) -> Line:
    """Add units of a product: those that come back, and then new ones; returns a line that some of them are in."""
    lines = [_add_returning(shipment, terms) for terms in returning]
    new_units = quantity - sum(terms.quantity for terms in returning)
    return [*lines, *([_add_new(shipment, product, new_units)] if new_units else [])][0]


def _add_returning(shipment: Shipment, terms: Terms) -> Line:
    """Add units that come back to the line that they were taken off, if that is in the shipment, or else as a line."""
    line, order = terms.make_line(), shipment.order
    source = order.find_line(terms.kept.line_id) if terms.kept.line_id else None
    same = source if source and source.shipment is shipment else shipment.find_mergeable(line)
    if same:
        check_quantity(same.quantity + line.quantity)
        reservations.set_quantity(same, same.quantity + line.quantity)
        same.discount += line.discount
    else:
        shipment.lines.append(line)
        reservations.reserve(line)
    for part in terms.parts:
        _add_returning(shipment, part)
    if source is None:
        removed_units.follow(order, terms.kept.line_id, same or line)
    return same or line


def _add_new(shipment: Shipment, product: Product, quantity: int) -> Line:
    """Add units to the line of the shipment that sells the same, or else as a new line.

    They never join a line with a discount, which would be shared with them.
    """
    line = Line(
        product=product,
        product_id=product.id,
        sku=product.sku,
        name=product.name,
        unit_price=product.price,
        vat_rate=product.vat_rate,
        quantity=quantity,
        reserved=0,
        discount=0,
        properties=[],
    )
    same = next((other for other in shipment.lines if not other.discount and other.can_merge_with(line)), None)
    if same:
        check_quantity(same.quantity + quantity)
        reservations.set_quantity(same, same.quantity + quantity)
        return same
    shipment.lines.append(line)
    reservations.reserve(line)
    return line
