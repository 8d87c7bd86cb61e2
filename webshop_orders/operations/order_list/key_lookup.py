"""Orders by a key or its beginning: a number (ours or the shop's), reference, tracking code, e-mail or phone number.

The reference of a shipment, as on its slip, is a key of its order too.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Integer, String, bindparam, literal_column, select, union_all

from webshop_orders import shop_settings
from webshop_orders.barcodes import scanned_codes
from webshop_orders.db.extensions import db
from webshop_orders.db.parameters import planned_once
from webshop_orders.models import Order, Shipment, TrackingCode
from webshop_orders.text import phone_search, search

# Without a digit or an @, words are hardly a key.
KEY = re.compile(r"[0-9@]")
# Keys that begin with fewer characters are too many; a key that is typed in full may be as short.
MIN_PREFIX_LENGTH = 3
MAX_ORDERS = 200
MAX_CHARACTER = "\U0010ffff"
MAX_STATEMENTS = 100
# The reference of a shipment: its order's number, and which shipment of the order it is.
SHIPMENT_REFERENCE = re.compile(r"(.*[0-9].*)-([1-9][0-9]{0,2})")


class KeyKind(StrEnum):
    """What an order was found by; the one that says most comes first."""

    NUMBER = "number"
    SHIPMENT = "shipment"
    SHOP_NUMBER = "shop_number"
    REFERENCE = "reference"
    TRACKING_CODE = "tracking_code"
    EMAIL = "email"
    PHONE = "phone"


KINDS = list(KeyKind)
# Kinds of keys that name one order, as a rule.
UNIQUE_KINDS = {KeyKind.NUMBER, KeyKind.SHIPMENT, KeyKind.SHOP_NUMBER, KeyKind.REFERENCE, KeyKind.TRACKING_CODE}


ORDERS, CODES = Order.__table__.c, TrackingCode.__table__.c
# The columns with the ids of orders and with their keys.
COLUMNS: dict[KeyKind, tuple[Any, Any]] = {
    KeyKind.NUMBER: (ORDERS.id, ORDERS.number),
    KeyKind.SHIPMENT: (ORDERS.id, ORDERS.number),
    KeyKind.SHOP_NUMBER: (ORDERS.id, ORDERS.shop_number),
    KeyKind.REFERENCE: (ORDERS.id, ORDERS.external_reference),
    KeyKind.TRACKING_CODE: (CODES.order_id, CODES.code),
    KeyKind.EMAIL: (ORDERS.id, ORDERS.email_key),
    KeyKind.PHONE: (ORDERS.id, ORDERS.phone_key),
}


@dataclass(frozen=True)
class KeyMatches:
    """Orders with a key that begins with the typed words, by id, with the kind of their key.

    `exact` are the orders that have the words as a whole key, those first that need no prefix added, which are `typed`.
    `order_ids` are all of them, or none where there are more than `MAX_ORDERS`.
    """

    kinds: dict[int, KeyKind] = field(default_factory=dict)
    exact: tuple[int, ...] = ()
    typed: tuple[int, ...] = ()
    order_ids: tuple[int, ...] = ()


class ExactMatch(NamedTuple):
    """The number of an order that has just what was typed as a key, and its shipment that the key names, if it does."""

    number: str
    seq: int | None


class Lookup(NamedTuple):
    """The beginning of a key to look for; `is_typed` if it is just what was typed, but for its case or #.

    `seq` is that of a shipment, whose order has the number `prefix`.
    """

    kind: KeyKind
    prefix: str
    is_typed: bool = True
    seq: int | None = None


class Rank(NamedTuple):
    """How well an order matches: the lower, the better. `kind` is the place in `KINDS`."""

    is_beginning: bool
    is_completed: bool
    kind: int


def find(words: str) -> KeyMatches:
    """The orders that have a key that begins with the words, or, where they are very short, is the same.

    An order number may be typed without the shop's prefix or its hyphen, a shop's number with or without #, a phone
    number however spaced.
    """
    if not KEY.search(words):
        return KeyMatches()
    lookups = _lookups(words, shop_settings.current().number_prefix)
    rows = db.session.execute(*_query(words, lookups)).all()
    whole_keys = {(lookup.kind, lookup.prefix): lookup.is_typed for lookup in lookups if lookup.kind in UNIQUE_KINDS}
    matched: dict[int, Rank] = {}
    for place, order_id, key in rows:
        kind = lookups[place].kind
        rank = Rank((kind, key) not in whole_keys, not whole_keys.get((kind, key)), KINDS.index(kind))
        matched[order_id] = min(matched.get(order_id, rank), rank)
    in_sequence = sorted(matched, key=lambda order_id: (matched[order_id], order_id))
    return KeyMatches(
        kinds={order_id: KINDS[rank.kind] for order_id, rank in matched.items()},
        exact=tuple(order_id for order_id in in_sequence if not matched[order_id].is_beginning),
        typed=tuple(order_id for order_id in in_sequence if not matched[order_id].is_completed),
        order_ids=tuple(sorted(matched)) if _has_prefixes(words) and len(matched) <= MAX_ORDERS else (),
    )


def find_orders(words: str) -> tuple[int, ...]:
    """The ids of orders with a key that begins with the words; empty if there are more than `MAX_ORDERS`."""
    return find(words).order_ids if _has_prefixes(words) else ()


def number_of_only_match(words: str) -> str | None:
    """The number of the order whose number, reference or tracking code is just what was typed, if it is only one."""
    exact = exact_matches(words)
    return exact[0].number if len(exact) == 1 else None


def exact_matches(words: str) -> list[ExactMatch]:
    """The orders whose number, reference, tracking code or shipment's reference is just what was typed or scanned."""
    matches = find(words)
    if not matches.exact:
        return []
    spellings = _spellings(words)
    of_code = select(Shipment.seq).join(Shipment.tracking_codes)
    of_code = of_code.where(Shipment.order_id == Order.id, TrackingCode.code.in_(spellings)).limit(1)
    rows = db.session.execute(
        select(Order.id, Order.number, of_code.scalar_subquery()).where(Order.id.in_(matches.exact))
    )
    seqs = [int(match[2]) for spelling in spellings if (match := SHIPMENT_REFERENCE.fullmatch(spelling))]
    return [
        ExactMatch(number, seqs[0] if matches.kinds[order_id] is KeyKind.SHIPMENT else seq_of_code)
        for order_id, number, seq_of_code in rows
    ]


