"""The scenario of each demo order, generated from its index alone, so that the same index gives the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import Enum, auto
from random import Random
from zoneinfo import ZoneInfo

from webshop_orders.demo.people import Buyer, make_buyer
from webshop_orders.documents.order import NewLine, NewOrder, Payment, Shipping
from webshop_orders.models import Product
from webshop_orders.money.rounding import KRONA, round_to_whole_kronor

DAYS = 60
SWEDEN = ZoneInfo("Europe/Stockholm")
OPENS, HOURS_A_DAY = 7, 16
GROWTH = 0.6  # below 1, orders become more frequent towards the end
FREE_SHIPPING_FROM = 99_900
SCARCE_BELOW = 8
POPULARITY = 2.5  # above 1, many orders wait for the same few products
# Among every 300 orders, one has very many lines and one has very long names.
CYCLE, LONG_AT, LONG_NAMES_AT, LONG_LINES = 300, 290, 294, 60

PAYMENT_METHODS = ["klarna", "klarna", "klarna", "card", "card", "swish", "swish", "invoice"]
# Shipping method, price in öre, carrier.
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
CUSTOMER_COMMENTS = [
    "Ring på porten, koden fungerar inte.",
    "Kan ni slå in varorna var för sig? Det är presenter.",
    "Lämna gärna vid dörren om ingen öppnar.",
    "Jag behöver detta före lördag – hör av er om det inte går!",
    "Tack för fina varor, fjärde gången jag handlar hos er.",
]
INTERNAL_COMMENTS = [
    "Kunden ringde och frågade efter leveransdag.",
    "Packa ömtåligt, förra sändningen kom fram trasig.",
    "Stamkund – lägg med ett provljus.",
    "Inväntar svar från leverantören om ny leverans.",
    "Fakturan ska märkas med referens 4417.",
]
REPLIES = [
    "Hej! Varan väntas in på torsdag och skickas samma dag.",
    "Hej! Vi har lagt till presentinslagning utan kostnad.",
    "Hej! Paketet lämnas in i eftermiddag.",
]


class EndState(Enum):
    """How far an order of the demo has come."""

    READY = auto()
    BACKORDERED = auto()
    SPLIT = auto()
    PARTLY_SHIPPED = auto()
    SHIPPED = auto()
    CANCELLED = auto()


# Weights of the end states, by the maximum age of the order in days.
END_STATE_WEIGHTS: list[tuple[int, dict[EndState, int]]] = [
    (3, {EndState.READY: 55, EndState.BACKORDERED: 16, EndState.SPLIT: 8, EndState.SHIPPED: 16, EndState.CANCELLED: 5}),
    (
        10,
        {
            EndState.READY: 12,
            EndState.BACKORDERED: 14,
            EndState.SPLIT: 5,
            EndState.PARTLY_SHIPPED: 12,
            EndState.SHIPPED: 52,
            EndState.CANCELLED: 5,
        },
    ),
    (DAYS, {EndState.BACKORDERED: 3, EndState.PARTLY_SHIPPED: 3, EndState.SHIPPED: 89, EndState.CANCELLED: 5}),
]
WITH_BACKORDERED_LINES = {EndState.BACKORDERED, EndState.SPLIT, EndState.PARTLY_SHIPPED}


@dataclass(frozen=True)
class Scenario:
    """An order and its end state; `restocked` are the units by SKU that are added to stock for it beforehand."""

    new: NewOrder
    end_state: EndState
    restocked: dict[str, int]
    handled_at: datetime
    tracking: list[tuple[str, str]] = field(default_factory=list)
    remark: str | None = None
    answer: str | None = None


@dataclass(frozen=True)
class ProductPool:
    """The products for sale: those in stock, and those that are scarce and can be backordered."""

    in_stock: Sequence[Product]
    scarce: Sequence[Product]

    @classmethod
    def of(cls, products: Sequence[Product]) -> ProductPool:
        for_sale = [product for product in products if product.active]
        return cls(
            in_stock=[product for product in for_sale if product.stock != 0],
            scarce=[
                product
                for product in for_sale
                if product.stock is not None and product.stock <= SCARCE_BELOW and product.backorderable is not False
            ],
        )


@dataclass(frozen=True)
class Series:
    """`count` orders, spread over the days before `today`."""

    count: int
    today: date


def make_scenario(
    index: int, series: Series, pool: ProductPool, *, rounds_to_whole_kronor: bool, send_mails: bool
) -> Scenario:
    """The scenario of one order of a series; `rounds_to_whole_kronor` is the setting of the shop."""
    rng = Random(f"demo/{index}")  # noqa: S311 # nosec B311 # nosemgrep: insecure-random - the same again
    placed_at = _placed_at((index + rng.random()) / series.count, series.today)
    handled_at = _handled_at(placed_at, rng)
    end_state = _end_state(placed_at, handled_at, series.today, rng)
    buyer = _with_long_names(make_buyer(rng)) if index % CYCLE == LONG_NAMES_AT else make_buyer(rng)
    covered, backordered = _lines(index, end_state, pool, rng)
    lines = [*backordered, *covered]
    goods = sum(line.quantity * line.unit_price - line.discount for line in lines)
    method, price, carrier = rng.choice(SHIPPING_METHODS)
    shipping = 0 if goods >= FREE_SHIPPING_FROM else price
    payment = rng.choice(PAYMENT_METHODS)
    total = round_to_whole_kronor(goods + shipping) if rounds_to_whole_kronor else goods + shipping
    new = NewOrder(
        external_reference=f"demo-{index:06d}",
        lines=lines,
        customer=buyer.customer,
        billing_address=buyer.billing_address,
        shipping_address=buyer.shipping_address,
        currency="SEK",
        placed_at=placed_at,
        payment=Payment(payment, paid=0 if payment == "invoice" else total),
        shipping=Shipping(method=method, price=shipping, vat_rate=2500),
        comment=rng.choice(CUSTOMER_COMMENTS) if rng.random() < 0.12 else None,
        send_confirmation=send_mails,
    )
    return Scenario(
        new=new,
        end_state=end_state,
        restocked={line.sku: line.quantity for line in covered},
        handled_at=min(handled_at, datetime.combine(series.today, time(), SWEDEN) - timedelta(minutes=5)),
        tracking=[(_tracking_code(carrier, rng), carrier) for _parcel in range(2 if rng.random() < 0.08 else 1)],
        remark=rng.choice(INTERNAL_COMMENTS) if rng.random() < 0.12 else None,
        answer=rng.choice(REPLIES) if rng.random() < 0.07 else None,
    )


def _placed_at(share: float, today: date) -> datetime:
    """A time within opening hours on one of the days; a larger share is a later time."""
    days = share**GROWTH * DAYS
    opens = datetime.combine(today - timedelta(days=DAYS - int(days)), time(OPENS), SWEDEN)
    return opens + timedelta(seconds=int((days % 1) * HOURS_A_DAY * 3600))


def _handled_at(placed_at: datetime, rng: Random) -> datetime:
    """When the shop handles an order: the same afternoon, or the day after if it was placed late."""
    local = placed_at.astimezone(SWEDEN)
    day = local.date() if local.hour < 12 else local.date() + timedelta(days=1)
    return datetime.combine(day, time(13), SWEDEN) + timedelta(minutes=rng.randint(0, 200))


def _end_state(placed_at: datetime, handled_at: datetime, today: date, rng: Random) -> EndState:
    age = (today - placed_at.astimezone(SWEDEN).date()).days
    weights = next(weights for max_age, weights in END_STATE_WEIGHTS if age <= max_age)
    end_state = rng.choices(list(weights), list(weights.values()))[0]
    return end_state if end_state is EndState.BACKORDERED or handled_at.date() < today else EndState.READY


def _lines(index: int, end_state: EndState, pool: ProductPool, rng: Random) -> tuple[list[NewLine], list[NewLine]]:
    """Lines that stock covers, and lines that are backordered."""
    backordered = []
    if end_state in WITH_BACKORDERED_LINES:
        product = pool.scarce[int(rng.random() ** POPULARITY * len(pool.scarce))]
        backordered = [_line(product, (product.stock or 0) + rng.randint(1, 4), rng)]
    count = (
        LONG_LINES - len(backordered)
        if index % CYCLE == LONG_AT
        else rng.choices([1, 2, 3, 4, 6, 9], [25, 30, 20, 12, 9, 4])[0]
    )
    others = [product for product in pool.in_stock if product.sku not in {line.sku for line in backordered}]
    covered = [
        _line(product, rng.choices([1, 2, 3, 4, 6, 12], [50, 22, 8, 10, 7, 3])[0], rng)
        for product in rng.sample(others, count)
    ]
    return covered, backordered


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
    """The same buyer with names longer than any column is designed for."""
    name = "Maria-Magdalena Alexandra Wilhelmina von Ångström-Söderqvist af Björkesåkra"
    company = "Föreningen för bevarande av handvävda textilier och äldre hantverk i Övre Norrlands inland"
    return Buyer(
        replace(buyer.customer, name=name, company=company),
        replace(buyer.billing_address, name=name, company=company),
        replace(buyer.shipping_address, name=name, company=company),
    )


def _tracking_code(carrier: str, rng: Random) -> str:
    """A tracking code in the format of the carrier."""
    digits = "".join(str(rng.randint(0, 9)) for _digit in range(16))
    letters = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ23456789") for _letter in range(8))
    return {
        "PostNord": f"0037{digits}",
        "DHL": f"JJD0{digits}",
        "DB Schenker": digits[:10],
        "Bring": f"3707{digits[:13]}",
        "Budbee": f"BB{letters}",
        "Instabee": f"INST{letters}",
    }[carrier]
