"""What is to be charged for each shipment when it leaves. Amounts in öre, VAT rates in basis points.

Shipping and fees go with the shipment that leaves first, as the first invoice of an order has them in Magento
(Magento\\Sales\\Model\\Order\\Invoice\\Total\\Shipping); deductions are shared by value.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate

from webshop_orders.models import Capture, Order, Shipment
from webshop_orders.money.rounding import round_half_up, round_to_whole_kronor
from webshop_orders.money.totals import Totals, compute_totals

NOTHING = Capture(amount=0, goods=0)
NOT_YET = datetime.max.replace(tzinfo=UTC)


def of_order(order: Order, totals: Totals | None = None) -> dict[int, Capture]:
    """What is to be charged for each shipment, by its number; nothing for a cancelled order.

    `totals` are the order's, where they are known.

    They add up to the order's total and to its VAT at each rate, always. What has left keeps what was to be charged for
    it then, and the others share what is left, in the sequence that they leave in; nothing is below zero unless the
    total is. What changes after the last one has left is on that one.
    """
    if order.is_cancelled or not order.shipments:
        return {}
    whole = _whole(totals or compute_totals(order))
    if len(order.shipments) == 1:
        return {order.shipments[0].seq: whole}
    in_sequence = sorted(order.shipments, key=_leaves_at)
    charged = {shipment.seq: shipment.capture for shipment in in_sequence if shipment.capture is not None}
    rest = [shipment for shipment in in_sequence if shipment.capture is None]
    left = _minus(whole, charged.values())
    if rest:
        charged |= _share_out(order, rest, left, charged.values())
    else:
        last = in_sequence[-1].seq
        charged[last] = _plus(charged[last], left)
    return _without_debts(charged)


def of_leaving(shipment: Shipment) -> Capture:
    """What is to be charged for a shipment that has just left: it comes before those that are still open."""
    return of_order(shipment.order)[shipment.seq]


def _leaves_at(shipment: Shipment) -> tuple[datetime, int]:
    return shipment.shipped_at or NOT_YET, shipment.seq


def _whole(totals: Totals) -> Capture:
    return Capture(
        amount=totals.total,
        goods=totals.lines - totals.discount,
        shipping=totals.shipping,
        charges=totals.charges,
        rounding=totals.rounding,
        vat={str(rate): amount for rate, amount in totals.vat.items()},
    )


def _share_out(
    order: Order, rest: Sequence[Shipment], left: Capture, charged: Collection[Capture]
) -> dict[int, Capture]:
    rows = [_goods(shipment) for shipment in rest]
    goods = [sum(of_shipment.values()) for of_shipment in rows]
    goods[0] += left.goods - sum(goods)
    fees = max(0, left.charges) if charged else sum(charge.amount for charge in order.charges if charge.amount > 0)
    shipping = _to_first(max(0, left.shipping), rest)
    charges = _to_first(fees, rest)
    prices = [sum(parts) for parts in zip(goods, shipping, charges, strict=True)]
    shipping = _added(shipping, _by_weight(min(0, left.shipping), prices))
    charges = _added(charges, _by_weight(left.charges - fees, prices))
    adjustments = _to_first(left.adjustment, rest)
    weights = _taxed(order, rows, has_fees=not charged)
    vat_by_rate = {
        rate: _by_weight(amount, weights[int(rate)] if any(weights[int(rate)]) else prices)
        for rate, amount in left.vat.items()
    }
    on_top = [0 if order.prices_include_vat else sum(vat) for vat in _transposed(vat_by_rate, len(rest))]
    unrounded = [sum(parts) for parts in zip(goods, shipping, charges, adjustments, on_top, strict=True)]
    amounts = _rounded(order, unrounded, charged)
    return {
        shipment.seq: Capture(
            amount=amounts[place],
            goods=goods[place],
            shipping=shipping[place],
            charges=charges[place],
            rounding=amounts[place] - unrounded[place],
            vat={
                rate: shares[place]
                for rate, shares in vat_by_rate.items()
                if shares[place] or weights[int(rate)][place] or len(rest) == 1
            },
            adjustment=adjustments[place],
        )
        for place, shipment in enumerate(rest)
    }


def _goods(shipment: Shipment) -> dict[int, int]:
    """What the lines of a shipment cost after discounts, by their VAT rates."""
    goods: dict[int, int] = defaultdict(int)
    for line in shipment.lines:
        goods[line.vat_rate] += line.total
    return goods


def _taxed(order: Order, rows: Sequence[dict[int, int]], *, has_fees: bool) -> dict[int, list[int]]:
    """What the VAT of each rate is shared by: the rows at that rate, and what goes with the first shipment."""
    weights: dict[int, list[int]] = defaultdict(lambda: [0] * len(rows))
    for place, goods in enumerate(rows):
        for rate, amount in goods.items():
            weights[rate][place] = amount
    if has_fees:
        weights[order.shipping_vat_rate][0] += order.shipping_price
        for charge in order.charges:
            weights[charge.vat_rate][0] += max(0, charge.amount)
    return weights


def _rounded(order: Order, unrounded: Iterable[int], charged: Iterable[Capture]) -> list[int]:
    """The amounts of shipments one after the other, so that what is charged so far is always rounded as a whole."""
    so_far, amounts = sum(capture.amount for capture in charged), []
    before = sum(capture.amount - capture.rounding for capture in charged)
    for cost in unrounded:
        before += cost
        amounts.append((round_to_whole_kronor(before) if order.rounds_to_whole_kronor else before) - so_far)
        so_far += amounts[-1]
    return amounts


def _without_debts(captures: dict[int, Capture]) -> dict[int, Capture]:
    """Let others bear what would be below zero, those that leave last first."""
    debt = -sum(capture.amount for capture in captures.values() if capture.amount < 0)
    if not debt or sum(capture.amount for capture in captures.values()) < 0:
        return captures
    settled = {}
    for seq, capture in reversed(captures.items()):
        change = -capture.amount if capture.amount < 0 else -min(debt, capture.amount)
        debt += min(0, change)
        settled[seq] = replace(capture, amount=capture.amount + change, adjustment=capture.adjustment + change)
    return settled


def _minus(whole: Capture, parts: Iterable[Capture]) -> Capture:
    left = whole
    for part in parts:
        left = _plus(left, part, sign=-1)
    return left


def _plus(capture: Capture, other: Capture, sign: int = 1) -> Capture:
    return Capture(
        amount=capture.amount + sign * other.amount,
        goods=capture.goods + sign * other.goods,
        shipping=capture.shipping + sign * other.shipping,
        charges=capture.charges + sign * other.charges,
        rounding=capture.rounding + sign * other.rounding,
        vat={rate: capture.vat.get(rate, 0) + sign * other.vat.get(rate, 0) for rate in {**capture.vat, **other.vat}},
        adjustment=capture.adjustment + sign * other.adjustment,
    )


def _to_first(amount: int, rest: Sequence[Shipment]) -> list[int]:
    return [amount] + [0] * (len(rest) - 1)


def _by_weight(amount: int, weights: Sequence[int]) -> list[int]:
    """Shares of an amount that add up to it: each is what is due so far, rounded, less those before."""
    whole = sum(weights)
    if not whole:
        return [amount] + [0] * (len(weights) - 1)
    due = [round_half_up(amount * so_far, whole) for so_far in accumulate(weights)]
    return [now - before for now, before in zip(due, [0, *due], strict=False)]


def _added(amounts: Iterable[int], others: Iterable[int]) -> list[int]:
    return [amount + other for amount, other in zip(amounts, others, strict=True)]


def _transposed(vat_by_rate: dict[str, list[int]], count: int) -> list[list[int]]:
    return [[shares[place] for shares in vat_by_rate.values()] for place in range(count)]
