"""What the source of an order gave back of it, kept as refunds: as the source says it each time, and never double.

All amounts in öre.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from webshop_orders.clock import now
from webshop_orders.documents.order import NewOrder
from webshop_orders.documents.source_order import SUM_OF_REFUNDS, SourceRefund, SourceRefundRow, refunds_of
from webshop_orders.models import Line, Order, Refund, RefundRow, RefundRowKind, RefundState
from webshop_orders.models.refund import MAX_REFUNDS
from webshop_orders.money import crediting, source_credits
from webshop_orders.money.crediting import share
from webshop_orders.money.totals import BASIS_POINTS
from webshop_orders.text.folding import sku_key


@dataclass
class StillHere:
    """What an order has beyond what its source still sells, since it was given back there: units by SKU, and shipping.

    Each refund takes its share of it.
    """

    units: Counter[str] = field(default_factory=Counter)
    shipping: int = 0


@dataclass(frozen=True)
class Settled:
    """What the source has given back since, and what it took back of that."""

    new: list[Refund]
    cancelled: list[Refund]


def still_here(order: Order, source: NewOrder) -> StillHere:
    """What an order has beyond what its source still sells."""
    here, there = _units(order.lines), _units(source.lines)
    return StillHere(here - there, max(0, order.shipping_price - source.shipping.price))


def left_out(source: NewOrder, here: StillHere) -> int:
    """What the units and the shipping that an order still has were given back at."""
    left, shipping, amount = Counter(here.units), here.shipping, 0
    for row in (row for refund in refunds_of(source) for row in refund.rows if row.is_left_out):
        if row.kind is RefundRowKind.SHIPPING:
            amount += min(row.amount, shipping)
            shipping -= min(row.amount, shipping)
        elif row.quantity:
            units = min(row.quantity, left[sku_key(row.sku or "")])
            left[sku_key(row.sku or "")] -= units
            amount += share(row.amount, units, row.quantity)
    return amount


def place(order: Order, new: NewOrder) -> None:
    """Keep what was given back of an order before it came here."""
    if refunds := refunds_of(new):
        settle(order, refunds, order.written_off, StillHere())


def settle(order: Order, told: Sequence[SourceRefund], not_asked: int, here: StillHere) -> Settled:
    """Make the refunds of an order those that its source tells of, and write off what nobody is asked for otherwise.

    `not_asked` is all of the order that its source neither has nor asks for. A refund of the order desk that the
    source tells of is the same one; those that it tells of no longer are cancelled.
    """
    told = [refund for refund in told if refund.amount or refund.rows]  # of others, only the goods came back
    own = [refund for refund in order.refunds if refund.external_reference is None]
    known = {refund.external_reference: refund for refund in order.refunds if refund.external_reference is not None}
    same = _same_refunds([refund for refund in told if refund.external_reference not in known], own)
    told_now = {refund.external_reference for refund in told}
    gone = [refund for reference, refund in known.items() if reference not in told_now | {SUM_OF_REFUNDS}]
    order.refunds = [
        *(refund for refund in own if refund.id not in {matched.id for matched in same.values()}),
        *(replace(refund, state=RefundState.CANCELLED) for refund in gone),
    ]
    new = []
    room = MAX_REFUNDS - len(order.refunds)
    for refund in told[: max(0, room)]:
        before = known.get(refund.external_reference)
        if refund.external_reference in same:
            kept = _adopt(same[refund.external_reference], refund)
        elif before is not None and before.requested_by != order.external_reference:  # the order desk's own
            kept = replace(before, state=RefundState.DONE, amount=refund.amount)
        else:
            kept = _record(order, refund, before, not_asked, here)
        if before is None or not before.stands:
            new.append(kept)
        order.refunds = [*order.refunds, kept]
        not_asked = max(0, not_asked - kept.credited)
    order.refunds = sorted(order.refunds, key=lambda refund: refund.id)
    order.credited = sum(refund.credited for refund in order.refunds if refund.stands)
    order.written_off = not_asked
    return Settled(new, [refund for refund in gone if refund.stands])


def _same_refunds(told: Iterable[SourceRefund], own: Iterable[Refund]) -> dict[str, Refund]:
    """The refunds of the order desk that its source tells of, by the source's references.

    They are of the same sum, and have the source's reference or that of its payment system. One that nobody gave a
    reference is the same where it was requested before the source's.
    """
    same: dict[str, Refund] = {}
    free = [refund for refund in own if refund.stands and refund.amount]
    for by_reference in (True, False):
        for refund in told:
            if refund.external_reference in same:
                continue
            match = next((other for other in free if _is_same(other, refund, by_reference=by_reference)), None)
            if match is not None:
                same[refund.external_reference] = match
                free.remove(match)
    return same


def _is_same(own: Refund, told: SourceRefund, *, by_reference: bool) -> bool:
    if own.amount != told.amount:
        return False
    if by_reference:
        references = {told.external_reference, *told.references}
        return (own.reference or "").strip().casefold() in {reference.casefold() for reference in references}
    return not own.reference and (told.at is None or own.requested_at <= told.at.isoformat())


def _adopt(own: Refund, told: SourceRefund) -> Refund:
    """A refund of the order desk that the source has carried out."""
    return replace(
        own,
        state=RefundState.DONE,
        external_reference=told.external_reference,
        reference=own.reference or next(iter(told.references), None),
        done_at=own.done_at or (told.at or now()).isoformat(),
    )


def _record(order: Order, told: SourceRefund, before: Refund | None, most: int, here: StillHere) -> Refund:
    at = (told.at or now()).isoformat() if before is None else before.requested_at
    rows, vat = _rows(order, told, here)
    refund = Refund(
        id=order.next_id("refund") if before is None else before.id,
        state=RefundState.DONE,
        rows=rows,
        credited=0,
        amount=told.amount,
        requested_by=order.external_reference or "",
        requested_at=at,
        vat={},
        reason=told.reason,
        method=told.method,
        reference=next(iter(told.references), None),
        done_at=at,
        return_id=before.return_id if before else None,
        external_reference=told.external_reference,
    )
    return source_credits.limited(order, refund, most, vat)


def _rows(order: Order, told: SourceRefund, here: StillHere) -> tuple[list[RefundRow], dict[int, int]]:
    """What a refund was for of what the order has, and the VAT in it by rate, where the source tells all of that."""
    rows: list[RefundRow] = []
    stated: dict[int, list[int | None]] = defaultdict(list)
    for row in told.rows:
        if row.kind is RefundRowKind.FEE or row.kind is RefundRowKind.AMOUNT:
            continue
        for made, vat in _of_goods(order, row, here, rows):
            rows.append(made)
            stated[made.vat_rate].append(vat)
    for row in told.rows:
        is_left_out = row.is_left_out and not rows
        if row.kind in {RefundRowKind.FEE, RefundRowKind.AMOUNT} and not is_left_out:
            for made in _of_amount(order, row, rows):
                rows.append(made)
                stated[made.vat_rate].append(None)
    known = {
        rate: sum(vat for vat in amounts if vat is not None) for rate, amounts in stated.items() if None not in amounts
    }
    return rows, known


def _of_goods(
    order: Order, row: SourceRefundRow, here: StillHere, rows: Sequence[RefundRow]
) -> Iterator[tuple[RefundRow, int | None]]:
    """The rows of units or of shipping, as far as the order has them, each with its VAT."""
    if row.kind is RefundRowKind.SHIPPING:
        amount = min(row.amount, here.shipping) if row.is_left_out else row.amount
        here.shipping -= amount if row.is_left_out else 0
        if amount > 0 and order.shipping_price:
            vat = None if row.vat is None else share(row.vat, amount, row.amount)
            name = order.shipping_method or row.name or ""
            rate = order.shipping_vat_rate
            yield RefundRow(RefundRowKind.SHIPPING, name, _net(order, amount, rate), rate), vat
        return
    quantity = row.quantity or 1
    units = min(quantity, here.units[sku_key(row.sku or "")]) if row.is_left_out else quantity
    here.units[sku_key(row.sku or "")] -= units if row.is_left_out else 0
    taken = 0
    for line, count in _lines_with(order, row, units, rows):
        amount = _part(row.amount, taken, count, quantity)
        vat = None if row.vat is None else _part(row.vat, taken, count, quantity)
        taken += count
        if amount:
            net = _net(order, amount, line.vat_rate)
            yield RefundRow(RefundRowKind.LINE, line.name, net, line.vat_rate, line_id=line.id, quantity=count), vat


def _part(whole: int, taken: int, count: int, quantity: int) -> int:
    """What some more units of a row have of it."""
    return share(whole, taken + count, quantity) - share(whole, taken, quantity)


def _lines_with(
    order: Order, row: SourceRefundRow, units: int, rows: Sequence[RefundRow]
) -> Iterator[tuple[Line, int]]:
    """The lines of a product with units that no refund has, and how many of them."""
    refunded = crediting.credited(order).units
    for made in rows:
        if made.line_id is not None:
            refunded[made.line_id] += made.quantity or 0
    for line in order.lines:
        if sku_key(line.sku) == sku_key(row.sku or ""):
            count = min(units, line.quantity - refunded[line.id])
            if count > 0:
                units -= count
                yield line, count


def _of_amount(order: Order, row: SourceRefundRow, rows: Sequence[RefundRow]) -> Iterator[RefundRow]:
    """The rows of an amount, by what is left of each VAT rate, or of a fee, by what is refunded of it."""
    is_fee = row.kind is RefundRowKind.FEE
    weights = crediting.amounts_of(rows) if is_fee else crediting.left_by_rate(order, rows)
    positive = {rate: _gross(order, weight, rate) for rate, weight in weights.items() if weight > 0}
    amount = min(abs(row.amount), sum(positive.values()))
    for rate, part in crediting.spread(amount, positive).items() if amount else ():
        net = _net(order, part, rate)
        yield RefundRow(row.kind, row.name or "", -net if is_fee else net, rate)


def _gross(order: Order, amount: int, rate: int) -> int:
    return amount if order.prices_include_vat else share(amount, BASIS_POINTS + rate, BASIS_POINTS)


def _net(order: Order, amount: int, rate: int) -> int:
    """An amount with VAT as the order's prices are."""
    return amount if order.prices_include_vat else share(amount, BASIS_POINTS, BASIS_POINTS + rate)


def _units(lines: Iterable[object]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in lines:
        counted[sku_key(line.sku)] += line.quantity  # type: ignore[attr-defined]
    return counted
