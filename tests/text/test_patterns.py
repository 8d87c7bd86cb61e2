"""Characters that are removed from what people and other systems write."""

import copy
from datetime import UTC
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.payloads import shopify, woo
from tests.documents.test_order import DOCUMENT
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import SourceSettings
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.documents import order as order_document
from webshop_orders.documents import source_order
from webshop_orders.text.patterns import without_direction_marks
from webshop_orders.validation.rules import Text

MARKS = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
# What decides how a document is read, and is not kept as text.
KEYS = {"id", "currency", "status", "payment_method", "placed_at", "date_created_gmt", "language", "country"}


def marked(value: Any, mark: str) -> Any:
    """A JSON value with a direction mark around each of its words."""
    if isinstance(value, str):
        has_letters = any(character.isalpha() for character in value)
        return f"{mark}{value.replace(' ', f' {mark}')}{mark}" if has_letters else value
    if isinstance(value, dict):
        return {name: inner if name in KEYS else marked(inner, mark) for name, inner in value.items()}
    return [marked(inner, mark) for inner in value] if isinstance(value, list) else value


@given(st.text(st.characters(exclude_characters=MARKS, exclude_categories=["Cs"])), st.sampled_from(MARKS))
def test_only_direction_marks_are_removed(text: str, mark: str) -> None:
    assert without_direction_marks(text) == text
    assert without_direction_marks(f"{mark}{text}{mark}") == text


@on_sqlite
@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: f"U+{ord(mark):04X}")
def test_an_order_is_stored_without_direction_marks(app: Flask, mark: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    customer = {"name": f"{mark}Åsa {mark}Öberg", "phone": f"{mark}+46701740605\u202c", "email": "asa@example.com"}
    line = {**document["lines"][0], "name": f"Ljus {mark}12", "sku": f"LJUS{mark}-12"}

    new = order_document.read({**document, "customer": customer, "lines": [line], "comment": f"Ring{mark} på porten"})

    assert (new.customer.name, new.customer.phone) == ("Åsa Öberg", "+46701740605")
    assert (new.lines[0].name, new.lines[0].sku, new.comment) == ("Ljus 12", "LJUS-12", "Ring på porten")


@on_sqlite
@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: f"U+{ord(mark):04X}")
@pytest.mark.parametrize(("adapter", "payload"), [(WooCommerce, woo()), (Shopify, shopify())], ids=["woo", "shopify"])
def test_an_order_of_another_shop_is_stored_without_direction_marks(
    app: Flask, adapter: Any, payload: dict[str, Any], mark: str
) -> None:
    document = adapter.document(marked(payload, mark), SourceSettings(adapter.prefix, UTC))

    assert f"\\u{ord(mark):04x}" not in repr(source_order.read(document))


def test_text_of_direction_marks_alone_is_blank() -> None:
    assert Text().is_blank("\u202e \u2066")
