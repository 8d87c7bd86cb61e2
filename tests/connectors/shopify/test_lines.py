"""Lines of Shopify's orders: their SKUs, names, quantities, discounts and what the customer wrote on them."""

import pytest
from flask import Flask

from tests.connectors.shopify.payloads import line, order, refund, refund_line
from tests.connectors.shopify.placing import charges_of, place, read, totals_of
from tests.web.conftest import on_sqlite
from webshop_orders.errors import RuleViolation

pytestmark = on_sqlite


def test_custom_items_without_sku_are_told_apart(app: Flask) -> None:
    custom = {"variant_id": None, "product_id": None}
    new = read(
        order(
            line(None, "25.00", id=1, name="Inslagning", **custom),
            line(None, "40.00", id=2, name="Uppläggning av byxor", **custom),
            line(None, "60.00", id=3, name="Hylla", variant_id=71),
            line(None, "60.00", id=4, name="Hylla", variant_id=72),
        )
    )
    assert [new_line.sku for new_line in new.lines] == [
        "shopify-custom-inslagning",
        "shopify-custom-uppläggning-av-byxor",
        "shopify-variant-71",
        "shopify-variant-72",
    ]


def test_names_that_differ_in_signs_alone_do_not_share_an_sku(app: Flask) -> None:
    custom = {"variant_id": None, "product_id": None}
    new = read(
        order(line(None, "1.00", id=1, name="Kort?", **custom), line(None, "2.00", id=2, name="Kort!", **custom))
    )
    assert [new_line.sku for new_line in new.lines] == ["shopify-custom-kort", "shopify-custom-kort-2"]


def test_a_line_has_what_the_customer_wrote_on_it(app: Flask) -> None:
    properties = [
        {"name": "Gravyr", "value": "Till Moa\n24 december"},
        {"name": "_grupp", "value": "abc"},
        {"name": "Kedja", "value": ""},
        {"name": "Längd", "value": 45},
    ]
    (new_line,) = read(order(line("RING", "900.00", properties=properties))).lines
    assert [(told.name, told.value) for told in new_line.properties] == [
        ("Gravyr", "Till Moa\n24 december"),
        ("Längd", "45"),
    ]


def test_properties_may_be_an_object(app: Flask) -> None:
    (new_line,) = read(order(line("RING", "900.00", properties={"Gravyr": "Moa", "_id": "7"}))).lines
    assert [(told.name, told.value) for told in new_line.properties] == [("Gravyr", "Moa")]


def test_units_of_a_variant_with_other_properties_never_join(app: Flask) -> None:
    lines = [
        line("MUGG", "80.00", id=place, properties=[{"name": "Namn", "value": name}])
        for place, name in enumerate(("Ida", "Ola"))
    ]
    first, second = place(order(*lines)).lines
    assert not first.can_merge_with(second)


def test_names_are_plain_text_without_entities(app: Flask) -> None:
    new = read(order(line("M", "80.00", name="A &reg-mugg &amp; fat"), note="https://karta.example/?a=1&copy=2"))
    assert (new.lines[0].name, new.comment) == ("A &reg-mugg &amp; fat", "https://karta.example/?a=1&copy=2")


def test_a_line_without_a_name_has_its_title_and_variant(app: Flask) -> None:
    new = read(order(line("S-1", "10.00", name=None, title="Strumpa", variant_title="Röd / 42")))
    assert new.lines[0].name == "Strumpa - Röd / 42"


def test_a_discount_is_the_sum_of_its_allocations(app: Flask) -> None:
    item = line("FAT", "100.00", 3, discount="50.01")
    (new_line,) = read(order(item)).lines
    assert (new_line.quantity, new_line.unit_price, new_line.discount) == (3, 10_000, 5_001)
    assert totals_of(order(item)).total == 24_999


def test_an_older_order_has_only_the_sum_of_its_discounts(app: Flask) -> None:
    item = {**line("FAT", "100.00", 2), "total_discount": "30.00", "tax_lines": [{"price": "34.00", "rate": 0.25}]}
    assert totals_of(order(item, total="170.00", total_tax="34.00", current_total_tax="34.00")).total == 17_000


def test_a_measure_is_one_unit_with_the_measure_in_its_name(app: Flask) -> None:
    item = {**line("TYG", "120.00", 1), "quantity": 2.5, "current_quantity": 2.5, "name": "Linnetyg"}
    item["tax_lines"] = [{"price": "60.00", "rate": 0.25}]
    (new_line,) = place(order(item, total="300.00", total_tax="60.00", current_total_tax="60.00")).lines
    assert (new_line.quantity, new_line.name, new_line.total) == (1, "Linnetyg, 2,5", 30_000)


def test_a_line_below_zero_is_a_deduction(app: Flask) -> None:
    back = line("BYTE", "-200.00", id=102)
    new = read(order(line("BORD", "900.00"), back, total="700.00"))
    assert [new_line.sku for new_line in new.lines] == ["BORD"]
    assert charges_of(new) == [("deduction", "BYTE", -20_000, 2_500)]
    assert totals_of(order(line("BORD", "900.00"), back, total="700.00")).total == 70_000


def test_a_quantity_that_is_no_number_is_refused_by_the_name_of_its_line(app: Flask) -> None:
    payload = order(line("HATT", "10.00", name="Vinterhatt"))
    payload["line_items"][0] |= {"quantity": "många", "current_quantity": None}
    with pytest.raises(RuleViolation, match="Vinterhatt"):
        read(payload)


def test_an_order_of_before_2021_has_only_its_refunds_to_tell_what_is_left(app: Flask) -> None:
    item = line("LJUS", "50.00", 4)
    del item["current_quantity"]
    payload = order(item, refunds=[refund("50.00", refund_line("50.00", total_tax="10.00"))])
    del payload["current_total_price"], payload["current_total_tax"], payload["total_outstanding"]
    totals = totals_of(payload | {"financial_status": "partially_refunded"})
    assert (totals.total, totals.paid, totals.balance, totals.vat) == (15_000, 15_000, 0, {2_500: 3_000})


def test_an_order_of_before_2018_has_its_discount_on_the_whole(app: Flask) -> None:
    items = [line("A", "100.00", id=1), line("B", "50.01", id=2)]
    for item in items:
        del item["discount_allocations"], item["current_quantity"]
    items[0]["tax_lines"] = [{"price": "18.00", "rate": 0.25}]
    items[1]["tax_lines"] = [{"price": "9.00", "rate": 0.25}]
    payload = order(*items, total="135.01", total_discounts="15.00", subtotal_price="135.01", total_tax="27.00")
    del payload["current_total_price"], payload["current_total_tax"], payload["total_outstanding"]
    assert [new_line.discount for new_line in read(payload).lines] == [1_000, 500]
    assert (totals_of(payload).total, totals_of(payload | {"id": 2}).balance) == (13_501, 0)
