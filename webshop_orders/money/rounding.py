"""Rounding of amounts without floating point."""

KRONA = 100  # öre


def round_half_up(numerator: int, denominator: int) -> int:
    """The integer nearest to a fraction of non-negative integers, a half rounded up."""
    return (2 * numerator + denominator) // (2 * denominator)


def round_to_whole_kronor(amount: int) -> int:
    """Öresavrundning: an amount in öre rounded to whole kronor, 1-49 öre down and 50-99 öre up."""
    return round_half_up(amount, KRONA) * KRONA
