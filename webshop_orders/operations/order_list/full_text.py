"""Orders that have words anywhere in their text: how words are read, the predicate, and the rows of the text index.

The index is the table `order_search` of migration 0005: on SQLite an FTS5 index of trigrams, on PostgreSQL a table
with a GIN index of trigrams, which has the orders in partitions of 2 ** 16 ids.
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    String,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    true,
)

from webshop_orders.db.extensions import db
from webshop_orders.db.parameters import planned_once
from webshop_orders.db.text_search import contains_patterns, pattern
from webshop_orders.models import Order
from webshop_orders.text.search import Words

# Both databases index three letters or digits in a row.
TRIGRAM_LENGTH = 3
TRIGRAM = re.compile(r"[^\W_]{3}")
QUOTE = '"'

ORDERS = Order.__table__.c
SQLITE_INDEX = table("order_search", column("rowid"))
POSTGRESQL_INDEX = table("order_search", column("order_id"), column("words"))
PARTITION_BITS = 16
# Written out, since PostgreSQL uses an index on an expression only for exactly this expression.
PARTITION: ColumnElement[int] = literal_column("(order_search.order_id >> 16)", BigInteger)
NEWEST_PARTITION: ColumnElement[int] = literal_column("(select coalesce(max(id), 0) >> 16 from orders)", BigInteger)
OLDEST_PARTITION: ColumnElement[int] = literal(0, BigInteger)
# The parameters of the statements, beside one for each spelling.
FTS5_EXPRESSION = "fts5_expression"
AFTER_ID, AFTER_PARTITION = "after_id", "after_partition"

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class TextQuery:
    """How typed words are searched for; an order matches if it has each word in one of its spellings.

    `spelling_counts` says how many spellings each word has: the spellings themselves are `parameters`. `uses_index` if
    a trigram can narrow the orders at all, and `is_exact` if every row of the index matches then, so that no predicate
    has to be checked: FTS5 cannot look up words shorter than a trigram.
    """

    spelling_counts: tuple[int, ...]
    uses_index: bool
    is_exact: bool
    on_sqlite: bool


def query_of(words: Words) -> TextQuery:
    on_sqlite = _is_sqlite()
    uses_index = any(all(map(TRIGRAM.search, spellings)) for spellings in words)
    return TextQuery(
        spelling_counts=tuple(map(len, words)),
        uses_index=uses_index,
        is_exact=uses_index and (not on_sqlite or all(map(_is_long_enough, words))),
        on_sqlite=on_sqlite,
    )


def parameters(words: Words) -> dict[str, Any]:
    """The values of words in statements of their `TextQuery`."""
    values: dict[str, Any] = {
        _name(word, spelling): pattern(words[word][spelling])
        for word, spellings in enumerate(words)
        for spelling in range(len(spellings))
    }
    return {**values, FTS5_EXPRESSION: _fts5_expression(words)}


def position_parameters(order_id: int) -> dict[str, int]:
    """The values of a position in the sequence in which orders came in."""
    return {AFTER_ID: order_id, AFTER_PARTITION: order_id >> PARTITION_BITS}


def predicate(query: TextQuery) -> ColumnElement[bool]:
    """Whether an order has the words."""
    return _contains_words(ORDERS.search_text, query)


def index_rows(query: TextQuery, *, is_first: bool, descending: bool, limit: ColumnElement[int]) -> Rows:
    """Ids of orders in the sequence in which they came in, as `key` and as `id`, beyond a position unless `is_first`.

    Without a trigram to look up these are all orders.
    """
    if not query.uses_index:
        return _page_of_ids(_select_id(ORDERS.id), ORDERS.id, is_first, descending, limit)
    if query.on_sqlite:
        row_id, expression = SQLITE_INDEX.c.rowid, bindparam(FTS5_EXPRESSION, type_=String)
        matching = _select_id(row_id).where(literal_column("order_search").op("MATCH")(expression))
        return _page_of_ids(matching, row_id, is_first, descending, limit)
    return _rows_by_partition(query, is_first, descending, limit)


def _rows_by_partition(query: TextQuery, is_first: bool, descending: bool, limit: ColumnElement[int]) -> Rows:
    """Read partition after partition until there are enough rows, since a GIN index finds rows but does not sort."""
    order_id = POSTGRESQL_INDEX.c.order_id
    first, last = (NEWEST_PARTITION, OLDEST_PARTITION) if descending else (OLDEST_PARTITION, NEWEST_PARTITION)
    if not is_first:
        first = bindparam(AFTER_PARTITION, type_=BigInteger)
    series = func.generate_series(first, last, literal(-1 if descending else 1, BigInteger))
    partitions = series.table_valued("number").render_derived()
    in_partition = partitions.c.number == PARTITION
    matching = _select_id(order_id).where(in_partition, _contains_words(POSTGRESQL_INDEX.c.words, query))
    rows = _page_of_ids(matching, order_id, is_first, descending, limit).lateral("partition_rows")
    # The nested loop keeps the partitions' sequence. An ORDER BY here would read all of them before the first row.
    return select(rows.c.key, rows.c.id).select_from(partitions.join(rows, true())).limit(limit)


def _select_id(order_id: Any) -> Rows:
    return select(order_id.label("key"), order_id.label("id"))


def _page_of_ids(rows: Rows, order_id: Any, is_first: bool, descending: bool, limit: ColumnElement[int]) -> Rows:
    if not is_first:
        after: BindParameter[int] = bindparam(AFTER_ID, type_=BigInteger)
        rows = rows.where(order_id < after if descending else order_id > after)
    return rows.order_by(order_id.desc() if descending else order_id).limit(limit)


def _contains_words(text: Any, query: TextQuery) -> ColumnElement[bool]:
    spellings = [
        [planned_once(bindparam(_name(word, spelling), type_=String)) for spelling in range(count)]
        for word, count in enumerate(query.spelling_counts)
    ]
    return contains_patterns(text, spellings)


def _name(word: int, spelling: int) -> str:
    return f"word_{word}_{spelling}"


def _fts5_expression(words: Words) -> str:
    """The words in FTS5's syntax, without those too short for it: https://sqlite.org/fts5.html#fts5_strings."""
    each = (
        " OR ".join(f'"{spelling.replace(QUOTE, QUOTE * 2)}"' for spelling in spellings)
        for spellings in words
        if _is_long_enough(spellings)
    )
    return " AND ".join(f"({spellings})" for spellings in each)


def _is_long_enough(spellings: tuple[str, ...]) -> bool:
    return all(len(spelling) >= TRIGRAM_LENGTH for spelling in spellings)


def _is_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"
