"""Addresses by which no parcel would come, and those that only look so."""

import pytest

from webshop_orders.text.addresses import has_wrong_postal_code, lacks_house_number


@pytest.mark.parametrize(
    ("street", "street2", "country"),
    [
        ("Storgatan", None, "SE"),
        ("STORA VÄGEN ", None, "SE"),
        ("c/o Svensson, Kungsgatan", None, "SE"),
        ("c/o Svensson", "Kungsgatan", "SE"),
        ("Mannerheimintie", None, "FI"),
        ("Karl Johans gate", None, "NO"),
        ("Nørregade", None, "DK"),
        ("Hauptstraße", None, "DE"),
        ("Hauptstr.", None, "DE"),
        ("Kalverstraat", None, "NL"),
    ],
)
def test_a_street_without_a_number_lacks_one(street: str, street2: str | None, country: str) -> None:
    assert lacks_house_number(street, street2, country)


@pytest.mark.parametrize(
    ("street", "street2", "country"),
    [
        ("Storgatan 1", None, "SE"),
        ("Storgatan", "12 B lgh 1103", "SE"),
        ("1:a Tvärgatan 7", None, "SE"),
        ("Box 12", None, "SE"),
        ("c/o Svensson", "Storgatan 1", "SE"),
        ("c/o Svensson", None, "SE"),
        ("Norrgården", None, "SE"),
        ("Torpet Solhem, Västra Backa", None, "SE"),
        ("Skogsbacken", None, "SE"),
        ("Stora Torget", None, "SE"),
        ("Poste restante", None, "SE"),
        ("Universitetssjukhuset, godsmottagningen", None, "SE"),
        ("Nordre Gård", None, "NO"),
        ("Skovlund", None, "DK"),
        ("Rosehill Cottage", None, "GB"),
        ("High Street", None, "GB"),
        ("Hauptstraße", None, "IT"),
        ("-", None, "SE"),
    ],
)
def test_what_has_no_number_by_its_nature_lacks_none(street: str, street2: str | None, country: str) -> None:
    assert not lacks_house_number(street, street2, country)


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("1234", "SE"),
        ("972310", "SE"),
        ("012 34", "SE"),
        ("", "SE"),
        ("9723A", "SE"),
        ("٩٧٢٣١", "SE"),
        ("97231", "NO"),
        ("123", "DK"),
        ("972 3", "FI"),
        ("1234", "NL"),
        ("SW1A", "GB"),
    ],
)
def test_a_code_that_is_none_of_its_country_is_wrong(code: str, country: str) -> None:
    assert has_wrong_postal_code(code, country)


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("972 31", "SE"),
        ("97231", "SE"),
        ("SE-972 31", "SE"),
        ("S-97231", "SE"),
        ("0150", "NO"),
        ("DK-2100", "DK"),
        ("00100", "FI"),
        ("1012 AB", "NL"),
        ("1012ab", "NL"),
        ("SW1A 1AA", "GB"),
        ("M1 1AE", "GB"),
        ("00-950", "PL"),
        ("10115", "DE"),
        ("D-10115", "DE"),
        ("90210-1234", "US"),
        ("", "IE"),
        ("", "HK"),
        ("whatever", "JP"),
    ],
)
def test_codes_as_people_write_them_are_right_and_unknown_countries_have_any(code: str, country: str) -> None:
    assert not has_wrong_postal_code(code, country)
