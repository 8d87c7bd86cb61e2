"""Fictional customers with plausible Swedish addresses."""

from dataclasses import dataclass
from random import Random

from webshop_orders.models import Address, Customer
from webshop_orders.text.folding import fold


def _words(text: str) -> list[str]:
    """The words of a text; an underscore in a word means a space."""
    return [word.replace("_", " ") for word in text.split()]


FIRST_NAMES = _words(
    """
    Åsa Örjan Märta Göran Elin Björn Håkan Ulla-Britt Karl-Gustav Ebba Nils Sofia Per Malin Lars Ingrid Axel Siri Åke
    Tova Ture Annika Hampus Linnéa Jörgen Saga Mikael Agnes Östen Helena Viggo Kerstin André Maja Sven-Erik Frida Ali
    Zahra Milan Amina José Aino Pekka Signe Love Nour Yasmin Gunnel Rasmus Alva Börje Stina Emil Wilma Kalle Désirée
    """
)
LAST_NAMES = _words(
    """
    Öberg Lindström Åkesson Nyström Sjögren Hägg Björklund Ström Lundqvist Ek Falk Rönnberg Wallin Ångström Hällgren
    Söderqvist Myrén Dahlgren Åberg Engström Kjellberg Nordin Persson Holmgren Rosén Sandvik Bäckström Öhman Tjäder
    Fältskog Hedlund Malmsten Brännström Alm Ödman Stålnacke Kovačević Hosseini Haddad Nguyen Virtanen Niemi
    """
)
STREETS = _words(
    """
    Storgatan Kungsgatan Drottninggatan Skolgatan Järnvägsgatan Björkvägen Ängsvägen Åsvägen Sjögatan Kyrkogatan
    Hamngatan Östra_Långgatan Västra_Storgatan Smedjegatan Trädgårdsgatan Bergsvägen Parkvägen Lingonstigen
    Blåbärsvägen Kvarngatan Norra_Ågatan Öppna_Gatan Ringvägen Granitvägen Fågelsångsvägen Lövgatan
    """
)
# City, first three digits of its postal codes, weight.
CITIES = [
    ("Stockholm", "113", 9),
    ("Göteborg", "413", 6),
    ("Malmö", "214", 5),
    ("Uppsala", "753", 4),
    ("Västerås", "722", 3),
    ("Örebro", "702", 3),
    ("Linköping", "582", 3),
    ("Helsingborg", "252", 3),
    ("Jönköping", "553", 2),
    ("Norrköping", "602", 2),
    ("Lund", "222", 2),
    ("Umeå", "903", 2),
    ("Gävle", "803", 2),
    ("Borås", "503", 2),
    ("Halmstad", "302", 2),
    ("Växjö", "352", 2),
    ("Karlstad", "652", 2),
    ("Sundsvall", "852", 2),
    ("Luleå", "972", 2),
    ("Östersund", "831", 1),
    ("Kalmar", "392", 1),
    ("Skövde", "541", 1),
    ("Visby", "621", 1),
    ("Kiruna", "981", 1),
    ("Ängelholm", "262", 1),
    ("Örnsköldsvik", "891", 1),
    ("Skellefteå", "931", 1),
    ("Åmål", "662", 1),
    ("Mora", "792", 1),
    ("Piteå", "941", 1),
    ("Ystad", "271", 1),
    ("Söderhamn", "826", 1),
]
COMPANIES = [
    "{} Bygg & Måleri AB",
    "Restaurang {}",
    "{}s Inredning AB",
    "Hotell {}gården AB",
    "{} & Söner Handelsbolag",
    "Café {}",
    "Förskolan {}s backe",
    "{} Redovisning AB",
    "Bostadsrättsföreningen {}en 7",
    "{} Event & Konferens Norden AB",
]


@dataclass(frozen=True)
class Buyer:
    customer: Customer
    billing_address: Address
    shipping_address: Address


def make_buyer(rng: Random) -> Buyer:
    """A random buyer: a person or sometimes a company; some ship to another person."""
    name = _name(rng)
    company = rng.choice(COMPANIES).format(rng.choice(LAST_NAMES)) if rng.random() < 0.18 else None
    customer = Customer(
        name=name,
        company=company,
        email=_email(name, rng) if rng.random() < 0.97 else None,
        # Post- och telestyrelsen reserves 070-174 06 05 to 070-174 06 99 for fiction.
        phone=f"070-174 06 {rng.randint(5, 99):02d}",
        organisation_number=_organisation_number(rng) if company else None,
    )
    billing = _address(name, company, rng)
    ships_to_other = rng.random() < 0.1
    return Buyer(customer, billing, _address(_name(rng), None, rng) if ships_to_other else billing)


def _name(rng: Random) -> str:
    last = rng.choice(LAST_NAMES)
    if rng.random() < 0.06:
        last += f"-{rng.choice(LAST_NAMES)}"
    return f"{rng.choice(FIRST_NAMES)} {last}"


def _email(name: str, rng: Random) -> str:
    local = fold(name).replace(" ", rng.choice([".", "_", ""]))
    return f"{local}{rng.choice(['', '', str(rng.randint(1, 99))])}@example.{rng.choice(['com', 'se'])}"


def _organisation_number(rng: Random) -> str:
    """A number in the format of a limited company, but with a wrong check digit, so that no company has it."""
    digits = f"5590{rng.randint(0, 99999):05d}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    check = -sum(number // 10 + number % 10 for number in doubled) % 10
    return f"{digits[:6]}-{digits[6:]}{(check + 5) % 10}"


def _address(name: str, company: str | None, rng: Random) -> Address:
    city, code, _weight = rng.choices(CITIES, [weight for _city, _code, weight in CITIES])[0]
    street = rng.choice(STREETS)
    return Address(
        name=name,
        company=company,
        street=f"{street} {rng.randint(1, 98)}{rng.choice(['', '', '', ' A', ' B'])}",
        street2=rng.choice(["lgh 1101", "lgh 1203", "c/o Ström", "Port 2"]) if rng.random() < 0.15 else None,
        postal_code=f"{code} {rng.randint(20, 69)}",
        city=city,
        country="SE",
    )
