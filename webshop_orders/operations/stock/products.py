"""The catalogue of products."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.documents.product import NewProduct
from webshop_orders.errors import NotFound
from webshop_orders.models import Product
from webshop_orders.text.folding import fold

MAX_RESULTS = 12


def search(words: str, currency: str) -> list[Product]:
    """At most `MAX_RESULTS` products for sale whose name or SKU contains every word, an exact SKU first."""
    statement = select(Product).where(Product.active, Product.currency == currency)
    for word in fold(words).split():
        statement = statement.where(Product.search_text.contains(word, autoescape=True))
    exact_first = (Product.sku != words.strip(), Product.name, Product.id)
    return list(db.session.scalars(statement.order_by(*exact_first).limit(MAX_RESULTS)))


def find(words: str, currency: str) -> Product | None:
    """The one product that a search means: the one with this SKU, or the only result; None where there are several."""
    results = search(words, currency)
    exact = [product for product in results if fold(product.sku) == fold(words.strip())]
    return exact[0] if exact else results[0] if len(results) == 1 else None


def by_sku(skus: Iterable[str]) -> dict[str, Product]:
    """The products with these SKUs, by SKU; those that the catalogue does not have are missing."""
    products = db.session.scalars(select(Product).where(Product.sku.in_(set(skus))))
    return {product.sku: product for product in products}


def get(sku: str) -> Product:
    """A product of the catalogue; raises NotFound."""
    product = db.session.scalar(select(Product).where(Product.sku == sku))
    if product is None:
        raise NotFound(_("There is no product %(sku)s.", sku=sku))
    return product


def page(*, after: str | None, limit: int) -> list[Product]:
    """Products of the catalogue in the order of their SKUs, starting after the cursor `after`."""
    query = select(Product).where(Product.sku > after) if after is not None else select(Product)
    return list(db.session.scalars(query.order_by(Product.sku).limit(limit)))


def add(new: NewProduct) -> Product:
    """Add a new product to the catalogue."""
    product = Product(
        sku=new.sku,
        name=new.name,
        price=new.price,
        currency=new.currency,
        vat_rate=new.vat_rate,
        stock=new.stock if new.has_stock else None,
        backorderable=new.backorderable if new.has_backorderable else None,
        active=new.active is not False,
    )
    db.session.add(product)
    return product


def change(product: Product, new: NewProduct) -> None:
    """Change a product, but not its stock, which orders may have reserved. Existing lines keep name, price and VAT."""
    if product.name != new.name:
        product.rename(new.name)
    product.price, product.currency, product.vat_rate = new.price, new.currency, new.vat_rate
    if new.has_backorderable:
        product.backorderable = new.backorderable
    if new.active is not None:
        product.active = new.active
