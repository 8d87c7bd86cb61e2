"""Shipments, lines, holds and returns of an order, and their numbers in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from webshop_orders.models import Line, Order
from webshop_orders.operations.stock import whole_orders
from webshop_orders.verification import mends, sentences
from webshop_orders.verification.check import Violation


def shipments(order: Order) -> Iterator[Violation]:
    """An order has shipments, and each of them has lines and a number that was given."""
    if not order.shipments:
        yield Violation(_("Order %(number)s has no shipment.", number=order.number), mends.by_hand(order.number))
    for shipment in order.shipments:
        if not shipment.lines:
            yield Violation(
                _("Shipment %(shipment)s has no products.", shipment=shipment.reference), mends.by_hand(order.number)
            )
        if shipment.capture is not None and not shipment.is_shipped:
            yield Violation(
                _("Shipment %(shipment)s has not left, and has what was charged for it.", shipment=shipment.reference),
                mends.update("shipments", {"capture": None}, {"id": shipment.id}),
                rule=30,
            )
    last = max((shipment.seq for shipment in order.shipments), default=0)
    if last > order.last_seq:
        yield Violation(
            sentences.differs(order.number, "last_seq", order.last_seq, last),
            mends.update("orders", {"last_seq": last}, {"number": order.number}),
        )


def lines(order: Order) -> Iterator[Violation]:
    """Units are covered by no more than there are, all of those without stock to wait for, and none once cancelled."""
    for line in order.lines:
        reference = line.shipment.reference
        if order.is_cancelled and line.reserved and not line.shipment.is_shipped and line.is_tracked:
            yield Violation(
                _(
                    "%(shipment)s: %(sku)s is reserved although the order is cancelled.",
                    shipment=reference,
                    sku=line.sku,
                ),
                mends.update("lines", {"reserved": 0}, {"id": line.id}),
            )
        elif line.shipment.is_open and not line.is_tracked and line.uncovered:
            yield Violation(
                _(
                    "%(shipment)s: %(sku)s waits for stock although its stock is not tracked.",
                    shipment=reference,
                    sku=line.sku,
                ),
                mends.update("lines", {"reserved": line.quantity}, {"id": line.id}),
            )
        elif line.shipment.is_open and line.is_tracked and line.reserved and not line.shipment.keeps_stock:
            yield Violation(
                _(
                    "%(shipment)s: %(sku)s has stock although a hold gives it to other orders.",
                    shipment=reference,
                    sku=line.sku,
                ),
                mends.by_hand(order.number),
                rule=28,
            )


def numbers(order: Order) -> Iterator[Violation]:
    """Holds, returns, refunds and payments have each a number that was given, and given once."""
    given = {
        "hold": [hold.id for hold in order.holds],
        "return": [a_return.id for a_return in order.returns],
        "refund": [refund.id for refund in order.refunds],
        "payment": [payment.id for payment in order.registered_payments],
    }
    for kind, ids in given.items():
        if len(set(ids)) < len(ids) or max(ids, default=0) > order.last_ids.get(kind, 0):
            yield Violation(
                _(
                    "Order %(number)s: a number of «%(kind)s» was given twice, or not given yet.",
                    number=order.number,
                    kind=kind,
                ),
                mends.by_hand(order.number),
            )


def holds(order: Order) -> Iterator[Violation]:
    """Rule 28: what is held is there."""
    seqs = {shipment.seq for shipment in order.shipments}
    for hold in order.holds:
        if hold.shipment is not None and hold.shipment not in seqs:
            yield Violation(
                _(
                    "Order %(number)s: hold %(hold)s is of shipment %(seq)s, which does not exist.",
                    number=order.number,
                    hold=hold.id,
                    seq=hold.shipment,
                ),
                mends.by_hand(order.number),
                rule=28,
            )


def whole_delivery(order: Order) -> Iterator[Violation]:
    """Rule 34: an order that ships whole holds all that it needs, or nothing."""
    needed = whole_orders.lines_of(order) if order.ships_whole else []
    if _has_some(needed):
        yield Violation(
            _("Order %(number)s ships whole, and has only a part of its products reserved.", number=order.number),
            mends.by_hand(order.number),
            rule=34,
        )


def returns(order: Order) -> Iterator[Violation]:
    """Rule 29: no more of a line comes back than left, and no more goes into stock than came back."""
    back: Counter[int] = Counter()
    for a_return in order.returns:
        for line in a_return.lines:
            back[line.line_id] += line.units
            if line.restocked > line.units:
                yield _returned(order, line.sku)
    left = {line.id: line for line in order.lines if line.shipment.is_shipped}
    skus = {line.line_id: line.sku for a_return in order.returns for line in a_return.lines}
    for line_id, units in back.items():
        if units > (left[line_id].quantity if line_id in left else 0):
            yield _returned(order, skus[line_id])


def _returned(order: Order, sku: str) -> Violation:
    sentence = _("Order %(number)s: more of %(sku)s comes back than left.", number=order.number, sku=sku)
    return Violation(sentence, mends.by_hand(order.number), rule=29)


def _has_some(needed: Iterable[Line]) -> bool:
    lines = list(needed)
    return any(line.uncovered for line in lines) and any(line.reserved for line in lines)
