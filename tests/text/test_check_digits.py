"""Check digits of codes as they stand on labels, and of the same codes with one digit changed."""

import pytest

from webshop_orders.text import check_digits


@pytest.mark.parametrize("code", ["RR123456785SE", "RB123456785GB", "EE000000005SE", "CP000000076DK", "AB000000005NO"])
def test_s10_has_the_check_digit_of_the_postal_union(code: str) -> None:
    assert check_digits.has_s10(code)
    assert not check_digits.has_s10(f"{code[:10]}{(int(code[10]) + 1) % 10}{code[11:]}")


@pytest.mark.parametrize("code", ["006141411234567890", "370730254698741235", "373500489123456787"])
def test_an_sscc_has_that_of_gs1(code: str) -> None:
    assert check_digits.has_gs1(code)
    assert not check_digits.has_gs1(f"{code[:-1]}{(int(code[-1]) + 1) % 10}")


@pytest.mark.parametrize("code", ["1806290829", "8112189876"])
def test_a_swedish_waybill_has_that_of_personal_numbers(code: str) -> None:
    assert check_digits.has_luhn(code)
    assert not check_digits.has_luhn(f"{code[:-1]}{(int(code[-1]) + 1) % 10}")


@pytest.mark.parametrize(
    "code", ["1Z5R89390357567127", "1Z879E930346834440", "1Z8V92A70367203024", "1Z999AA10123456784"]
)
def test_ups_counts_letters_too(code: str) -> None:
    assert check_digits.has_ups(code)
    assert not check_digits.has_ups(f"{code[:-1]}{(int(code[-1]) + 1) % 10}")
