"""Later changes of an order in the shop that it came from, its source: applied where nobody changed it here,
shown to staff where someone did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, Payment
from webshop_orders.documents.source_order import refunds_of
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import (
    Actor,
    BeforeAfter,
    Difference,
    Event,
    EventFacts,
    EventKind,
    HoldRule,
    Line,
    Order,
    Refund,
    RefundState,
)
from webshop_orders.models.event_facts import (
    PaymentChanged,
    RefundCancelled,
    RefundDone,
    RefundRequested,
    SourceDifferencesDismissed,
    SourceDiffers,
)
from webshop_orders.money import source_credits, totals
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import (
    cancellation,
    customers,
    holds,
    source_refunds,
    source_returns,
    source_shipments,
    stated_totals,
)
from webshop_orders.operations.orders.source_refunds import Settled
from webshop_orders.text.folding import sku_key

DETAILS = ("shop_number", "attributes", "language")
MAX_EVENTS = 50  # that are looked through for the latest cancellation

PARTS = ("customer", "billing_address", "shipping_address")
# The compared values of an order, by the name of their field.
Values = dict[str, str | None]


@dataclass(frozen=True)
class SourceState:
    """An order in its source: as it would be placed now, and whether it is cancelled there."""

    order: NewOrder
    is_cancelled: bool = False


def apply(order: Order, before: SourceState | None, current: SourceState, *, by: Actor) -> None:
    """Apply what changed in the source since its state `before`, and show what was changed in both places.

    Lines and shipping never follow the source, since the warehouse may have picked and packed by them.
    """
    before, current = _with_skus_of(order, before) if before else None, _with_skus_of(order, current)
    if before is not None:
        if order.is_cancelled and before.is_cancelled and not current.is_cancelled and _was_cancelled(order, by):
            cancellation.restore(order, by=by)
        _apply_customer(order, before.order, current.order, by=by)
        _apply_payment(order, before.order, current, by=by)
        _apply_details(order, before.order, current.order)
        if current.is_cancelled and not order.is_cancelled and _is_untouched(order, before.order):
            cancellation.cancel(order, by=by)
        if not order.is_cancelled:
            _apply_holds(order, before.order, current.order, by=by)
        if not current.is_cancelled and not order.is_cancelled:
            source_shipments.apply(order, before.order, current.order, by=by)
        if not order.is_cancelled:
            source_returns.apply(order, current.order, by=by)
    _update_differences(order, before, current, by=by)


def _with_skus_of(order: Order, state: SourceState) -> SourceState:
    """A state whose lines have the SKUs of the order's, where they differ in case and blanks alone."""
    skus = {line.sku for line in order.lines}
    own = {sku_key(sku): sku for sku in skus}
    lines = [
        line if line.sku in skus else replace(line, sku=own.get(sku_key(line.sku), line.sku))
        for line in state.order.lines
    ]
    return replace(state, order=replace(state.order, lines=lines))


def dismiss(order: Order, *, by: Actor) -> None:
    """Dismiss the differences between an order and its source; raises NoChange where none is shown."""
    if not order.shop_differences:
        raise NoChange(_("The shop and the order desk agree."))
    order.shop_differences = []
    history.record(order, SourceDifferencesDismissed(), by=by)


def _apply_customer(order: Order, before: NewOrder, current: NewOrder, *, by: Actor) -> None:
    values = {
        part: getattr(current, part) if getattr(order, part) == getattr(before, part) else getattr(order, part)
        for part in PARTS
    }
    try:
        customers.change(order, values["customer"], values["billing_address"], values["shipping_address"], by=by)
    except (NoChange, RuleViolation):
        return


