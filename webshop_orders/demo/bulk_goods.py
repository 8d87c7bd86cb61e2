"""Two thousand products for load tests: some sell far more than others, and every eighth has to be waited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from webshop_orders.db.extensions import db
from webshop_orders.models import Product
from webshop_orders.operations.stock import products

COUNT = 2_000
SCARCE_EVERY, UNTRACKED_EVERY = 8, 5
IN_STOCK = 40
POPULARITY = 2.0  # above one, the first products sell the more
# What it is, how its SKUs begin, its price in öre and its VAT rate.
KINDS = [
    ("Stearinljus", "STEARIN", 8_900, 2500),
    ("Doftljus", "DOFT", 19_900, 2500),
    ("Ljusstake", "STAKE", 34_900, 2500),
    ("Lykta", "LYKTA", 44_900, 2500),
    ("Bordsduk", "BORDSDUK", 79_900, 2500),
    ("Löpare", "LOPARE", 39_900, 2500),
    ("Servett", "SERVETT", 7_900, 2500),
    ("Kökshandduk", "HANDDUK", 14_900, 2500),
    ("Förkläde", "FORKLADE", 32_900, 2500),
    ("Grytlapp", "GRYTLAPP", 9_900, 2500),
    ("Kudde", "KUDDE", 29_900, 2500),
    ("Pläd", "PLAD", 89_900, 2500),
    ("Påslakan", "PASLAKAN", 119_900, 2500),
    ("Gardin", "GARDIN", 69_900, 2500),
    ("Matta", "MATTA", 149_900, 2500),
    ("Vas", "VAS", 27_900, 2500),
    ("Skål", "SKAL", 24_900, 2500),
    ("Tallrik", "TALLRIK", 17_900, 2500),
    ("Mugg", "MUGG", 15_900, 2500),
    ("Karaff", "KARAFF", 45_900, 2500),
    ("Bricka", "BRICKA", 37_900, 2500),
    ("Korg", "KORG", 49_900, 2500),
    ("Te", "TE", 8_500, 1200),
    ("Honung", "HONUNG", 9_500, 1200),
    ("Bok", "BOK", 24_900, 600),
]
SERIES = ["Havsbris", "Fjäll", "Norrsken", "Sågverk", "Ängsblom", "Skärgård", "Björk", "Midvinter", "Lärka", "Åska"]
COLOURS = ["vit", "svart", "grå", "blå", "grön", "röd", "gul", "rosa"]


@dataclass(frozen=True, slots=True)
class Article:
    """What a line keeps of a product."""

    product_id: int
    sku: str
    name: str
    price: int
    vat_rate: int
    is_tracked: bool


@dataclass(frozen=True)
class Goods:
    """What is sold, best known first: all of it, what is there in plenty, and what has to be waited for."""

    all: Sequence[Article]
    plenty: Sequence[Article]
    scarce: Sequence[Article]


def put_in() -> dict[int, Product]:
    """The products by id, as the catalogue has them; those that it lacks are added to it."""
    wanted = [_make(index) for index in range(COUNT)]
    there = products.by_sku(product.sku for product in wanted)
    db.session.add_all(product for product in wanted if product.sku not in there)
    db.session.flush()
    as_kept = [there.get(product.sku, product) for product in wanted]
    return {product.id: product for product in as_kept}


def as_goods(there: dict[int, Product]) -> Goods:
    articles = [
        Article(product.id, product.sku, product.name, product.price, product.vat_rate, product.is_tracked)
        for product in there.values()
    ]
    return Goods(
        all=articles,
        plenty=[article for index, article in enumerate(articles) if not _is_scarce(index)],
        scarce=[article for index, article in enumerate(articles) if _is_scarce(index)],
    )


def choose(articles: Sequence[Article], count: int, rng: Random) -> list[Article]:
    """Different ones, the well known more often than others."""
    chosen: dict[int, Article] = {}
    while len(chosen) < count:
        index = int(rng.random() ** POPULARITY * len(articles))
        chosen[index] = articles[index]
    return list(chosen.values())


def _make(index: int) -> Product:
    kind, sku, price, vat_rate = KINDS[index % len(KINDS)]
    other, series = divmod(index // len(KINDS), len(SERIES))
    is_tracked = _is_scarce(index) or index % UNTRACKED_EVERY != 0
    return Product(
        sku=f"{sku}-{index + 1:04d}",
        name=f"{kind} {SERIES[series]} {COLOURS[other]}",
        price=price + 1_000 * series,
        currency="SEK",
        vat_rate=vat_rate,
        stock=(0 if _is_scarce(index) else IN_STOCK) if is_tracked else None,
        backorderable=True,
    )


def _is_scarce(index: int) -> bool:
    return index % SCARCE_EVERY == SCARCE_EVERY - 1
