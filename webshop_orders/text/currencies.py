"""How many decimals the amounts of a currency have: its minor units, by ISO 4217.

Not CLDR's number of digits, which follows how people write prices and differs from one release to another.
https://www.six-group.com/en/products-services/financial-information/data-standards.html
"""

USUAL_DIGITS = 2
WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905
WITH_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND".split()  # noqa: SIM905
WITH_FOUR_DECIMALS = "CLF UYW".split()  # noqa: SIM905
OTHER_DIGITS = {
    **dict.fromkeys(WITHOUT_DECIMALS, 0),
    **dict.fromkeys(WITH_THREE_DECIMALS, 3),
    **dict.fromkeys(WITH_FOUR_DECIMALS, 4),
}


def minor_digits(currency: str) -> int:
    """The decimals of an amount: 2 for SEK, of which one is 100 öre."""
    return OTHER_DIGITS.get(currency, USUAL_DIGITS)
