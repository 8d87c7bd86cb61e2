"""What refunds of an order's source take off the order, within what the order costs. All amounts in öre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from webshop_orders.models import Order, Refund, RefundRow
from webshop_orders.money import crediting
from webshop_orders.money.crediting import share
from webshop_orders.money.totals import BASIS_POINTS, compute_totals


def credited_by_source(order: Order) -> int:
    """What the refunds of its source credit of an order."""
    return sum(refund.credited for refund in order.refunds if refund.external_reference and refund.stands)


def fit(order: Order) -> None:
    """Lower what the refunds of its source credit, where the order has become cheaper since, the latest first.

    The source gave back what the order no longer sells, which is not given back twice.
    """
    if not credited_by_source(order):
        return
    refunds, own = order.refunds, [refund for refund in order.refunds if not refund.external_reference]
    order.refunds = own
    total, pending = compute_totals(order).total, sum(refund.amount for refund in own if refund.is_pending)
    most = max(0, total - sum(refund.credited for refund in own if refund.stands) - order.paid + pending)
    for refund in refunds:
        if refund.external_reference:
            fitted = limited(order, refund, most) if refund.stands else refund
            order.refunds = [*order.refunds, fitted]
            most -= fitted.credited if fitted.stands else 0
    order.refunds = sorted(order.refunds, key=lambda refund: refund.id)
    order.credited = sum(refund.credited for refund in order.refunds if refund.stands)


def limited(order: Order, refund: Refund, most: int, stated_vat: Mapping[int, int] | None = None) -> Refund:
    """A refund that comes after the order's others, with no more than `most`, than they left, and of no line that is
    gone.

    Its VAT is what is stated of a rate, else that which the rate has left to its rows; all of it with the last of them.
    """
    before, left = crediting.credited(order), crediting.left_by_rate(order)
    rows = _within_rates([row for row in refund.rows if _has_its_line(order, row)], left)
    rows = _within(rows, most, includes_vat=order.prices_include_vat)
    vat = {}
    charged_vat = compute_totals(order).vat
    stated = {int(rate): amount for rate, amount in refund.vat.items()} if stated_vat is None else stated_vat
    former, amounts = crediting.amounts_of(refund.rows), crediting.amounts_of(rows)
    for rate, amount in amounts.items():
        of_rate = charged_vat.get(rate, 0) - before.vat[rate]
        due = share(stated[rate], amount, former[rate]) if rate in stated else share(of_rate, amount, left.get(rate, 0))
        vat[rate] = of_rate if amount == left.get(rate, 0) else min(max(0, due), max(0, of_rate))
    on_top = 0 if order.prices_include_vat else sum(vat.values())
    return replace(
        refund,
        rows=rows,
        credited=amounts.total() + on_top,
        vat={str(rate): amount for rate, amount in vat.items() if amount},
        rounding=0,
    )


def _has_its_line(order: Order, row: RefundRow) -> bool:
    return row.line_id is None or order.find_line(row.line_id) is not None


def _within_rates(rows: list[RefundRow], left: Mapping[int, int]) -> list[RefundRow]:
    """Rows of which no VAT rate has more than is left of it: the last ones are lowered."""
    excess = Counter(
        {rate: amount - max(0, left.get(rate, 0)) for rate, amount in crediting.amounts_of(rows).items() if amount > 0}
    )
    kept = []
    for row in reversed(rows):
        cut = min(max(0, row.amount), max(0, excess[row.vat_rate]))
        excess[row.vat_rate] -= cut
        kept.append(replace(row, amount=row.amount - cut))
    return [row for row in reversed(kept) if row.amount]


def _within(rows: list[RefundRow], most: int, *, includes_vat: bool) -> list[RefundRow]:
    """Rows that come to no more than this with their VAT: the last ones are lowered."""
    excess = sum(_gross(row.amount, row.vat_rate, includes_vat=includes_vat) for row in rows) - most
    kept = []
    for row in reversed(rows):
        if excess > 0 and row.amount > 0:
            gross = _gross(row.amount, row.vat_rate, includes_vat=includes_vat)
            cut = min(row.amount, -(-excess * row.amount // gross))
            excess -= min(gross, excess)
            row = replace(row, amount=row.amount - cut)
        kept.append(row)
    within = [row for row in reversed(kept) if row.amount]
    return within if sum(row.amount for row in within) > 0 else []


def _gross(amount: int, rate: int, *, includes_vat: bool) -> int:
    return amount if includes_vat else share(amount, BASIS_POINTS + rate, BASIS_POINTS)
