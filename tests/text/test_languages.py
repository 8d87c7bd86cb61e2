"""Sentences that are written before their language is known."""

import pytest
from flask import Flask

from tests.web.conftest import on_sqlite
from webshop_orders.text.languages import lazy_gettext, translated
from webshop_orders.web import labels


@on_sqlite
@pytest.mark.parametrize(("language", "text"), [("sv", "Sök"), ("en", "Search")])
def test_a_sentence_is_in_the_language_of_the_response(app: Flask, language: str, text: str) -> None:
    sentence = lazy_gettext("Search")
    nested = lazy_gettext("%(address)s: %(field)s", address=sentence, field="x")
    with app.test_request_context(headers={"Accept-Language": language}):
        assert str(sentence) == sentence.in_language(language) == text
        assert str(nested) == nested.in_language(language) == f"{text}: x"


def test_a_sentence_is_english_where_there_is_no_response() -> None:
    assert str(lazy_gettext("Search")) == "Search"


def test_labels_are_translated_together_and_names_are_left() -> None:
    assert translated(labels.CALL_SOURCES, "sv")["neutral"] == "Fraktsystem"
    assert translated(labels.CALL_SOURCES, "en")["neutral"] == "Shipping system"
    assert translated(labels.CALL_SOURCES, "sv")["bring"] == "Bring"
