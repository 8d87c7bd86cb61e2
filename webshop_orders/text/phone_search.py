"""Which digits search takes phone numbers for, and in which spellings it finds them."""

import re

from webshop_orders.text.folding import fold

# The 0 that is dialled within a country, written into an international number: +46 (0)70-123 45 67.
TRUNK_ZERO = re.compile(r"^(\s*\(?(?:\+|00)[\d\s)]*)\(0\)")
INTERNATIONAL = re.compile(r"\s*\(?(?:\+|00)")
# Numbers of Norway, which have eight digits and no 0 before them, may begin so too.
SWEDISH = re.compile(r"46(?=\d{8})")
SWEDISH_PREFIX = re.compile("^460*")
# ITU-T E.164: countries have codes of one digit, of three where they begin so, and of two otherwise.
COUNTRY_CODE = re.compile(r"[17]|(?:2[1-69]|3[578]|42|5[09]|6[7-9]|8[03578]|9[679])\d|\d\d")
# Shorter remainders would be found in far too many numbers.
MIN_SUBSCRIBER_DIGITS = 6


def digits(phone: str | None) -> str:
    """The digits of a phone number with its country's code, without the prefix + or 00 and without (0)."""
    return re.sub(r"[^0-9]", "", TRUNK_ZERO.sub(r"\1", fold(phone or ""))).removeprefix("00")


def key(phone: str | None) -> str:
    """The lookup key of a phone number, by which its beginning is found: without country code and zeros before it."""
    number = digits(phone)
    code = COUNTRY_CODE if INTERNATIONAL.match(fold(phone or "")) else SWEDISH
    return code.sub("", number, count=1).lstrip("0") if code.match(number) else number.lstrip("0")


def stored_spellings(phone: str | None) -> list[str]:
    """The digits of a phone number and, for a Swedish one, also as dialled within Sweden."""
    number = digits(phone)
    return [number, _national(number)] if number.startswith("46") else [number]


def searched_spellings(phone: str) -> set[str]:
    """The digits that a typed phone number may have where it is stored: with and without country code and zero."""
    number, subscriber = digits(phone), key(phone)
    return {number, _national(number)} | ({subscriber} if len(subscriber) >= MIN_SUBSCRIBER_DIGITS else set())


def _national(number: str) -> str:
    return SWEDISH_PREFIX.sub("0", number)
