"""The sums of an order in Shopify's CSV export: which discounts its total has, and whether its prices include VAT.

The export tells neither, so that they are found from the sums that it states. All amounts in minor units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from webshop_orders.connectors.files import cells, tables
from webshop_orders.connectors.files.tables import Row
from webshop_orders.connectors.parsing import Currency
from webshop_orders.errors import RuleViolation

MAX_TAXES = 5
TIP_COLUMN = "Tip"
NOT_YET_PAID = {"pending", "authorized", "voided", "expired", ""}


@dataclass(frozen=True)
class OrderSums:
    """The sums of an order. `goods_discount` is what is taken off the goods besides the discounts of their rows,
    `tip` what has a column of its own. `outstanding` is what the shop still asks for, None if it does not tell.
    """

    total: int
    shipping: int
    duties: int
    tip: int
    vat: int
    goods_discount: int
    vat_is_on_top: bool
    outstanding: int | None


def read(first: Row, currency: Currency, *, goods: Decimal, tip: Decimal, line_discounts: Decimal) -> OrderSums:
    """The sums of an order whose rows sell `goods` with their discounts, and a tip.

    Where no discounts explain the total, there are none: the order then differs from its stated total, and is refused.
    """

    def amount(column: str) -> int:
        return Currency.round(cells.amount(first, column, currency))

    total, shipping, duties, discount = (
        amount(column) for column in ("Total", "Shipping", "Duties", "Discount Amount")
    )
    vat = _vat(first, currency)
    subtotal = amount("Subtotal") if tables.cell(first, "Subtotal") else None
    sold, tipped = Currency.round(goods), Currency.round(tip) + amount(TIP_COLUMN)
    unexplained = total - duties - tipped
    row_discounts = Currency.round(line_discounts)
    for goods_discount in _goods_discounts(sold, subtotal, discount, row_discounts, tipped):
        for shipping_discount in _shipping_discounts(shipping, discount, goods_discount, row_discounts):
            net = sold - goods_discount + shipping - shipping_discount
            for on_top in (0, vat) if vat else (0,):
                if net + on_top == unexplained:
                    return OrderSums(
                        total=total,
                        shipping=shipping - shipping_discount,
                        duties=duties,
                        tip=amount(TIP_COLUMN),
                        vat=vat,
                        goods_discount=goods_discount,
                        vat_is_on_top=bool(on_top),
                        outstanding=_outstanding(first, currency),
                    )
    return OrderSums(
        total=total,
        shipping=shipping,
        duties=duties,
        tip=amount(TIP_COLUMN),
        vat=vat,
        goods_discount=0,
        vat_is_on_top=False,
        outstanding=_outstanding(first, currency),
    )


def _vat(first: Row, currency: Currency) -> int:
    """The VAT of the order; raises RuleViolation where no cell tells it, which is not the same as none."""
    if tables.cell(first, "Taxes"):
        return Currency.round(cells.amount(first, "Taxes", currency))
    columns = [f"Tax {index} Value" for index in range(1, MAX_TAXES + 1)]
    if not any(tables.cell(first, column) for column in columns):
        raise RuleViolation(_("%(field)s is missing.", field="Taxes"))
    return Currency.round(sum((cells.amount(first, column, currency) for column in columns), Decimal(0)))


def share(discount: int, costs: Sequence[Decimal]) -> list[Decimal]:
    """The share of each cost in a discount on all of them, in proportion, as Shopify allocates it."""
    shares: list[Decimal] = []
    left, cost_left = Decimal(discount), sum(costs, Decimal(0))
    for cost in costs:
        part = Decimal(Currency.round(left * cost / cost_left)) if cost_left else Decimal(0)
        shares.append(part)
        left, cost_left = left - part, cost_left - cost
    return shares


def _goods_discounts(sold: int, subtotal: int | None, discount: int, row_discounts: int, tip: int) -> Iterator[int]:
    stated = [] if subtotal is None else [sold - subtotal, sold + tip - subtotal]
    yield from dict.fromkeys(
        value for value in (*stated, 0, discount - row_discounts, discount) if 0 <= value <= max(sold, 0)
    )


def _shipping_discounts(shipping: int, discount: int, goods_discount: int, row_discounts: int) -> Iterator[int]:
    values = (0, discount - goods_discount - row_discounts, discount - goods_discount, shipping)
    yield from dict.fromkeys(value for value in values if 0 <= value <= shipping and (value == 0 or discount))


def _outstanding(first: Row, currency: Currency) -> int | None:
    """What the shop still asks for; older exports say nothing, and those of unpaid orders may say 0."""
    if not tables.cell(first, "Outstanding Balance"):
        return None
    outstanding = Currency.round(cells.amount(first, "Outstanding Balance", currency))
    is_unpaid = tables.cell(first, "Financial Status").casefold() in NOT_YET_PAID
    return None if is_unpaid and outstanding <= 0 else outstanding
