"""The list of products: searched, filtered, sorted, and paged by keyset in both directions.

It is read along an index: of its sort key, of the few products that a filter chooses, or of words. The table
`product_search` of migration 0029 has the trigrams of `Product.list_text`. Only what a filter or words chose is sorted.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, bindparam, column, literal_column, select, table
from sqlalchemy import tuple_ as row_of

from webshop_orders.db import word_index
from webshop_orders.db.extensions import db
from webshop_orders.db.text_search import contains_patterns
from webshop_orders.models import Product
from webshop_orders.text.search import Words, searched_words

PAGE_SIZE = 50
MAX_INTEGER = 2**62
INTEGER = re.compile(r"-?[0-9]{1,18}")
AFTER_KEY, AFTER_ID = "after_key", "after_id"

PRODUCTS = Product.__table__.c
SQLITE_INDEX = table("product_search", column("rowid"))
POSTGRESQL_INDEX = table("product_search", column("product_id"), column("words"))
# Columns of the table and not of the model, so that a row is read without the ORM.
COLUMNS = (
    PRODUCTS.id,
    PRODUCTS.sku,
    PRODUCTS.name,
    PRODUCTS.shelf_place,
    PRODUCTS.barcode,
    PRODUCTS.stock,
    PRODUCTS.reserved,
    PRODUCTS.backordered,
    PRODUCTS.price,
    PRODUCTS.currency,
    PRODUCTS.active,
    PRODUCTS.version,
    PRODUCTS.stock_version,
    PRODUCTS.next_delivery_on,
)


class ProductSort(StrEnum):
    """What the list can be sorted by; by stock, it has only products whose stock is tracked."""

    SKU = "sku"
    NAME = "name"
    SHELF_PLACE = "shelf_place"
    STOCK = "stock"


class ProductFilter(StrEnum):
    """Which products the list has."""

    BACKORDERED = "backordered"
    SOLD_OUT = "sold_out"
    INACTIVE = "inactive"
    UNTRACKED = "untracked"


SORT_COLUMNS: dict[ProductSort, Any] = {
    ProductSort.SKU: PRODUCTS.sku_sort_key,
    ProductSort.NAME: PRODUCTS.name_sort_key,
    ProductSort.SHELF_PLACE: PRODUCTS.shelf_sort_key,
    ProductSort.STOCK: PRODUCTS.stock,
}
# As the partial indexes have them, without a value to compare to.
CONDITIONS: dict[ProductFilter, ColumnElement[bool]] = {
    ProductFilter.BACKORDERED: literal_column("backordered > 0"),
    ProductFilter.SOLD_OUT: literal_column("stock <= 0"),
    ProductFilter.INACTIVE: ~PRODUCTS.active,
    ProductFilter.UNTRACKED: PRODUCTS.stock.is_(None),
}


class Position(NamedTuple):
    """A product's place in the sorted list."""

    key: str | int
    id: int


@dataclass(frozen=True)
class ProductQuery:
    """What the list is asked for; `after` and `before` are cursors of a page."""

    words: str = ""
    only: ProductFilter | None = None
    sort: ProductSort = ProductSort.SKU
    descending: bool = False
    after: str | None = None
    before: str | None = None

    @property
    def sorted_by(self) -> ProductSort:
        """What the list is sorted by: not by stock where it has products without it."""
        return ProductSort.SKU if self._has_no_stock and self.sort is ProductSort.STOCK else self.sort

    @property
    def _has_no_stock(self) -> bool:
        return self.only is ProductFilter.UNTRACKED

    @property
    def is_everything(self) -> bool:
        return not self.words and self.only is None


class ListedProduct(NamedTuple):
    """A product as a row of the list; `price` in minor units of `currency`, `stock` None where it is not tracked."""

    id: int
    sku: str
    name: str
    shelf_place: str | None
    barcode: str | None
    stock: int | None
    reserved: int
    backordered: int
    price: int
    currency: str
    active: bool
    version: int
    stock_version: int
    next_delivery_on: str | None

    def free(self, safety_margin: int) -> int:
        """Units that can be sold, where the shop keeps back `safety_margin` units."""
        return max(0, (self.stock or 0) - safety_margin - self.reserved)


@dataclass(frozen=True)
class ProductListPage:
    """Some products, and the cursors of the pages before and after them; None if there is no such page."""

    products: list[ListedProduct]
    before: str | None
    after: str | None


