"""The lines of Shopify's orders, with what is left of each.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import BASIS_POINTS, Currency
from webshop_orders.connectors.shopify.amounts import amount_of
from webshop_orders.connectors.shopify.ledger import Ledger
from webshop_orders.connectors.shopify.taxes import Taxed, discount_of, with_tax
from webshop_orders.connectors.shopify.units import Units, product_items, refund_lines, units_of


def add_lines(ledger: Ledger, payload: dict[str, Any]) -> dict[str, int]:
    """Add the lines of an order to its rows; the index of each line by its id in Shopify.

    Lines of which nothing is left are left out. An order that is void has what it had before.
    """
    names: dict[str, str] = {}
    refunds = refund_lines(payload)
    items = [(item, units_of(item, refunds)) for item in product_items(payload)]
    has_units = any(units and units.before_cancelling for _item, units in items)
    indices = {}
    for item, units in items:
        line_id = parsing.text(item, "id")
        index = _add_line(ledger, item, units, refunds.get(line_id, []), names, as_ordered=not has_units)
        if index is not None and line_id:
            indices[line_id] = index
    return indices


def _add_line(
    ledger: Ledger,
    item: dict[str, Any],
    units: Units | None,
    refunds: list[dict[str, Any]],
    names: dict[str, str],
    *,
    as_ordered: bool,
) -> int | None:
    quantity = _counted(units, is_void=ledger.is_void, as_ordered=as_ordered)
    if units and units.ordered and not quantity:
        return None
    name = name_of(item)
    ordered = units.ordered if units else Decimal(1)
    full_price = amount_of(item, "price", ledger.currency) * ordered
    taxed = with_tax(
        item,
        full_price - discount_of(item, ledger.currency),
        ledger.currency,
        includes_vat=ledger.includes_vat,
        units=ordered,
    )
    share = quantity / ordered if quantity is not None and ordered else Decimal(1)
    left = taxed.part(share) if ledger.is_void else _without_refunds(ledger, taxed, share, refunds, units)
    ledger.taxes[left.vat_rate] += left.tax
    return ledger.rows.add_item(
        sku=sku_of(item, name, names),
        name=name,
        quantity=quantity,
        before=full_price * (1 if ledger.includes_vat else 1 + Decimal(taxed.vat_rate) / BASIS_POINTS) * share,
        after=left.charged,
        vat_rate=left.vat_rate,
        properties=_properties(item),
    )


def _counted(units: Units | None, *, is_void: bool, as_ordered: bool) -> Decimal | None:
    """The units of a line to be placed; None if they are no number."""
    if units is None:
        return None
    if not is_void or units.ordered < 0:
        return units.left
    return units.ordered if as_ordered else units.before_cancelling


def _without_refunds(
    ledger: Ledger, taxed: Taxed, share: Decimal, refunds: list[dict[str, Any]], units: Units | None
) -> Taxed:
    """What the units that are left cost: what the refunds say that they leave, or else their share of it."""
    left = taxed.part(share)
    if units is None or units.left == units.ordered or units.refunded != units.ordered - units.left:
        return left
    refunded = [_refunded(line, ledger.currency, includes_vat=ledger.includes_vat) for line in refunds]
    charged = taxed.charged - sum((charged for charged, _tax in refunded), Decimal(0))
    tax = taxed.tax - sum((tax for _charged, tax in refunded), Decimal(0))
    # Shopify's own test messages have refunds of other amounts.
    is_exact = abs(charged - left.charged) <= units.ordered and abs(tax - left.tax) <= units.ordered
    return Taxed(charged, tax, taxed.vat_rate) if is_exact else left


def _refunded(line: dict[str, Any], currency: Currency, *, includes_vat: bool) -> tuple[Decimal, Decimal]:
    """What a line of a refund gives back with its VAT, and the VAT in that."""
    amount, tax = amount_of(line, "subtotal", currency), amount_of(line, "total_tax", currency)
    return (amount if includes_vat else amount + tax), tax


def name_of(item: dict[str, Any]) -> str:
    """The name of the product with its variant."""
    if name := parsing.product_name(item, "name"):
        return name
    titles = [parsing.product_name(item, field) for field in ("title", "variant_title")]
    return " - ".join(title for title in titles if title) or parsing.sku(item, "sku") or parsing.PLACEHOLDER


def sku_of(item: dict[str, Any], name: str, names: dict[str, str]) -> str:
    """The SKU of a line; one without is told apart by its variant, or by its name if it is no product of the shop.

    `names` has the names of the SKUs that were made of one, so that two names never share an SKU.
    """
    if sku := parsing.sku(item, "sku"):
        return sku
    if variant := parsing.integer(item, "variant_id"):
        return f"shopify-variant-{variant}"
    sku = f"shopify-custom-{parsing.slug(name)}"
    if names.setdefault(sku, name) != name:
        sku = f"{sku}-{parsing.text(item, 'id', max_length=20) or len(names)}"
        names[sku] = name
    return sku


def _properties(item: dict[str, Any]) -> list[dict[str, str]]:
    """What the customer chose or wrote for a line: a list of names and values, or an object of them."""
    properties = item.get("properties")
    if isinstance(properties, dict):
        return parsing.attribute_documents(properties.items())
    return parsing.attribute_documents(
        (pair.get("name"), pair.get("value")) for pair in parsing.items(item, "properties")
    )
