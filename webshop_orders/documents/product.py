"""A product of the catalogue as JSON: as the API, imports and webhooks tell of it."""

from dataclasses import dataclass
from typing import Any

from webshop_orders import shop_settings
from webshop_orders.documents.strict_json import MAX_AMOUNT, Fields, load
from webshop_orders.models import Product
from webshop_orders.money.totals import BASIS_POINTS
from webshop_orders.operations.stock.products import NewProduct

MAX_LEVELS = 1_000
KNOWN = ("name", "price", "currency", "vat_rate", "stock", "backorderable", "active")


@dataclass(frozen=True)
class StockLevel:
    """How many units of a product there are; `pointer` is where the document says so."""

    sku: str
    stock: int | None
    pointer: str


def parse(document: str | bytes) -> NewProduct:
    """The product that a JSON text describes; raises WrongFields as `read` does, and Unreadable for what is no JSON."""
    return read(load(document))


def read(document: Any) -> NewProduct:
    """The product that a JSON value describes; raises WrongFields with each field that is wrong or not known."""
    fields = Fields(document)
    product = NewProduct(
        sku=fields.required_text("sku", most=100),
        name=fields.required_text("name", most=300),
        price=fields.required_whole("price", greatest=MAX_AMOUNT),
        currency=fields.currency("currency") or shop_settings.current().currency,
        vat_rate=fields.required_whole("vat_rate", greatest=BASIS_POINTS),
        has_stock=fields.has("stock"),
        stock=fields.whole("stock", greatest=MAX_AMOUNT),
        has_backorderable=fields.has("backorderable"),
        backorderable=fields.flag("backorderable"),
        active=fields.flag("active"),
    )
    fields.finish()
    return product


def parse_levels(document: Any) -> list[StockLevel]:
    """The stock of some products, `{"levels": [{"sku": …, "stock": …}]}`; raises WrongFields."""
    fields = Fields(document)
    levels = [
        StockLevel(
            sku=part.required_text("sku", most=100),
            stock=part.whole("stock", greatest=MAX_AMOUNT) if part.is_null("stock") else _required_stock(part),
            pointer=part.pointer_of("sku"),
        )
        for part in fields.required_parts("levels", most=MAX_LEVELS)
    ]
    fields.finish()
    return levels


def to_json(product: Product) -> dict[str, Any]:
    """A product as plain JSON values, with what open lines hold of it and wait for."""
    return {
        "sku": product.sku,
        **{name: getattr(product, name) for name in KNOWN},
        "reserved": product.reserved,
        "backordered": product.backordered,
    }


def _required_stock(part: Fields) -> int:
    return part.required_whole("stock", greatest=MAX_AMOUNT)
