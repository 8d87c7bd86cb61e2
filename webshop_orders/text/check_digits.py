"""The check digits of carriers' codes."""

from collections.abc import Sequence

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def has_s10(code: str) -> bool:
    """S10 of the Universal Postal Union: two letters, eight digits and the check digit of these, and the country."""
    total = sum(int(digit) * weight for digit, weight in zip(code[2:10], S10_WEIGHTS, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11) == int(code[10])


def has_gs1(code: str) -> bool:
    """GS1 General Specifications, 7.9: as in an SSCC, the digits weigh 3 and 1 from the right."""
    digits = _digits(code)
    return _weighted(digits, (3, 1)) == digits[-1]


def has_luhn(code: str) -> bool:
    """Luhn, «modulus 10:2», as in Swedish waybills: each second digit is doubled, and its digits are added."""
    digits = _digits(code)
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits[-2::-1])]
    return -sum(doubled) % 10 == digits[-1]


def has_ups(code: str) -> bool:
    """UPS: what follows 1Z, letters by their place in the alphabet from A = 2, weighs 1 and 2 from the right."""
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in code[2:]]
    return _weighted(values, (1, 2)) == values[-1]


def _weighted(values: Sequence[int], weights: tuple[int, int]) -> int:
    """The digit that makes the weighted sum of all values before the last a multiple of ten."""
    return -sum(value * weights[place % 2] for place, value in enumerate(values[-2::-1])) % 10


def _digits(code: str) -> list[int]:
    return [int(sign) for sign in code if sign.isdigit()]
