"""Products of other shops' files: variants, prices, VAT, stock, and those that cannot be taken."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.web.conftest import on_sqlite
from webshop_orders.cli.import_options import read_vat_rates
from webshop_orders.connectors import product_files
from webshop_orders.connectors.files.product_terms import ProductTerms
from webshop_orders.connectors.parsing import Currency
from webshop_orders.documents import product as product_document
from webshop_orders.documents.product import NewProduct
from webshop_orders.errors import RuleViolation
from webshop_orders.validation.document import UNSET

pytestmark = on_sqlite

SWEDISH = ProductTerms(Currency("SEK"))


def read(folder: Path, content: Any, terms: ProductTerms = SWEDISH) -> tuple[dict[str, NewProduct], list[str]]:
    """The products of a file by SKU, and the reasons of those that are refused."""
    is_table = isinstance(content, str)
    path = folder / ("products.csv" if is_table else "products.json")
    path.write_text(content if is_table else json.dumps(content), encoding="utf-8")
    products, reasons = {}, []
    documents = product_files.documents(path, product_files.recognise(path), terms)
    for make in documents:
        try:
            new = product_document.read(make())
            products[new.sku] = new
        except RuleViolation as violation:
            reasons.append(str(violation))
    assert len(documents) == len(products) + len(reasons)
    return products, reasons


def table(*rows: dict[str, str], delimiter: str = ",") -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


SCARF = {
    "Handle": "sjal",
    "Title": "Sjal",
    "Option1 Value": "Grön",
    "Option2 Value": "Lång",
    "Variant SKU": "SJAL-G",
    "Variant Inventory Tracker": "shopify",
    "Variant Inventory Qty": "12",
    "Variant Inventory Policy": "deny",
    "Variant Price": "249.00",
    "Variant Taxable": "true",
    "Status": "active",
}
PICTURE = {"Handle": "sjal", "Image Src": "https://shop.example/2.jpg"}


def test_each_variant_of_a_shopify_product_is_a_product_with_its_options_in_its_name(
    app: Flask, tmp_path: Path
) -> None:
    blue = {"Handle": "sjal", "Option1 Value": "Blå", "Variant SKU": "SJAL-B", "Variant Price": "259.00"}
    products, reasons = read(tmp_path, table(SCARF, {**SCARF, "Title": "", "Status": "", **blue}, PICTURE))
    assert reasons == []
    assert {sku: (new.name, new.price, new.vat_rate) for sku, new in products.items()} == {
        "SJAL-G": ("Sjal - Grön / Lång", 24_900, 2_500),
        "SJAL-B": ("Sjal - Blå / Lång", 25_900, 2_500),
    }
    assert all(new.active for new in products.values())


@pytest.mark.parametrize(
    ("changes", "stock", "backorderable"),
    [
        ({}, 12, False),
        ({"Variant Inventory Tracker": ""}, None, False),
        ({"Variant Inventory Qty": "-4", "Variant Inventory Policy": "continue"}, 0, True),
    ],
)
def test_stock_that_shopify_does_not_track_is_not_tracked_here(
    app: Flask, tmp_path: Path, changes: dict[str, str], stock: int | None, backorderable: bool
) -> None:
    products, _reasons = read(tmp_path, table({**SCARF, **changes}))
    assert (products["SJAL-G"].stock, products["SJAL-G"].backorderable) == (stock, backorderable)


def test_an_export_without_quantities_leaves_stock_alone(app: Flask, tmp_path: Path) -> None:
    products, _reasons = read(tmp_path, table({n: v for n, v in SCARF.items() if n != "Variant Inventory Qty"}))
    assert not products["SJAL-G"].has_stock


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_a_product_that_is_not_for_sale_is_not_active(app: Flask, tmp_path: Path, status: str) -> None:
    products, _reasons = read(tmp_path, table({**SCARF, "Status": status, "Variant Taxable": "false"}))
    assert (products["SJAL-G"].active, products["SJAL-G"].vat_rate) == (False, 0)


def test_the_newer_headings_of_shopify_are_read_too(app: Flask, tmp_path: Path) -> None:
    row = {
        "Title": "Sjal",
        "URL handle": "sjal",
        "Status": "Active",
        "SKU": "SJAL",
        "Option1 value": "Default Title",
        "Price": "249,00",
        "Charge tax": "TRUE",
        "Inventory tracker": "shopify",
        "Inventory quantity": "3",
        "Continue selling when out of stock": "TRUE",
    }
    products, _reasons = read(tmp_path, table(row, delimiter=";"))
    new = products["SJAL"]
    assert (new.name, new.price, new.stock, new.backorderable, new.active) == ("Sjal", 24_900, 3, True, True)


def test_the_json_of_shopify_has_variants_too(app: Flask, tmp_path: Path) -> None:
    variant = {
        "sku": "SJAL-G",
        "title": "Grön",
        "option1": "Grön",
        "price": "249.00",
        "inventory_quantity": 4,
        "inventory_management": "shopify",
        "inventory_policy": "deny",
        "taxable": True,
    }
    product = {"id": 1, "title": "Sjal", "handle": "sjal", "status": "active", "variants": [variant, {"title": "Röd"}]}
    products, reasons = read(tmp_path, {"products": [product]})
    assert (products["SJAL-G"].name, products["SJAL-G"].stock) == ("Sjal - Grön", 4)
    assert len(reasons) == 1
    assert "Sjal - Röd" in reasons[0]


CANDLE = {
    "ID": "1",
    "Type": "simple",
    "SKU": "LJUS",
    "Name": "Ljus",
    "Published": "1",
    "Tax status": "taxable",
    "Tax class": "",
    "Stock": "25",
    "Backorders allowed?": "0",
    "Regular price": "49,00",
    "Parent": "",
    "Attribute 1 value(s)": "",
}
SHIRT = {**CANDLE, "ID": "2", "Type": "variable", "SKU": "SKJORTA", "Name": "Skjorta", "Regular price": ""}
VARIATION = {
    **CANDLE,
    "ID": "3",
    "Type": "variation",
    "SKU": "SKJORTA-V",
    "Name": "Skjorta",
    "Tax class": "parent",
    "Regular price": "299",
    "Parent": "SKJORTA",
    "Attribute 1 value(s)": "Vit",
}


def test_the_export_of_woocommerce_has_simple_products_and_variations(app: Flask, tmp_path: Path) -> None:
    by_id = {**VARIATION, "ID": "4", "SKU": "SKJORTA-S", "Name": "Skjorta - Svart", "Parent": "id:2", "Stock": "parent"}
    rows = (CANDLE, VARIATION, {**SHIRT, "Tax class": "reduced-rate"}, by_id)
    products, reasons = read(tmp_path, table(*rows))
    assert reasons == []
    assert {sku: (new.name, new.price, new.vat_rate, new.stock) for sku, new in products.items()} == {
        "LJUS": ("Ljus", 4_900, 2_500, 25),
        "SKJORTA-V": ("Skjorta - Vit", 29_900, 1_200, 25),
        "SKJORTA-S": ("Skjorta - Svart", 29_900, 1_200, None),
    }


def test_swedish_headings_of_woocommerce_are_read(app: Flask, tmp_path: Path) -> None:
    row = {
        "ID": "1",
        "Typ": "simple",
        "Artikelnummer": "LJUS",
        "Namn": "Ljus",
        "Ordinarie pris": "49",
        "Publicerad": "-1",
    }
    products, _reasons = read(tmp_path, table(row))
    assert (products["LJUS"].price, products["LJUS"].active, products["LJUS"].has_stock) == (4_900, False, False)


def test_a_tax_class_has_the_rate_that_is_said_and_is_refused_without(app: Flask, tmp_path: Path) -> None:
    content = table({**CANDLE, "Tax class": "Bokmoms"}, {**CANDLE, "ID": "2", "SKU": "FRI", "Tax status": "none"})
    products, reasons = read(tmp_path, content)
    assert (list(products), products["FRI"].vat_rate) == (["FRI"], 0)
    assert "bokmoms" in reasons[0]
    terms = ProductTerms(Currency("SEK"), vat_rates={"bokmoms": 600})
    assert read(tmp_path, content, terms)[0]["LJUS"].vat_rate == 600


def test_prices_without_vat_get_it_on_top(app: Flask, tmp_path: Path) -> None:
    terms = ProductTerms(Currency("SEK"), prices_include_vat=False)
    assert read(tmp_path, table(CANDLE), terms)[0]["LJUS"].price == 6_125


def test_the_json_of_woocommerce_has_variations_beside_their_product(app: Flask, tmp_path: Path) -> None:
    shirt = {
        "id": 2,
        "name": "Skjorta &amp; väst",
        "type": "variable",
        "sku": "S",
        "regular_price": "",
        "tax_class": "reduced-rate",
        "manage_stock": False,
        "stock_status": "instock",
    }
    white = {
        **shirt,
        "id": 3,
        "parent_id": 2,
        "type": "variation",
        "sku": "S-V",
        "name": "Vit",
        "regular_price": "299",
        "tax_class": "parent",
        "manage_stock": True,
        "stock_quantity": 7,
        "backorders": "notify",
    }
    products, reasons = read(tmp_path, [shirt, white])
    new = products["S-V"]
    assert reasons == []
    assert (new.name, new.vat_rate, new.stock, new.backorderable) == ("Skjorta & väst - Vit", 1_200, 7, True)
    by_number = {name: value for name, value in white.items() if name != "parent_id"}
    products, reasons = read(tmp_path, [by_number, {**shirt, "variations": [3]}])
    assert (products["S-V"].name, products["S-V"].vat_rate, reasons) == ("Skjorta & väst - Vit", 1_200, [])
    products, reasons = read(tmp_path, [shirt])
    assert products == {}
    assert "variations" in reasons[0]


def test_skus_that_cannot_be_told_apart_are_refused_by_name(app: Flask, tmp_path: Path) -> None:
    rows = (CANDLE, {**CANDLE, "SKU": " ljus", "Name": "Annat"}, {**CANDLE, "Name": "Tredje"}, {**CANDLE, "SKU": ""})
    products, reasons = read(tmp_path, table(*rows))
    assert list(products) == ["LJUS"]
    assert ["Annat" in reasons[0], "Tredje" in reasons[1], "SKU" in reasons[2]] == [True, True, True]


def test_our_own_products_may_be_one_json(app: Flask, tmp_path: Path) -> None:
    own = {"sku": "A", "name": "Ask", "price": 100, "vat_rate": 2_500}
    assert list(read(tmp_path, [own, {**own, "sku": "B"}])[0]) == ["A", "B"]


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n",
        "Handle,Title\na,b\n",
        [{"id": 1, "line_items": []}],
        {"customers": [{"id": 1}]},
        [{"unknown": 1}],
        [],
    ],
)
def test_a_file_without_products_is_refused_in_one_sentence(app: Flask, tmp_path: Path, content: Any) -> None:
    with pytest.raises(RuleViolation) as refusal:
        read(tmp_path, content)
    assert "\n" not in str(refusal.value)


def test_vat_rates_are_read_from_the_command_line(app: Flask) -> None:
    values = ("Reduced rate=12", "bok=6 %", "el=25,5")
    assert read_vat_rates(None, None, values) == {"reduced-rate": 1_200, "bok": 600, "el": 2_550}  # type: ignore[arg-type]


GTIN = "7350053850019"


def test_shopify_tells_barcodes_and_a_column_of_ones_own_shelf_places(app: Flask, tmp_path: Path) -> None:
    row = {**SCARF, "Variant Barcode": f"'{GTIN}", "Bin name": "A-2-10"}
    products, reasons = read(tmp_path, table(row))
    assert reasons == []
    assert (products["SJAL-G"].barcode, products["SJAL-G"].shelf_place) == (GTIN, "A-2-10")


def test_a_barcode_that_a_spreadsheet_has_shortened_is_refused_by_its_sku(app: Flask, tmp_path: Path) -> None:
    _products, reasons = read(tmp_path, table({**SCARF, "Variant Barcode": "7,35005E+12"}))
    assert len(reasons) == 1
    assert "SJAL-G" in reasons[0]
    assert "7,35005E+12" in reasons[0]


def test_a_mistyped_gtin_is_refused_with_the_digit_that_it_would_have(app: Flask, tmp_path: Path) -> None:
    _products, reasons = read(tmp_path, table({**SCARF, "Variant Barcode": GTIN[:-1] + "5"}))
    assert len(reasons) == 1
    assert "SJAL-G" in reasons[0]
    assert "9" in reasons[0].rsplit("5", 1)[1]


def test_files_that_tell_neither_barcode_nor_shelf_place_leave_them_alone(app: Flask, tmp_path: Path) -> None:
    products, _reasons = read(tmp_path, table({**SCARF, "Variant Barcode": "", "Bin name": ""}))
    assert (products["SJAL-G"].barcode, products["SJAL-G"].shelf_place) == (UNSET, UNSET)


def test_woocommerce_tells_barcodes_in_files_and_over_its_api(app: Flask, tmp_path: Path) -> None:
    row = {"Type": "simple", "SKU": "KOPP", "Name": "Kopp", "Regular price": "129"}
    products, _reasons = read(tmp_path, table({**row, "GTIN, UPC, EAN, or ISBN": GTIN, "Meta: _bin_location": "B-1"}))
    assert (products["KOPP"].barcode, products["KOPP"].shelf_place) == (GTIN, "B-1")
    value = {"sku": "KOPP", "name": "Kopp", "regular_price": "129", "manage_stock": False, "global_unique_id": GTIN}
    products, _reasons = read(tmp_path, [value])
    assert products["KOPP"].barcode == GTIN
