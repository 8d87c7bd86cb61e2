"""Cursors of the list's keyset pagination: the sort key and id of an order, as text in an address."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

TIME_FORMAT = "%Y%m%dT%H%M%S.%f"
MAX_INTEGER = 2**62

# What a list is sorted by: amounts and ids, times, or collation keys.
KeyType = type[int] | type[datetime] | type[str]


class Position(NamedTuple):
    """An order's place in a sorted list; `key` is of the list's `KeyType`."""

    key: Any
    order_id: int


def encode(position: Position) -> str:
    key = f"{position.key:{TIME_FORMAT}}" if isinstance(position.key, datetime) else position.key
    return f"{key}~{position.order_id}"


def decode(cursor: str | None, key_type: KeyType) -> Position | None:
    """The position of a cursor; None for one that `encode` did not write for a list with such keys."""
    if not cursor:
        return None
    key, _tilde, order_id = cursor.rpartition("~")
    try:
        return Position(_decode_key(key, key_type), _decode_integer(order_id))
    except ValueError:
        return None


def _decode_key(text: str, key_type: KeyType) -> Any:
    if key_type is int:
        return _decode_integer(text)
    if key_type is datetime:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)
    return text


def _decode_integer(text: str) -> int:
    number = int(text)
    if abs(number) >= MAX_INTEGER:
        raise ValueError(text)
    return number
