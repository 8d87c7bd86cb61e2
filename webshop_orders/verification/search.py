"""Checks of the tables that orders and products are searched by, which triggers keep.

On SQLite they are FTS5 tables with the text elsewhere, whose own check writes; so it is compared how many trigrams each
row was indexed with (https://sqlite.org/fts5.html#the_trigram_tokenizer, and 4.5 there of the docsize table).
"""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import text

from webshop_orders.db.extensions import db
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import mends
from webshop_orders.verification.check import Check, Progress, Violation

ON_POSTGRESQL = """
    select coalesce({name}, 'id ' || indexed.{key}) from {table}
    full join {index} as indexed on indexed.{key} = {table}.id
    where {table}.{column} is distinct from indexed.words order by 1
"""
ON_SQLITE = """
    select {name} from {table} left join {index}_docsize as indexed on indexed.id = {table}.id
    where indexed.id is null or length({column}) is null
    union all
    select 'id ' || indexed.id from {index}_docsize as indexed left join {table} on {table}.id = indexed.id
    where {table}.id is null
"""
SIZES_ON_SQLITE = """
    select {name}, length({column}), indexed.sz from {table}
    join {index}_docsize as indexed on indexed.id = {table}.id
"""
ORDERS = {
    "table": "orders",
    "name": "orders.number",
    "index": "order_search",
    "key": "order_id",
    "column": "search_text",
}
PRODUCTS = {
    "table": "products",
    "name": "products.sku",
    "index": "product_search",
    "key": "product_id",
    "column": "list_text",
}
REBUILT = "insert into {index} ({index}) values ('rebuild')"
WRITTEN_ANEW = "delete from {index}; insert into {index} select id, {column} from {table}"
TRIGRAM = 3


def _of_orders(_progress: Progress) -> Iterator[Violation]:
    for number in _outdated(**ORDERS):
        yield Violation(
            _("Order %(number)s is searched by other words than its own.", number=number),
            _mend(**ORDERS),
        )


def _of_products(_progress: Progress) -> Iterator[Violation]:
    for sku in _outdated(**PRODUCTS):
        yield Violation(
            _("Product %(sku)s is searched by other words than its own.", sku=sku),
            _mend(**PRODUCTS),
        )


def _outdated(**names: str) -> Iterator[str]:
    if db.engine.dialect.name == "postgresql":
        # nosemgrep: string-built-sql - names that stand above
        yield from db.session.scalars(text(ON_POSTGRESQL.format(**names)))
        return
    # nosemgrep: string-built-sql - as above
    yield from db.session.scalars(text(ON_SQLITE.format(**names)))
    # nosemgrep: string-built-sql - as above
    for name, length, size in db.session.execute(text(SIZES_ON_SQLITE.format(**names))):
        if _varint(size) != max(0, length - TRIGRAM + 1):
            yield name


def _varint(stored: bytes) -> int:
    """A number as SQLite writes it: https://sqlite.org/fileformat2.html#varint, of at most eight bytes here."""
    value = 0
    for byte in stored:
        value = value << 7 | byte & 0x7F
    return value


def _mend(**names: str) -> str:
    template = WRITTEN_ANEW if db.engine.dialect.name == "postgresql" else REBUILT
    return mends.statement(template.format(**names))


CHECKS = (
    Check(_l("orders: the index of words"), _of_orders),
    Check(_l("products: the index of words"), _of_products),
)