def _apply_payment(order: Order, before: NewOrder, current: SourceState, *, by: Actor) -> None:
    """Take over method, sums and parts of the payment as one fact, where they are as the source said before.

    What was given back there is kept as refunds, each once. Where the order has the lines that it had there, nothing
    more is asked for than the source asks for. Of a cancelled order nothing is asked for anyway, so that what is
    written off stays for when it is opened again; of one that goes on here, what was given back is not.

    Payments and refunds that were registered here are besides what the source said, unless it tells of them too.
    """
    own = _registered_here(order)
    parts = before.payment.parts if order.registered_payments else order.payments
    paid = before.payment.paid if order.registered_payments else order.paid + own
    here = Payment(order.payment_method, paid, order.refunded - own, before.payment.written_off, parts)
    if here != before.payment:
        return
    new, kept, not_asked = current.order.payment, order.refunds, order.written_off + order.credited
    settled = source_refunds.settle(
        order,
        refunds_of(current.order),
        _not_asked(order, before, current),
        source_refunds.still_here(order, current.order),
    )
    own = _registered_here(order)
    received = new.paid + new.refunded
    if order.registered_payments:  # the source may have come to know of them since
        received = max(received, order.paid + order.refunded)
    else:
        order.payments = new.parts
    refunded = BeforeAfter(order.refunded, new.refunded + own)
    paid_here = BeforeAfter(order.paid, max(0, received - refunded.after))
    is_same = paid_here.before == paid_here.after and refunded.before == refunded.after
    if new == before.payment and is_same and not_asked == order.written_off + order.credited:
        if kept != order.refunds:  # those of before there were records of them
            order.updated_at = now()
        return
    order.payment_method, order.paid, order.refunded = new.method, paid_here.after, refunded.after
    _record_payment(order, settled, paid_here, refunded, by=by)


def _registered_here(order: Order) -> int:
    """What was given back here that the source does not tell of."""
    done = (refund for refund in order.refunds if refund.state is RefundState.DONE)
    return sum(refund.amount for refund in done if refund.external_reference is None)


def _not_asked(order: Order, before: NewOrder, current: SourceState) -> int:
    """What the source neither has of the order nor asks for: what it gave back, and what it wrote off."""
    new, asked = current.order.payment, _asked_by_source(current.order)
    if current.is_cancelled:
        goes_on = not order.is_cancelled and not _is_untouched(order, before)
        given_back = min(new.refunded, order.total - new.paid) if goes_on else 0
        return max(order.written_off + source_credits.credited_by_source(order), given_back)
    if asked is not None and _has_its_lines(order, before) and order.shipping_price == before.shipping.price:
        return max(0, order.total - new.paid - asked)
    left_out = source_refunds.left_out(current.order, source_refunds.still_here(order, current.order))
    return new.written_off + left_out


def _record_payment(
    order: Order, settled: Settled, paid: BeforeAfter[int], refunded: BeforeAfter[int], *, by: Actor
) -> None:
    """Record each refund that is new or was cancelled in the source, and what else changed what is paid."""
    new = {refund.id for refund in settled.new}
    recorded = sum(refund.amount for refund in order.refunds if _is_done(refund) and refund.id not in new)
    recorded += sum(refund.amount for refund in settled.cancelled)
    known = refunded.before - recorded  # refunds of before there were records of them
    has_paid, has_refunded = paid.before, refunded.before
    facts: list[EventFacts] = []
    for refund in settled.new:
        reference = refund.number_in(order.number)
        if refund.amount <= known:
            known -= refund.amount
        elif refund.amount:
            now_paid = BeforeAfter(has_paid, has_paid - refund.amount)
            facts.append(RefundDone(reference, refund.amount, now_paid, refund.method))
            has_paid, has_refunded = has_paid - refund.amount, has_refunded + refund.amount
        else:
            facts.append(RefundRequested(reference, 0, refund.credited, refund.reason))
    for refund in settled.cancelled:
        facts.append(RefundCancelled(refund.number_in(order.number), refund.amount))
        has_paid, has_refunded = has_paid + refund.amount, has_refunded - refund.amount
    if not facts or (has_paid, has_refunded) != (paid.after, refunded.after):
        is_refunded = has_refunded != refunded.after
        given_back = BeforeAfter(has_refunded, refunded.after) if is_refunded else None
        facts.append(PaymentChanged(BeforeAfter(has_paid, paid.after), given_back))
    for fact in facts:
        history.record(order, fact, by=by)


def _is_done(refund: Refund) -> bool:
    return refund.state is RefundState.DONE


def _asked_by_source(new: NewOrder) -> int | None:
    """What the source still asks for; None if it does not say."""
    if new.totals.balance is not None or new.totals.total is None:
        return new.totals.balance
    return new.totals.total - new.payment.paid - new.payment.written_off


