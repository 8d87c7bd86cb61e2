"""Products of the catalogue, found by SKUs as other shops write them."""

from flask import Flask

from tests.factories import make_order, make_product
from webshop_orders.documents.order import NewLine
from webshop_orders.operations.stock import products


def test_an_sku_in_other_case_or_with_blanks_finds_its_product(app: Flask) -> None:
    blanket = make_product("FILT-GRÅ 2")

    matched = products.matching([" filt-grå 2", "Filt-Grå2", "FILT-GRÅ\u00a02 ", "FILT-GRÅ 3"])

    assert set(matched) == {" filt-grå 2", "Filt-Grå2", "FILT-GRÅ\u00a02 "}
    assert {product.id for product in matched.values()} == {blanket.id}


def test_an_exact_sku_wins_and_another_spelling_of_several_finds_none(app: Flask) -> None:
    upper, lower = make_product("SKRUV-A"), make_product("skruv-a")

    matched = products.matching(["SKRUV-A", "skruv-a", "Skruv-A"])

    assert {sku: product.id for sku, product in matched.items()} == {"SKRUV-A": upper.id, "skruv-a": lower.id}


def test_a_line_has_the_catalogues_sku_and_reserves_its_stock(app: Flask) -> None:
    make_product("FILT-G", stock=5)

    order = make_order(lines=[NewLine(sku="filt-g ", name="Filt", quantity=2, unit_price=30_000, vat_rate=2500)])

    (line,) = order.lines
    assert (line.sku, line.reserved) == ("FILT-G", 2)
    assert products.get("FILT-G").reserved == 2


def test_skus_that_differ_in_case_or_blanks_alone_are_named(app: Flask) -> None:
    for sku in ("SKRUV-A", "skruv-a", "SKRUV-B", "FILT G", "filtg"):
        make_product(sku)

    assert set(products.ambiguous_skus(10)) == {"SKRUV-A", "skruv-a", "FILT G", "filtg"}
    assert len(products.ambiguous_skus(3)) == 3
