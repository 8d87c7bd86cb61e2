"""Carriers of the Nordic countries: the names that other systems give them, and the addresses of their tracking pages.

Names and parameters are those of the carriers' own tracking pages, and of the carrier names in Shopify, WooCommerce
Shipment Tracking, nShift and Shipmondo.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize


@dataclass(frozen=True)
class KnownCarrier:
    """`aliases` are other names, `hosts` domains with all below them, `parameters` where a link has the code."""

    name: str
    hosts: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


KNOWN_CARRIERS = (
    KnownCarrier(
        "PostNord",
        ("postnord.com", "postnord.se", "postnord.dk", "postnord.no", "postnord.fi"),
        ("id", "shipmentid", "itemid", "trackingid", "search"),
        ("PN", "PLAB", "Post Danmark", "Posten Sverige", "Posten AB", "MyPack", "Varubrev"),
    ),
    KnownCarrier(
        "Bring",
        ("bring.com", "bring.se", "bring.no", "bring.dk", "bring.fi", "mybring.com", "posten.no"),
        ("match", "q", "trackingnumber"),
        ("Posten Norge", "Posten Bring", "Bring Parcels"),
    ),
    KnownCarrier(
        "DHL",
        ("dhl.com", "dhl.se", "dhl.de", "dhl.dk", "dhl.no", "dhl.fi", "dhl.nl", "dhl.co.uk", "dhlparcel.nl", "dhl"),
        ("tracking-id", "piececode", "awb", "idc", "a", "trackingnumber", "consignmentid", "tt"),
    ),
    KnownCarrier(
        "DB Schenker",
        ("dbschenker.com", "schenker.nu", "schenker.se", "schenker.com"),
        ("refnumber", "reference_number", "shipmentnumber", "packageno", "refno", "stt"),
        ("Schenker", "SBTL", "Privpak"),
    ),
    KnownCarrier("UPS", ("ups.com",), ("tracknum", "inquirynumber1", "tracknums"), ("United Parcel Service",)),
    KnownCarrier(
        "GLS",
        ("gls-group.com", "gls-group.eu", "gls-denmark.com"),
        ("match", "txtrefno"),
        ("General Logistics Systems",),
    ),
    KnownCarrier("FedEx", ("fedex.com",), ("trknbr", "tracknumbers", "trackingnumber"), ("Federal Express",)),
    KnownCarrier("TNT", ("tnt.com",), ("cons", "con", "searchtext")),
    KnownCarrier("DSV", ("dsv.com",), ("shipmentnumber", "reference", "waybill")),
    KnownCarrier("DPD", ("dpd.com", "dpd.de", "dpdgroup.com"), ("parcelnumber", "query")),
    KnownCarrier("Budbee", ("budbee.com",), ("token",)),
    KnownCarrier(
        "Instabee", ("instabee.com", "instabee.se", "instabox.io", "instabox.se"), (), ("Instabox", "Porterbuddy")
    ),
    KnownCarrier("Airmee", ("airmee.com",)),
    KnownCarrier("Best Transport", ("besttransport.se", "best-transport.com"), (), ("Best",)),
    KnownCarrier("Early Bird", ("earlybird.se",)),
    KnownCarrier("CityMail", ("citymail.se",), (), ("Bring Citymail",)),
    KnownCarrier("Helthjem", ("helthjem.no",), ("trackingnumber",)),
    KnownCarrier("Posti", ("posti.fi",), ("parcelcode", "code"), ("Itella",)),
    KnownCarrier("Matkahuolto", ("matkahuolto.fi",), ("parcelnumber", "package_code")),
    KnownCarrier("dao", ("dao.as",), ("stregkode",), ("DAO365",)),
    KnownCarrier("Omniva", ("omniva.ee", "omniva.lv", "omniva.lt", "omniva.eu"), ("barcode",)),
    KnownCarrier("Jetpak", ("jetpak.com", "jetpak.se"), ("trackingnumber",)),
)


def find_by_host(host: str) -> KnownCarrier | None:
    """The carrier whose tracking page is at a host, such as tracking.postnord.com."""
    labels = host.lower().rstrip(".")
    return next(
        (
            carrier
            for carrier in KNOWN_CARRIERS
            if any(labels == domain or labels.endswith(f".{domain}") for domain in carrier.hosts)
        ),
        None,
    )


def match_name(name: str, names: Iterable[str]) -> str | None:
    """The one of a shop's carrier names that `name` means: «Post Nord», «PostNord AB» and «postnord» are PostNord.

    A service is its carrier's («DHL Freight», «PostNord MyPack Collect»), unless the shop has a carrier of that name.
    """
    return _match_name(name, tuple(names))


def match_in_method(shipping_method: str | None, names: Iterable[str]) -> str | None:
    """The one of a shop's carrier names that a shipping method means, such as «Hemleverans med PostNord»."""
    words, known = (shipping_method or "").split(), tuple(names)
    return next((match for at in range(len(words)) if (match := match_name(" ".join(words[at:]), known))), None)


@lru_cache(maxsize=1024)  # orders have few different ones
def _match_name(name: str, names: tuple[str, ...]) -> str | None:
    candidates = {_squash(candidate): candidate for candidate in reversed(names)}
    beginnings = _beginnings(name)
    if match := next((candidates[start] for start in beginnings if start in candidates), None):
        return match
    known = find_by_name(name)
    synonyms = {_squash(synonym) for synonym in (known.name, *known.aliases)} if known else set()
    return next((candidate for squashed, candidate in candidates.items() if squashed in synonyms), None)


def find_by_name(name: str) -> KnownCarrier | None:
    """The carrier of this name or alias, whatever follows it, such as a service or a form of company."""
    by_name = {_squash(alias): carrier for carrier in KNOWN_CARRIERS for alias in (carrier.name, *carrier.aliases)}
    return next((by_name[start] for start in _beginnings(name) if start in by_name), None)


def _beginnings(name: str) -> list[str]:
    """The first words of a name run together, the longest beginning first."""
    words = re.findall(r"[^\W_]+", normalize("NFKC", name).casefold())[:8]
    return ["".join(words[:count]) for count in range(len(words), 0, -1)]


def _squash(name: str) -> str:
    return (_beginnings(name) or [""])[0]
