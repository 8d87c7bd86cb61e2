"""The list of products: what is found, in which sequence, and that paging loses none and repeats none."""

from dataclasses import replace
from itertools import pairwise

import pytest
from flask import Flask

from tests.factories import make_product
from webshop_orders.operations.stock import product_list, products
from webshop_orders.operations.stock.product_list import ProductFilter, ProductQuery, ProductSort
from webshop_orders.transactions.unit_of_work import writing

GTIN = "7350053850019"


@pytest.fixture(autouse=True)
def catalogue(app: Flask) -> None:
    make_product("LJUS-2", name="Ängens ljus", shelf_place="B-10", stock=5)
    make_product("LJUS-10", name="Höstljus", shelf_place="B-9", stock=0, barcode=GTIN)
    make_product("DUK-7", name="Linneduk", stock=None, active=False)
    make_product("FAT-1", name="Ostfat", shelf_place="Å-1", stock=7)
    make_product("FAT-2", name="Ljusfat", shelf_place="A-2", stock=-1)


def listed(**asked: object) -> list[str]:
    return [product.sku for product in product_list.page(ProductQuery(**asked)).products]  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["ljus duk", "xyz", "%", "_", '"', "ljus*", "b-1 höst", "a\\"])
def test_what_no_product_has_is_not_found(words: str) -> None:
    assert listed(words=words) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ljus", ["FAT-2", "LJUS-2", "LJUS-10"]),
        ("LJUS fat", ["FAT-2"]),
        ("angens", ["LJUS-2"]),
        ("hoest", ["LJUS-10"]),
        ("ljus-1", ["LJUS-10"]),
        ("b-9", ["LJUS-10"]),
        ("B10", ["LJUS-2"]),
        ("å-1", ["FAT-1"]),
        (GTIN, ["LJUS-10"]),
        ("7350053", ["LJUS-10"]),
        ("ljus b-9", ["LJUS-10"]),
        ("fa", ["FAT-1", "FAT-2"]),
        ("", ["DUK-7", "FAT-1", "FAT-2", "LJUS-2", "LJUS-10"]),
    ],
)
def test_a_product_is_found_by_name_sku_shelf_place_and_barcode(words: str, found: list[str]) -> None:
    assert listed(words=words) == found


def test_the_product_to_sell_is_found_by_its_barcode_and_not_by_its_shelf_place() -> None:
    assert products.search("b-9", "SEK") == []
    assert [product.sku for product in products.search(GTIN, "SEK")] == ["LJUS-10"]


def test_a_product_that_was_moved_and_renamed_is_found_by_its_new_words_alone() -> None:
    with writing():
        product = products.get("LJUS-10")
        product.rename("Julgranskula")
        product.shelf_place, product.barcode = "C-3", None
    assert listed(words="julgran") == listed(words="c-3") == ["LJUS-10"]
    assert listed(words="höst") == listed(words="b-9") == listed(words=GTIN) == []
    assert listed(sort=ProductSort.SHELF_PLACE) == ["FAT-2", "LJUS-2", "LJUS-10", "FAT-1", "DUK-7"]


@pytest.mark.parametrize(
    ("sort", "sequence"),
    [
        (ProductSort.SKU, ["DUK-7", "FAT-1", "FAT-2", "LJUS-2", "LJUS-10"]),
        (ProductSort.NAME, ["LJUS-10", "DUK-7", "FAT-2", "FAT-1", "LJUS-2"]),
        (ProductSort.SHELF_PLACE, ["FAT-2", "LJUS-10", "LJUS-2", "FAT-1", "DUK-7"]),
        (ProductSort.STOCK, ["FAT-2", "LJUS-10", "LJUS-2", "FAT-1"]),
    ],
)
def test_products_are_sorted_in_swedish_and_numbers_by_value(sort: ProductSort, sequence: list[str]) -> None:
    assert listed(sort=sort) == sequence
    assert listed(sort=sort, descending=True) == sequence[::-1]


def test_filters_choose_products() -> None:
    with writing():
        products.get("FAT-1").backordered = 2
    assert listed(only=ProductFilter.BACKORDERED) == ["FAT-1"]
    assert listed(only=ProductFilter.SOLD_OUT) == ["FAT-2", "LJUS-10"]
    assert listed(only=ProductFilter.INACTIVE) == listed(only=ProductFilter.UNTRACKED) == ["DUK-7"]
    assert listed(only=ProductFilter.UNTRACKED, sort=ProductSort.STOCK) == ["DUK-7"]
    assert listed(only=ProductFilter.SOLD_OUT, words="höst") == ["LJUS-10"]


@pytest.mark.parametrize("words", ["", "ljus", "fa"])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ProductSort)
def test_paging_there_and_back_loses_none_and_repeats_none(sort: ProductSort, descending: bool, words: str) -> None:
    for number in range(7):
        make_product(f"FAT-1{number}", name="Ljusfat", shelf_place="A-2", stock=3)
    query = ProductQuery(words=words, sort=sort, descending=descending)
    everything = [product.sku for product in product_list.page(query).products]
    pages, after = [], None
    while True:
        page = product_list.page(replace(query, after=after), limit=3)
        pages.append(page)
        if page.after is None:
            break
        after = page.after
    assert [product.sku for page in pages for product in page.products] == everything
    assert pages[0].before is None
    for earlier, page in pairwise(pages):
        assert page.before is not None
        back = product_list.page(replace(query, before=page.before), limit=3)
        assert back.products == earlier.products


@pytest.mark.parametrize("cursor", ["", "x", "a~", "a~b", "~1", "9" * 30 + "~1", "a~" + "9" * 30, "٣~٣", "~~~-1"])
@pytest.mark.parametrize("sort", ProductSort)
def test_a_cursor_that_nobody_was_given_shows_some_page(sort: ProductSort, cursor: str) -> None:
    for direction in ("after", "before"):
        product_list.page(ProductQuery(sort=sort, **{direction: cursor}))  # type: ignore[arg-type]
