"""GTINs: the numbers of articles that barcodes on goods carry (EAN-8, UPC-A, EAN-13, ITF-14)."""

import re

# With fewer digits biip takes order numbers for articles, as the short form UPC-E without its check digit.
GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")
LENGTHS = (8, 12, 13, 14)


def is_gtin(code: str) -> bool:
    """Whether a code is a GTIN-8, -12, -13 or -14 with the right check digit."""
    from biip import ParseError
    from biip.gtin import Gtin

    if not GTIN.fullmatch(code) or not code.strip("0"):
        return False
    try:
        Gtin.parse(code)
    except ParseError:
        return False
    return True


def same_article(one: str, other: str) -> bool:
    """Whether two barcodes stand for one article: a GTIN is the same with zeros before it, other codes as written.

    A reader sends UPC-A, which has twelve digits, as thirteen with a zero in front.
    """
    return one == other or (is_gtin(one) and is_gtin(other) and one.zfill(14) == other.zfill(14))


def spellings(code: str) -> list[str]:
    """The texts as which the barcode of an article may be stored: a GTIN in each length that holds it, or `code`."""
    if not is_gtin(code):
        return [code]
    digits = code.lstrip("0")
    return [digits.zfill(length) for length in LENGTHS if len(digits) <= length]