def query(words: str, number_prefix: str) -> tuple[CompoundSelect[Any], dict[str, Any]]:
    """The statement and its parameters: each kind of key is read from its own index."""
    return _query(words, _lookups(words, number_prefix))


def _query(words: str, lookups: list[Lookup]) -> tuple[CompoundSelect[Any], dict[str, Any]]:
    values: dict[str, Any] = {}
    for place, lookup in enumerate(lookups):
        values |= {f"first_{place}": lookup.prefix, f"end_{place}": lookup.prefix + MAX_CHARACTER}
        if lookup.seq is not None:
            values[f"seq_{place}"] = lookup.seq
    return _statement(tuple(lookup.kind for lookup in lookups), _has_prefixes(words), MAX_ORDERS + 1), values


@lru_cache(MAX_STATEMENTS)
def _statement(kinds: tuple[KeyKind, ...], has_prefixes: bool, limit: int) -> CompoundSelect[Any]:
    """For each lookup, by its place among them, the order id and key of up to `limit` matches."""
    select_rows = dict.fromkeys(KINDS, _rows_with_prefix if has_prefixes else _rows_with_key)
    select_rows[KeyKind.SHIPMENT] = _orders_with_shipment
    rows = (select_rows[kind](place, *COLUMNS[kind]) for place, kind in enumerate(kinds))
    return union_all(*(each.limit(literal_column(str(limit), Integer)).subquery().select() for each in rows))


def _lookups(words: str, number_prefix: str) -> list[Lookup]:
    """In a fixed sequence, so that the statement can be prepared."""
    spellings, compact = _spellings(words), "".join(words.split())
    shop_numbers = sorted(
        {form for word in spellings for form in (word.removeprefix("#"), f"#{word.removeprefix('#')}")}
    )
    numbers = [(word, True) for word in spellings]
    numbers += [(number, False) for number in _completed(compact, number_prefix) if number not in spellings]
    references = [(SHIPMENT_REFERENCE.fullmatch(number), is_typed) for number, is_typed in numbers]
    phone = phone_search.key(words) if search.is_phone(words) else ""
    return [
        *(Lookup(KeyKind.NUMBER, prefix, is_typed) for prefix, is_typed in numbers),
        *(Lookup(KeyKind.SHIPMENT, match[1], is_typed, int(match[2])) for match, is_typed in references if match),
        *(Lookup(KeyKind.SHOP_NUMBER, prefix) for prefix in shop_numbers),
        *(Lookup(KeyKind.REFERENCE, prefix) for prefix in spellings),
        *(Lookup(KeyKind.TRACKING_CODE, prefix) for prefix in spellings),
        *([Lookup(KeyKind.EMAIL, words.casefold())] if "@" in words else []),
        *([Lookup(KeyKind.PHONE, phone)] if phone else []),
    ]


def _spellings(words: str) -> list[str]:
    """What was typed in other cases and without blanks, and what a scanner means by it."""
    compact = "".join(words.split())
    return sorted({words, words.upper(), words.lower(), compact, compact.upper(), *scanned_codes.meanings(words)})


def _completed(compact: str, number_prefix: str) -> list[str]:
    """The order number that is meant by its digits alone, or by its letters and digits without what is between."""
    letters = re.sub(r"[\W_]", "", number_prefix)
    digits = compact[len(letters) :] if letters and compact.casefold().startswith(letters.casefold()) else compact
    return [f"{number_prefix}{digits.lstrip('-')}"]


def _has_prefixes(words: str) -> bool:
    return len(words) >= MIN_PREFIX_LENGTH


def _rows_with_prefix(place: int, order_id: Any, key: Any) -> Any:
    """The first rows with a prefix. Sorted, since a database could otherwise prefer to scan the table."""
    has_prefix = (key >= _parameter("first", place), key < _parameter("end", place))
    return _select(place, order_id, key).where(*has_prefix).order_by(key)


def _rows_with_key(place: int, order_id: Any, key: Any) -> Any:
    return _select(place, order_id, key).where(key == _parameter("first", place))


def _orders_with_shipment(place: int, order_id: Any, key: Any) -> Any:
    """An order that has or had a shipment with this reference, which may have been joined with another one since."""
    has_had_it = ORDERS.last_seq >= planned_once(bindparam(f"seq_{place}", type_=Integer))
    return _rows_with_key(place, order_id, key).where(has_had_it)


def _select(place: int, order_id: Any, key: Any) -> Any:
    return select(literal_column(str(place), Integer).label("place"), order_id.label("id"), key.label("key"))


def _parameter(name: str, place: int) -> Any:
    return planned_once(bindparam(f"{name}_{place}", type_=String))
