"""TODO money.rounding."""


def round_half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to a fraction of non-negative numbers, a half going up."""
    return (2 * numerator + denominator) // (2 * denominator)
