"""Files of orders that other shops export, read into our order documents."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.json_lines import legible
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.errors import MalformedInput, RuleViolation
from webshop_orders.validation.json_text import load_all

Adapter = type[WooCommerce] | type[Shopify]
ADAPTERS: dict[str, Adapter] = {"woocommerce": WooCommerce, "shopify": Shopify}
LARGEST = 200 * 1024 * 1024


class Format(StrEnum):
    AUTO = "auto"
    JSON_LINES = "jsonl"
    WOOCOMMERCE = "woocommerce"
    SHOPIFY = "shopify"


def recognise(path: Path, asked: Format) -> Format:
    """The format of a file: as asked for, or by what it holds."""
    if asked is not Format.AUTO:
        return asked
    if path.suffix.lower() == ".csv":
        return Format.SHOPIFY
    try:
        value = load_all(_text_of(path))
    except MalformedInput:  # JSON lines are no JSON as a whole
        return Format.JSON_LINES
    first = next(iter(Shopify.orders(value)), None)
    named = (Format(name) for name, adapter in ADAPTERS.items() if adapter.recognises(first))
    return next(named, Format.JSON_LINES)


def documents(path: Path, kind: Format) -> list[Callable[[], dict[str, Any]]]:
    """The orders of a file of another shop's, each made into our document when called; raises Refused."""
    text = _text_of(path)
    if kind is Format.SHOPIFY and not text.lstrip().startswith(("{", "[")):
        return Shopify.from_csv(text)
    adapter = ADAPTERS[kind.value]
    found = adapter.orders(load_all(text))
    if not found:
        raise RuleViolation(_("%(path)s holds no orders.", path=path))
    return [partial(_document, adapter, order) for order in found]


def _document(adapter: Adapter, order: dict[str, Any]) -> dict[str, Any]:
    """Our document of an order that is one; raises Refused for what was never placed, or was taken back."""
    if not adapter.is_placed(order):
        raise RuleViolation(_("%(reference)s is not placed yet.", reference=adapter.reference(order)))
    if adapter.is_cancelled(order):
        raise RuleViolation(_("%(reference)s was cancelled in the shop.", reference=adapter.reference(order)))
    return adapter.document(order)


def _text_of(path: Path) -> str:
    with legible(path):
        if path.stat().st_size > LARGEST:
            raise RuleViolation(_("%(path)s is too large: split it into files of at most 200 MB.", path=path))
        return path.read_text(encoding="utf-8-sig")
