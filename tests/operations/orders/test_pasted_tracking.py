"""What staff paste as tracking codes: links to tracking pages, several codes, characters that cannot be seen."""

from dataclasses import replace

import pytest
from flask import Flask

from webshop_orders.documents.known_carriers import match_name
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models import CARRIERS, Carrier
from webshop_orders.operations.orders import tracking

NAMES = [carrier.name for carrier in CARRIERS]


def paste(text: str, carrier: str | None = None, carriers: list[Carrier] | None = None) -> list[NewTrackingCode]:
    return tracking.parse_input(text, carrier, list(CARRIERS) if carriers is None else carriers)


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


def test_a_code_that_is_pasted_twice_is_one(app: Flask) -> None:
    assert paste("AB17, AB17;") == [NewTrackingCode("AB17")]


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
