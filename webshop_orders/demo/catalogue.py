"""The two hundred products of Ljus & Linne, from `catalogue.csv`.

Their GTINs begin with 952, which GS1 keeps for demonstrations.
"""

import csv
from pathlib import Path

from webshop_orders.models import Product

FILE = Path(__file__).with_name("catalogue.csv")
FLAGS = {"yes": True, "no": False, "": None}


def make_products() -> list[Product]:
    """A new Product for each row of the catalogue; stock is not tracked where the column is empty."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [_make(row) for row in csv.DictReader(file)]


def _make(row: dict[str, str]) -> Product:
    return Product(
        sku=row["sku"],
        name=row["name"],
        price=int(row["price"]),
        currency="SEK",
        vat_rate=int(row["vat_rate"]),
        stock=int(row["stock"]) if row["stock"] else None,
        backorderable=FLAGS[row["backorderable"]],
        active=FLAGS[row["active"]],
        shelf_place=row["shelf_place"] or None,
        barcode=row["barcode"] or None,
    )
