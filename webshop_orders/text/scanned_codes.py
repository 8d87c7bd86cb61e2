"""What a scanner that types sends of a label or a slip, and the codes that may be meant by it."""

import re

from webshop_orders.text.tracking_codes import BLANKS, INVISIBLE, without_scanner_prefix

# FNC1, which parts the elements of a GS1 code, is sent as GS (ISO/IEC 15434).
SEPARATOR = "\x1d"
# Application identifiers as they are printed (GS1 General Specifications, 3.2); a code itself has no brackets.
BRACKETED_IDENTIFIER = re.compile(r"\(([0-9]{2,4})\)")
SSCC = re.compile(r"(?:00)?([0-9]{18})")
# An SSCC is 18 digits after its identifier, and other elements may follow without a separator, as its length is fixed.
FIRST_SSCC = re.compile(r"00([0-9]{18})(?:[0-9]{2}.*)?")
# A scanner that is set to an American keyboard sends - as the key where a Swedish one has +.
PLUS_FOR_HYPHEN = re.compile(r"[A-Za-z0-9]+(?:\+[A-Za-z0-9]+)+")
LINK_TO_ORDER = re.compile(r"https?://[^\s?#]+/orders/([^\s/?#]+)", re.IGNORECASE)


def meanings(scanned: str) -> list[str]:
    """The codes that a text may mean besides itself: none for words that no scanner sends."""
    if link := LINK_TO_ORDER.match(scanned.strip()):
        return [link[1]]
    text = BLANKS.sub(" ", INVISIBLE.sub("", scanned)).strip(f" {SEPARATOR}")
    code = without_scanner_prefix(text).lstrip(SEPARATOR)
    digits = BRACKETED_IDENTIFIER.sub(r"\1", code).replace(" ", "")
    first, *others = digits.split(SEPARATOR)
    found = [code] if not others else []
    if sscc := SSCC.fullmatch(first) or FIRST_SSCC.fullmatch(first):
        found += [f"00{sscc[1]}", sscc[1]]
    elif others or digits != code.replace(" ", ""):
        found.append(first)
    if PLUS_FOR_HYPHEN.fullmatch(code):
        found.append(code.replace("+", "-"))
    return [meaning for meaning in dict.fromkeys(found) if meaning and meaning != scanned]
