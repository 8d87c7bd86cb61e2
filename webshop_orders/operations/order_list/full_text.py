"""Orders by what one knows of them: by the beginning of a number or code, or by words that stand anywhere in them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
    union_all,
)

from webshop_orders.db.extensions import db
from webshop_orders.models import Order, TrackingCode
from webshop_orders.text.folding import fold

PHONE = re.compile(r"[0-9 ()+/-]+")
SHORTEST_PHONE = 5
# Both databases look words up by three letters or digits that follow each other.
LETTERS = 3
QUOTE = '"'
INDEXED = re.compile(r"[^\W_]{3}")
KEY = re.compile(r"[0-9@]")
MOST_BY_KEY = 200
AFTER_ALL = "\U0010ffff"
# What search looks through, as the migration 0005 makes it: on SQLite an index of trigrams, on PostgreSQL a table whose
# index has the orders in shares of 2 ** 16.
IN_TRIGRAMS = table("order_search", column("rowid"))
IN_SHARES = table("order_search", column("order_id"), column("words"))
SHARE = 16
# Written out, since an index goes by its very expression.
SHARE_OF_ROW: ColumnElement[int] = literal_column("(order_search.order_id >> 16)", BigInteger)
NEWEST_SHARE: ColumnElement[int] = literal_column("(select coalesce(max(id), 0) >> 16 from orders)", BigInteger)

OrderIds = Select[*tuple[Any, ...]]


def by_key(words: str, prefix: str) -> list[int]:
    """The orders whose number, reference, tracking code, e-mail or phone begins so; none where those are too many.

    A number may be typed without the `prefix` that the shop's numbers begin with, a phone number however spaced.
    """
    if len(words) < LETTERS or not KEY.search(words):
        return []
    ids = sorted(set(db.session.scalars(keys_that_begin(words, prefix))))
    return ids if len(ids) <= MOST_BY_KEY else []


def keys_that_begin(words: str, prefix: str) -> CompoundSelect[int]:
    """What looks orders up by the beginning of a key, each kind of it along its index."""
    typed, digits = {words, words.upper(), words.lower()}, _digits(words)
    beginnings = [
        *((Order.id, Order.number, beginning) for beginning in typed | {f"{prefix}{words}"}),
        *((Order.id, Order.external_reference, beginning) for beginning in typed),
        *((TrackingCode.order_id, TrackingCode.code, beginning) for beginning in typed),
        *([(Order.id, Order.email_key, words.casefold())] if "@" in words else []),
        *([(Order.id, Order.phone_key, re.sub("^46", "0", digits))] if digits else []),
    ]
    return union_all(*(_beginning(*beginning) for beginning in sorted(beginnings, key=str)))


def matches(words: str) -> ColumnElement[bool]:
    """Every word has to be found; a phone number is one word, however it is spaced."""
    return _stand_in(Order.search_text, _ways_to_read(words))


def is_led(words: str) -> bool:
    """Whether `along` looks all words up; where it does not, orders are to be asked for them."""
    ways = _ways_to_read(words)
    is_left = _on_sqlite() and any(len(word) < LETTERS for way in ways for word in way)
    return _can_be_looked_up(ways) and not is_left


def along(words: str, after: int | None, *, descending: bool, most: int) -> OrderIds:
    """The orders that words lead to, in the sequence in which they came in, by `id`, which is their `key`.

    They begin after a given one, where it is given. Words too short to be looked up lead to all orders.
    """
    ways = _ways_to_read(words)
    if not _can_be_looked_up(ways):
        return _in_sequence(_select(Order.id), Order.id, after, descending, most)
    if _on_sqlite():
        row = IN_TRIGRAMS.c.rowid
        found = _select(row).where(literal_column("order_search").op("MATCH")(_in_words_of_fts(ways)))
        return _in_sequence(found, row, after, descending, most)
    return _along_shares(ways, after, descending, most)


def _along_shares(ways: list[list[str]], after: int | None, descending: bool, most: int) -> OrderIds:
    """PostgreSQL's trigrams find but do not sort: so one share is looked through after the other until it is enough."""
    row, oldest_share = IN_SHARES.c.order_id, literal(0, BigInteger)
    begins, ends = (NEWEST_SHARE, oldest_share) if descending else (oldest_share, NEWEST_SHARE)
    if after is not None:
        begins = literal(after >> SHARE, BigInteger)
    numbers = func.generate_series(begins, ends, literal(-1 if descending else 1, BigInteger))
    shares = numbers.table_valued("share", name="shares").render_derived()
    in_share = _select(row).where(shares.c.share == SHARE_OF_ROW, _stand_in(IN_SHARES.c.words, ways))
    found = _in_sequence(in_share, row, after, descending, most).lateral("found")
    # The loop over the shares keeps their sequence; to sort what it gives, all of them would be looked through.
    return select(found.c.key, found.c.id).select_from(shares.join(found, true())).limit(most)


def _select(row: Any) -> OrderIds:
    return select(row.label("key"), row.label("id"))


def _in_sequence(chosen: OrderIds, row: Any, after: int | None, descending: bool, most: int) -> OrderIds:
    if after is not None:
        chosen = chosen.where(row < after if descending else row > after)
    return chosen.order_by(row.desc() if descending else row).limit(most)


def _can_be_looked_up(ways: list[list[str]]) -> bool:
    return any(INDEXED.search(word) for way in ways for word in way)


def _ways_to_read(words: str) -> list[list[str]]:
    """Lists of words, of one of which all have to be found."""
    if digits := _digits(words):
        ways = {fold(words), digits, re.sub("^46", "0", digits)}  # a number may be kept as dialled within Sweden
        return [[way] for way in sorted(ways)]
    return [fold(words).split()]


def _digits(words: str) -> str:
    """The digits of what may be a phone number, or of its beginning, as dialled from within or without Sweden."""
    digits = re.sub(r"\D", "", words).removeprefix("00")
    return digits if PHONE.fullmatch(words) and len(digits) >= SHORTEST_PHONE else ""


def _stand_in(text: Any, ways: list[list[str]]) -> ColumnElement[bool]:
    return or_(*(and_(*(text.contains(word, autoescape=True) for word in way)) for way in ways))


def _in_words_of_fts(ways: list[list[str]]) -> str:
    """Ways to read as FTS5 is asked, but for words too short for it: https://sqlite.org/fts5.html#fts5_strings."""
    quoted = ([f'"{word.replace(QUOTE, QUOTE * 2)}"' for word in way if len(word) >= LETTERS] for way in ways)
    return " OR ".join(f"({' AND '.join(words)})" for words in quoted)


def _beginning(found: Any, text: Any, beginning: str) -> Any:
    """Some of the rows whose text begins so; sorted by it, or a database could rather read the table through."""
    begins = (text >= beginning, text < beginning + AFTER_ALL)
    return select(found).where(*begins).order_by(text).limit(MOST_BY_KEY + 1).subquery().select()


def _on_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"
