"""The rows of an order in Shopify's CSV export: what each sells, and with which discount and VAT rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.countries import country_code
from webshop_orders.connectors.files import cells, shopify_sums, tables, vat_search
from webshop_orders.connectors.files.shopify_sums import OrderSums
from webshop_orders.connectors.files.tables import Row
from webshop_orders.connectors.files.vat_search import Tax, TaxedAmount, VatRates
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.sums import Rows
from webshop_orders.errors import RuleViolation
from webshop_orders.models.charge import ChargeKind

MAX_DISCOUNTED = 12  # items, each of which may have the discount alone
TIP_NAMES = {"tip", "dricks"}


@dataclass
class Item:
    """What a row of an order sells: amounts without and with its discounts, in minor units with fractions."""

    sku: str
    name: str
    quantity: Decimal
    before: Decimal
    after: Decimal
    is_taxed: bool | None
    is_tip: bool
    status: str
    properties: list[dict[str, str]]

    @property
    def key(self) -> str:
        return f"{self.sku}\n{self.name}\n{self.is_taxed}"

    @property
    def is_shipped(self) -> bool:
        return self.status == "fulfilled"

    def add_to(self, rows: Rows, rate: int) -> int | None:
        """Add the line, or a charge, to the rows of an order; the index of the line."""
        if self.is_tip:
            rows.add_charge(ChargeKind.TIP, self.name, self.after)
            return None
        return rows.add_item(
            sku=self.sku,
            name=self.name,
            quantity=self.quantity,
            before=self.before,
            after=self.after,
            vat_rate=rate,
            properties=self.properties,
        )


def read_item(row: Row, currency: Currency) -> Item | None:
    """What a row sells; None if it sells nothing. Raises RuleViolation for one that lacks its product or price."""
    name = parsing.product_name(tables.texts(row, "Lineitem name"), "Lineitem name")
    sku = parsing.sku(tables.texts(row, "Lineitem sku"), "Lineitem sku")
    amount_text = tables.cell(row, "Lineitem quantity")
    if not (name or sku):
        if amount_text or tables.cell(row, "Lineitem price"):
            raise RuleViolation(_("%(field)s is missing.", field="Lineitem name"))
        return None  # a row that has nothing but a further payment or tax of the order
    for column in ("Lineitem quantity", "Lineitem price"):
        if not tables.cell(row, column):
            raise RuleViolation(_("«%(name)s»: %(field)s is missing.", name=name or sku, field=column))
    quantity = cells.decimal(amount_text, "Lineitem quantity", decimals=3)
    before = cells.amount(row, "Lineitem price", currency) * quantity
    discount = cells.amount(row, "Lineitem discount", currency)
    is_taxed = cells.flag(row, "Lineitem taxable")
    label = name or sku or parsing.PLACEHOLDER
    is_tip = label.casefold() in TIP_NAMES and not sku and is_taxed is not True
    return Item(
        sku=sku or f"shopify-custom-{parsing.slug(label)}",
        name=label,
        quantity=quantity,
        before=before,
        after=before - discount,
        is_taxed=False if is_tip else is_taxed,
        is_tip=is_tip,
        status=tables.cell(row, "Lineitem fulfillment status").casefold(),
        properties=parsing.attribute_documents(tables.pairs(tables.cell(row, "Lineitem properties"))),
    )


def find_rates(first: Row, items: list[Item], sums: OrderSums, currency: Currency) -> tuple[list[Item], VatRates]:
    """The items without the discount on the whole order, and their rates and, last, that of shipping.

    The export does not tell what the discount was on: all of it in proportion, or one product.
    """
    country = country_code(tables.cell(first, "Shipping Country") or tables.cell(first, "Billing Country")) or ""
    taxes = _taxes(first, currency)
    for discounted in _discounted(items, sums.goods_discount):
        amounts = [TaxedAmount(item.key, Currency.round(item.after), item.is_taxed) for item in discounted]
        amounts.append(TaxedAmount("", sums.shipping, None))
        found = vat_search.find_rates(amounts, taxes, sums.vat, includes_vat=not sums.vat_is_on_top, country=country)
        if found is not None:
            return discounted, found
    raise RuleViolation(_("The file does not tell which product has which VAT rate. Import the order as JSON instead."))


def _taxes(first: Row, currency: Currency) -> list[Tax]:
    taxes = []
    for index in range(1, shopify_sums.MAX_TAXES + 1):
        name, value = tables.cell(first, f"Tax {index} Name"), tables.cell(first, f"Tax {index} Value")
        if name or value:
            amount = Currency.round(cells.amount(first, f"Tax {index} Value", currency))
            taxes.append(Tax(name, amount if value else None))
    return taxes


def _discounted(items: list[Item], discount: int) -> Iterator[list[Item]]:
    """The items after a discount that is shared among all, or is on one of them."""
    shares = shopify_sums.share(discount, [Decimal(0) if item.is_tip else item.after for item in items])
    yield [replace(item, after=item.after - share) for item, share in zip(items, shares, strict=True)]
    for one in items if discount and 1 < len(items) <= MAX_DISCOUNTED else []:
        if one.after >= discount and not one.is_tip:
            yield [replace(item, after=item.after - discount) if item is one else item for item in items]
