"""What an order costs, always computed anew from its lines. All amounts in öre."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from webshop_orders.models import Line, Order
from webshop_orders.money.rounding import round_half_up

BASIS_POINTS = 10_000  # basis points
KRONA = 100


@dataclass(frozen=True)
class Totals:
    """The sums of an order or of one of its shipments; `vat` by rate in basis points."""

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
        """What is left to charge, or to refund where it is negative."""
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
    """The sums of one shipment's goods alone, without shipping fee or rounding, which belong to the order."""
    return _add_up(order, list(lines), shipping=0, paid=0, rounds=False)


def _add_up(order: Order, lines: list[Line], *, shipping: int, paid: int, rounds: bool) -> Totals:
    by_rate: dict[int, int] = defaultdict(int)
    for line in lines:
        by_rate[line.vat_rate] += line.total
    if shipping:
        by_rate[order.shipping_vat_rate] += shipping
    share = _vat_within if order.prices_include_vat else _vat_on_top
    vat = {rate: share(amount, rate) for rate, amount in sorted(by_rate.items())}
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
        rounding=round_half_up(exact, KRONA) * KRONA - exact if rounds else 0,
        paid=paid,
    )


def _vat_within(amount: int, rate: int) -> int:
    return round_half_up(amount * rate, BASIS_POINTS + rate)


def _vat_on_top(amount: int, rate: int) -> int:
    return round_half_up(amount * rate, BASIS_POINTS)
