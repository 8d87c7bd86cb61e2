"""What a scanner sends, read by the rules of GS1: articles, parcels and what else a code says of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from webshop_orders.barcodes import gtin
from webshop_orders.text.tracking_codes import BLANKS, INVISIBLE

if TYPE_CHECKING:
    from biip.gs1_element_strings import GS1ElementString

# What a scanner sends before a code says which kind it is (ISO/IEC 15424).
KIND_OF_CODE = re.compile(r"\](?P<kind>[A-Za-z][0-9])")
# GS1-128, DataBar, DataMatrix, QR and DotCode carry elements (GS1 General Specifications, figure 5.1.2-2).
KINDS_WITH_ELEMENTS = {"C1", "e0", "d2", "Q3", "J1"}
# FNC1, which ends an element of variable length, is sent as GS; scanners that type may be set to write it out.
SEPARATOR = "\x1d"
WRITTEN_SEPARATOR = re.compile(r"\u241d|<GS>|\{GS\}")
# Without FNC1 and without the kind of code, only what begins as a parcel's or an article's element is read as one.
ELEMENTS = re.compile(r"00[0-9]{18}|01[0-9]{14}")
BRACKETED = re.compile(r"\([0-9]{2,4}\)")
SSCC = re.compile(r"[0-9]{18}")
LINK = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True)
class Scan:
    """A scanned code: `text` without what the scanner adds, and what it says by the rules of GS1.

    `elements` has the value of each application identifier, such as `{"01": "07350053850019", "21": "A7"}`, in the
    sequence of the code. `gtin` and `sscc` are None where their check digit is wrong; `has_wrong_check_digit` says so.
    """

    text: str
    elements: dict[str, str] = field(default_factory=dict)
    gtin: str | None = None
    sscc: str | None = None
    has_wrong_check_digit: bool = False

    @property
    def serial(self) -> str | None:
        return self.elements.get("21")

    @property
    def lot(self) -> str | None:
        return self.elements.get("10")


def read(scanned: str) -> Scan:
    """Read what a scanner sent; a code that is none of GS1 has nothing but its text.

    Order numbers of 8, 12, 13 or 14 digits can look like a GTIN, so they are looked up before this is believed.
    """
    text = WRITTEN_SEPARATOR.sub(SEPARATOR, BLANKS.sub(" ", INVISIBLE.sub("", scanned))).strip(f" \r\n{SEPARATOR}")
    kind = KIND_OF_CODE.match(text)
    code = text[kind.end() :].strip(f" {SEPARATOR}") if kind else text
    if gtin.GTIN.fullmatch(code):
        return _of_article(code)
    compact = code.replace(" ", "")
    if SSCC.fullmatch(compact):
        return _of_parcel(compact)
    if LINK.match(code):
        return _of_elements(code, _read_link(code))
    if BRACKETED.match(compact):
        return _of_elements(code, _read_bracketed(compact))
    if (kind and kind["kind"] in KINDS_WITH_ELEMENTS) or SEPARATOR in code or ELEMENTS.match(compact):
        return _of_elements(code, _read_message(compact))
    return Scan(code)


def _of_article(code: str) -> Scan:
    is_right = gtin.is_gtin(code)
    return Scan(code, gtin=code if is_right else None, has_wrong_check_digit=not is_right)


def _of_parcel(code: str) -> Scan:
    """Read 18 digits without their identifier, which are an SSCC if the check digit is right."""
    from biip import ParseError
    from biip.sscc import Sscc

    try:
        return Scan(code, sscc=Sscc.parse(code).value)
    except ParseError:
        return Scan(code, has_wrong_check_digit=True)


def _of_elements(code: str, elements: "Iterable[GS1ElementString]") -> Scan:
    """biip reports a wrong check digit beside the value, not as an error of the whole."""
    found = list(elements)
    values: dict[str, str] = {}
    for element in found:
        values.setdefault(element.ai.ai, element.value)
    return Scan(
        code,
        values,
        gtin=next((element.gtin.value for element in found if element.gtin and element.ai.ai == "01"), None),
        sscc=next((element.sscc.value for element in found if element.sscc), None),
        has_wrong_check_digit=any(element.gtin_error or element.sscc_error for element in found),
    )


def _read_message(code: str) -> "Iterable[GS1ElementString]":
    from biip import ParseConfig, ParseError
    from biip.gs1_messages import GS1Message

    try:  # an expiry date of zeros is on the market, and no reason not to know the article
        return GS1Message.parse(code, config=ParseConfig(gs1_element_strings_verify_date=False)).element_strings
    except ParseError:
        return []


def _read_bracketed(code: str) -> "Iterable[GS1ElementString]":
    """Read elements as they are printed, each identifier in brackets, which a code itself does not have.

    As a message with separators: biip's reader of this form drops what follows a bracket within a value.
    """
    return _read_message(BRACKETED.sub(lambda found: SEPARATOR + found[0][1:-1], code).lstrip(SEPARATOR))


def _read_link(link: str) -> "Iterable[GS1ElementString]":
    """Read a GS1 Digital Link, which QR codes on goods carry."""
    from biip import ParseError
    from biip.gs1_digital_link_uris import GS1DigitalLinkURI

    try:
        return GS1DigitalLinkURI.parse(link).element_strings
    except (ParseError, ValueError):
        return []
