"""What each order of the demo is to be: drawn from its number alone, so that the same number gives the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import Enum, auto
from random import Random
from zoneinfo import ZoneInfo

from webshop_orders.demo.people import Buyer, make_buyer
from webshop_orders.models import Product
from webshop_orders.money.rounding import KRONA, round_to_whole_kronor
from webshop_orders.operations.orders.placement import NewLine, NewOrder

DAYS = 60
SWEDEN = ZoneInfo("Europe/Stockholm")
OPENS, HOURS_A_DAY = 7, 16
GROWTH = 0.6  # below one, orders come closer together towards the end
FREE_SHIPPING_FROM = 99_900
FEW = 8
# In every three hundred orders there is one that is very long, and one with very long names.
CYCLE, LONG_AT, LONG_NAMES_AT, LONG_LINES = 300, 290, 294, 60

PAYMENT_METHODS = ["klarna", "klarna", "klarna", "card", "card", "swish", "swish", "invoice"]
# What the customer chose, its price, and the carrier that brings it.
SHIPPING_METHODS = [
    ("PostNord MyPack Collect", 4_900, "PostNord"),
    ("PostNord MyPack Collect", 4_900, "PostNord"),
    ("PostNord Hempaket", 7_900, "PostNord"),
    ("DHL Service Point", 5_900, "DHL"),
    ("DB Schenker Ombud", 6_900, "DB Schenker"),
    ("Bring Hemleverans", 9_900, "Bring"),
    ("Budbee Kväll", 6_900, "Budbee"),
    ("Instabee Box", 3_900, "Instabee"),
]
WISHES = [
    "Ring på porten, koden fungerar inte.",
    "Kan ni slå in varorna var för sig? Det är presenter.",
    "Lämna gärna vid dörren om ingen öppnar.",
    "Jag behöver detta före lördag – hör av er om det inte går!",
    "Tack för fina varor, fjärde gången jag handlar hos er.",
]
REMARKS = [
    "Kunden ringde och frågade efter leveransdag.",
    "Packa ömtåligt, förra sändningen kom fram trasig.",
    "Stamkund – lägg med ett provljus.",
    "Inväntar svar från leverantören om ny leverans.",
    "Fakturan ska märkas med referens 4417.",
]
ANSWERS = [
    "Hej! Varan väntas in på torsdag och skickas samma dag.",
    "Hej! Vi har lagt till presentinslagning utan kostnad.",
    "Hej! Paketet lämnas in i eftermiddag.",
]


class Fate(Enum):
    READY = auto()
    BACKORDERED = auto()
    SPLIT = auto()
    PARTLY_SHIPPED = auto()
    SHIPPED = auto()
    CANCELLED = auto()


# How often each fate befalls an order, by how many days ago it was placed at most.
FATES: list[tuple[int, dict[Fate, int]]] = [
    (3, {Fate.READY: 55, Fate.BACKORDERED: 16, Fate.SPLIT: 8, Fate.SHIPPED: 16, Fate.CANCELLED: 5}),
    (
        10,
        {
            Fate.READY: 12,
            Fate.BACKORDERED: 14,
            Fate.SPLIT: 5,
            Fate.PARTLY_SHIPPED: 12,
            Fate.SHIPPED: 52,
            Fate.CANCELLED: 5,
        },
    ),
    (DAYS, {Fate.BACKORDERED: 3, Fate.PARTLY_SHIPPED: 3, Fate.SHIPPED: 89, Fate.CANCELLED: 5}),
]
NEEDS_STOCK_TO_COME = {Fate.BACKORDERED, Fate.SPLIT, Fate.PARTLY_SHIPPED}


@dataclass(frozen=True)
class Plan:
    """An order and what becomes of it; `received` are the units by SKU that stock gets for it beforehand."""

    new: NewOrder
    fate: Fate
    received: dict[str, int]
    settled_at: datetime
    tracking: list[tuple[str, str]] = field(default_factory=list)
    remark: str | None = None
    answer: str | None = None


@dataclass(frozen=True)
class Shelf:
    """What can be sold: what is there in plenty, and what has to be waited for."""

    plenty: Sequence[Product]
    scarce: Sequence[Product]

    @classmethod
    def of(cls, products: Sequence[Product]) -> Shelf:
        for_sale = [product for product in products if product.active]
        return cls(
            plenty=[product for product in for_sale if product.stock != 0],
            scarce=[
                product
                for product in for_sale
                if product.stock is not None and product.stock <= FEW and product.backorderable is not False
            ],
        )


@dataclass(frozen=True)
class Series:
    """`count` orders, spread over the days before `today`."""

    count: int
    today: date


def make_plan(index: int, series: Series, shelf: Shelf, *, rounds: bool, mails: bool) -> Plan:
    """The plan of one order of a series; `rounds` where the shop rounds to whole kronor."""
    rng = Random(f"demo/{index}")  # noqa: S311 # nosec B311 # nosemgrep: guessable-random - the same again
    placed_at = _placed_at((index + rng.random()) / series.count, series.today)
    settled_at = _settled_at(placed_at, rng)
    fate = _fate(placed_at, settled_at, series.today, rng)
    buyer = _with_long_names(make_buyer(rng)) if index % CYCLE == LONG_NAMES_AT else make_buyer(rng)
    enough, waiting = _lines(index, fate, shelf, rng)
    lines = [*waiting, *enough]
    goods = sum(line.quantity * line.unit_price - line.discount for line in lines)
    method, price, carrier = rng.choice(SHIPPING_METHODS)
    shipping = 0 if goods >= FREE_SHIPPING_FROM else price
    payment = rng.choice(PAYMENT_METHODS)
    total = round_to_whole_kronor(goods + shipping) if rounds else goods + shipping
    new = NewOrder(
        external_reference=f"demo-{index:06d}",
        lines=lines,
        customer=buyer.customer,
        billing_address=buyer.billing_address,
        shipping_address=buyer.shipping_address,
        currency="SEK",
        placed_at=placed_at,
        payment_method=payment,
        paid=0 if payment == "invoice" else total,
        shipping_method=method,
        shipping_price=shipping,
        shipping_vat_rate=2500,
        comment=rng.choice(WISHES) if rng.random() < 0.12 else None,
        send_confirmation=mails,
    )
    return Plan(
        new=new,
        fate=fate,
        received={line.sku: line.quantity for line in enough},
        settled_at=min(settled_at, datetime.combine(series.today, time(), SWEDEN) - timedelta(minutes=5)),
        tracking=[(_tracking_code(carrier, rng), carrier) for _parcel in range(2 if rng.random() < 0.08 else 1)],
        remark=rng.choice(REMARKS) if rng.random() < 0.12 else None,
        answer=rng.choice(ANSWERS) if rng.random() < 0.07 else None,
    )


def _placed_at(share: float, today: date) -> datetime:
    """A moment within the shop's busy hours of one of the days; a later share is a later moment."""
    days = share**GROWTH * DAYS
    opens = datetime.combine(today - timedelta(days=DAYS - int(days)), time(OPENS), SWEDEN)
    return opens + timedelta(seconds=int((days % 1) * HOURS_A_DAY * 3600))


