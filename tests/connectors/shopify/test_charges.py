"""What Shopify's orders cost besides lines and shipping: each once, as a row of its own."""

from flask import Flask

from tests.connectors.shopify.payloads import line, method, order, shop_money
from tests.connectors.shopify.placing import charges_of, read, totals_of
from tests.web.conftest import on_sqlite

pytestmark = on_sqlite
VAS = line("VAS", "300.00")
TIP = line(None, "20.00", id=102, rate="0", title="Tip", name="Tip", variant_id=None, product_id=None)


def test_a_tip_that_is_a_line_is_charged_once(app: Flask) -> None:
    tip = {**TIP, "tip_payment_gateway": "shopify_payments", "tip_payment_method": "Visa"}
    payload = order(VAS, tip, total_tip_received="20.00")
    new, totals = read(payload), totals_of(payload)
    assert [new_line.sku for new_line in new.lines] == ["VAS"]
    assert charges_of(new) == [("tip", "Tip", 2_000, 0)]
    assert (totals.total, totals.paid, totals.balance) == (32_000, 32_000, 0)


def test_a_tip_line_is_known_by_its_fields_even_if_they_are_empty(app: Flask) -> None:
    tip = {**TIP, "title": "Gracias", "tip_payment_gateway": None}
    assert charges_of(read(order(VAS, tip))) == [("tip", "Gracias", 2_000, 0)]


def test_a_product_with_the_name_of_a_tip_is_a_product(app: Flask) -> None:
    assert [new_line.sku for new_line in read(order(line("TIP-1", "20.00", title="Tip"))).lines] == ["TIP-1"]


def test_a_tip_without_a_line_is_charged_too(app: Flask) -> None:
    payload = order(VAS, total="320.00", total_tip_received="20.00")
    assert [charge[2] for charge in charges_of(read(payload))] == [2_000]
    assert totals_of(payload).balance == 0


def test_duties_are_in_the_total(app: Flask) -> None:
    duties = shop_money("50.00")
    payload = order(VAS, total="350.00", current_total_duties_set=duties, original_total_duties_set=duties)
    new, totals = read(payload), totals_of(payload)
    assert [charge[::2] for charge in charges_of(new)] == [("duty", 5_000)]
    assert (totals.total, totals.vat, totals.balance) == (35_000, {0: 0, 2_500: 6_000}, 0)


def test_duties_that_are_in_the_prices_are_not_added(app: Flask) -> None:
    payload = order(VAS, duties_included=True, current_total_duties_set=shop_money("50.00"))
    assert read(payload).charges == []
    assert totals_of(payload).total == 30_000


def test_duties_that_were_given_back_are_not_charged(app: Flask) -> None:
    payload = order(VAS, current_total_duties_set=shop_money("0.00"), original_total_duties_set=shop_money("50.00"))
    assert totals_of(payload).total == 30_000


def test_vat_on_duties_is_in_the_row_of_the_duties(app: Flask) -> None:
    duty = {"id": 1, "tax_lines": [{"title": "VAT", "price": "12.50", "rate": 0.25}]}
    item = line("VAS", "300.00", includes_tax=False, duties=[duty])
    duties = shop_money("50.00")
    payload = order(
        item,
        taxes_included=False,
        total="437.50",  # 300 + 75 + 50 + 12.50
        total_tax="87.50",
        current_total_tax="87.50",
        current_total_duties_set=duties,
        original_total_duties_set=duties,
    )
    assert [charge[2:] for charge in charges_of(read(payload))] == [(6_250, 2_500)]
    assert (totals_of(payload).total, totals_of(payload | {"id": 2}).vat) == (43_750, {2_500: 8_750})


def test_additional_fees_are_in_the_total(app: Flask) -> None:
    payload = order(VAS, total="315.00", current_total_additional_fees_set=shop_money("15.00"))
    assert [charge[::2] for charge in charges_of(read(payload))] == [("fee", 1_500)]
    assert totals_of(payload).balance == 0


def test_vat_that_only_the_fees_can_have_is_theirs(app: Flask) -> None:
    payload = order(
        VAS,
        total="315.00",
        total_tax="63.00",
        current_total_tax="63.00",
        current_total_additional_fees_set=shop_money("15.00"),
    )
    assert [charge[2:] for charge in charges_of(read(payload))] == [(1_500, 2_500)]
    assert totals_of(payload).vat == {2_500: 6_300}


def test_the_rounding_of_cash_is_a_row_and_paid(app: Flask) -> None:
    rounded = shop_money("-0.40")
    payload = order(
        line("BULLE", "29.40", rate="12"),
        payment_gateway_names=["cash"],
        total_cash_rounding_payment_adjustment_set=rounded,
    )
    totals = totals_of(payload)
    assert [charge[::2] for charge in charges_of(read(payload))] == [("rounding", -40)]
    assert (totals.total, totals.paid, totals.balance) == (2_900, 2_900, 0)


def test_the_rounding_of_cash_counts_once_if_the_total_has_it_in(app: Flask) -> None:
    rounded = shop_money("0.40")
    payload = order(
        line("BULLE", "29.60", rate="12"), total="30.00", total_cash_rounding_payment_adjustment_set=rounded
    )
    assert (totals_of(payload).total, totals_of(payload | {"id": 2}).balance) == (3_000, 0)


def test_a_tip_and_duties_and_shipping_add_up(app: Flask) -> None:
    payload = order(
        VAS,
        TIP,
        shipping=[method("Ombud", "59.00")],
        total="429.00",
        total_tip_received="20.00",
        current_total_duties_set=shop_money("50.00"),
    )
    assert (totals_of(payload).total, totals_of(payload | {"id": 2}).charges) == (42_900, 7_000)