def _apply_holds(order: Order, before: NewOrder, current: NewOrder, *, by: Actor) -> None:
    """Hold what the source puts on hold, and release what it released, or what has been paid there since."""
    later = by.with_request_key(None)
    if not current.on_hold:
        holds.release_of_rule(order, HoldRule.SOURCE, by=later)
    if current.on_hold and not before.on_hold:
        reason, note = current.on_hold.reason, current.on_hold.note
        with suppress(RuleViolation):  # everything of it has left here
            holds.hold(order, reason, note=note, rule=HoldRule.SOURCE, by=later)
    if totals.balance(order) <= 0:
        holds.release_of_rule(order, HoldRule.UNPAID, by=later)


def _apply_details(order: Order, before: NewOrder, current: NewOrder) -> None:
    """Take over what the customer told the shop, and its number for the order, where they are as before."""
    for name in DETAILS:
        value = getattr(current, name)
        if getattr(order, name) == getattr(before, name) != value:
            setattr(order, name, value)
            order.updated_at = now()


def _was_cancelled(order: Order, by: Actor) -> bool:
    """Whether this source itself cancelled the order, and nobody has changed it since."""
    events = select(Event).where(Event.order_id == order.id).order_by(Event.id.desc()).limit(MAX_EVENTS)
    for event in db.session.scalars(events):
        is_own = event.actor_kind is by.kind and event.actor_name == by.name
        if event.kind is EventKind.ORDER_CANCELLED or (event.kind.bumps_version and not is_own):
            return is_own
    return False


def _is_untouched(order: Order, before: NewOrder) -> bool:
    """Whether nobody has worked on the order yet, so that it can be cancelled when it is in its source."""
    has_shipped = any(shipment.is_shipped for shipment in order.shipments)
    return not has_shipped and _has_its_lines(order, before)


def _has_its_lines(order: Order, before: NewOrder) -> bool:
    """Whether an order has the lines that it had in its source, at the prices of there."""
    is_priced_here = any(line.price_change for line in order.lines)
    return _quantities(before.lines) == _quantities(order.lines) and not is_priced_here


def _update_differences(order: Order, before: SourceState | None, current: SourceState, *, by: Actor) -> None:
    """Show staff where the source differs: fields it changed since `before`, and fields that are shown already.

    Fields that only staff changed are not shown, nor differences that were dismissed.
    """
    own = _values_of(order, order.is_cancelled, paid=order.paid, shipping_price=order.shipping_price)
    own["fulfilled"] = str(source_shipments.shipped_units(order).total())
    own |= _compared_sums(stated_totals.computed_sums(order, current.order.totals))
    source = _values_in_source(current)
    previous = _values_in_source(before) if before else {}
    shown = {difference.field for difference in order.shop_differences}
    # Nothing is left to charge of a cancelled order, whatever its payment.
    left_out = {"totals.balance"} if order.is_cancelled or current.is_cancelled else set()
    if current.is_cancelled:  # what was sent of it is no longer told
        left_out.add("fulfilled")
    differences = [
        Difference(field, own.get(field), source.get(field))
        for field in dict.fromkeys([*own, *source])
        if field not in left_out
        and own.get(field) != source.get(field)
        and (before is None or field in shown or previous.get(field) != source.get(field))
    ]
    if differences == order.shop_differences:
        return
    order.shop_differences = differences
    if differences:
        history.record(order, SourceDiffers(fields=[difference.field for difference in differences]), by=by)


def _compared_sums(sums: dict[str, int]) -> Values:
    """Sums by the names of their fields, except those that are compared by themselves."""
    return {f"totals.{name}": str(amount) for name, amount in sums.items() if name not in {"paid", "shipping"}}


def _values_in_source(state: SourceState) -> Values:
    new = state.order
    values = _values_of(new, state.is_cancelled, paid=new.payment.paid, shipping_price=new.shipping.price)
    values["fulfilled"] = str(source_shipments.sent_units(new).total())
    return values | _compared_sums(stated_totals.stated_sums(new.totals))


def _values_of(order: Order | NewOrder, is_cancelled: bool, *, paid: int, shipping_price: int) -> Values:
    of_parts = {f"{part}.{name}": value for part in PARTS for name, value in asdict(getattr(order, part)).items()}
    return {
        "cancelled": json.dumps(is_cancelled),
        **of_parts,
        "payment.paid": str(paid),
        "shipping.price": str(shipping_price),
        **{f"lines.{sku}": str(quantity) for sku, quantity in sorted(_quantities(order.lines).items())},
    }


def _quantities(lines: Iterable[Line | NewLine]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in lines:
        counted[line.sku] += line.quantity
    return counted
