"""What staff paste as tracking codes: links to tracking pages, several codes, characters that cannot be seen."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from webshop_orders.documents.known_carriers import match_name
from webshop_orders.documents.known_codes import normalise, recognise
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.documents.tracking_links import find_codes
from webshop_orders.errors import RuleViolation
from webshop_orders.models import CARRIERS, Carrier
from webshop_orders.operations.orders import typed_codes
from webshop_orders.text.tracking_codes import compact, split

NAMES = [carrier.name for carrier in CARRIERS]


def paste(text: str, carrier: str | None = None, carriers: list[Carrier] | None = None) -> list[NewTrackingCode]:
    return typed_codes.parse_input(text, carrier, list(CARRIERS) if carriers is None else carriers)


@pytest.mark.parametrize(
    ("link", "code", "carrier"),
    [
        ("https://tracking.bring.se/tracking/370430000000000018?lang=no", "370430000000000018", "Bring"),
        ("https://tracking.bring.com/tracking.html?country=DK&q=370430000000000025", "370430000000000025", "Bring"),
        ("https://sporing.posten.no/sporing/370430000000000032?lang=nb", "370430000000000032", "Bring"),
        ("https://tracking.postnord.com/dk/?lang=da&id=00373500000000000062", "00373500000000000062", "PostNord"),
        ("https://www.postnord.se/verktyg/spara?shipmentId=00373500000000000079", "00373500000000000079", "PostNord"),
        ("https://portal.postnord.com/tracking/details/RR000000017SE?locale=en", "RR000000017SE", "PostNord"),
        ("https://www.dhl.com/se-sv/home/tracking.html?submit=1&tracking-id=JJD000390007000000001", None, "DHL"),
        ("https://www.dhl.de/de/privatkunden.html?piececode=00340430000000000017&lang=de", None, "DHL"),
        ("https://activetracing.dhl.com/DatPublic/search.do?l=SV&at=consignment&a=7000000018", "7000000018", "DHL"),
        ("https://www.ups.com/track?loc=sv_SE&tracknum=1Z0000000000000017&requester=ST", "1Z0000000000000017", "UPS"),
        (
            "https://www.dbschenker.com/app/tracking/?lang=sv&refNumber=370000000000000014",
            None,
            "DB Schenker",
        ),
        ("https://tracking.budbee.com/T0000017?utm_source=mail20260101", "T0000017", "Budbee"),
        ("https://track.instabox.io/IBX0000017", "IBX0000017", "Instabee"),
        ("https://tracking.airmee.com/AIR00017?lang=sv", "AIR00017", "Airmee"),
    ],
)
def test_the_link_of_a_known_carrier_gives_its_name_and_the_code(
    app: Flask, link: str, code: str | None, carrier: str
) -> None:
    (new,) = paste(link)
    assert (new.carrier, new.url) == (carrier, None)
    assert new.code == (code or next(part for part in link.split("=") if sum(map(str.isdigit, part)) > 9).split("&")[0])


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://gls-group.com/SE/sv/find?match=56000000017&txtAction=71000", "56000000017"),
        ("https://www.posti.fi/sv/uppfoljning#/lahetys/JJFI60000000000017?lang=sv", "JJFI60000000000017"),
        ("https://parcels.example.com/SE/track?cc=SE&n=AB12345&lang=sv", "AB12345"),
        ("https://parcels.example.com/v2/20000000017/status", "20000000017"),
        ("https://parcels.example.com/t?session=9000000000000000001&trackingNumber=AB17", "AB17"),
    ],
)
def test_the_link_of_another_carrier_is_kept_with_the_likeliest_part_as_its_code(
    app: Flask, link: str, code: str
) -> None:
    assert paste(link) == [NewTrackingCode(code, None, link)]


def test_two_letters_of_a_link_are_never_its_code(app: Flask) -> None:
    link = "https://parcels.example.com/se/track?lang=sv"
    assert paste(link) == [NewTrackingCode("parcels.example.com", None, link)]


def test_the_pattern_of_the_shops_own_carrier_says_where_the_code_is(app: Flask) -> None:
    carriers = [
        Carrier("Cykelbudet", "https://bud.example.com/parcel/{code}/where"),
        Carrier("Ljusfrakt", "https://ljus.example.com/?kolli={code}"),
    ]
    assert paste("https://bud.example.com/parcel/AB17/where?lang=sv", carriers=carriers) == [
        NewTrackingCode("AB17", "Cykelbudet")
    ]
    assert paste("https://ljus.example.com/?session=99999999&kolli=B7", carriers=carriers) == [
        NewTrackingCode("B7", "Ljusfrakt")
    ]


@pytest.mark.parametrize(
    "text", ["\u200bAB12 34\u00a0", "\ufeff AB12\u00a034", "\u2066AB12 34\u2069\n", "AB\u00ad12 34"]
)
def test_characters_that_cannot_be_seen_are_left_out(app: Flask, text: str) -> None:
    assert paste(text) == [NewTrackingCode("AB12 34")]


@pytest.mark.parametrize("between", [",", ", ", ";", "\n", "\r\n", " ;\n", "\u2028"])
def test_codes_apart_by_commas_semicolons_and_lines_are_several(app: Flask, between: str) -> None:
    codes = ["00373500000000000017", "00373500000000000024"]
    assert paste(between.join(codes), "PostNord") == [NewTrackingCode(code, "PostNord") for code in codes]


@pytest.mark.parametrize("text", ["AB17, AB17;", "AB 17, AB17", "ab17\nAB 17"])
def test_a_code_that_is_pasted_twice_is_one(app: Flask, text: str) -> None:
    assert len(paste(text)) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0037 0730 2546 9874 1239", "00370730254698741239"),
        ("00 370730254698741239", "00370730254698741239"),
        ("RR 123 456 785 SE", "RR123456785SE"),
        ("1Z 999 AA1 01 2345 6784", "1Z999AA10123456784"),
        ("JJD 0003 9000 7000 000 001", "JJD000390007000000001"),
        ("QW 17", "QW 17"),
    ],
)
def test_digits_in_groups_are_noted_as_a_scanner_reads_them(app: Flask, text: str, code: str) -> None:
    assert [new.code for new in paste(text)] == [code]


@pytest.mark.parametrize("between", [" ", "\u00a0", "  ", " och ", " and ", " & ", " + ", " | "])
def test_whole_codes_apart_by_spaces_or_words_are_several(app: Flask, between: str) -> None:
    codes = ["00373500489123456", "00373500489123457"]
    assert [new.code for new in paste(between.join(codes))] == codes


@pytest.mark.parametrize(
    "text",
    [
        "tracking.bring.se/tracking/370438101234567890?lang=sv",
        "HTTPS://Tracking.Bring.se/tracking/370438101234567890?lang=sv",
        "<https://tracking.bring.se/tracking/370438101234567890?lang=sv>",
        "Spåra ditt paket: https://tracking.bring.se/tracking/370438101234567890?lang=sv.",
        "https://tracking.bring.se/track?country=SE&match=370438101234567890",
        "\u200bhttps://tracking.bring.se/tracking/370438101234567890\u00a0",
    ],
)
def test_a_link_is_read_as_it_comes_from_mails_and_address_bars(app: Flask, text: str) -> None:
    assert paste(text) == [NewTrackingCode("370438101234567890", "Bring")]


def test_two_links_apart_by_a_space_are_two_codes(app: Flask) -> None:
    links = "https://tracking.budbee.com/T17?lang=sv https://tracking.postnord.com/se/?id=00373500489123456789&lang=sv"
    assert paste(links) == [NewTrackingCode("T17", "Budbee"), NewTrackingCode("00373500489123456789", "PostNord")]


SSCC = "00370730254698741239"


@pytest.mark.parametrize(
    "text",
    [
        f"Kollinr: {SSCC}",
        f"Kolli-id {SSCC}",
        f"Ditt kollinummer är {SSCC}.",
        f"Paket 1: {SSCC}",
        f"PostNord {SSCC}",
        f"1. {SSCC}",
        f"#{SSCC}",
        f'="{SSCC}"',
        f"«{SSCC}»",
        f"{SSCC} (1/2)",
        f"{SSCC}:",
        "(00)370730254698741239",
        "(00) 3 7073025 469874123 9",
        f"]C1{SSCC}",
        f"]C1{SSCC}, 370730254698741239",
        f"Spåra här: https://tracking.postnord.com/se/?id={SSCC} (öppnas i ny flik)",
        f"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Ftracking.postnord.com%2Fse%2F%3Fid%3D{SSCC}"
        "&data=05%7C01%7Canna%40example.com%7C84df9e7fe9f640afb435aaaaaaaaaaaa&reserved=0",
        f"https://www.google.com/url?q=https%3A%2F%2Ftracking.postnord.com%2Fse%2F%3Fid%3D{SSCC}&ust=1700000000000000",
        f"https://urldefense.com/v3/__https://tracking.postnord.com/se/?id={SSCC}__;!!ABC123!xyz$",
    ],
)
def test_a_code_is_read_with_its_label_and_links_and_from_scanners(app: Flask, text: str) -> None:
    assert paste(text) == [NewTrackingCode(SSCC, "PostNord")]


@pytest.mark.parametrize(
    "text", ["JJFI 6430 0012 3456 78", "jjfi 6430 0012 3456 78", "MSCU 1234567", "AB-12 345", "QW 17"]
)
def test_the_letters_that_a_code_begins_with_are_no_label(app: Flask, text: str) -> None:
    assert [compact(new.code) for new in paste(text)] == [compact(text)]


@pytest.mark.parametrize("text", ["]", "]C1", "Kollinr:", "spårning", "a]b[17"])
def test_what_is_no_code_is_refused_in_words(app: Flask, text: str) -> None:
    with pytest.raises(RuleViolation, match="spårningskod"):
        paste(text)


@pytest.mark.parametrize(
    ("link", "codes", "carrier"),
    [
        (
            "https://www.ups.com/track?trackNums=1Z999AA10123456784,1Z999AA10123456785",
            ["1Z999AA10123456784", "1Z999AA10123456785"],
            "UPS",
        ),
        ("https://mydhl.express.dhl/se/sv/tracking.html#/results?id=1234567890", ["1234567890"], "DHL"),
        ("https://www.mybring.com/tracking/?q=370438101234567890", ["370438101234567890"], "Bring"),
        ("https://www.posti.fi/sv/uppfoljning?JJFI64300012345678", ["JJFI64300012345678"], None),
        ("https://gls-group.com/SE/sv/parcel-tracking?match=YXKZQWRT&postalCode=11122", ["YXKZQWRT"], None),
        ("https://tracking.budbee.com/parcels/T17?lang=sv", ["T17"], "Budbee"),
        ("https://parcels.example.com/?n=AB123456&back=https%3A%2F%2Fshop.example.com%2F17", ["AB123456"], None),
    ],
)
def test_links_of_carriers_are_read_by_the_places_that_they_have(
    app: Flask, link: str, codes: list[str], carrier: str | None
) -> None:
    url = None if carrier else link
    assert paste(link) == [NewTrackingCode(code, carrier, url) for code in codes]


CODES = st.from_regex(r"[A-Z]{0,3}[0-9]{8,20}[A-Z]{0,2}", fullmatch=True).filter(
    lambda code: not recognise(code).carriers
)
PARAMETERS = ["lang=sv", "country=SE", "cc=SE", "locale=sv-SE", "utm_source=mail20260101", "n=12", "v=2", "id=123"]
OTHERS = st.lists(st.sampled_from(PARAMETERS), unique=True)
HOSTS = st.sampled_from(["parcels.example.com", "xn--spra-noa.se"])
SEPARATORS = st.sampled_from([", ", ";", "\n", " ", "\t", " och ", "\u2028"])


@given(code=CODES, others=OTHERS, at=st.integers(0, 9), host=HOSTS)
def test_the_code_of_an_unknown_page_is_its_longest_part_with_most_digits(
    code: str, others: list[str], at: int, host: str
) -> None:
    parameters = [*others[:at], f"x={code}", *others[at:]]
    for link in (f"https://{host}/se/v2/{code}?{'&'.join(others)}", f"https://{host}/sv/track?{'&'.join(parameters)}"):
        assert find_codes(link, list(CARRIERS)) == ([code], None)


@given(code=CODES, others=OTHERS, at=st.integers(0, 9), carrier=st.sampled_from(CARRIERS))
def test_the_code_in_the_link_of_a_carrier_is_found_among_all_parameters(
    code: str, others: list[str], at: int, carrier: Carrier
) -> None:
    link = urlsplit(carrier.url(code))
    own = [link.query] if link.query else []
    shown = [other for other in others if not other.startswith("id=")]
    query = "&".join([*shown[:at], *own, *shown[at:]])
    assert find_codes(link._replace(query=query).geturl(), list(CARRIERS)) == ([code], carrier.name)


@given(st.lists(CODES, min_size=1, max_size=5, unique_by=compact), SEPARATORS)
def test_pasted_codes_come_out_as_they_are(codes: list[str], between: str) -> None:
    whole = [code for code in codes if len(code) >= 10]
    text = between.join(f"\u200b{code}\u2066" for code in whole)
    assert [normalise(part) for part in split(text)] == whole


def test_a_link_may_have_commas_of_its_own(app: Flask) -> None:
    link = "https://parcels.example.com/t/1,2;3?number=AB17"
    assert paste(f"{link}, https://tracking.budbee.com/T17, CD18") == [
        NewTrackingCode("AB17", None, link),
        NewTrackingCode("T17", "Budbee"),
        NewTrackingCode("CD18"),
    ]


@pytest.mark.parametrize(
    ("name", "carrier"),
    [
        ("postnord", "PostNord"),
        ("Post Nord", "PostNord"),
        ("PostNord AB", "PostNord"),
        ("POSTNORD SE", "PostNord"),
        ("PostNord MyPack Collect", "PostNord"),
        ("Schenker", "DB Schenker"),
        ("db schenker", "DB Schenker"),
        ("DB SCHENKER Parcel", "DB Schenker"),
        ("DHL Freight", "DHL"),
        ("DHL Express (SE)", "DHL"),
        ("Instabox", "Instabee"),
        ("Posten Norge", "Bring"),
        ("Bring Parcels AB", "Bring"),
        ("UPS®", "UPS"),
        ("Bringhjem", None),
        ("Upsala frakt", None),
        ("", None),
    ],
)
def test_a_carrier_is_known_by_its_other_names(name: str, carrier: str | None) -> None:
    assert match_name(name, NAMES) == carrier


def test_a_service_that_the_shop_has_as_a_carrier_is_that_carrier() -> None:
    assert match_name("DHL Freight AB", [*NAMES, "DHL Freight"]) == "DHL Freight"


def test_a_known_carrier_that_the_shop_does_not_have_keeps_its_link(app: Flask) -> None:
    carriers = [replace(CARRIERS[0], name="Brevet")]
    link = "https://tracking.budbee.com/T17"
    assert paste(link, carriers=carriers) == [NewTrackingCode("T17", None, link)]
