"""What a scanner that types sends of a label or a slip, and the codes that may be meant by it."""

import re

from webshop_orders.barcodes import gs1

# A scanner that is set to an American keyboard sends - as the key where a Swedish one has +.
PLUS_FOR_HYPHEN = re.compile(r"[A-Za-z0-9]+(?:\+[A-Za-z0-9]+)+")
LINK_TO_ORDER = re.compile(r"https?://[^\s?#]+/orders/([^\s/?#]+)", re.IGNORECASE)


def meanings(scanned: str) -> list[str]:
    """The codes that a text may mean besides itself: none for words that no scanner sends."""
    scan = gs1.read(scanned)
    if link := LINK_TO_ORDER.match(scan.text):
        return [link[1]]
    first, *others = scan.text.split(gs1.SEPARATOR)
    found = [first] if others and not scan.elements else [] if others else [scan.text]
    if parcel := scan.sscc or scan.elements.get("00") or _parcel_number(scan.text):
        found += [f"00{parcel}", parcel]
    elif scan.elements:
        identifier, value = next(iter(scan.elements.items()))
        found += [value, identifier + value]
    if PLUS_FOR_HYPHEN.fullmatch(scan.text):
        found.append(scan.text.replace("+", "-"))
    return [meaning for meaning in dict.fromkeys(found) if meaning and meaning != scanned]


def _parcel_number(text: str) -> str | None:
    """A number as long as an SSCC, which is searched for although its check digit is wrong."""
    digits = text.replace(" ", "")
    return digits if gs1.SSCC.fullmatch(digits) else None
