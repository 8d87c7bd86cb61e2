"""The catalogue that products are added from."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound
from webshop_orders.models import Product
from webshop_orders.text.folding import fold

MOST_FOUND = 12


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
    has_stock: bool
    stock: int | None
    has_backorderable: bool
    backorderable: bool | None
    active: bool | None


def search(words: str, currency: str) -> list[Product]:
    """Products for sale whose name or SKU has every word in it, best known SKU first; at most a dozen."""
    statement = select(Product).where(Product.active, Product.currency == currency)
    for word in fold(words).split():
        statement = statement.where(Product.search_text.contains(word, autoescape=True))
    exact_first = (Product.sku != words.strip(), Product.name, Product.id)
    return list(db.session.scalars(statement.order_by(*exact_first).limit(MOST_FOUND)))


def find(words: str, currency: str) -> Product | None:
    """The one product that was meant: by its very SKU, or because nothing else fits."""
    found = search(words, currency)
    exact = [product for product in found if fold(product.sku) == fold(words.strip())]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def by_sku(skus: Iterable[str]) -> dict[str, Product]:
    """The products of the catalogue among some SKUs."""
    wanted = set(skus)
    return {product.sku: product for product in db.session.scalars(select(Product).where(Product.sku.in_(wanted)))}


def get(sku: str) -> Product:
    """A product of the catalogue; raises NotFound."""
    product = db.session.scalar(select(Product).where(Product.sku == sku))
    if product is None:
        raise NotFound(_("There is no product %(sku)s.", sku=sku))
    return product


def page(*, after: str | None, most: int) -> list[Product]:
    """Products of the catalogue by SKU, from the one after `after` on."""
    chosen = select(Product).where(Product.sku > after) if after is not None else select(Product)
    return list(db.session.scalars(chosen.order_by(Product.sku).limit(most)))


def add(new: NewProduct) -> Product:
    """Put a new product into the catalogue."""
    product = Product(
        sku=new.sku,
        name=new.name,
        price=new.price,
        currency=new.currency,
        vat_rate=new.vat_rate,
        stock=new.stock,
        backorderable=new.backorderable,
        active=new.active is not False,
    )
    db.session.add(product)
    return product


def change(product: Product, new: NewProduct) -> None:
    """Have a product be as told, but for its stock, which other orders may hold; lines stay as they were sold."""
    if product.name != new.name:
        product.rename(new.name)
    product.price, product.currency, product.vat_rate = new.price, new.currency, new.vat_rate
    if new.has_backorderable:
        product.backorderable = new.backorderable
    if new.active is not None:
        product.active = new.active
