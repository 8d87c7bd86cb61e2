"""Lines and charges of WooCommerce's orders: no row vanishes, and each costs what it does in the shop."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.woocommerce.builders import document, fee, item, order, place, shipping, totals
from webshop_orders.errors import RuleViolation


@pytest.mark.parametrize(
    ("quantity", "units", "name"),
    [
        (2.5, 1, "Lin per meter, 2,5"),
        ("2.5", 1, "Lin per meter, 2,5"),
        (0.5, 1, "Lin per meter, 0,5"),
        (1.125, 1, "Lin per meter, 1,125"),
        (2.0, 2, "Lin per meter"),
        ("3", 3, "Lin per meter"),
    ],
)
def test_a_quantity_with_decimals_is_one_unit_with_its_measure(
    app: Flask, quantity: Any, units: int, name: str
) -> None:
    placed = place(order(item("Lin per meter", "199.90", quantity=quantity)))
    (line,) = placed.lines
    assert (line.quantity, line.name, line.total) == (units, name, 24_988)


@pytest.mark.parametrize("quantity", [None, "två", True, {}])
def test_a_quantity_that_is_no_number_is_refused_by_the_name_of_its_line(app: Flask, quantity: Any) -> None:
    with pytest.raises(RuleViolation, match=r"«Lin».*quantity"):
        document(order(item("Vas", "80.00"), item("Lin", "199.90", quantity=quantity)))


def test_an_order_of_which_nothing_can_be_packed_is_refused_by_its_lines(app: Flask) -> None:
    with pytest.raises(RuleViolation, match="Retur, Prov"):
        document(order(item("Retur", "-8.00"), item("Prov", "0.00", quantity=0)))


def test_a_line_below_zero_is_a_deduction(app: Flask) -> None:
    placed = place(order(item("Vas", "240.00"), item("Inbyte krus", "-80.00"), item("Retur", "-8.00", quantity=-1)))
    assert [line.name for line in placed.lines] == ["Vas"]
    assert [(charge.kind, charge.name, charge.amount, charge.vat_rate) for charge in placed.charges] == [
        ("deduction", "Inbyte krus", -10_000, 2500),
        ("deduction", "Retur", -1000, 2500),
    ]
    assert placed.total == 19_000


def test_fees_are_charges_with_a_vat_of_their_own(app: Flask) -> None:
    fees = [fee("Expeditionsavgift", "20.00"), fee("Pant", "8.00", 0), fee("Bonus", "-40.00")]
    placed = place(order(item("Vas", "240.00"), fee_lines=fees))
    assert [(charge.kind, charge.name, charge.amount, charge.vat_rate) for charge in placed.charges] == [
        ("fee", "Expeditionsavgift", 2500, 2500),
        ("fee", "Pant", 800, 0),
        ("deduction", "Bonus", -5000, 2500),
    ]


def test_tips_and_the_rounding_of_cash_are_told_by_their_names(app: Flask) -> None:
    fees = [fee("Dricks", "20.00", 0), fee("Öresavrundning", "0.40", 0), fee("Avrundning", "-0.30", 0)]
    placed = place(order(fee_lines=fees))
    assert [(charge.kind, charge.amount) for charge in placed.charges] == [
        ("tip", 2000),
        ("rounding", 40),
        ("rounding", -30),
    ]


def test_shipping_lines_of_another_rate_are_charges(app: Flask) -> None:
    ways = [shipping("47.20"), shipping("10.00", 6, method_title="Böcker")]
    placed = place(order(shipping_lines=ways, shipping_total="57.20", shipping_tax="12.40"))
    assert (placed.shipping_method, placed.shipping_price) == ("Ombud, Böcker", 5900)
    assert [(charge.name, charge.amount, charge.vat_rate) for charge in placed.charges] == [("Böcker", 1060, 600)]


def test_a_coupon_is_a_discount_on_its_lines_and_its_code_is_kept(app: Flask) -> None:
    coupons = [{"code": "HÖST10", "discount": "8.00", "discount_tax": "2.00"}]
    placed = place(order(item("Vas", "72.00", before="80.00"), coupon_lines=coupons))
    (line,) = placed.lines
    assert (line.unit_price, line.discount) == (10_000, 1000)
    assert [attribute.value for attribute in placed.attributes] == ["HÖST10"]


def test_items_without_sku_are_told_apart(app: Flask) -> None:
    items = [
        item("Ram röd", "80.00", sku="", variation_id=71),
        item("Ram blå", "80.00", sku="", variation_id=72),
        item("Tavla", "80.00", sku="", product_id=0),
        item("Gammal tavla", "80.00", sku="", product_id=0),
    ]
    skus = [line["sku"] for line in document(order(*items))["lines"]]
    assert skus == ["wc-product-70-71", "wc-product-70-72", "wc-tavla", "wc-gammal-tavla"]


def test_what_the_customer_wrote_for_an_item_is_on_its_line(app: Flask) -> None:
    entries = [
        {"key": "pa_farg", "value": "rod", "display_key": "Färg", "display_value": "<p>Röd &amp; vit</p>"},
        {"key": "Gravyr", "value": "Till Åke\nGrattis"},
        {"key": "_reduced_stock", "value": "1"},
        {"key": "_hemlig", "value": "x", "display_key": "Hemlig", "display_value": "x"},
        {"key": "Tom", "value": ""},
    ]
    placed = place(order(item("Vas", "80.00", meta_data=entries)))
    (line,) = placed.lines
    assert [(entry.name, entry.value) for entry in line.properties] == [
        ("Färg", "Röd & vit"),
        ("Gravyr", "Till Åke\nGrattis"),
    ]


def test_parts_of_a_bundle_follow_it(app: Flask) -> None:
    payload = order(
        item("Presentkorg", "400.00", id=1, quantity=2, bundled_items=["2", "3"]),
        item("Ost", "0.00", id=2, quantity=4, bundled_by="1"),
        item("Vin", "0.00", id=3, quantity=2, bundled_by="1"),
        item("Vas", "80.00", id=4, bundled_by=""),
    )
    lines = document(payload)["lines"]
    assert [(line.get("bundle"), line.get("units_per_bundle")) for line in lines] == [
        ("1", None),
        ("1", 2),
        ("1", 1),
        (None, None),
    ]
    assert totals(payload).total == 60_000


@pytest.mark.parametrize(
    ("parent", "part"),
    [
        ({}, {"composite_parent": 1}),
        ({"product_id": 900}, {"meta_data": [{"key": "_woosb_parent_id", "value": "900"}]}),
        (
            {"meta_data": [{"key": "_composite_cart_key", "value": "c1"}]},
            {"meta_data": [{"key": "_composite_parent", "value": "c1"}]},
        ),
    ],
    ids=["composite", "WPC", "composite of older versions"],
)
def test_parts_of_other_plugins_follow_theirs(app: Flask, parent: dict[str, Any], part: dict[str, Any]) -> None:
    lines = document(order(item("Korg", "400.00", id=1, **parent), item("Ost", "0.00", id=2, quantity=2, **part)))
    assert [(line.get("bundle"), line.get("units_per_bundle")) for line in lines["lines"]] == [("1", None), ("1", 2)]


def test_parts_that_name_their_bundle_by_a_key_of_the_cart_follow_it(app: Flask) -> None:
    parent = [{"key": "_bundle_cart_key", "value": "ab12"}]
    part = [{"key": "_bundled_by", "value": "ab12"}]
    lines = document(
        order(item("Korg", "400.00", id=1, meta_data=parent), item("Ost", "0.00", id=2, quantity=3, meta_data=part))
    )["lines"]
    assert [(line.get("bundle"), line.get("units_per_bundle")) for line in lines] == [("1", None), ("1", 3)]
