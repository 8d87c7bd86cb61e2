"""The `meta_data` of WooCommerce's orders and items: what plugins keep there, as names and values."""

from __future__ import annotations

import json
import re
from typing import Any

from webshop_orders.connectors import parsing

TAG = re.compile(r"<[^<>]{1,500}>")
PHP_SERIALIZED = re.compile(r"[aOs]:\d+:")
MAX_JSON_LENGTH = 20_000


def values(item: dict[str, Any]) -> dict[str, Any]:
    """The values of an order's or item's meta data by key, the last one of each; JSON texts as their values."""
    entries = parsing.items(item, "meta_data")
    return {key: parsed(entry.get("value")) for entry in entries if isinstance(key := entry.get("key"), str)}


def parsed(value: Any) -> Any:
    """The object or list that a text is the JSON of; any other value as it is."""
    if not isinstance(value, str) or not value.startswith(("{", "[")) or len(value) > MAX_JSON_LENGTH:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def plain(value: Any) -> Any:
    """A text without HTML tags; any other value as it is, and none for what PHP serialized."""
    if not isinstance(value, str):
        return value
    return None if PHP_SERIALIZED.match(value) else TAG.sub("", value).strip()


def first(values: dict[str, Any], keys: tuple[str, ...], *, max_length: int = 200) -> str | None:
    """The text of the first of these keys that has one."""
    return next((found for key in keys if (found := parsing.text(values, key, max_length=max_length))), None)
