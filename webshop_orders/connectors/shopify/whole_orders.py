"""Orders that state on the whole what Shopify states on each item now: the discounts of older ones, and the taxes of
those that apps place. Amounts in minor units, rates in basis points.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import BASIS_POINTS, Currency
from webshop_orders.connectors.shopify.amounts import amount_of, stated_amount
from webshop_orders.connectors.shopify.taxes import discounted, rate_of, tax_lines
from webshop_orders.connectors.shopify.units import is_tip


def spread(payload: dict[str, Any], currency: Currency) -> dict[str, Any]:
    """An order with its discounts and taxes on the items that they are of."""
    return _spread_tax(_spread_discount(payload, currency), currency)


def _spread_discount(payload: dict[str, Any], currency: Currency) -> dict[str, Any]:
    """An order of before 2018, whose lines have no allocations, with its discount shared out among them.

    Its subtotal is that of the lines after the discount.
    """
    items = parsing.items(payload, "line_items")
    subtotal, total = (
        stated_amount(payload, "subtotal_price", currency),
        amount_of(payload, "total_discounts", currency),
    )
    is_new = "current_total_price" in payload or any(parsing.items(item, "discount_allocations") for item in items)
    if is_new or subtotal is None or not total:
        return payload
    amounts = [Decimal(0) if is_tip(item) else max(Decimal(0), discounted(item, currency)) for item in items]
    missing, whole = sum(amounts, Decimal(0)) - subtotal, sum(amounts, Decimal(0))
    if not 0 < missing <= min(total, whole):
        return payload
    spread_items, rest = [], missing
    for item, amount in zip(items, amounts, strict=True):
        share = min(rest, Decimal(currency.round(missing * amount / whole)))
        rest -= share
        spread_items.append((item, share))
    return {**payload, "line_items": [_with_discount(*pair, currency) for pair in _fill(spread_items, amounts, rest)]}


def _fill(
    shares: list[tuple[dict[str, Any], Decimal]], amounts: list[Decimal], rest: Decimal
) -> list[tuple[dict[str, Any], Decimal]]:
    """Shares with what rounding left of the whole, none above its amount."""
    filled = []
    for (item, share), amount in zip(shares, amounts, strict=True):
        more = min(rest, amount - share)
        rest -= more
        filled.append((item, share + more))
    return filled


def _with_discount(item: dict[str, Any], share: Decimal, currency: Currency) -> dict[str, Any]:
    """An item with a discount besides the one that it has."""
    discount = share + amount_of(item, "total_discount", currency)
    return {**item, "discount_allocations": [{"amount": str(discount / currency.exact("1"))}]} if share else item


def _spread_tax(payload: dict[str, Any], currency: Currency) -> dict[str, Any]:
    """An order whose only tax line is its own, with that on each item that it taxes.

    An app that places orders may give the tax of the whole alone; Shopify then spreads it over the taxable lines.
    """
    items, methods = parsing.items(payload, "line_items"), parsing.items(payload, "shipping_lines")
    rates = [rate_of(line) for line in tax_lines(payload)]
    if len(rates) != 1 or not rates[0] or any(tax_lines(item) for item in (*items, *methods)):
        return payload
    rate, tax = rates[0], amount_of(tax_lines(payload)[0], "price", currency)
    share = rate / (BASIS_POINTS + rate) if payload.get("taxes_included") is True else rate / BASIS_POINTS
    amounts = [discounted(item, currency) if item.get("taxable") is not False else Decimal(0) for item in items]
    is_shipping_taxed = abs(sum(amounts, Decimal(0)) * share - tax) > len(items)
    of_methods = [discounted(method, currency) if is_shipping_taxed else Decimal(0) for method in methods]
    return {
        **payload,
        "line_items": [_with_tax_line(*pair, share, rate, currency) for pair in zip(items, amounts, strict=True)],
        "shipping_lines": [
            _with_tax_line(*pair, share, rate, currency) for pair in zip(methods, of_methods, strict=True)
        ],
    }


def _with_tax_line(
    item: dict[str, Any], amount: Decimal, share: Decimal, rate: Decimal, currency: Currency
) -> dict[str, Any]:
    if not amount:
        return item
    tax = Decimal(currency.round(amount * share)) / currency.exact("1")
    return {**item, "tax_lines": [{"price": str(tax), "rate": float(rate / BASIS_POINTS)}]}
