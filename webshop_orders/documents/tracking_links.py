"""Tracking codes in links to carriers' tracking pages: the carrier by the host, the code by its place in the link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from webshop_orders.documents.known_carriers import find_by_host, match_name
from webshop_orders.models import Carrier
from webshop_orders.models.tracking_code import CODE

PLACEHOLDER = "{code}"
SEPARATOR = re.compile(r"[,|]")  # of the codes of a page that shows several
LETTER_CODE = re.compile(r"[A-Z]{8,}")
MIN_CODE_LENGTH = 3
# Names of parameters that hold the code on many tracking pages, apart from those of the known carriers. Such as `id`
# and `number` hold anything.
CODE_PARAMETERS = re.compile(
    r"barcode|consignment(id|no|number)?|kolli(id|nr)?|parcel(id|no|number)?|shipment(id|no|number)?"
    r"|track(ing)?[-_]?(code|id|no|nr|num|number)?|waybill|awb|sporing(snummer)?"
)
OTHER_PARAMETERS = re.compile(
    r"utm_.*|gclid|fbclid|mc_.*|_ga|lang|language|locale|country|countrycode|cc", re.IGNORECASE
)


# What is in brackets after a link is not of it: «(öppnas i ny flik)».
LINK = re.compile(r"(https?://)(\S.*?)(?:\s+[(<\[].*)?$", re.IGNORECASE)
# A link as the value of a parameter, and as Proofpoint's urldefense.com writes it into the path.
TARGET = re.compile(r"https?://[!-~]+", re.IGNORECASE)
WRAPPED_IN_PATH = re.compile(r"/__(https?://?[!-~]+)__;", re.IGNORECASE)
MAX_WRAPPERS = 3  # of a link that a mail program wrapped, of a sender's link that counts clicks
BARE_LINK = re.compile(r"[0-9a-z-]+(\.[0-9a-z-]+)+[/?#]\S*", re.IGNORECASE)


@dataclass(frozen=True)
class Candidate:
    """A part of a link that may be the code; `name` is that of its parameter, empty for a part of the path."""

    text: str
    name: str = ""

    @property
    def digits(self) -> int:
        return sum(character.isdigit() for character in self.text)


def read_link(text: str) -> str | None:
    """The link in a text that is one, also without https://, as browsers show it; None for any other text."""
    if match := LINK.search(text):
        return f"{match[1].lower()}{match[2].rstrip('.)>]')}"
    if not BARE_LINK.fullmatch(text):
        return None
    host = urlsplit(f"//{text}").hostname or ""
    return f"https://{text}" if host.startswith("www.") or find_by_host(host) else None


def unwrap(link: str, carriers: list[Carrier]) -> str:
    """The link to a carrier's tracking page within one that leads there, such as those of mail programs' filters."""
    own_hosts = {urlsplit(carrier.pattern).hostname for carrier in carriers}
    inner = link
    for _depth in range(MAX_WRAPPERS):
        parts = urlsplit(inner)
        if parts.hostname in own_hosts or find_by_host(parts.hostname or ""):
            return inner
        texts = [*(value for _name, value in _parameters(parts)), *WRAPPED_IN_PATH.findall(parts.geturl())]
        inner = next((target for text in texts if TARGET.fullmatch(target := text.strip())), "")
    return link


def find_codes(link: str, carriers: list[Carrier]) -> tuple[list[str], str | None]:
    """The codes in a link, several only where a carrier's page shows them together, and the shop's name of the carrier.

    Without a code or a known carrier these are empty and None.
    """
    parts = urlsplit(link)
    for carrier in carriers:
        if code := _at_place_of(parts, urlsplit(carrier.pattern)):
            return [code], carrier.name
    known = find_by_host(parts.hostname or "")
    parameters = known.parameters if known else ()
    candidates = [candidate for candidate in _candidates(parts) if _may_be_code(candidate, parameters)]
    codes = SEPARATOR.split(_best(candidates, parameters) or "")
    name = match_name(known.name, (carrier.name for carrier in carriers)) if known else None
    return list(filter(None, map(str.strip, codes))), name


def _at_place_of(link: SplitResult, pattern: SplitResult) -> str | None:
    """The code in a link that has the host of a carrier's pattern and a code at the place of its `{code}`."""
    if link.hostname != pattern.hostname:
        return None
    name = next((name for name, value in _parameters(pattern) if value == PLACEHOLDER), None)
    if name is not None:
        found: Iterable[str] = (value for other, value in _parameters(link) if other.lower() == name.lower())
    else:
        before, _placeholder, after = pattern.path.partition(PLACEHOLDER)
        is_there = link.path.startswith(before) and link.path.endswith(after) and len(link.path) > len(before + after)
        part = link.path[len(before) : len(link.path) - len(after)]
        found = [unquote(part)] if _placeholder and is_there and "/" not in part else []
    return next((value.strip() for value in found if CODE.fullmatch(value.strip())), None)


def _candidates(parts: SplitResult) -> Iterator[Candidate]:
    fragment = urlsplit(parts.fragment.lstrip("!"))  # of a page that navigates by itself, #/track/123?lang=sv
    for name, value in (*_parameters(parts), *_parameters(fragment)):
        yield Candidate(value.strip(), name.lower()) if value else Candidate(name.strip())
    for path in (parts.path, fragment.path):
        yield from (Candidate(segment.strip()) for segment in unquote(path).split("/"))


def _parameters(parts: SplitResult) -> list[tuple[str, str]]:
    return parse_qsl(parts.query.replace(";", "&"), keep_blank_values=True, max_num_fields=100)


def _may_be_code(candidate: Candidate, parameters: tuple[str, ...]) -> bool:
    """Whether it has a code's length and characters; letters alone are one in a carrier's own parameter only."""
    is_word = not candidate.digits and not (candidate.name in parameters and LETTER_CODE.fullmatch(candidate.text))
    return (
        len(candidate.text) >= MIN_CODE_LENGTH
        and not is_word
        and all(CODE.fullmatch(code.strip()) for code in SEPARATOR.split(candidate.text))
        and OTHER_PARAMETERS.fullmatch(candidate.name) is None
    )


def _best(candidates: list[Candidate], parameters: tuple[str, ...]) -> str | None:
    """The candidate in one of a carrier's parameters, else in a usual one, else that with most digits, the longest."""
    if not candidates:
        return None

    def rank(candidate: Candidate) -> tuple[bool, bool, int, int]:
        is_usual = CODE_PARAMETERS.fullmatch(candidate.name) is not None
        return candidate.name in parameters, is_usual, candidate.digits, len(candidate.text)

    return max(candidates, key=rank).text
