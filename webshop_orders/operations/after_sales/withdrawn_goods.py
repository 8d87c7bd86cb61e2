"""The goods that a statement of withdrawal is about: what has not left is taken off the order, the rest is returned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.clock import now
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Line, Order, Return, ReturnKind, ReturnReason, Withdrawal
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.returns import ReturnedUnits
from webshop_orders.operations.orders import cancellation, lines
from webshop_orders.text.folding import fold


@dataclass(frozen=True)
class WithdrawnGoods:
    """Units by the ids of their lines: those to take off the order, and those that come back."""

    removed: Mapping[int, int] = field(default_factory=dict)
    returned: Mapping[int, int] = field(default_factory=dict)


def withdrawable(order: Order) -> WithdrawnGoods:
    """All that can be withdrawn from still; parts of bundles go with their bundle."""
    if order.is_cancelled:
        return WithdrawnGoods()
    own = [line for line in order.lines if not line.is_part]
    left = {line.id: returns.returnable_units(order, line) for line in own if line.shipment.is_shipped}
    return WithdrawnGoods(
        removed={line.id: line.quantity for line in own if line.shipment.is_open},
        returned={line_id: units for line_id, units in left.items() if units},
    )


def proposed_for(order: Order, withdrawal: Withdrawal) -> WithdrawnGoods:
    """What a statement seems to mean: all, or the products that it names as the order does, not shipped ones first.

    What it names otherwise is left to staff, and all that is left once they have carried it out.
    """
    most = withdrawable(order)
    removed, returned = dict.fromkeys(most.removed, 0), dict.fromkeys(most.returned, 0)
    if withdrawal.carried_out_at is not None:
        return WithdrawnGoods(removed, returned)
    if withdrawal.is_of_whole_order:
        return most
    for stated in withdrawal.lines:
        named = {line.id for line in order.lines if fold(stated.product.strip()) in (fold(line.name), fold(line.sku))}
        units = stated.quantity
        for chosen, available in ((removed, most.removed), (returned, most.returned)):
            for line_id in named & available.keys():
                taken = available[line_id] if units is None else min(units, available[line_id])
                chosen[line_id], units = taken, None if units is None else units - taken
    return WithdrawnGoods(removed, returned)


def carry_out(order: Order, withdrawal: Withdrawal, goods: WithdrawnGoods, *, by: Actor) -> Return | None:
    """Take units off a locked order and register others as a return; gives the return, if there is one.

    An order of which nothing is left and nothing has shipped is cancelled. Raises RuleViolation where nothing was
    chosen, for more units than there are, and where a payment forbids it.
    """
    removed = {lines.get(order, line_id): units for line_id, units in goods.removed.items() if units}
    returned = [
        ReturnedUnits(line_id, units, ReturnReason.WITHDRAWN) for line_id, units in goods.returned.items() if units
    ]
    if not removed and not returned:
        raise RuleViolation(_("Choose at least one product."))
    withdrawal.carried_out_at = now()
    for line, units in removed.items():
        _check_removable(line, units)
    if _takes_all(order, removed):
        cancellation.cancel(order, by=by)
        return None
    for line, units in removed.items():
        _remove(line, units, by=by)
        by = by.with_request_key(None)  # one event of the request has it
    if not returned:
        return None
    return returns.register(order, ReturnKind.RETURN, returned, withdrawal_id=withdrawal.id, by=by)


def _check_removable(line: Line, units: int) -> None:
    line.shipment.check_open()
    if units > line.quantity:
        raise RuleViolation(
            ngettext(
                "There is only %(quantity)s of %(name)s to take off.",
                "There are only %(quantity)s of %(name)s to take off.",
                line.quantity,
                quantity=line.quantity,
                name=line.name,
            )
        )


def _takes_all(order: Order, removed: Mapping[Line, int]) -> bool:
    left = [line for line in order.lines if not line.is_part and removed.get(line) != line.quantity]
    return bool(removed) and not left


def _remove(line: Line, units: int, *, by: Actor) -> None:
    if units == line.quantity:
        lines.remove(line, by=by)
    else:
        lines.change(line, quantity=line.quantity - units, by=by)