def _settled_at(placed_at: datetime, rng: Random) -> datetime:
    """When the shop deals with an order: the same afternoon, or the day after what came in late."""
    local = placed_at.astimezone(SWEDEN)
    day = local.date() if local.hour < 12 else local.date() + timedelta(days=1)
    return datetime.combine(day, time(13), SWEDEN) + timedelta(minutes=rng.randint(0, 200))


def _fate(placed_at: datetime, settled_at: datetime, today: date, rng: Random) -> Fate:
    age = (today - placed_at.astimezone(SWEDEN).date()).days
    odds = next(odds for at_most, odds in FATES if age <= at_most)
    fate = rng.choices(list(odds), list(odds.values()))[0]
    return fate if fate is Fate.BACKORDERED or settled_at.date() < today else Fate.READY


def _lines(index: int, fate: Fate, shelf: Shelf, rng: Random) -> tuple[list[NewLine], list[NewLine]]:
    """Lines that stock is to cover, and lines that it is not."""
    waiting = []
    if fate in NEEDS_STOCK_TO_COME:
        product = rng.choice(shelf.scarce)
        waiting = [_line(product, (product.stock or 0) + rng.randint(1, 4), rng)]
    count = (
        LONG_LINES - len(waiting)
        if index % CYCLE == LONG_AT
        else rng.choices([1, 2, 3, 4, 6, 9], [25, 30, 20, 12, 9, 4])[0]
    )
    others = [product for product in shelf.plenty if product.sku not in {line.sku for line in waiting}]
    enough = [
        _line(product, rng.choices([1, 2, 3, 4, 6, 12], [50, 22, 8, 10, 7, 3])[0], rng)
        for product in rng.sample(others, count)
    ]
    return enough, waiting


def _line(product: Product, quantity: int, rng: Random) -> NewLine:
    price = quantity * product.price
    return NewLine(
        sku=product.sku,
        name=product.name,
        quantity=quantity,
        unit_price=product.price,
        vat_rate=product.vat_rate,
        discount=price // 10 // KRONA * KRONA if rng.random() < 0.08 else 0,
    )


def _with_long_names(buyer: Buyer) -> Buyer:
    """The same buyer by a name that no column was drawn for."""
    name = "Maria-Magdalena Alexandra Wilhelmina von Ångström-Söderqvist af Björkesåkra"
    company = "Föreningen för bevarande av handvävda textilier och äldre hantverk i Övre Norrlands inland"
    return Buyer(
        replace(buyer.customer, name=name, company=company),
        replace(buyer.billing_address, name=name, company=company),
        replace(buyer.shipping_address, name=name, company=company),
    )


def _tracking_code(carrier: str, rng: Random) -> str:
    """A number in the form that the carrier gives its parcels."""
    digits = "".join(str(rng.randint(0, 9)) for _place in range(16))
    letters = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ23456789") for _place in range(8))
    return {
        "PostNord": f"0037{digits}",
        "DHL": f"JJD0{digits}",
        "DB Schenker": digits[:10],
        "Bring": f"3707{digits[:13]}",
        "Budbee": f"BB{letters}",
        "Instabee": f"INST{letters}",
    }[carrier]
