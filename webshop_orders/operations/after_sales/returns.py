"""Goods that come back, or that something is done about: registered, received, and closed (rule 29)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders import mailing
from webshop_orders.clock import now
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    Disposition,
    Line,
    MessageKind,
    Order,
    Product,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnReason,
    ReturnState,
    Shipment,
)
from webshop_orders.models.event_facts import ReturnClosed, ReturnReceived, ReturnRegistered
from webshop_orders.models.goods_return import MAX_RETURNS
from webshop_orders.money.rounding import round_half_up
from webshop_orders.operations.after_sales import replacements as replaced
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import bundles, lines
from webshop_orders.operations.stock import reservations, returned_units


@dataclass(frozen=True)
class ReturnedUnits:
    """Units of a line that a customer sends back, why, and what is to become of them."""

    line_id: int
    quantity: int
    reason: ReturnReason
    disposition: Disposition = Disposition.RESTOCK


@dataclass(frozen=True)
class ReceivedUnits:
    """Units of a line that have come back; 0 where none of them did and none is awaited any more."""

    line_id: int
    quantity: int
    disposition: Disposition = Disposition.RESTOCK


def get(order: Order, return_id: int) -> Return:
    """A return of this order; raises NotFound."""
    found = order.find_return(return_id)
    if found is None:
        raise NotFound(_("Order %(number)s has no return %(id)s.", number=order.number, id=return_id))
    return found


def of_request(order: Order, request_key: str | None) -> Return:
    """The return that the request with this idempotency key registered; raises NotFound."""
    facts = history.facts_of_request(order, request_key)
    reference = facts.reference if isinstance(facts, ReturnRegistered) else ""
    found = next((known for known in order.returns if known.reference(order.number) == reference), None)
    if found is None:
        raise NotFound(_("Order %(number)s has no return %(id)s.", number=order.number, id=reference))
    return found


def returnable_units(order: Order, line: Line) -> int:
    """Units of a line that can come back: those that left less those that came back or are awaited."""
    return max(0, line.quantity - order.units_returned(line.id)) if line.shipment.is_shipped else 0


def proposed_for(shipment: Shipment, reason: ReturnReason = ReturnReason.NOT_COLLECTED) -> list[ReturnedUnits]:
    """Everything that left with a shipment and has not come back, as its parcel that comes back has it."""
    left = {line.id: returnable_units(shipment.order, line) for line in shipment.lines}
    return [ReturnedUnits(line_id, quantity, reason) for line_id, quantity in left.items() if quantity]


def register(
    order: Order,
    kind: ReturnKind,
    units: Sequence[ReturnedUnits],
    *,
    note: str | None = None,
    expects_goods: bool = True,
    replacements: Sequence[Replacement] = (),
    mails: bool = False,
    withdrawal_id: int | None = None,
    by: Actor,
) -> Return:
    """Register that units of shipped shipments come back, or are claimed, each line once; a bundle brings its parts.

    What leaves instead goes into a shipment of its own: an exchange at its price, a claim at no cost. Without
    `expects_goods`, a claim is settled without goods that come back. The customer is told where `mails`.
    Raises RuleViolation for more units than can come back, where stock or payment forbids a replacement, and where the
    customer to be mailed has no address.
    """
    order.check_not_cancelled()
    _check_shape(kind, expects_goods=expects_goods, replaces=bool(replacements))
    mail_to = order.customer.email if mails else None
    if mails and mail_to is None:
        raise RuleViolation(_("The customer has no e-mail address. Add one under Customer."), field="mails")
    if len(order.returns) >= MAX_RETURNS:
        raise RuleViolation(_("An order has at most %(most)s returns.", most=MAX_RETURNS))
    return_lines = [_registered_line(order, returned) for returned in _with_parts(order, units)]
    if not return_lines:
        raise RuleViolation(_("Say what comes back: choose at least one product."), field="lines")
    a_return = Return(
        id=order.next_id("return"),
        kind=kind,
        state=ReturnState.REGISTERED,
        lines=return_lines,
        registered_by=by.name,
        registered_at=now().isoformat(),
        note=note,
        expects_goods=expects_goods,
        replacement=order.last_seq + 1 if replacements else None,
        withdrawal_id=withdrawal_id,
    )
    order.returns = [*order.returns, a_return]
    facts = ReturnRegistered(
        reference=a_return.reference(order.number),
        return_kind=kind,
        products=_products(return_lines),
        quantity=sum(line.quantity for line in return_lines),
        mailed_to=mail_to,
        held=mailing.hold_reason(MessageKind.RETURN_REGISTERED, automatic=True) if mail_to else None,
    )
    history.record(order, facts, by=by)
    if replacements:
        is_free, by = kind is ReturnKind.CLAIM, by.with_request_key(None)
        given_back = 0 if is_free else replaced.given_back(order, a_return)
        replaced.add(order, replacements, is_free=is_free, given_back=given_back, by=by)
    if mail_to:
        mailing.queue_return_registered(order, a_return, mail_to, by=by)
    return a_return


def receive(order: Order, return_id: int, units: Sequence[ReceivedUnits], *, by: Actor) -> Return:
    """Receive units of a return: those to be restocked come into stock. Lines that are not named are awaited still.

    A line may be named once for each disposition. What was announced of it and did not come is awaited no more; more
    than that may have come, as long as it left and has not come back.
    Raises RuleViolation for more, and for a line that is not awaited.
    """
    a_return = get(order, return_id)
    reference = a_return.reference(order.number)
    if not a_return.is_open:
        raise RuleViolation(_("%(reference)s is closed. Register what came as a new return.", reference=reference))
    if not a_return.expects_goods:
        raise RuleViolation(_("%(reference)s is settled without goods that come back.", reference=reference))
    if not a_return.awaited:
        raise RuleViolation(
            _("%(reference)s was received already. Register what came later as a new return.", reference=reference)
        )
    named: dict[int, list[ReceivedUnits]] = defaultdict(list)
    for received in units:
        named[received.line_id].append(received)
    if not named:
        raise RuleViolation(_("Say what came back: choose at least one product."), field="lines")
    awaited = {line.line_id: line for line in a_return.awaited}
    if named.keys() - awaited.keys():
        raise RuleViolation(_("%(reference)s does not wait for that product.", reference=reference), field="lines")
    came = {line_id: _received_line(order, awaited[line_id], parts) for line_id, parts in named.items()}
    current = replace(a_return, lines=[came.get(line.line_id, line) for line in a_return.lines])
    if not current.awaited:
        current = replace(current, state=ReturnState.RECEIVED, received_at=now().isoformat())
        if not any(line.received for line in current.lines):
            raise RuleViolation(
                _("Nothing of %(reference)s came back. Close it instead.", reference=reference), field="lines"
            )
    _restock(order, reference, came.values(), by=by)
    _replace(order, current)
    facts = ReturnReceived(
        reference=reference,
        products=_products([line for line in came.values() if line.received]),
        quantity=sum(line.units for line in came.values()),
        restocked=sum(line.restocked for line in came.values()),
    )
    history.record(order, facts, by=by)
    return current


def close(order: Order, return_id: int, *, by: Actor) -> Return:
    """Close a return, which ends it; what is awaited still does not come, and can be returned again.

    So can the units of a claim without goods that was settled by neither a refund nor a replacement: a mistake, or
    turned down. Raises NoChange where it is closed already.
    """
    a_return = get(order, return_id)
    reference = a_return.reference(order.number)
    if not a_return.is_open:
        raise NoChange(_("%(reference)s already is closed.", reference=reference))
    freed = a_return.awaited if _is_settled(order, a_return) else a_return.lines
    lines_after = [
        replace(line, received=0) if line in freed and line.received is None else line for line in a_return.lines
    ]
    current = replace(a_return, state=ReturnState.CLOSED, closed_at=now().isoformat(), lines=lines_after)
    _replace(order, current)
    history.record(order, ReturnClosed(reference=reference), by=by)
    return current


def value_of(order: Order, a_return: Return) -> int:
    """What the units of a return cost, after their discounts, in öre and as the order's prices are."""
    found = {line.id: line for line in order.lines}
    return sum(
        round_half_up(found[line.line_id].total * line.units, found[line.line_id].quantity)
        for line in a_return.lines
        if line.line_id in found
    )


