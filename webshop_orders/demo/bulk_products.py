"""Two thousand products for load tests: some sell far more than others, and every eighth is out of stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from webshop_orders.db.extensions import db
from webshop_orders.models import Product
from webshop_orders.operations.stock import movements, products
from webshop_orders.text.search import stored_spellings

COUNT = 2_000
SCARCE_EVERY, UNTRACKED_EVERY = 8, 5
AISLES = "ABCDEFGH"
IN_STOCK = 40
SKEW = 2.0  # above 1, the first products sell more than the others
# Name, SKU prefix, price in öre, VAT rate in basis points.
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
    """The values that a line copies from its product, and what search finds its order by."""

    product_id: int
    sku: str
    name: str
    price: int
    vat_rate: int
    is_tracked: bool
    spellings: tuple[str, ...]


@dataclass(frozen=True)
class ArticlePool:
    """The articles for sale, most popular first: all, those in stock, and those that have to be backordered."""

    all: Sequence[Article]
    in_stock: Sequence[Article]
    scarce: Sequence[Article]


def ensure_products() -> dict[int, Product]:
    """The products by id; those that the shop lacks are added."""
    required = [_make(index) for index in range(COUNT)]
    existing = products.by_sku(product.sku for product in required)
    added = [product for product in required if product.sku not in existing]
    db.session.add_all(added)
    db.session.flush()
    movements.open_stock(added)
    stored = [existing.get(product.sku, product) for product in required]
    return {product.id: product for product in stored}


def article_pool(products_by_id: dict[int, Product]) -> ArticlePool:
    articles = [_article(product) for product in products_by_id.values()]
    return ArticlePool(
        all=articles,
        in_stock=[article for index, article in enumerate(articles) if not _is_scarce(index)],
        scarce=[article for index, article in enumerate(articles) if _is_scarce(index)],
    )


def choose(articles: Sequence[Article], count: int, rng: Random) -> list[Article]:
    """Choose distinct articles, popular ones more often than others."""
    selected: dict[int, Article] = {}
    while len(selected) < count:
        index = int(rng.random() ** SKEW * len(articles))
        selected[index] = articles[index]
    return list(selected.values())


def _article(product: Product) -> Article:
    return Article(
        product_id=product.id,
        sku=product.sku,
        name=product.name,
        price=product.price,
        vat_rate=product.vat_rate,
        is_tracked=product.is_tracked,
        spellings=(*stored_spellings(product.sku), *stored_spellings(product.name)),
    )


def _make(index: int) -> Product:
    name, prefix, price, vat_rate = KINDS[index % len(KINDS)]
    colour, series = divmod(index // len(KINDS), len(SERIES))
    is_tracked = _is_scarce(index) or index % UNTRACKED_EVERY != 0
    return Product(
        sku=f"{prefix}-{index + 1:04d}",
        name=f"{name} {SERIES[series]} {COLOURS[colour]}",
        price=price + 1_000 * series,
        currency="SEK",
        vat_rate=vat_rate,
        stock=(0 if _is_scarce(index) else IN_STOCK) if is_tracked else None,
        backorderable=True,
        shelf_place=f"{AISLES[index % len(AISLES)]}-{index // len(AISLES) + 1}",
    )


def _is_scarce(index: int) -> bool:
    return index % SCARCE_EVERY == SCARCE_EVERY - 1
