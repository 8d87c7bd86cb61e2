"""Files of orders that other shops export, converted to our order documents."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import shopify_csv
from webshop_orders.connectors.json_lines import readable
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.errors import MalformedInput, RuleViolation
from webshop_orders.validation.json_text import load_all

Adapter = type[WooCommerce] | type[Shopify]
ADAPTERS: dict[str, Adapter] = {"woocommerce": WooCommerce, "shopify": Shopify}
MAX_FILE_BYTES = 200 * 1024 * 1024


class Format(StrEnum):
    AUTO = "auto"
    JSON_LINES = "jsonl"
    WOOCOMMERCE = "woocommerce"
    SHOPIFY = "shopify"


def recognise(path: Path, requested: Format) -> Format:
    """The format of a file: the requested one, or for AUTO the one of its content."""
    if requested is not Format.AUTO:
        return requested
    if path.suffix.lower() == ".csv":
        return Format.SHOPIFY
    try:
        value = load_all(_read_text(path))
    except MalformedInput:  # JSON lines are not JSON as a whole
        return Format.JSON_LINES
    first = next(iter(Shopify.orders(value)), None)
    formats = (Format(name) for name, adapter in ADAPTERS.items() if adapter.recognises(first))
    return next(formats, Format.JSON_LINES)


def documents(path: Path, kind: Format) -> list[Callable[[], dict[str, Any]]]:
    """The orders in another shop's file, as functions that convert one each; raises RuleViolation."""
    text = _read_text(path)
    if kind is Format.SHOPIFY and not text.lstrip().startswith(("{", "[")):
        return shopify_csv.documents(text)
    adapter = ADAPTERS[kind.value]
    orders = adapter.orders(load_all(text))
    if not orders:
        raise RuleViolation(_("%(path)s holds no orders.", path=path))
    return [partial(_document, adapter, order) for order in orders]


def _document(adapter: Adapter, order: dict[str, Any]) -> dict[str, Any]:
    """Our document of an order; raises RuleViolation if it was never placed, or was cancelled."""
    if not adapter.is_placed(order):
        raise RuleViolation(_("%(reference)s is not placed yet.", reference=adapter.reference(order)))
    if adapter.is_cancelled(order):
        raise RuleViolation(_("%(reference)s was cancelled in the shop.", reference=adapter.reference(order)))
    return adapter.document(order)


def _read_text(path: Path) -> str:
    with readable(path):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise RuleViolation(_("%(path)s is too large: split it into files of at most 200 MB.", path=path))
        return path.read_text(encoding="utf-8-sig")
