"""Letters on labels get smaller where the text needs it."""

from webshop_orders.web.printing.fitting import size_of_letters

SIZES = (24, 12, 6)


def size(*lines: str) -> int:
    return size_of_letters(lines, width=94, height=60, sizes=SIZES)


def test_short_lines_are_as_large_as_can_be() -> None:
    assert size("Åsa Öberg", "Storgatan 1", "972 31 Luleå") == 24


def test_long_and_many_lines_are_smaller() -> None:
    assert size("Bostadsrättsföreningen Kungsholmsstranden", "Storgatan 1", "972 31 Luleå") == 24
    assert size(*["Norra Bangårdsgatan 127 B, uppgång 4"] * 5) == 12
    assert size(*["rad"] * 11) == 12


def test_capitals_and_signs_of_asia_are_wider() -> None:
    assert (size("e" * 80), size("W" * 80), size("漢" * 80)) == (24, 12, 12)


def test_what_fits_nowhere_gets_the_smallest() -> None:
    assert size("x" * 10_000) == 6