def page(query: ProductQuery, *, limit: int = PAGE_SIZE) -> ProductListPage:
    """One page of the products that match; reading backwards ends at a full first page."""
    if (position := _decode(query.before, query.sorted_by)) is not None:
        rows = _read(query, position, limit, backwards=True)
        if len(rows) > limit:
            shown = rows[:limit][::-1]
            return ProductListPage(_products(shown), before=_cursor(shown[0]), after=_cursor(shown[-1]))
    position = _decode(query.after, query.sorted_by) if query.before is None or position is None else None
    rows = _read(query, position, limit)
    shown = rows[:limit]
    return ProductListPage(
        _products(shown),
        before=_cursor(shown[0]) if shown and position is not None else None,
        after=_cursor(shown[-1]) if len(rows) > limit else None,
    )


def statement(query: ProductQuery, position: Position | None, limit: int, *, backwards: bool = False) -> Select[Any]:
    """The `limit` products of the list beyond a position, each with its `key`; its parameters are `parameters`."""
    key, descending = SORT_COLUMNS[query.sorted_by], query.descending != backwards
    rows = select(*COLUMNS, key.label("key")).where(*_conditions(query))
    if position is not None:
        place = row_of(bindparam(AFTER_KEY, type_=key.type), bindparam(AFTER_ID, type_=BigInteger))
        here = row_of(key, PRODUCTS.id)
        rows = rows.where(here < place if descending else here > place)
    columns = [column.desc() if descending else column for column in (key, PRODUCTS.id)]
    return rows.order_by(*columns).limit(limit)


def parameters(query: ProductQuery, position: Position | None) -> dict[str, Any]:
    values = word_index.parameters(searched_words(query.words))
    return values if position is None else {**values, AFTER_KEY: position.key, AFTER_ID: position.id}


def _read(query: ProductQuery, position: Position | None, limit: int, *, backwards: bool = False) -> list[Any]:
    rows = statement(query, position, limit + 1, backwards=backwards)
    return list(db.session.execute(rows, parameters(query, position)).all())


def _conditions(query: ProductQuery) -> list[ColumnElement[bool]]:
    conditions = [CONDITIONS[query.only]] if query.only else []
    if query.sorted_by is ProductSort.STOCK:
        conditions.append(PRODUCTS.stock.is_not(None))
    if words := searched_words(query.words):
        conditions.append(_has_words(words))
    return conditions


def _has_words(words: Words) -> ColumnElement[bool]:
    """The ids of the index of words; without a trigram to look up, the words are looked for in each product's text."""
    spellings = word_index.patterns([len(each) for each in words])
    in_text = contains_patterns(PRODUCTS.list_text, spellings)
    if not word_index.has_trigram(words):
        return in_text
    if db.session.get_bind().dialect.name == "sqlite":
        if not any(map(word_index.is_long_enough, words)):
            return in_text
        matches = literal_column("product_search").op("MATCH")(bindparam(word_index.FTS5_EXPRESSION, type_=Text))
        found = PRODUCTS.id.in_(select(SQLITE_INDEX.c.rowid).where(matches))
        return found if all(map(word_index.is_long_enough, words)) else and_(found, in_text)
    # Materialized, since PostgreSQL would otherwise go through the whole list for words that it takes for frequent.
    matching = (
        select(POSTGRESQL_INDEX.c.product_id)
        .where(contains_patterns(POSTGRESQL_INDEX.c.words, spellings))
        .cte("matching")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return PRODUCTS.id.in_(select(matching.c.product_id))


def _products(rows: list[Any]) -> list[ListedProduct]:
    return [ListedProduct(*row[:-1]) for row in rows]


def _cursor(row: Any) -> str:
    return f"{row.key}~{row.id}"


def _decode(cursor: str | None, sort: ProductSort) -> Position | None:
    """The position of a cursor; None for one that `_cursor` did not write for a list of this sorting."""
    key, _tilde, product_id = (cursor or "").rpartition("~")
    if not INTEGER.fullmatch(product_id) or int(product_id) > MAX_INTEGER:
        return None
    if sort is not ProductSort.STOCK:
        return Position(key, int(product_id))
    return Position(int(key), int(product_id)) if INTEGER.fullmatch(key) else None
