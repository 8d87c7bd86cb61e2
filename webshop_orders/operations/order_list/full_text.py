"""Orders that have words anywhere in their text: how words are read, the predicate, and the rows of the text index.

The index is the table `order_search` of migration 0005: on SQLite an FTS5 index of trigrams, on PostgreSQL a table
with a GIN index of trigrams, which has the orders in partitions of three widths (migration 0016).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
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
    literal_column,
    select,
    table,
    true,
    union_all,
)

from webshop_orders.db import word_index
from webshop_orders.db.extensions import db
from webshop_orders.db.text_search import contains_patterns
from webshop_orders.models import Order
from webshop_orders.text.search import Words

ORDERS = Order.__table__.c
SQLITE_INDEX = table("order_search", column("rowid"))
POSTGRESQL_INDEX = table("order_search", column("order_id"), column("words"))
# A partition has 2 ** bits ids. For words that many orders have, few rows of a narrow one have to be sorted; for words
# that hardly any order has, few wide ones have to be searched.
PARTITION_BITS = (12, 15, 18)
OLDEST_ID: ColumnElement[int] = literal_column("0", BigInteger)
NEWEST_ID = select(func.coalesce(func.max(ORDERS.id), OLDEST_ID)).scalar_subquery()
AFTER_ID = "after_id"

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
    uses_index = word_index.has_trigram(words)
    return TextQuery(
        spelling_counts=tuple(map(len, words)),
        uses_index=uses_index,
        is_exact=uses_index and (not on_sqlite or all(map(word_index.is_long_enough, words))),
        on_sqlite=on_sqlite,
    )


def parameters(words: Words) -> dict[str, Any]:
    """The values of words in statements of their `TextQuery`."""
    return word_index.parameters(words)


def position_parameters(order_id: int) -> dict[str, int]:
    """The values of a position in the sequence in which orders came in."""
    return {AFTER_ID: order_id}


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
        row_id, expression = SQLITE_INDEX.c.rowid, bindparam(word_index.FTS5_EXPRESSION, type_=String)
        matching = _select_id(row_id).where(literal_column("order_search").op("MATCH")(expression))
        return _page_of_ids(matching, row_id, is_first, descending, limit)
    return _rows_by_partition(query, is_first, descending, limit)


def _rows_by_partition(query: TextQuery, is_first: bool, descending: bool, limit: ColumnElement[int]) -> Rows:
    """Read partition after partition until there are enough rows, since a GIN index finds rows but does not sort."""
    first_id = NEWEST_ID if descending else OLDEST_ID
    start = select((first_id if is_first else bindparam(AFTER_ID, type_=BigInteger)).label("id")).cte("start")
    order_id, has_words = POSTGRESQL_INDEX.c.order_id, _contains_words(POSTGRESQL_INDEX.c.words, query)
    rows_by_width = []
    for bits, series in _partition_numbers(select(start.c.id).scalar_subquery(), descending):
        partitions = series.table_valued("number").render_derived(f"partitions_{bits}")
        # Written out, since PostgreSQL uses an index on an expression only for exactly this expression.
        # nosemgrep: string-built-sql - it takes no parameter, and this is a constant
        partition = literal_column(f"(order_search.order_id >> {bits})", BigInteger)
        matching = _select_id(order_id).where(partition == partitions.c.number, has_words)
        rows = _page_of_ids(matching, order_id, is_first, descending, limit).lateral(f"rows_{bits}")
        # The nested loop keeps the partitions' sequence. An ORDER BY here would read all of them before the first row.
        rows_by_width.append(select(rows.c.key, rows.c.id).select_from(partitions.join(rows, true())).limit(limit))
    found = union_all(*rows_by_width).subquery("partition_rows")
    return select(found.c.key, found.c.id).limit(limit)


def _partition_numbers(start_id: Any, descending: bool) -> Iterator[tuple[int, Any]]:
    """For each width, the partitions that lie between the orders read before and the next wider partition."""
    step = _integer(-1 if descending else 1)
    first_id = start_id
    for bits, wider_bits in zip_longest(PARTITION_BITS, PARTITION_BITS[1:]):
        if wider_bits is None:
            last_id = OLDEST_ID if descending else NEWEST_ID
        elif descending:
            last_id = start_id.bitwise_and(_integer(-(1 << wider_bits)))
        else:
            last_id = start_id.bitwise_or(_integer((1 << wider_bits) - 1))
        first, last = (order_id.bitwise_rshift(_integer(bits)) for order_id in (first_id, last_id))
        yield bits, func.generate_series(first, last, step)
        first_id = last_id + step


def _integer(number: int) -> ColumnElement[int]:
    # nosemgrep: string-built-sql - a constant, so that PostgreSQL knows it when it plans
    return literal_column(f"({number})", BigInteger)


def _select_id(order_id: Any) -> Rows:
    return select(order_id.label("key"), order_id.label("id"))


def _page_of_ids(rows: Rows, order_id: Any, is_first: bool, descending: bool, limit: ColumnElement[int]) -> Rows:
    if not is_first:
        after: BindParameter[int] = bindparam(AFTER_ID, type_=BigInteger)
        rows = rows.where(order_id < after if descending else order_id > after)
    return rows.order_by(order_id.desc() if descending else order_id).limit(limit)


def _contains_words(text: Any, query: TextQuery) -> ColumnElement[bool]:
    return contains_patterns(text, word_index.patterns(query.spelling_counts))


def _is_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"
