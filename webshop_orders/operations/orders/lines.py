"""Adding, changing and removing the products of an order."""

from flask_babel import gettext as _

from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, Line, Order, Product, Shipment, check_quantity
from webshop_orders.models.event_facts import LineAdded, LineChanged, LineRemoved
from webshop_orders.money.recalculation import recalculate
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import bundles, removed_units
from webshop_orders.operations.orders.removed_units import Terms
from webshop_orders.operations.stock import reservations


def get(order: Order, line_id: int) -> Line:
    """A line of this order; raises NotFound where there is none, or it belongs to another order."""
    line = order.find_line(line_id)
    if line is None:
        raise NotFound(_("This product is no longer in order %(number)s.", number=order.number))
    return line


def add(order: Order, product: Product, quantity: int, *, to: Shipment | None = None, by: Actor) -> Line:
    """Add a product at its current name, price and VAT rate to a shipment, or else to the first open one.

    Units of it that were taken off the order before come back at the price and discount that they were sold at, bundles
    with their parts.
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
    reservations.lock([product, *(part.product for part in parts)])
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
        total=recalculate(order),
        discount=_total_discount(order) - discount_before,
    )
    history.record(order, facts, by=by)
    return line


def change_quantity(line: Line, quantity: int, *, by: Actor) -> None:
    """Set the number of units of a line; its discount changes in proportion, and the parts of a bundle follow.

    Units that were taken off it before come back with the discount that they had.

    Raises RuleViolation where stock or payment forbids it, for a part or a closed shipment, NoChange where it is as
    before.
    """
    order = line.shipment.order
    check_quantity(quantity)
    line.shipment.check_open()
    bundles.check_not_part(line)
    if quantity == line.quantity:
        raise NoChange(_("The quantity already is %(quantity)s.", quantity=quantity))
    before = line.quantity
    added = quantity - before
    quantities = {part: part.quantity + added * (part.units_per_bundle or 0) for part in bundles.parts_of(line)}
    quantities[line] = quantity
    reservations.lock(changed.product for changed in quantities)
    for changed, units in quantities.items():
        _set_quantity(changed, units)
    line.shipment.refresh_status()
    facts = LineChanged(
        product=line.name,
        sku=line.sku,
        shipment=line.shipment.reference,
        quantity=BeforeAfter(before, quantity),
        total=recalculate(order),
    )
    history.record(order, facts, by=by)


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
    reservations.lock(gone.product for gone in removed)
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
    source = next((line for line in order.lines if line.id == terms.kept.line_id), None)
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
