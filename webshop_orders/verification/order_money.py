"""The sums of an order, computed anew to the öre."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import get_locale
from flask_babel import gettext as _

from webshop_orders.models import Order
from webshop_orders.money import crediting
from webshop_orders.money.totals import compute_totals
from webshop_orders.text import formatting
from webshop_orders.verification import mends
from webshop_orders.verification.check import Violation


def total(order: Order) -> Iterator[Violation]:
    """The total is what the lines, shipping, charges and VAT add up to."""
    computed = compute_totals(order).total
    if order.total != computed:
        yield Violation(
            _(
                "Order %(number)s: the total is %(stored)s, and its rows add up to %(computed)s.",
                number=order.number,
                stored=_money(order, order.total),
                computed=_money(order, computed),
            ),
            mends.by_hand(order.number),
        )


def charged(order: Order) -> Iterator[Violation]:
    """Rule 30: what was charged for a shipment that left adds up, and is not below zero unless the order is."""
    for shipment in order.shipments:
        capture = shipment.capture
        if capture is None:
            continue
        on_top = 0 if order.prices_include_vat else sum(capture.vat.values())
        parts = capture.goods + capture.shipping + capture.charges + capture.rounding + capture.adjustment + on_top
        if capture.amount != parts or (capture.amount < 0 <= order.total):
            yield Violation(
                _(
                    "Shipment %(shipment)s: %(stored)s was charged for it, and its parts add up to %(computed)s.",
                    shipment=shipment.reference,
                    stored=_money(order, capture.amount),
                    computed=_money(order, parts),
                ),
                mends.by_hand(order.number),
                rule=30,
            )


def refunds(order: Order) -> Iterator[Violation]:
    """Rule 29: never more is refunded than was paid, nor more credited than was charged."""
    if order.refunded_elsewhere < 0:
        yield _violation(
            order,
            _(
                "Order %(number)s: refunded is %(stored)s, and its refunds that are done add up to %(computed)s.",
                number=order.number,
                stored=_money(order, order.refunded),
                computed=_money(order, order.refunded - order.refunded_elsewhere),
            ),
        )
    if not order.refunds:
        return
    taken = crediting.credited(order)
    if order.pending_refunds > order.paid:
        yield _violation(order, _("Order %(number)s: more is to be refunded than was paid.", number=order.number))
    quantities = {line.id: line.quantity for line in order.lines}
    for line_id, units in taken.units.items():
        if units > quantities.get(line_id, 0):
            yield _violation(
                order, _("Order %(number)s: more units of a row are refunded than it has.", number=order.number)
            )
    exceeds = taken.total > order.total or crediting.exceeded_rates(order) or crediting.exceeded_vat(order)
    if exceeds:
        yield _violation(order, _("Order %(number)s: more is credited than was charged.", number=order.number))


def _violation(order: Order, sentence: str) -> Violation:
    return Violation(sentence, mends.by_hand(order.number), rule=29)


def _money(order: Order, amount: int) -> str:
    return formatting.money(amount, order.currency, str(get_locale()))
