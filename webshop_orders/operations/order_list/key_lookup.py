"""Orders by the beginning of a key: a number (ours or the shop's), reference, tracking code, e-mail or phone number."""

import re
from typing import Any

from sqlalchemy import CompoundSelect, select, union_all

from webshop_orders.db.extensions import db
from webshop_orders.models import Order, TrackingCode
from webshop_orders.text import phone_search, search

# Without a digit or an @, words are hardly a key.
KEY = re.compile(r"[0-9@]")
MIN_KEY_LENGTH = 3
MAX_ORDERS = 200
MAX_CHARACTER = "\U0010ffff"


def find_orders(words: str, number_prefix: str) -> tuple[int, ...]:
    """The ids of orders with a key that begins with the words; empty if there are more than `MAX_ORDERS`.

    An order number may be typed without `number_prefix`, a shop's number with or without #, a phone number however
    spaced.
    """
    if len(words) < MIN_KEY_LENGTH or not KEY.search(words):
        return ()
    order_ids = set(db.session.scalars(statement(words, number_prefix)))
    return tuple(sorted(order_ids)) if len(order_ids) <= MAX_ORDERS else ()


def statement(words: str, number_prefix: str) -> CompoundSelect[int]:
    """The ids of those orders, each kind of key read from its own index."""
    spellings, phone = {words, words.upper(), words.lower()}, phone_search.key(words) if search.is_phone(words) else ""
    shop_numbers = {form for word in spellings for form in (word.removeprefix("#"), f"#{word.removeprefix('#')}")}
    lookups = [
        *((Order.id, Order.number, prefix) for prefix in spellings | {f"{number_prefix}{words}"}),
        *((Order.id, Order.shop_number, prefix) for prefix in shop_numbers),
        *((Order.id, Order.external_reference, prefix) for prefix in spellings),
        *((TrackingCode.order_id, TrackingCode.code, prefix) for prefix in spellings),
        *([(Order.id, Order.email_key, words.casefold())] if "@" in words else []),
        *([(Order.id, Order.phone_key, phone)] if phone else []),
    ]
    return union_all(*(_rows_with_prefix(*lookup) for lookup in sorted(lookups, key=str)))


def _rows_with_prefix(order_id: Any, key: Any, prefix: str) -> Any:
    """The first rows with a prefix. Sorted, since a database could otherwise prefer to scan the table."""
    has_prefix = (key >= prefix, key < prefix + MAX_CHARACTER)
    return select(order_id).where(*has_prefix).order_by(key).limit(MAX_ORDERS + 1).subquery().select()
