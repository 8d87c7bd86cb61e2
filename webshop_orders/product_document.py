"""A product of the catalogue as JSON, as an import tells of it."""

from dataclasses import dataclass

from webshop_orders import shop_settings
from webshop_orders.strict_json import MOST_AMOUNT, Fields, load
from webshop_orders.totals import WHOLE


@dataclass(frozen=True)
class NewProduct:
    """A product as it is to be. What the document does not tell stays as it is in the catalogue.

    Stock may be told to be None, not tracked, and backorderable to be None, as the shop's default has it.
    """

    sku: str
    name: str
    price: int
    currency: str
    vat_rate: int
    tells_stock: bool
    stock: int | None
    tells_backorderable: bool
    backorderable: bool | None
    active: bool | None


def parse(document: str | bytes) -> NewProduct:
    """The product that a JSON text describes; raises Refused with the field that is wrong, missing or not known."""
    fields = Fields(load(document))
    product = NewProduct(
        sku=fields.required_text("sku", most=100),
        name=fields.required_text("name", most=300),
        price=fields.required_whole("price", greatest=MOST_AMOUNT),
        currency=fields.matching("currency", "[A-Z]{3}", example="SEK") or shop_settings.current().currency,
        vat_rate=fields.required_whole("vat_rate", greatest=WHOLE),
        tells_stock=fields.has("stock"),
        stock=fields.whole("stock", greatest=MOST_AMOUNT),
        tells_backorderable=fields.has("backorderable"),
        backorderable=fields.flag("backorderable"),
        active=fields.flag("active"),
    )
    fields.finish()
    return product
