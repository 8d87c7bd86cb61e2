"""The sums of an order of PrestaShop's. Amounts in minor units, rates in basis points."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.sums import Rows, vat_document
from webshop_orders.errors import RuleViolation
from webshop_orders.models.charge import ChargeKind

ROUNDS_EACH_UNIT, ROUNDS_EACH_LINE = "1", "2"  # `round_type`; 3 rounds the total alone


@dataclass
class Sums:
    """The rows of an order beside shipping, and how many amounts the shop rounded."""

    rows: Rows
    shipping: int
    shipping_rate: int
    amounts: int
    stated_vat: dict[str, Any]


@dataclass(frozen=True)
class _Priced:
    """An amount with its VAT, and without."""

    gross: Decimal
    net: Decimal

    @property
    def tax(self) -> Decimal:
        return self.gross - self.net

    @property
    def rate(self) -> int:
        return parsing.vat_rate(self.tax, self.net)

    def less(self, share: Decimal) -> Decimal:
        return self.gross - share


@dataclass(frozen=True)
class _Item:
    row: dict[str, Any]
    quantity: Decimal
    price: _Priced
    rate: int


def compute(payload: dict[str, Any], currency: Currency) -> Sums:
    """The rows of an order, with its discount allocated to them: it is stated for the order alone."""
    items = _items(payload, currency)
    shipping = _priced(payload, currency, "total_shipping")
    wrapping = _priced(payload, currency, "total_wrapping")
    discount = _priced(payload, currency, "total_discounts")
    shares, shipping_share = _allocate(discount, items, shipping)
    rows, shipping_price = Rows(), currency.round(shipping.less(shipping_share))
    for item, share in zip(items, shares, strict=True):
        rows.add_item(
            sku=_sku(item.row),
            name=parsing.product_name(item.row, "product_name") or _sku(item.row),
            quantity=item.quantity,
            before=item.price.gross,
            after=item.price.less(share),
            vat_rate=item.rate,
        )
    if wrapping.gross:
        rows.add_charge(ChargeKind.FEE, _("Gift wrapping"), wrapping.gross, wrapping.rate)
    rates = {*(item.rate for item in items if item.price.gross)}
    rates |= {part.rate for part in (shipping, wrapping) if part.gross}
    return Sums(
        rows=rows,
        shipping=shipping_price,
        shipping_rate=shipping.rate,
        amounts=2 * len(items) + 4,
        stated_vat=_stated_vat(payload, currency, rates),
    )


def refunded(payload: dict[str, Any], currency: Currency) -> int:
    """What the credit slips of an order gave back."""
    names = ("total_products_tax_incl", "total_shipping_tax_incl")
    return sum(currency.minor(slip.get(name), name) for slip in parsing.items(payload, "order_slip") for name in names)


def _items(payload: dict[str, Any], currency: Currency) -> list[_Item]:
    rounding = parsing.text(payload, "round_type")
    details = {parsing.text(detail, "id"): detail for detail in parsing.items(payload, "order_details")}
    items = []
    associations = parsing.part(payload, "associations")
    rows = parsing.items(associations, "order_rows")
    # Converted from XML, the list is one level deeper.
    for row in rows or parsing.items(parsing.part(associations, "order_rows"), "order_row"):
        quantity = parsing.quantity(row, "product_quantity")
        if quantity is None:
            name = parsing.product_name(row, "product_name") or _sku(row)
            raise RuleViolation(_("«%(name)s»: %(field)s is no number.", name=name, field="product_quantity"))
        detail = details.get(parsing.text(row, "id"), {})
        price = _Priced(*(_row_total(row, detail, quantity, currency, rounding, kind) for kind in ("incl", "excl")))
        unit = _Priced(*(currency.exact(row.get(f"unit_price_tax_{kind}"), "unit_price") for kind in ("incl", "excl")))
        items.append(_Item(row, quantity, price, unit.rate))
    return items


def _row_total(
    row: dict[str, Any], detail: dict[str, Any], quantity: Decimal, currency: Currency, rounding: str | None, kind: str
) -> Decimal:
    """What the units of a row cost: as told in its details, or computed as the shop rounds."""
    if (total := detail.get(f"total_price_tax_{kind}")) is not None:
        return currency.exact(total, f"total_price_tax_{kind}")
    unit = currency.exact(row.get(f"unit_price_tax_{kind}"), f"unit_price_tax_{kind}")
    if rounding == ROUNDS_EACH_UNIT:
        return currency.round(unit) * quantity
    return Decimal(currency.round(unit * quantity)) if rounding == ROUNDS_EACH_LINE else unit * quantity


def _priced(payload: dict[str, Any], currency: Currency, name: str) -> _Priced:
    return _Priced(*(currency.exact(payload.get(f"{name}_tax_{kind}"), name) for kind in ("incl", "excl")))


def _allocate(discount: _Priced, items: list[_Item], shipping: _Priced) -> tuple[list[Decimal], Decimal]:
    """The shares of items and of shipping in a discount: all on the items, or free shipping first.

    A voucher is one or the other, and the order does not say which: the VAT of the discount does.
    """
    free = min(discount.gross, shipping.gross)
    ways = [(discount.gross, Decimal(0)), (discount.gross - free, free)]

    def difference(way: tuple[Decimal, Decimal]) -> Decimal:
        on_items, on_shipping = way
        products = sum((item.price.gross for item in items), Decimal(0))
        tax = sum((item.price.tax for item in items), Decimal(0)) * on_items / products if products else Decimal(0)
        tax += shipping.tax * on_shipping / shipping.gross if shipping.gross else Decimal(0)
        return abs(tax - discount.tax) if on_items <= products else Decimal("Infinity")

    on_items, on_shipping = min(ways, key=difference)
    return _share_out(on_items, [item.price.gross for item in items]), on_shipping


def _share_out(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """An amount shared out by weights, in whole minor units but for what the amount itself has beyond them."""
    left, weight_left, shares = amount, sum(weights, Decimal(0)), []
    for weight in weights:
        share = Decimal(Currency.round(left * weight / weight_left)) if weight_left else Decimal(0)
        shares.append(share)
        left, weight_left = left - share, weight_left - weight
    return shares


def _stated_vat(payload: dict[str, Any], currency: Currency, rates: set[int]) -> dict[str, Any]:
    """The VAT of an order with one rate; PrestaShop states that of several rates only together."""
    paid = _priced(payload, currency, "total_paid")
    return {"vat": vat_document({next(iter(rates)): paid.tax})} if len(rates) == 1 else {}


def _sku(row: dict[str, Any]) -> str:
    if sku := parsing.sku(row, "product_reference"):
        return sku
    product, variant = parsing.integer(row, "product_id"), parsing.integer(row, "product_attribute_id")
    return f"prestashop-product-{product or 0}" + (f"-{variant}" if variant else "")