def difference_of(order: Order, a_return: Return) -> int:
    """What an exchange costs the customer besides what comes back, in öre; below zero where that cost more.

    Nobody is charged or refunded by it.
    """
    shipment = order.find_shipment(a_return.replacement) if a_return.replacement else None
    return sum(line.total for line in shipment.lines) - value_of(order, a_return) if shipment else 0


def _is_settled(order: Order, a_return: Return) -> bool:
    """Whether something was done about what a return is about: sent instead, or refunded."""
    is_replaced = a_return.replacement is not None and order.find_shipment(a_return.replacement) is not None
    return is_replaced or any(refund.stands and refund.return_id == a_return.id for refund in order.refunds)


def _check_shape(kind: ReturnKind, *, expects_goods: bool, replaces: bool) -> None:
    if kind is ReturnKind.RETURN and replaces:
        raise RuleViolation(
            _("A return sends nothing instead. Choose an exchange or a claim for that."), field="replacements"
        )
    if kind is ReturnKind.EXCHANGE and not replaces:
        raise RuleViolation(_("Choose what is sent instead of what comes back."), field="replacements")
    if kind is not ReturnKind.CLAIM and not expects_goods:
        raise RuleViolation(_("Only a claim is settled without goods that come back."), field="expects_goods")


def _with_parts(order: Order, units: Sequence[ReturnedUnits]) -> list[ReturnedUnits]:
    """The units with those of the parts of bundles among them, where no part is named itself."""
    named = [returned.line_id for returned in units]
    if len(set(named)) < len(named):
        raise RuleViolation(_("Give each product once: one reason for its units."), field="lines")
    result: list[ReturnedUnits] = []
    for returned in units:
        result.append(returned)
        line = lines.get(order, returned.line_id)
        parts = bundles.units_for(line, returned.quantity)
        if not any(part.id in named for part in parts):
            left = {part: min(count, returnable_units(order, part)) for part, count in parts.items()}
            result += [replace(returned, line_id=part.id, quantity=count) for part, count in left.items() if count]
    return result


