"""Parsing of what other shops write: quantities, times, countries, e-mail addresses and amounts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from webshop_orders.connectors import parsing
from webshop_orders.connectors.countries import country_code
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.sums import Rows, max_rounding, payment_document
from webshop_orders.errors import RuleViolation

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("SE", "SE"),
        ("se", "SE"),
        ("Sweden", "SE"),
        ("SVERIGE", "SE"),
        (" Sverige ", "SE"),
        ("Ruotsi", "SE"),
        ("Schweden", "SE"),
        ("SWE", "SE"),
        ("United States", "US"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("Storbritannien", "GB"),
        ("Osterrike", "AT"),
        ("Åland", "AX"),
        ("Nederländerna", "NL"),
        ("Atlantis", None),
        ("", None),
        (None, None),
    ],
)
def test_a_country_is_read_from_its_code_or_its_name(written: str | None, code: str | None) -> None:
    assert country_code(written) == code


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("bo@example.com", "bo@example.com"),
        ("\u00a0bo@example.com\u200b ", "bo@example.com"),
        ("bo@example.com,", "bo@example.com"),
        ("bo@example.com, ring mig", "bo@example.com"),
        ("bo@example.com anna@example.com", "bo@example.com"),
        ("mailto:bo@example.com", "bo@example.com"),
        ("Ek, Bo <bo@example.com>", "bo@example.com"),
        ("b,o@example.com", None),
        ("bo ek@example.com", None),
        ("bo@example,com", None),
        ("nej", None),
    ],
)
def test_an_address_is_read_where_it_is_certain(typed: str, address: str | None) -> None:
    fields = parsing.email_fields({"mail": typed}, "mail")
    assert fields == {"email": address, "unusable_email": None if address else typed.strip()}


def test_the_first_usable_of_several_fields_is_the_address() -> None:
    value = {"email": "nej", "contact_email": "bo@example.com"}
    assert parsing.email(value, "email", "contact_email") == "bo@example.com"
    assert parsing.email_fields({}, "email") == {"email": None, "unusable_email": None}


@pytest.mark.parametrize(
    ("written", "number"),
    [(2, "2"), (2.5, "2.5"), ("2,5", "2.5"), ("-1", "-1"), (" 3 ", "3"), (True, None), ("två", None), ("NaN", None)],
)
def test_a_quantity_may_have_decimals_and_a_sign(written: Any, number: str | None) -> None:
    assert parsing.quantity({"quantity": written}, "quantity") == (Decimal(number) if number else None)


def test_what_is_finer_than_any_quantity_or_amount_is_none(app: Flask) -> None:
    assert parsing.quantity({"quantity": 1e-300}, "quantity") == 0
    assert Currency("SEK").exact(1e-300) == 0
    assert parsing.quantity({"quantity": "0.000000000001"}, "quantity") == Decimal("1E-12")


def test_a_sum_that_no_order_has_is_rounded_like_any_other() -> None:
    assert Currency.round(Decimal("1.5E+52")) == 15 * 10**51


@pytest.mark.parametrize(
    ("written", "zone", "time"),
    [
        ("2026-07-01T10:00:00", STOCKHOLM, datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-01-01 10:00:00", STOCKHOLM, datetime(2026, 1, 1, 9, tzinfo=UTC)),
        ("2026-07-01T10:00:00+05:00", STOCKHOLM, datetime(2026, 7, 1, 5, tzinfo=UTC)),
        ("2026-07-01T10:00:00Z", None, datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01T10:00:00", None, None),
        ("0000-00-00 00:00:00", STOCKHOLM, None),
    ],
)
def test_a_time_without_zone_is_read_in_that_of_the_shop(
    written: str, zone: ZoneInfo | None, time: datetime | None
) -> None:
    assert parsing.timestamp({"at": written}, "at", zone) == time


@pytest.mark.parametrize(("code", "minor"), [("SEK", 1250), ("JPY", 13), ("KWD", 12_500), ("HUF", 1250)])
def test_amounts_have_the_decimals_of_their_currency(app: Flask, code: str, minor: int) -> None:
    assert Currency.from_code(code.lower()).minor("12.5") == minor


def test_private_names_and_empty_values_are_no_attributes() -> None:
    pairs = [
        ("_hidden", "x"),
        ("Tom", " "),
        ("Text", "Till Åke\r\nKram"),
        ("Lista", ["a", 2, {}]),
        ("Objekt", {}),
        (3, "x"),
    ]
    assert parsing.attribute_documents(pairs) == [
        {"name": "Text", "value": "Till Åke\nKram"},
        {"name": "Lista", "value": "a, 2"},
    ]


def test_attributes_are_cut_at_the_limits_of_documents() -> None:
    (long,) = parsing.attribute_documents([("n" * 300, "v" * 2_000)])
    assert (len(long["name"]), len(long["value"])) == (200, 1_000)
    assert len(parsing.attribute_documents((f"n{place}", "v") for place in range(200))) == 100


def test_entities_are_unescaped_only_if_they_exist_and_end() -> None:
    assert parsing.unescape({"a": ["S&amp;M &#8211; &reg;", "?x=1&copy=2&regio;"], "n": 1}) == {
        "a": ["S&M – ®", "?x=1&copy=2&regio;"],
        "n": 1,
    }


def test_rounding_is_added_only_within_its_bound(app: Flask) -> None:
    for missing, charged in ((0, []), (2, [2]), (-2, [-2]), (3, []), (100, [])):
        rows = Rows()
        rows.add_rounding("Avrundning", missing, rounded_amounts=2)
        assert [charge["amount"] for charge in rows.charges] == charged
    assert [max_rounding(amounts) for amounts in (0, 1, 2, 3, 10)] == [1, 2, 2, 3, 6]


def test_an_item_of_no_units_is_a_fee_if_it_costs_something(app: Flask) -> None:
    rows = Rows()
    free = {"sku": "A", "name": "Prov", "quantity": Decimal(0), "before": Decimal(0), "vat_rate": 2500}
    assert rows.add_item(**free, after=Decimal(0)) is None
    assert rows.add_item(**free, after=Decimal(500)) is None
    assert (rows.lines, rows.total, rows.charges[0]["kind"]) == ([], 500, "fee")


def test_an_item_without_a_quantity_is_refused_by_its_name(app: Flask) -> None:
    with pytest.raises(RuleViolation, match="Prov"):
        Rows().add_item(sku="A", name="Prov", quantity=None, before=Decimal(1), after=Decimal(1), vat_rate=0)


def test_the_method_that_paid_most_is_the_method() -> None:
    parts = [("gift_card", 3000), ("klarna", 4000), ("gift_card", 3000)]
    paid = payment_document(parts, total=12_000, refunded=1000, outstanding=500)
    assert paid == {
        "method": "gift_card",
        "paid": 9000,
        "refunded": 1000,
        "written_off": 2500,
        "parts": [{"method": "gift_card", "amount": 6000}, {"method": "klarna", "amount": 4000}],
    }
    assert payment_document([("swish", 500)], total=500) == {
        "method": "swish",
        "paid": 500,
        "refunded": 0,
        "written_off": 0,
        "parts": [],
    }


def test_a_tax_that_is_more_than_the_price_gives_the_highest_rate() -> None:
    assert parsing.vat_rate(Decimal(11_960), Decimal("4.46E-209")) == 10_000
    assert parsing.vat_rate(Decimal(25), Decimal(100)) == 2_500
