"""Cells as amounts and times: what a spreadsheet made ambiguous is refused by its column, never guessed."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.web.conftest import on_sqlite
from webshop_orders.connectors.files import cells
from webshop_orders.connectors.files.cells import DateOrder, TimeReading
from webshop_orders.errors import RuleViolation

pytestmark = on_sqlite

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def read_time(text: str, *others: str, **columns: str) -> str:
    dates = DateOrder()
    for other in (text, *others):
        dates.learn(other)
    row = {"created at": text, **{name.replace("_", " "): value for name, value in columns.items()}}
    return str(cells.time(row, "Created at", TimeReading(STOCKHOLM, dates)))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("359.00", "359.00"),
        ("359,00", "359.00"),
        ("359", "359"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234,50 kr", "1234.50"),
        ("kr 1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1,234,567.89", "1234567.89"),
        ("1'234.50", "1234.50"),
        ("SEK 59.5", "59.5"),
        ("-12,50", "-12.50"),
        ("\u221212,50", "-12.50"),
        ("71.80000001", "71.80000001"),
        ("0.125", "0.125"),
        ("1234.567", "1234.567"),
    ],
)
def test_amounts_are_read_as_people_and_spreadsheets_write_them(app: Flask, text: str, number: str) -> None:
    assert cells.decimal(text, "Total", decimals=2) == Decimal(number)


def test_three_digits_after_one_sign_are_decimals_only_in_a_currency_that_has_them(app: Flask) -> None:
    assert cells.decimal("1.234", "Total", decimals=3) == Decimal("1.234")
    assert cells.decimal("1,234", "Total", decimals=0) == Decimal(1234)
    with pytest.raises(RuleViolation, match=r"Total.*1,234"):
        cells.decimal("1,234", "Total", decimals=2)


@pytest.mark.parametrize("text", ["7,00101E+12", "7.00101E+12", "#####", "abc", "12..5", "1,23,4.5", "--5"])
def test_an_amount_that_is_none_is_refused_by_its_column(app: Flask, text: str) -> None:
    with pytest.raises(RuleViolation, match="Total"):
        cells.decimal(text, "Total", decimals=2)


def test_an_id_that_became_a_number_is_read_and_one_cut_short_refused(app: Flask) -> None:
    assert cells.whole_number({"id": "7001010.0"}, "Id") == "7001010"
    assert cells.whole_number({"id": "7001010,00"}, "Id") == "7001010"
    assert cells.whole_number({"id": "A-12.5"}, "Id") == "A-12.5"
    with pytest.raises(RuleViolation, match=r"Id.*7,00101E\+12"):
        cells.whole_number({"id": "7,00101E+12"}, "Id")


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-05 07:59:00 +0200",
        "2026-10-05 07:59:00 +02:00",
        "2026-10-05T05:59:00Z",
        "2026-10-05 05:59:00 UTC",
        "2026-10-05 07:59:00",
        "2026-10-05 07:59",
        "2026-10-05T07:59",
        "2026/10/05 07:59",
        "05.10.2026 07:59",
        "5.10.2026 7.59",
        "10/5/2026 7:59 AM",
        "10/5/2026, 7:59:00 AM",
    ],
)
def test_times_are_read_in_the_zone_of_the_shop_where_they_have_none(app: Flask, text: str) -> None:
    assert read_time(text) == "2026-10-05 05:59:00+00:00"


def test_an_hour_after_noon_is_read_by_its_half_of_the_day(app: Flask) -> None:
    assert read_time("10/5/2026 7:59 PM") == "2026-10-05 17:59:00+00:00"
    assert read_time("10/5/2026 12:01 AM") == "2026-10-04 22:01:00+00:00"


def test_a_date_that_may_be_two_is_refused_unless_another_date_proves_which(app: Flask) -> None:
    with pytest.raises(RuleViolation, match=r"Created at.*05/10/2026"):
        read_time("05/10/2026 07:59")
    assert read_time("05/10/2026 07:59", "25/10/2026 07:59") == "2026-10-05 05:59:00+00:00"
    assert read_time("10/05/2026 07:59", "10/25/2026 07:59") == "2026-10-05 05:59:00+00:00"
    assert read_time("10/10/2026 07:59") == "2026-10-10 05:59:00+00:00"
    with pytest.raises(RuleViolation, match="Created at"):
        read_time("05/10/2026 07:59", "25/10/2026 07:59", "10/25/2026 07:59")


def test_a_time_without_zone_has_that_of_the_other_times_of_its_row(app: Flask) -> None:
    assert read_time("2026-10-05 07:59", paid_at="2026-10-05 08:00:00 +0300") == "2026-10-05 04:59:00+00:00"
    # The shop's own zone: its winter time after a summer time.
    assert read_time("2026-10-30 07:59", paid_at="2026-10-05 08:00:00 +0200") == "2026-10-30 06:59:00+00:00"


@pytest.mark.parametrize("text", ["46300.33", "i går", "2026-13-05 07:59", "31/04/2026", "2026-10-05 25:00"])
def test_what_is_no_time_is_refused_by_its_column(app: Flask, text: str) -> None:
    with pytest.raises(RuleViolation, match="Created at"):
        read_time(text)
