"""Orders that have words anywhere in their text: how words are read, the predicate, and the rows of the text index.

The index is the table `order_search` of migration 0005: on SQLite an FTS5 index of trigrams, on PostgreSQL a table
with a GIN index of trigrams, which has the orders in partitions of 2 ** 16 ids.
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    true,
)

from webshop_orders.db.extensions import db
from webshop_orders.db.text_search import contains_words
from webshop_orders.models import Order
from webshop_orders.text.search import Words, searched_words

# Both databases index three letters or digits in a row.
TRIGRAM_LENGTH = 3
TRIGRAM = re.compile(r"[^\W_]{3}")
QUOTE = '"'

SQLITE_INDEX = table("order_search", column("rowid"))
POSTGRESQL_INDEX = table("order_search", column("order_id"), column("words"))
PARTITION_BITS = 16
# Written out, since PostgreSQL uses an index on an expression only for exactly this expression.
PARTITION: ColumnElement[int] = literal_column("(order_search.order_id >> 16)", BigInteger)
NEWEST_PARTITION: ColumnElement[int] = literal_column("(select coalesce(max(id), 0) >> 16 from orders)", BigInteger)
OLDEST_PARTITION: ColumnElement[int] = literal(0, BigInteger)

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class TextQuery:
    """Typed words as they are searched for: an order matches if it has each word in one of its spellings."""

    words: Words

    @property
    def has_trigram(self) -> bool:
        """Whether an index of trigrams can narrow the orders at all."""
        return any(all(map(TRIGRAM.search, spellings)) for spellings in self.words)


def parse(text: str) -> TextQuery:
    return TextQuery(searched_words(text))


def predicate(query: TextQuery) -> ColumnElement[bool]:
    """Whether an order has the words."""
    return contains_words(Order.search_text, query.words)


def is_answered_by_index(query: TextQuery) -> bool:
    """Whether every row of `index_rows` matches; if not, `predicate` has to be checked on each.

    FTS5 cannot look up words shorter than a trigram.
    """
    is_too_short = _is_sqlite() and not all(map(_is_long_enough, query.words))
    return query.has_trigram and not is_too_short


def index_rows(query: TextQuery, after: int | None, *, descending: bool, limit: int) -> Rows:
    """Ids of orders in the sequence in which they came in, as `key` and as `id`, beyond the id `after`.

    Without a trigram to look up these are all orders.
    """
    if not query.has_trigram:
        return _page_of_ids(_select_id(Order.id), Order.id, after, descending, limit)
    if _is_sqlite():
        row_id = SQLITE_INDEX.c.rowid
        matching = _select_id(row_id).where(literal_column("order_search").op("MATCH")(_fts5_expression(query)))
        return _page_of_ids(matching, row_id, after, descending, limit)
    return _rows_by_partition(query, after, descending, limit)


def _rows_by_partition(query: TextQuery, after: int | None, descending: bool, limit: int) -> Rows:
    """Read partition after partition until there are enough rows, since a GIN index finds rows but does not sort."""
    order_id = POSTGRESQL_INDEX.c.order_id
    first, last = (NEWEST_PARTITION, OLDEST_PARTITION) if descending else (OLDEST_PARTITION, NEWEST_PARTITION)
    if after is not None:
        first = literal(after >> PARTITION_BITS, BigInteger)
    series = func.generate_series(first, last, literal(-1 if descending else 1, BigInteger))
    partitions = series.table_valued("number").render_derived()
    in_partition = partitions.c.number == PARTITION
    matching = _select_id(order_id).where(in_partition, contains_words(POSTGRESQL_INDEX.c.words, query.words))
    rows = _page_of_ids(matching, order_id, after, descending, limit).lateral("partition_rows")
    # The nested loop keeps the partitions' sequence. An ORDER BY here would read all of them before the first row.
    return select(rows.c.key, rows.c.id).select_from(partitions.join(rows, true())).limit(limit)


def _select_id(order_id: Any) -> Rows:
    return select(order_id.label("key"), order_id.label("id"))


def _page_of_ids(rows: Rows, order_id: Any, after: int | None, descending: bool, limit: int) -> Rows:
    if after is not None:
        rows = rows.where(order_id < after if descending else order_id > after)
    return rows.order_by(order_id.desc() if descending else order_id).limit(limit)


def _fts5_expression(query: TextQuery) -> str:
    """The query in FTS5's syntax, without words too short for it: https://sqlite.org/fts5.html#fts5_strings."""
    each = (
        " OR ".join(f'"{spelling.replace(QUOTE, QUOTE * 2)}"' for spelling in spellings)
        for spellings in query.words
        if _is_long_enough(spellings)
    )
    return " AND ".join(f"({spellings})" for spellings in each)


def _is_long_enough(spellings: tuple[str, ...]) -> bool:
    return all(len(spelling) >= TRIGRAM_LENGTH for spelling in spellings)


def _is_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"
