"""VAT of WooCommerce's orders: as stated, per rate, to the öre."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.woocommerce.builders import document, fee, item, order, place, shipping, totals
from webshop_orders.errors import InvalidDocument
from webshop_orders.money.totals import compute_totals


def test_each_rate_has_its_vat(app: Flask) -> None:
    result = totals(order(item("Bok", "100.00", 6), item("Filt", "240.00"), shipping_lines=[shipping("47.20")]))
    assert (result.total, result.vat) == (46_500, {600: 600, 2500: 7180})


def test_the_tax_of_the_sum_is_rounded_and_not_that_of_each_line(app: Flask) -> None:
    exact = {"total_tax": "0.83", "taxes": [{"id": 11, "total": "0.8325", "subtotal": "0.8325"}]}
    payload = order(*(item(f"Bult {size}", "3.33", **exact) for size in range(3)), total="12.49", total_tax="2.50")

    placed = place(payload)

    result = compute_totals(placed)
    assert (result.total, result.balance, result.vat[2500]) == (1249, 0, 250)
    assert [(charge.kind, charge.amount) for charge in placed.charges] == [("rounding", 1)]


def test_a_difference_that_is_no_rounding_is_refused_with_both_sums(app: Flask) -> None:
    with pytest.raises(InvalidDocument) as refused:
        place(order(item("Vas", "80.00"), item("Krus", "40.00"), total="100.00", total_tax="30.00"))
    assert "/totals/total" in {fault.pointer for fault in refused.value.faults}
    assert "100,00" in str(refused.value)
    assert "150,00" in str(refused.value)
    assert "Krus" in str(refused.value)


@pytest.mark.parametrize(
    ("stated", "pointer"),
    [
        ({"total_tax": "35.00"}, "/totals/vat/2500"),
        ({"shipping_total": "60.00", "shipping_tax": "15.00"}, "/totals/shipping"),
    ],
)
def test_a_vat_or_shipping_that_is_none_of_the_rows_is_refused(
    app: Flask, stated: dict[str, str], pointer: str
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        place(order(item("Vas", "80.00"), shipping_lines=[shipping("40.00")], **stated))
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_a_deduction_without_decimals_is_shared_between_the_rates_that_its_exact_taxes_tell(app: Flask) -> None:
    goods = [item("Te", "287", 0), item("Kanna", "1602", total_tax="401", taxes=[{"id": 11, "total": "400.5"}])]
    taxes = [{"id": 11, "total": "-19.495238"}, {"id": 13, "total": "-0.002921"}]
    fees = [
        fee("Kort", "1", 6, total_tax="0", taxes=[{"id": 13, "total": "0.06"}]),
        fee("Rabatt", "-92", total_tax="-19", taxes=taxes),
    ]
    stated = [{"rate_id": 11, "rate_percent": 25, "tax_total": "382", "shipping_tax_total": "0"}]
    stated += [{"rate_id": 13, "rate_percent": 6, "tax_total": "0", "shipping_tax_total": "0"}]
    payload = order(*goods, fee_lines=fees, tax_lines=stated, currency="JPY", total="2180", total_tax="382")

    result = totals(payload)

    assert (result.total, result.vat[2500], result.vat[600]) == (2180, 382, 0)


def test_compound_taxes_are_one_rate_together(app: Flask) -> None:
    taxes = [{"id": 1, "total": "10.00"}, {"id": 2, "total": "5.50"}]
    rates = [{"rate_id": 1, "rate_percent": 10}, {"rate_id": 2, "rate_percent": 5, "compound": True}]
    result = totals(order(item("Vas", "100.00", 0, taxes=taxes, total_tax="15.50"), tax_lines=rates))
    assert (result.total, result.vat) == (11_550, {1550: 1550})


def test_two_taxes_on_the_same_amount_are_one_rate_together(app: Flask) -> None:
    taxes = [{"id": 1, "total": "5.00"}, {"id": 2, "total": "9.98"}]
    rates = [{"rate_id": 1, "rate_percent": 5}, {"rate_id": 2, "rate_percent": 9.975}]
    result = totals(order(item("Vas", "100.00", 0, taxes=taxes, total_tax="14.98"), tax_lines=rates, currency="CAD"))
    assert (result.total, sum(result.vat.values())) == (11_498, 1498)


def test_a_rate_that_is_stated_by_name_alone_comes_from_the_amounts(app: Flask) -> None:
    lines = [{"rate_id": 11, "label": "Moms"}, {"rate_id": 13, "label": "Bokmoms"}]
    result = totals(order(item("Bok", "94.34", 6), item("Filt", "239.20"), tax_lines=lines))
    assert result.vat == {600: 566, 2500: 5980}


def test_a_small_amount_has_the_rate_of_the_greater_ones_with_its_tax(app: Flask) -> None:
    lines = [{"rate_id": 11, "label": "Moms"}]
    cheap = item("Bricka", "0.10", total_tax="0.03", taxes=[{"id": 11, "total": "0.03"}], subtotal_tax="0.03")
    result = totals(order(item("Filt", "240.00"), cheap, tax_lines=lines))
    assert result.vat == {2500: 6003}


def test_a_rate_in_the_name_of_a_tax_is_read(app: Flask) -> None:
    lines = [{"rate_id": 11, "label": "ALV 25,5 %"}]
    vase = item("Maljakko", "10.00", total_tax="2.55", taxes=[{"id": 11, "total": "2.55"}], subtotal_tax="2.55")
    (line,) = document(order(vase, tax_lines=lines, currency="EUR"))["lines"]
    assert line["vat_rate"] == 2550


def test_a_discount_below_zero_is_shared_between_the_rates_of_the_basket(app: Flask) -> None:
    taxes = [{"id": 11, "total": "-15.00"}, {"id": 13, "total": "-2.40"}]
    club = fee("Klubbrabatt", "-100.00", 0, taxes=taxes, total_tax="-17.40")
    payload = order(item("Filt", "240.00"), item("Bok", "160.00", 6), fee_lines=[club])

    placed = place(payload)

    assert [(charge.name, charge.amount, charge.vat_rate) for charge in placed.charges] == [
        ("Klubbrabatt", -7500, 2500),
        ("Klubbrabatt", -4240, 600),
    ]
    assert compute_totals(placed).vat == {600: 720, 2500: 4500}


def test_shipping_at_several_rates_is_charged_in_parts(app: Flask) -> None:
    taxes = [{"id": 11, "total": "7.50"}, {"id": 13, "total": "0.60"}]
    sent = shipping("40.00", 0, taxes=taxes, total_tax="8.10")
    payload = order(item("Filt", "240.00"), shipping_lines=[sent], shipping_total="40.00", shipping_tax="8.10")

    placed = place(payload)

    assert (placed.shipping_price, placed.shipping_vat_rate) == (3750, 2500)
    assert [(charge.name, charge.amount, charge.vat_rate) for charge in placed.charges] == [("Ombud", 1060, 600)]
    assert compute_totals(placed).vat == {600: 60, 2500: 6750}


def test_the_vat_of_the_tax_lines_is_taken_over(app: Flask) -> None:
    lines = [{"rate_id": 11, "rate_percent": 25, "tax_total": "0.68", "shipping_tax_total": "0.00"}]
    payload = order(*(item(f"Mutter {size}", "0.90") for size in range(3)), tax_lines=lines, total="3.39")
    payload |= {"total_tax": "0.68"}
    assert document(payload)["totals"]["vat"] == {"2500": 68}
    assert compute_totals(place(payload)).vat[2500] == 68


def test_a_shop_that_shows_no_decimals_rounds_to_whole_kronor(app: Flask) -> None:
    whole = {"subtotal": "239", "subtotal_tax": "60", "total": "239", "total_tax": "60"}
    vase = {**item("Vas", "239.00"), **whole, "taxes": [{"id": 11, "total": "60", "subtotal": "60"}]}
    payload = order(vase) | {"total": "299", "total_tax": "60"}
    (line,) = document(payload)["lines"]
    assert (line["unit_price"], line["vat_rate"]) == (29_900, 2500)
    assert totals(payload).total == 29_900


@pytest.mark.parametrize(
    ("currency", "net", "vat", "minor"), [("JPY", "1000", "100", 1100), ("KWD", "1.250", "0.063", 1313)]
)
def test_amounts_are_in_the_minor_units_of_the_currency(
    app: Flask, currency: str, net: str, vat: str, minor: int
) -> None:
    amounts: dict[str, Any] = {"subtotal": net, "subtotal_tax": vat, "total": net, "total_tax": vat, "taxes": []}
    total = {"JPY": "1100", "KWD": "1.313"}[currency]
    payload = order({**item("Vas", "1.00"), **amounts}, currency=currency, total=total, total_tax=vat)
    assert totals(payload).total == minor


def test_an_order_without_vat_has_none(app: Flask) -> None:
    result = totals(order(item("Vas", "80.00", 0), tax_lines=[]))
    assert (result.total, result.vat) == (8000, {0: 0})


def test_a_small_fee_below_zero_is_shared_between_the_rates_that_its_taxes_are_of(app: Flask) -> None:
    """Of -3 yen -2.25 have 25 % and -0.75 have 6 %: 31 % of all would be as near to the tax as rounding allows."""
    taxes = [{"id": 11, "total": "-0.5625"}, {"id": 13, "total": "-0.045"}]
    gift = {"name": "Rabatt", "total": "-3", "total_tax": "-1", "taxes": taxes}
    rates = [{"rate_id": 11, "rate_percent": 25}, {"rate_id": 13, "rate_percent": 6}]
    payload = order(
        item("Penna", "90"), item("Bok", "30", 6), fee_lines=[gift], tax_lines=rates, currency="JPY", total="141"
    )
    charges = [(charge.amount, charge.vat_rate) for charge in place(payload).charges if charge.kind == "deduction"]
    assert charges == [(-3, 2500), (-1, 600)]
