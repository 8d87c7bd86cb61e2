"""Rounding of amounts without floating point."""

KRONA = 100  # öre


def round_half_up(numerator: int, denominator: int) -> int:
    """The integer nearest to a fraction, a half rounded away from zero; the denominator is positive."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def round_to_whole_kronor(amount: int) -> int:
    """Öresavrundning: an amount in öre rounded to whole kronor, 1-49 öre down and 50-99 öre up."""
    return round_half_up(amount, KRONA) * KRONA
