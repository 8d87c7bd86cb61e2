"""A product of the catalogue as JSON, for the API, imports and webhooks."""

from dataclasses import dataclass, field, fields
from typing import Annotated, Any

from webshop_orders import shop_settings
from webshop_orders.documents.barcode import Barcode
from webshop_orders.documents.fields import Amount, CurrencyCode, Flag, ProductName, ShelfPlace, Sku, VatRate
from webshop_orders.documents.stock import StockVersion
from webshop_orders.models import Product
from webshop_orders.validation import reading, writing
from webshop_orders.validation.document import UNSET, Document
from webshop_orders.validation.json_text import load
from webshop_orders.validation.rules import Description, Items, missing

MAX_LEVELS = 1_000


def _shop_currency() -> str:
    return shop_settings.current().currency


@dataclass(frozen=True, kw_only=True)
class ProductFields(Document):
    """The fields that are both accepted and written, each by the name of its column.

    Fields that a document lacks stay unchanged in the catalogue: `stock` (null is not tracked),
    `backorderable` (null is the shop's default), `active`, `shelf_place` and `barcode` (null is none).
    """

    sku: Sku
    name: ProductName
    price: Amount
    currency: CurrencyCode = field(default_factory=_shop_currency)
    vat_rate: VatRate
    stock: Amount | None = UNSET
    backorderable: Flag | None = UNSET
    active: Flag | None = None
    shelf_place: Annotated[ShelfPlace | None, Description("Where it stands in the warehouse")] = UNSET
    barcode: Annotated[Barcode | None, Description("Its GTIN, or a code of the shop's own")] = UNSET


@dataclass(frozen=True, kw_only=True)
class NewProduct(ProductFields):
    """A product to be added to the catalogue, or changed in it."""

    @property
    def has_stock(self) -> bool:
        return self.stock is not UNSET

    @property
    def has_backorderable(self) -> bool:
        return self.backorderable is not UNSET


@dataclass(frozen=True, kw_only=True)
class ProductDocument(ProductFields):
    """A product as it is written: with the units that open lines have reserved, and those that they wait for."""

    active: bool
    reserved: int
    backordered: int
    version: Annotated[int, Description("Counts the changes of all but its stock")]
    stock_version: Annotated[int, Description("Counts the movements of its stock; a count names it")]


@dataclass(frozen=True)
class StockLevel(Document):
    """How many units of a product there are."""

    sku: Sku
    stock: Annotated[Amount | None, Description("Null: not tracked")]
    stock_version: Annotated[
        StockVersion | None, Description("Makes it a count of the stock at this version: what moved since is kept")
    ] = None

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        if values.get("stock_version") is not None and values.get("stock", 0) is None:
            values["stock"] = missing()


@dataclass(frozen=True)
class StockLevels(Document):
    """The stock of some products."""

    levels: Annotated[list[StockLevel], Items(MAX_LEVELS, minimum=1)]


@dataclass(frozen=True)
class ProductPage:
    """A page of the catalogue, by SKU."""

    products: list[ProductDocument]
    next_cursor: str | None


@dataclass(frozen=True)
class StockReceipt:
    """How many stock levels were set."""

    received: int


def parse(text: str | bytes) -> NewProduct:
    """The product in a JSON text; raises InvalidDocument as `read` does, and MalformedInput for what is not JSON."""
    return read(load(text))


def read(value: Any) -> NewProduct:
    """The product in a JSON value; raises InvalidDocument with each field that is wrong, missing or unknown."""
    return reading.read(NewProduct, value)


def merge(product: Product, changes: Any) -> Any:
    """A product's document with some fields replaced by those of another; null replaces too, but no currency."""
    if not isinstance(changes, dict):
        return changes
    if changes.get("currency", "") is None:
        changes = {name: value for name, value in changes.items() if name != "currency"}
    return {**{field.name: getattr(product, field.name) for field in fields(ProductFields)}, **changes}


def to_json(product: Product) -> dict[str, Any]:
    """A product as plain JSON values."""
    return writing.write(ProductDocument, product)