def _registered_line(order: Order, returned: ReturnedUnits) -> ReturnLine:
    line = lines.get(order, returned.line_id)
    if not line.shipment.is_shipped:
        raise RuleViolation(
            _(
                "%(shipment)s has not shipped, so %(name)s cannot come back. Change the order instead.",
                shipment=line.shipment.reference,
                name=line.name,
            ),
            field="lines",
        )
    if returned.quantity < 1:
        raise RuleViolation(_("Give a whole number from 1."), field=quantity_of(line.id))
    _check_at_most(line, returned.quantity, returnable_units(order, line))
    return ReturnLine(
        line_id=line.id,
        shipment=line.shipment.seq,
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
        quantity=returned.quantity,
        reason=returned.reason,
        disposition=returned.disposition,
    )


def _received_line(order: Order, awaited: ReturnLine, parts: Sequence[ReceivedUnits]) -> ReturnLine:
    """An awaited line with what came back of it."""
    line = lines.get(order, awaited.line_id)
    if any(part.quantity < 0 for part in parts):
        raise RuleViolation(_("Give a whole number from 0."), field=quantity_of(line.id))
    quantity = sum(part.quantity for part in parts)
    _check_at_most(line, quantity, returnable_units(order, line) + awaited.quantity)
    to_restock = sum(part.quantity for part in parts if part.disposition is Disposition.RESTOCK)
    return replace(
        awaited,
        received=quantity,
        disposition=_disposition(awaited, parts),
        restocked=to_restock if line.is_tracked else 0,
    )


def _disposition(awaited: ReturnLine, parts: Sequence[ReceivedUnits]) -> Disposition:
    """What became of most of the units that came back."""
    units: Counter[Disposition] = Counter()
    for part in parts:
        units[part.disposition] += part.quantity
    return units.most_common(1)[0][0] if +units else awaited.disposition


def _check_at_most(line: Line, quantity: int, most: int) -> None:
    if quantity > most:
        raise RuleViolation(
            ngettext(
                "At most %(most)s pc of %(name)s can come back.",
                "At most %(most)s pcs of %(name)s can come back.",
                most,
                most=most,
                name=line.name,
            ),
            field=quantity_of(line.id),
        )


def quantity_of(line_id: int) -> str:
    """The name of the field with the units of a line, which a refusal is about."""
    return f"quantity-{line_id}"


def _restock(order: Order, reference: str, came: Iterable[ReturnLine], *, by: Actor) -> None:
    units: Counter[Product] = Counter()
    for line in came:
        product = lines.get(order, line.line_id).product
        if product is not None and line.restocked:
            units[product] += line.restocked
    reservations.lock(units, of=order)
    came_back = [returned_units.ReturnedUnits(product, quantity, reference) for product, quantity in units.items()]
    returned_units.restock(order, came_back, by=by)


def _replace(order: Order, current: Return) -> None:
    order.returns = [current if known.id == current.id else known for known in order.returns]


def _products(return_lines: Iterable[ReturnLine]) -> list[str]:
    return list(dict.fromkeys(line.name for line in return_lines))
