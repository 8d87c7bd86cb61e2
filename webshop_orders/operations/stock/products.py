"""The catalogue of products."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, func, or_, select

from webshop_orders.barcodes import gtin
from webshop_orders.db.extensions import db
from webshop_orders.db.text_search import contains_typed
from webshop_orders.documents.product import NewProduct
from webshop_orders.errors import NoChange, NotFound
from webshop_orders.models import Actor, BeforeAfter, Product, ProductEvent
from webshop_orders.operations.stock import movements, product_conflicts, product_history, reservations
from webshop_orders.text.folding import sku_key
from webshop_orders.validation.document import UNSET

MAX_RESULTS = 12
BY_SKU_KEYS = select(Product).where(Product.sku_key.in_(bindparam("keys", expanding=True)))


def search(words: str, currency: str, *, limit: int = MAX_RESULTS) -> list[Product]:
    """At most `limit` products for sale with every word in name or SKU, or with this barcode; an exact SKU first."""
    statement = select(Product).where(Product.active, Product.currency == currency)
    if conditions := contains_typed(Product.search_text, words):
        statement = statement.where(or_(*conditions, Product.barcode.in_(gtin.spellings(words.strip()))))
    exact_first = (Product.sku != words.strip(), Product.sku_key != sku_key(words), Product.name, Product.id)
    return list(db.session.scalars(statement.order_by(*exact_first).limit(limit)))


def find(words: str, currency: str) -> Product | None:
    """The one product that a search means: the one with this SKU, or the only result; None where there are several.

    A SKU in other case or with other blanks means a product only if no other SKU differs in just that.
    """
    results = search(words, currency)
    same_sku = [product for product in results if product.sku == words.strip()]
    similar_sku = [product for product in results if product.sku_key == sku_key(words)]
    matches = same_sku or similar_sku or results
    return matches[0] if len(matches) == 1 else None


def by_sku(skus: Iterable[str]) -> dict[str, Product]:
    """The products with these SKUs, by SKU; those that the catalogue does not have are missing."""
    products = db.session.scalars(select(Product).where(Product.sku.in_(set(skus))))
    return {product.sku: product for product in products}


def matching(skus: Iterable[str]) -> dict[str, Product]:
    """The products that SKUs of orders mean, by those SKUs; those that the catalogue does not have are missing.

    A product whose SKU differs in case or blanks alone is meant too, unless there are several of them.
    """
    wanted = set(skus)
    candidates: dict[str, list[Product]] = defaultdict(list)
    for product in db.session.scalars(BY_SKU_KEYS, {"keys": list({sku_key(sku) for sku in wanted})}):
        candidates[product.sku_key].append(product)
    matched = {sku: _meant(sku, candidates[sku_key(sku)]) for sku in wanted}
    return {sku: product for sku, product in matched.items() if product is not None}


def _meant(sku: str, candidates: list[Product]) -> Product | None:
    exact = [product for product in candidates if product.sku == sku]
    return exact[0] if exact else candidates[0] if len(candidates) == 1 else None


def ambiguous_skus(limit: int) -> list[str]:
    """SKUs that differ in case or blanks alone from another one, at most `limit`."""
    keys = select(Product.sku_key).group_by(Product.sku_key).having(func.count() > 1)
    query = select(Product.sku).where(Product.sku_key.in_(keys)).order_by(Product.sku_key, Product.sku).limit(limit)
    return list(db.session.scalars(query))


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


def get_for_update(sku: str) -> Product:
    """A product of the catalogue, locked and read again; raises NotFound."""
    product = get(sku)
    reservations.lock([product])
    return product


def find_for_update(sku: str) -> Product | None:
    """A product of the catalogue, locked and read again; None where there is none."""
    product = by_sku([sku]).get(sku)
    reservations.lock([product])
    return product


def add(new: NewProduct, *, by: Actor) -> Product:
    """Add a new product to the catalogue, with the stock that it opens with."""
    (product,) = add_all([new], by=by)
    return product


def add_all(news: Iterable[NewProduct], *, by: Actor) -> list[Product]:
    """Add new products to the catalogue."""
    added = [_make(new) for new in news]
    db.session.add_all(added)
    db.session.flush()  # movements of stock name their products
    movements.open_stock(added, by=by)
    return added


def _make(new: NewProduct) -> Product:
    return Product(
        sku=new.sku,
        name=new.name,
        price=new.price,
        currency=new.currency,
        vat_rate=new.vat_rate,
        stock=new.stock if new.has_stock else None,
        backorderable=new.backorderable if new.has_backorderable else None,
        active=new.active is not False,
        shelf_place=new.shelf_place if new.shelf_place is not UNSET else None,
        barcode=new.barcode if new.barcode is not UNSET else None,
    )


def change_fields(
    product: Product, values: Mapping[str, Any], *, version: int | None = None, by: Actor
) -> ProductEvent:
    """Change columns of a locked product other than its stock. Existing lines keep name, price and VAT.

    `version` is that of the product which a form was shown from; what the form showed and another user has changed
    since stays so. Raises StaleFields where another user changed the same columns since, NoChange.
    """
    if version is not None:
        values = product_conflicts.leave_as_they_are(product, values, version, by=by)
    changes = {
        name: BeforeAfter(getattr(product, name), value)
        for name, value in values.items()
        if value != getattr(product, name)
    }
    if not changes:
        raise NoChange(_("Nothing was changed."))
    for name, change in changes.items():
        if name == "name":
            product.rename(change.after)
        else:
            setattr(product, name, change.after)
    return product_history.record(product, changes, by=by)


def with_same_barcode(product: Product) -> list[Product]:
    """Other products that scanners cannot tell from this one; at most `MAX_RESULTS`."""
    if product.barcode is None:
        return []
    same = select(Product).where(Product.barcode.in_(gtin.spellings(product.barcode)), Product.id != product.id)
    return list(db.session.scalars(same.order_by(Product.sku).limit(MAX_RESULTS)))


def change(product: Product, new: NewProduct, *, by: Actor) -> bool:
    """Change a locked product, but not its stock, which orders may have reserved; returns whether anything changed."""
    values = {
        "name": new.name,
        "price": new.price,
        "currency": new.currency,
        "vat_rate": new.vat_rate,
        "backorderable": new.backorderable,
        "shelf_place": new.shelf_place,
        "barcode": new.barcode,
        "active": UNSET if new.active is None else new.active,
    }
    try:
        change_fields(product, {name: value for name, value in values.items() if value is not UNSET}, by=by)
    except NoChange:
        return False
    return True
