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
        ("Kungsgatan", "c/o Nygård", "SE"),
        ("Bryggargatan", "Box", "SE"),
        ("Storgatan, uppgång B", None, "SE"),
        ("Alle\u0301", None, "SE"),  # as some systems write é
        ("Drottninggatan\u00a0", None, "SE"),
        ("Strandgaden", None, "DK"),
        ("Frederiksberg Allé", None, "DK"),
        ("Østre Boulevard", "st. tv.", "DK"),
        ("Storgata", "v/ Hansen", "NO"),
        ("Drammensveien", None, "NO"),
        ("Aleksanterinkatu", "as", "FI"),
        ("Norra esplanaden", None, "FI"),
        ("Am Waldweg", None, "DE"),
        ("Unter den Linden Allee", None, "DE"),
        ("Herengracht", None, "NL"),
        ("Dorpsweg", None, "NL"),
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
        ("Norrgården, Byvägen", None, "SE"),
        ("Byvägen", "Solhemstorpet", "SE"),
        ("Vikens skola", "Skolgatan", "SE"),
        ("Regionsjukhuset", "Sjukhusvägen", "SE"),
        ("Box 7, Storgatan", None, "SE"),
        ("Lantbrevbärarlinje 4", None, "SE"),
        ("Storgatan 1A", "lgh 1202, 3 tr", "SE"),
        ("Gate House", None, "GB"),
        ("Flat B, Station Road", None, "GB"),
        ("The Old Vicarage", "Church Lane", "GB"),
        ("PO Box 15", None, "GB"),
        ("Postboks 8", None, "NO"),
        ("Øvre Gard, Bygdevegen", None, "NO"),
        ("Storgata 5, H0201", None, "NO"),
        ("Gammel Estrup Slot", None, "DK"),
        ("Postboks 17, Nørregade", None, "DK"),
        ("Mäkelän tila, Kylätie", None, "FI"),
        ("PL 12", None, "FI"),
        ("Mannerheimintie 3 A 5", None, "FI"),
        ("Packstation 104", None, "DE"),
        ("Gut Hohenhof, Feldweg", None, "DE"),
        ("C 4, 12", None, "DE"),  # Mannheim has blocks, and no streets
        ("Postbus 90", None, "NL"),
        ("Kalverstraat 92-H", None, "NL"),
        ("Rue de la Loi", None, "BE"),
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
        ("12345", "GB"),
        ("G1", "GB"),
        ("972 31 Luleå", "SE"),
        ("00000", "SE"),
        ("15", "NO"),
        ("-", "NO"),
        ("21000", "DK"),
        ("1012", "NL"),
        ("0123 AB", "NL"),
        ("1011", "DE"),
        ("101155", "DE"),
        ("D-1011", "DE"),
        ("FI-0010", "FI"),
        ("23100", "AX"),
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
        ("972-31", "SE"),
        ("97 231", "SE"),
        ("972\u00a031", "SE"),
        ("972\u201331", "SE"),
        (" SE 97231 ", "SE"),
        ("N-0150", "NO"),
        ("2100", "DK"),
        ("FIN-00100", "FI"),
        ("FI 00100", "FI"),
        ("AX-22100", "AX"),
        ("22100", "FI"),  # Åland is often said to be in Finland
        ("NL-1012 AB", "NL"),
        ("G1 1AA", "GB"),  # Glasgow, which begins as the country does
        ("G12 8QQ", "GB"),
        ("EC1A1BB", "GB"),
        ("BF1 4AA", "GB"),
        ("90210-1234", "US"),
        ("", "IE"),
        ("", "HK"),
        ("whatever", "JP"),
    ],
)
def test_codes_as_people_write_them_are_right_and_unknown_countries_have_any(code: str, country: str) -> None:
    assert not has_wrong_postal_code(code, country)
