"""The one product that typed words mean."""

import pytest
from flask import Flask

from tests.factories import make_product
from webshop_orders.operations.stock import products


def found(words: str) -> str | None:
    product = products.find(words, "SEK")
    return product.sku if product else None


def test_a_sku_means_its_product_however_many_others_contain_it(app: Flask) -> None:
    for number in range(30):
        make_product(f"A-1{number:02}", name=f"A lamp {number}")
    make_product("A-1", name="Z lamp")
    assert found("A-1") == "A-1"
    assert found(" a-1 ") == "A-1"
    assert products.search("a-1", "SEK", limit=3)[0].sku == "A-1"


def test_skus_that_differ_in_case_alone_are_told_apart_or_neither_is_meant(app: Flask) -> None:
    make_product("Filt-g", name="Blanket")
    make_product("FILT-G", name="Blanket, large")
    assert found("Filt-g") == "Filt-g"
    assert found("FILT-G") == "FILT-G"
    assert found("filt-g") is None


@pytest.mark.parametrize(("words", "sku"), [("candle", None), ("candle high", "C-1"), ("nothing", None), ("c", None)])
def test_words_mean_their_only_product(app: Flask, words: str, sku: str | None) -> None:
    make_product("C-1", name="Candle, high")
    make_product("C-2", name="Candle, low")
    assert found(words) == sku
