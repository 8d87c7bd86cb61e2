"""What an order costs, always computed from its lines. All amounts in öre, VAT rates in basis points."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from webshop_orders.models import Line, Order
from webshop_orders.money.rounding import round_half_up, round_to_whole_kronor

BASIS_POINTS = 10_000  # in 100 %


@dataclass(frozen=True)
class Totals:
    """The totals of an order or of one of its shipments.

    `lines` is before discounts; `vat` is by rate, and `vat_on_top` the part of it that prices do not include.
    `rounding` is the öresavrundning.
    """

    lines: int
    discount: int
    shipping: int
    vat: dict[int, int]
    vat_on_top: int
    rounding: int
    paid: int

    @property
    def total(self) -> int:
        return self.lines - self.discount + self.shipping + self.vat_on_top + self.rounding

    @property
    def balance(self) -> int:
        """The amount left to charge, or to refund where it is negative."""
        return self.total - self.paid


def compute_totals(order: Order) -> Totals:
    """The totals of an order: VAT per rate on the sum of the order, rounded half up to the öre."""
    return _add_up(
        order,
        list(order.lines),
        shipping=order.shipping_price,
        paid=order.paid,
        rounds=order.rounds_to_whole_kronor,
    )


def of_shipment(order: Order, lines: Iterable[Line]) -> Totals:
    """The totals of one shipment's goods, without the shipping fee and the rounding, which belong to the order."""
    return _add_up(order, list(lines), shipping=0, paid=0, rounds=False)


def _add_up(order: Order, lines: list[Line], *, shipping: int, paid: int, rounds: bool) -> Totals:
    by_rate: dict[int, int] = defaultdict(int)
    for line in lines:
        by_rate[line.vat_rate] += line.total
    if shipping:
        by_rate[order.shipping_vat_rate] += shipping
    compute_vat = _vat_within if order.prices_include_vat else _vat_on_top
    vat = {rate: compute_vat(amount, rate) for rate, amount in sorted(by_rate.items())}
    gross = sum(line.quantity * line.unit_price for line in lines)
    discount = sum(line.discount for line in lines)
    vat_on_top = 0 if order.prices_include_vat else sum(vat.values())
    exact = gross - discount + shipping + vat_on_top
    return Totals(
        lines=gross,
        discount=discount,
        shipping=shipping,
        vat=vat,
        vat_on_top=vat_on_top,
        rounding=round_to_whole_kronor(exact) - exact if rounds else 0,
        paid=paid,
    )


def _vat_within(amount: int, rate: int) -> int:
    return round_half_up(amount * rate, BASIS_POINTS + rate)


def _vat_on_top(amount: int, rate: int) -> int:
    return round_half_up(amount * rate, BASIS_POINTS)
