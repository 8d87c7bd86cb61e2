"""The cells of a table as amounts, numbers and times; what a spreadsheet made ambiguous is refused by its column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

from flask_babel import gettext as _

from webshop_orders.connectors.files import tables
from webshop_orders.connectors.parsing import Currency
from webshop_orders.errors import RuleViolation
from webshop_orders.text.currencies import minor_digits

BLANKS = re.compile(r"[\s\u00a0\u202f\u2009']")
CURRENCY_NAME = re.compile(r"^(?:[A-Z]{3}|kr\.?|[$€£])|(?:[A-Z]{3}|kr\.?|:-|[$€£])$", re.IGNORECASE)
NOTHING = {"0", "0.00", "0,00"}
AS_EXPORTED = re.compile(r"[0-9]{1,12}\.[0-9]{2}")
PLAIN = re.compile(r"-?([0-9]+)(?:([.,])([0-9]+))?")
GROUPED = re.compile(r"-?[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*(?:(?!\1)[.,]([0-9]+))?")
EXPONENT = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
GROUP = 3

ISO_TIME = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[ T]+([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:\.[0-9]+)?)?)?"
    r"\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
LOCAL_TIME = re.compile(
    r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?:,?\s+([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?)?"
    r"\s*([AP]\.?M\.?)?\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
LAST_MONTH = 12
NOON = 12


@dataclass
class DateOrder:
    """Whether days or months come first in dates such as 05/10/2026: what other dates of the same file prove."""

    proofs: set[bool] = field(default_factory=set)

    def learn(self, text: str) -> None:
        match = LOCAL_TIME.fullmatch(text)
        if match and (is_day_first := _proves_day_first(match)) is not None:
            self.proofs.add(is_day_first)

    @property
    def is_day_first(self) -> bool | None:
        """None where the file proves neither, or both."""
        return next(iter(self.proofs)) if len(self.proofs) == 1 else None


@dataclass(frozen=True)
class TimeReading:
    """How times without a zone are read, and dates whose day and month could be either way round."""

    zone: tzinfo
    dates: DateOrder


def amount(row: Mapping[str, str], column: str, currency: Currency) -> Decimal:
    """An amount in minor units with their fractions, an empty cell being zero; raises RuleViolation by the column."""
    text = tables.cell(row, column)
    if not text or text in NOTHING:
        return Decimal(0)
    return currency.exact(str(decimal(text, column, decimals=minor_digits(currency.code))), column)


def decimal(text: str, column: str, *, decimals: int) -> Decimal:
    """A number as people and spreadsheets write it: 359.00, 359,00, 1 234,50 or 1,234.50 kr.

    With `decimals` other than three, a number such as 1,234 is refused: it may be a thousand or one and a quarter.
    """
    if AS_EXPORTED.fullmatch(text):
        return Decimal(text)
    compact = CURRENCY_NAME.sub("", BLANKS.sub("", text).replace("\u2212", "-"))
    plain, grouped = PLAIN.fullmatch(compact), GROUPED.fullmatch(compact)
    if EXPONENT.fullmatch(compact):
        raise _shortened(text, column)
    if plain and plain[3] and len(plain[3]) == GROUP != decimals and grouped and not plain[1].startswith("0"):
        if decimals:
            raise RuleViolation(
                _("%(field)s is «%(given)s»: a thousand, or three decimals?", field=column, given=text[:50])
            )
        return Decimal(compact.replace(plain[2], ""))
    if plain:
        return Decimal(compact.replace(",", "."))
    if grouped:
        return Decimal(compact.replace(grouped[1], "").replace(",", "."))
    raise RuleViolation(_("%(field)s is no amount: %(given)s.", field=column, given=text[:50]))


def whole_number(row: Mapping[str, str], column: str) -> str:
    """The digits of a number that names something, such as an id; raises RuleViolation if a spreadsheet cut it short.

    A text that is no number is given as it is.
    """
    text = tables.cell(row, column)
    if EXPONENT.fullmatch(text):
        raise _shortened(text, column)
    return re.sub(r"^([0-9]+)[.,]0+$", r"\1", text)


def flag(row: Mapping[str, str], column: str) -> bool | None:
    """Whether a cell says yes or no; None if it says neither."""
    text = tables.cell(row, column).casefold()
    if text in {"true", "yes", "1", "sant", "ja"}:
        return True
    return False if text in {"false", "no", "0", "falskt", "nej"} else None


def time(row: Mapping[str, str], column: str, reading: TimeReading) -> datetime | None:
    """A time in UTC, None for an empty cell; raises RuleViolation, by the column, for one that may be two times."""
    text = tables.cell(row, column)
    if not text:
        return None
    try:
        local, zone = _parse_time(text, column, reading.dates.is_day_first)
        return local.replace(tzinfo=zone or _zone_of_row(row, column, local, reading)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RuleViolation(_("%(field)s is no time: %(given)s.", field=column, given=text[:50])) from None


def _parse_time(text: str, column: str, is_day_first: bool | None) -> tuple[datetime, tzinfo | None]:
    if match := ISO_TIME.fullmatch(text):
        year, month, day, hour, minute, second, zone = match.groups()
        return datetime(int(year), int(month), int(day), *_clock(hour, minute, second)), _zone(zone)
    match = LOCAL_TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    first, _separator, second_part, year, hour, minute, second, half, zone = match.groups()
    proven = _proves_day_first(match)
    day_first = is_day_first if proven is None else proven
    if day_first is None and first != second_part:
        raise RuleViolation(
            _(
                "%(field)s is «%(given)s», in which day and month may be either way round. "
                "Save the file with dates such as 2026-10-25.",
                field=column,
                given=text,
            )
        )
    day, month = (first, second_part) if day_first else (second_part, first)
    hours, minutes, seconds = _clock(hour, minute, second)
    if half:
        hours = hours % NOON + (NOON if half.upper().startswith("P") else 0)
    return datetime(int(year), int(month), int(day), hours, minutes, seconds), _zone(zone)


def _clock(hour: str | None, minute: str | None, second: str | None) -> tuple[int, int, int]:
    return int(hour or 0), int(minute or 0), int(second or 0)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text.upper() in {"Z", "UTC"}:
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _proves_day_first(match: re.Match[str]) -> bool | None:
    """Whether a date has its day first; only Americans write AM and PM, and only they write months first."""
    first, separator, second, half = int(match[1]), match[2], int(match[3]), match[8]
    if first > LAST_MONTH:
        return True
    if second > LAST_MONTH or half:
        return False
    return True if separator == "." else None


def _zone_of_row(row: Mapping[str, str], column: str, local: datetime, reading: TimeReading) -> tzinfo:
    """The zone of a time without one: that of the row's other times, where these are not in the zone of the reading."""
    for other, text in row.items():
        match = ISO_TIME.fullmatch(text.strip()) if other != tables.normalise(column) else None
        if match and match[7] and match[4] and (zone := _zone(match[7])):
            at, _zone_there = _parse_time(text.strip(), other, None)
            if at.replace(tzinfo=zone).astimezone(reading.zone).replace(tzinfo=None) != at:
                return zone
            break
    return reading.zone


def _shortened(text: str, column: str) -> RuleViolation:
    return RuleViolation(
        _(
            "%(field)s is «%(given)s»: a spreadsheet has shortened it. Import the file as the shop exported it.",
            field=column,
            given=text[:50],
        )
    )
