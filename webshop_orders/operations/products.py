"""The catalogue that products are added from."""

from collections.abc import Iterable

from sqlalchemy import select

from webshop_orders.columns import fold
from webshop_orders.extensions import db
from webshop_orders.models import Product

MOST_FOUND = 12


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
