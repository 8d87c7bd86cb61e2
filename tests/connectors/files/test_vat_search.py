"""VAT rates found from the VAT that an order has as a whole; amounts in öre, rates in basis points."""

from collections.abc import Sequence

import pytest

from webshop_orders.connectors.files.vat_search import Tax, TaxedAmount, VatRates, find_rates

SHIPPING = ""


def amounts(*values: int, shipping: int = 0) -> list[TaxedAmount]:
    goods = [TaxedAmount(f"product {number}", value, True) for number, value in enumerate(values)]
    return [*goods, TaxedAmount(SHIPPING, shipping, None)]


def find(
    values: Sequence[TaxedAmount], total: int, *taxes: Tax, country: str = "SE", includes_vat: bool = True
) -> VatRates | None:
    return find_rates(values, taxes, total, includes_vat=includes_vat, country=country)


def test_one_named_rate_is_that_of_everything() -> None:
    assert find(amounts(30_000, shipping=5_900), 7_180, Tax("VAT 25%", 7_180)) == VatRates(
        [2_500, 2_500], {2_500: 7_180}
    )


def test_a_tax_without_a_rate_in_its_name_has_one_that_its_country_knows() -> None:
    assert find(amounts(30_000, shipping=5_900), 7_180, Tax("Moms", 7_180)) == VatRates([2_500, 2_500], {2_500: 7_180})
    assert find(amounts(11_900), 1_900, Tax("MwSt.", 1_900), country="DE") == VatRates([1_900, 1_900], {1_900: 1_900})
    assert find(amounts(11_000), 1_000, country="JP") == VatRates([1_000, 1_000], {1_000: 1_000})


def test_shipping_without_tax_is_told_from_goods_with_it() -> None:
    assert find(amounts(12_500, shipping=4_900), 2_500, Tax("VAT 25%", 2_500)) == VatRates([2_500, 0], {2_500: 2_500})


def test_two_named_rates_are_told_apart_by_their_tax() -> None:
    taxes = (Tax("VAT 25%", 2_500), Tax("VAT 12%", 1_200))
    assert find(amounts(12_500, 11_200), 3_700, *taxes) == VatRates([2_500, 1_200, 0], {2_500: 2_500, 1_200: 1_200})


def test_two_rates_without_names_are_told_apart_by_their_sum() -> None:
    found = find(amounts(12_500, 10_600), 3_100, Tax("Moms", 3_100))
    assert found is not None
    assert (found.rates, found.vat) == ([2_500, 600, 0], {2_500: 2_500, 600: 600, 0: 0})


def test_products_of_one_price_cannot_be_told_apart() -> None:
    taxes = (Tax("VAT 25%", 2_000), Tax("VAT 12%", 1_071))
    assert find(amounts(10_000, 10_000), 3_071, *taxes) is None


def test_rows_of_one_product_have_one_rate() -> None:
    rows = [TaxedAmount("te", 10_000, True), TaxedAmount("te", 10_000, True), TaxedAmount("vas", 12_500, True)]
    taxes = (Tax("VAT 25%", 2_500), Tax("VAT 12%", 2_143))
    found = find([*rows, TaxedAmount(SHIPPING, 0, None)], 4_643, *taxes)
    assert found is not None
    assert found.rates == [1_200, 1_200, 2_500, 0]


def test_what_is_not_taxed_has_no_rate() -> None:
    rows = [TaxedAmount("kort", 5_000, False), TaxedAmount("vas", 12_500, True), TaxedAmount(SHIPPING, 0, None)]
    assert find(rows, 2_500, Tax("VAT 25%", 2_500)) == VatRates([0, 2_500, 2_500], {2_500: 2_500})


def test_taxes_on_top_of_prices_add_up_where_all_amounts_have_them() -> None:
    taxes = (Tax("State Tax 6%", 600), Tax("County Tax 1%", 100))
    assert find(amounts(10_000), 700, *taxes, includes_vat=False, country="US") == VatRates([700, 700], {700: 700})


def test_without_tax_every_rate_is_zero() -> None:
    assert find(amounts(10_000, shipping=500), 0, Tax("VAT 25%", None)) == VatRates([0, 0], {0: 0})


@pytest.mark.parametrize("total", [1, 5_000, 9_999])
def test_a_tax_that_no_rates_explain_is_not_guessed(total: int) -> None:
    assert find(amounts(10_000, 7_300), total, Tax("VAT 25%", total)) is None


def test_a_search_of_far_too_many_ways_is_given_up() -> None:
    values = amounts(*(1_000 + 37 * number * number for number in range(60)))
    assert find(values, 31_337, Tax("VAT 25%", 20_000), Tax("VAT 12%", 8_000), Tax("VAT 6%", 3_337)) is None
