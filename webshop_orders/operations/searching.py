"""Orders by what one knows of them: by the beginning of a number or code, or by words that stand anywhere in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
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
    union,
)

from webshop_orders.columns import fold
from webshop_orders.extensions import db
from webshop_orders.models import Order, TrackingCode

PHONE = re.compile(r"[0-9 ()+/-]+")
SHORTEST_PHONE = 5
# Both databases look words up by three letters or digits that follow each other.
LETTERS = 3
QUOTE = '"'
INDEXED = re.compile(r"[^\W_]{3}")
KEY = re.compile(r"[0-9@]")
MOST_BY_KEY = 200
AFTER_ALL = "\U0010ffff"
# Where words are too short to be looked up, as many of the newest orders are read through.
READ_THROUGH = 10_000
# What search looks through, as the migration 0005 makes it: on SQLite an index of trigrams, on PostgreSQL a table whose
# index has the orders in shares of 2 ** 16.
IN_TRIGRAMS = table("order_search", column("rowid"))
IN_SHARES = table("order_search", column("order_id"), column("words"))
SHARE = 16
# Written out, since an index goes by its very expression.
SHARE_OF_ROW: ColumnElement[int] = literal_column("(order_search.order_id >> 16)", BigInteger)
NEWEST_SHARE: ColumnElement[int] = literal_column("(select coalesce(max(id), 0) >> 16 from orders)", BigInteger)

Picked = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Search:
    """Words to find, what else is asked of the orders, and where to go on: `after` is the id of the last one seen."""

    words: str
    conditions: list[ColumnElement[bool]]
    after: int | None
    descending: bool
    most: int

    @property
    def ways(self) -> list[list[str]]:
        return _ways_to_read(self.words)


def by_key(words: str, prefix: str) -> list[int]:
    """The orders whose number, reference, tracking code, e-mail or phone begins so; none where those are too many.

    A number may be typed without the `prefix` that the shop's numbers begin with, a phone number however spaced.
    """
    if len(words) < LETTERS or not KEY.search(words):
        return []
    typed, digits = {words, words.upper(), words.lower()}, _digits(words)
    found = union(
        _first(Order.id, Order.number, typed | {f"{prefix}{words}"}),
        _first(Order.id, Order.external_reference, typed),
        _first(TrackingCode.order_id, TrackingCode.code, typed),
        *([_first(Order.id, Order.email_key, {words.casefold()})] if "@" in words else []),
        *([_first(Order.id, Order.phone_key, {re.sub("^46", "0", digits)})] if digits else []),
    )
    ids = list(db.session.scalars(found))
    return ids if len(ids) <= MOST_BY_KEY else []


def matches(words: str) -> ColumnElement[bool]:
    """Every word has to be found; a phone number is one word, however it is spaced."""
    return _stand_in(Order.search_text, _ways_to_read(words))


def pick(search: Search) -> Picked:
    """The first orders that a search finds, in the sequence in which they came in, by `id`, which is their `key`."""
    if not any(INDEXED.search(word) for way in search.ways for word in way):
        return _pick_by_reading(search)
    if db.session.get_bind().dialect.name == "sqlite":
        return _pick_by_trigrams(search)
    return _pick_from_shares(search)


def _pick_by_reading(search: Search) -> Picked:
    newest = select(func.max(Order.id)).scalar_subquery()
    chosen = _select(Order.id).where(Order.id > newest - READ_THROUGH, matches(search.words), *search.conditions)
    return _ordered(chosen, Order.id, search)


def _pick_by_trigrams(search: Search) -> Picked:
    """SQLite's FTS5 reads what it finds in the sequence of the ids."""
    row = IN_TRIGRAMS.c.rowid
    chosen = _select(row).where(literal_column("order_search").op("MATCH")(_in_words_of_fts(search.ways)))
    has_shorter = any(len(word) < LETTERS for way in search.ways for word in way)
    if search.conditions or has_shorter:
        chosen = chosen.join(Order, Order.id == row).where(matches(search.words), *search.conditions)
    return _ordered(chosen, row, search)


def _pick_from_shares(search: Search) -> Picked:
    """PostgreSQL's trigrams find but do not sort: so one share is looked through after the other until it is enough."""
    row, oldest_share = IN_SHARES.c.order_id, literal(0, BigInteger)
    begins, ends = (NEWEST_SHARE, oldest_share) if search.descending else (oldest_share, NEWEST_SHARE)
    if search.after is not None:
        begins = literal(search.after >> SHARE, BigInteger)
    numbers = func.generate_series(begins, ends, literal(-1 if search.descending else 1, BigInteger))
    shares = numbers.table_valued("share", name="shares").render_derived()
    chosen = _select(row).where(shares.c.share == SHARE_OF_ROW, _stand_in(IN_SHARES.c.words, search.ways))
    if search.conditions:
        chosen = chosen.join(Order, Order.id == row).where(*search.conditions)
    found = _ordered(chosen, row, search).lateral("found")
    # The loop over the shares keeps their sequence; to sort what it gives, all of them would be looked through.
    return select(found.c.key, found.c.id).select_from(shares.join(found, true())).limit(search.most)


def _select(row: Any) -> Picked:
    return select(row.label("key"), row.label("id"))


def _ordered(chosen: Picked, row: Any, search: Search) -> Picked:
    if search.after is not None:
        chosen = chosen.where(row < search.after if search.descending else row > search.after)
    return chosen.order_by(row.desc() if search.descending else row).limit(search.most)


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


def _first(found: Any, text: Any, beginnings: set[str]) -> Any:
    """Some of the rows whose text begins so, as ranges of its index."""
    begins = or_(*(and_(text >= beginning, text < beginning + AFTER_ALL) for beginning in sorted(beginnings)))
    return select(found).where(begins).limit(MOST_BY_KEY + 1).subquery().select()
