"""The lines, charges and shipping of WooCommerce's orders."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.sums import Rows
from webshop_orders.connectors.woocommerce import bundles, details, meta
from webshop_orders.connectors.woocommerce.amounts import Amounts, Portion
from webshop_orders.errors import RuleViolation
from webshop_orders.models.charge import ChargeKind

CASH_ROUNDING = re.compile(r"avrund|rounding|pyöristys", re.IGNORECASE)
TIP = re.compile(r"tips?|dricks|drikkepenge|driks|tippi", re.IGNORECASE)
MAX_CASH_ROUNDING = 100  # minor units
MAX_NAMES_SHOWN = 5
WALLET = "wallet"  # in the key of the fee by which TeraWallet takes off what a customer's credit paid


@dataclass
class OrderRows:
    """The rows of an order; `lines_by_item` has the index of each line by the id of its item in the shop."""

    rows: Rows
    shipping: dict[str, Any] | None = None
    stated_shipping: int | None = None
    lines_by_item: dict[int | None, int | None] = field(default_factory=dict)
    wallet: int = 0

    @property
    def total(self) -> int:
        return self.rows.total + (self.shipping["price"] if self.shipping else 0)


def read(payload: dict[str, Any], amounts: Amounts) -> OrderRows:
    """The rows of an order; raises RuleViolation for what is no amount or quantity, naming the item."""
    result = OrderRows(Rows())
    items = parsing.items(payload, "line_items")
    parts = bundles.read(items)
    for item in items:
        portion = amounts.whole(item)
        name = parsing.product_name(item, "name") or _sku(item)
        result.lines_by_item[parsing.integer(item, "id")] = result.rows.add_item(
            sku=_sku(item),
            name=name,
            quantity=parsing.quantity(item, "quantity"),
            before=amounts.before_discount(item, portion),
            after=portion.gross,
            vat_rate=portion.vat_rate,
            properties=details.properties(item),
            **parts.get(parsing.integer(item, "id"), {}),
        )
    if items and not result.rows.lines:
        names = ", ".join(parsing.product_name(item, "name") or _sku(item) for item in items[:MAX_NAMES_SHOWN])
        raise RuleViolation(_("None of the order's lines can be packed: %(names)s.", names=names), field="lines")
    for fee in parsing.items(payload, "fee_lines"):
        if any(WALLET in str(value) for key, value in meta.values(fee).items() if key == "_legacy_fee_key"):
            result.wallet -= Currency.round(amounts.whole(fee).gross)
            continue
        _add_charges(result.rows, parsing.product_name(fee, "name") or _("Fee"), amounts.portions(fee))
    _add_shipping(result, payload, amounts)
    return result


def count_rounded_amounts(payload: dict[str, Any], unit: Decimal) -> int:
    """How many amounts the shop rounded: the net and the tax of each item, in its unit."""
    items = sum(len(parsing.items(payload, name)) for name in ("line_items", "shipping_lines", "fee_lines"))
    return 2 * items * int(unit)


def _add_charges(rows: Rows, name: str, portions: list[Portion]) -> None:
    for portion in portions:
        rows.add_charge(_kind(name, portion), name, portion.gross, portion.vat_rate)


def _kind(name: str, portion: Portion) -> ChargeKind:
    """What a fee is, by its name where that of a plugin tells; a rounding has no VAT and is small."""
    if CASH_ROUNDING.search(name) and not portion.tax and abs(portion.net) < MAX_CASH_ROUNDING:
        return ChargeKind.ROUNDING
    if portion.gross < 0:
        return ChargeKind.DEDUCTION
    return ChargeKind.TIP if TIP.fullmatch(name.strip()) else ChargeKind.FEE


def _add_shipping(result: OrderRows, payload: dict[str, Any], amounts: Amounts) -> None:
    """Shipping at the VAT rate that most of it has; what has another rate becomes a charge."""
    methods = [
        (parsing.text(method, "method_title"), amounts.portions(method))
        for method in parsing.items(payload, "shipping_lines")
    ]
    if not methods:
        return
    gross_by_rate: dict[int, Decimal] = {}
    for _each, portions in methods:
        for portion in portions:
            gross_by_rate[portion.vat_rate] = gross_by_rate.get(portion.vat_rate, Decimal(0)) + portion.gross
    rate = max(gross_by_rate, key=lambda rate: gross_by_rate[rate])
    price = 0
    for title, portions in methods:
        for portion in portions:
            if portion.vat_rate == rate and portion.gross >= 0:
                price += Currency.round(portion.gross)
            elif portion.gross:
                _add_charges(result.rows, title or _("Shipping"), [portion])
    titles = [title for title, _each in methods if title]
    result.shipping = {"method": ", ".join(dict.fromkeys(titles))[:200] or None, "price": price, "vat_rate": rate}
    if payload.get("shipping_total") not in (None, ""):
        exact = amounts.currency.exact
        stated = exact(payload["shipping_total"], "shipping_total") + exact(payload.get("shipping_tax"), "shipping_tax")
        charged = sum(Currency.round(portion.gross) for _each, portions in methods for portion in portions)
        apart = charged - price
        difference = Currency.round(stated) - apart - price
        # A few öre of rounding are in the rounding of the order.
        is_rounding = abs(difference) <= 2 * len(methods) * int(amounts.unit)
        result.stated_shipping = price if is_rounding else max(0, price + difference)


def _sku(item: dict[str, Any]) -> str:
    """The SKU of an item, or one by its product, or by its name where it is none of the catalogue."""
    if sku := parsing.sku(item, "sku"):
        return sku
    product, variation = parsing.integer(item, "product_id"), parsing.integer(item, "variation_id")
    if not product:
        return f"wc-{parsing.slug(parsing.product_name(item, 'name') or '')}"
    return f"wc-product-{product}" + (f"-{variation}" if variation else "")
