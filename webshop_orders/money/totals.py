"""What an order costs, always computed from its lines. All amounts in öre, VAT rates in basis points."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from webshop_orders.models import Charge, Line, Order
from webshop_orders.money.rounding import round_half_up, round_to_whole_kronor

BASIS_POINTS = 10_000  # in 100 %


@dataclass(frozen=True)
class Totals:
    """The totals of an order or of one of its shipments.

    `lines` is before discounts; `charges` are the rows that are neither products nor shipping. `vat` is by rate, and
    `vat_on_top` the part of it that prices do not include. `rounding` is the öresavrundning. `due` is what the shop
    asks for: nothing for a cancelled order, and neither what was credited nor what was written off.
    """

    lines: int
    discount: int
    shipping: int
    charges: int
    vat: dict[int, int]
    vat_on_top: int
    rounding: int
    paid: int
    credited: int = 0
    written_off: int = 0
    is_cancelled: bool = False

    @property
    def total(self) -> int:
        return self.lines - self.discount + self.shipping + self.charges + self.vat_on_top + self.rounding

    @property
    def due(self) -> int:
        return 0 if self.is_cancelled else self.total - self.credited - self.written_off

    @property
    def balance(self) -> int:
        """The amount left to charge, or to refund where it is negative."""
        return self.due - self.paid


def compute_totals(order: Order) -> Totals:
    """The totals of an order: VAT per rate on the sum of the order, rounded half up to the öre."""
    totals = _add_up(order, list(order.lines), order.shipping_price, order.charges, order.vat_corrections)
    rounding = round_to_whole_kronor(totals.total) - totals.total if order.rounds_to_whole_kronor else 0
    return replace(
        totals,
        rounding=rounding,
        paid=order.paid,
        credited=order.credited,
        written_off=_written_off(order, totals.total + rounding),
        is_cancelled=order.is_cancelled,
    )


def amounts_by_rate(order: Order) -> dict[int, int]:
    """What an order's lines, shipping and charges cost, by VAT rate, as its prices are: with VAT or without."""
    return _by_rate(order, list(order.lines), order.shipping_price, order.charges)


def balance(order: Order) -> int:
    """The balance of `compute_totals` by the order's own total, without its lines."""
    due = 0 if order.is_cancelled else order.total - order.credited - _written_off(order, order.total)
    return due - order.paid


def _written_off(order: Order, total: int) -> int:
    """What was written off is never given back, where the order has become cheaper since.

    Money of a refund that is requested counts as given back, so that carrying it out asks for nothing more.
    """
    if not order.written_off:
        return 0
    return min(order.written_off, max(0, total - order.credited - order.paid + order.pending_refunds))


def of_shipment(order: Order, lines: Iterable[Line]) -> Totals:
    """The totals of one shipment's goods, without shipping, charges and rounding, which belong to the order."""
    return _add_up(order, list(lines), 0, [], {})


def _add_up(
    order: Order, lines: list[Line], shipping: int, charges: list[Charge], vat_corrections: dict[str, int]
) -> Totals:
    by_rate = _by_rate(order, lines, shipping, charges)
    compute_vat = _vat_within if order.prices_include_vat else vat_on_top
    vat = {
        rate: compute_vat(amount, rate) + vat_corrections.get(str(rate), 0) for rate, amount in sorted(by_rate.items())
    }
    return Totals(
        lines=sum([line.quantity * line.unit_price for line in lines]),
        discount=sum([line.discount for line in lines]),
        shipping=shipping,
        charges=sum(charge.amount for charge in charges),
        vat=vat,
        vat_on_top=0 if order.prices_include_vat else sum(vat.values()),
        rounding=0,
        paid=0,
    )


def _by_rate(order: Order, lines: list[Line], shipping: int, charges: list[Charge]) -> dict[int, int]:
    by_rate: dict[int, int] = defaultdict(int)
    for line in lines:
        by_rate[line.vat_rate] += line.total
    for charge in charges:
        by_rate[charge.vat_rate] += charge.amount
    if shipping:
        by_rate[order.shipping_vat_rate] += shipping
    return by_rate


def _vat_within(amount: int, rate: int) -> int:
    return round_half_up(amount * rate, BASIS_POINTS + rate)


def vat_on_top(amount: int, rate: int) -> int:
    """The VAT that an amount without it has on top, in öre, at a rate in basis points; rounded half up."""
    return round_half_up(amount * rate, BASIS_POINTS)
