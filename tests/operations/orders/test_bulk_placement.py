"""Orders placed in bulk: every row as placing them one by one writes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import inspect, select, text

from tests.factories import make_order, make_product, reshape_shop, restart_numbers
from webshop_orders.db.extensions import db
from webshop_orders.documents import order as order_document
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import RuleViolation
from webshop_orders.models import (
    Actor,
    ActorKind,
    Comment,
    Event,
    HourlyCount,
    InboxCount,
    InboxItem,
    Line,
    Message,
    Order,
    OrderCount,
    Product,
    Shipment,
    Shop,
    StockMovement,
    TrackingCode,
    WebhookMessage,
)
from webshop_orders.operations.order_list import counts
from webshop_orders.operations.orders import bulk_placement, placement
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import writing

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
IMPORTER = Actor(ActorKind.INTEGRATION, "import")
TABLES = (Order, Shipment, Line, TrackingCode, Comment, Event, Product, Shop, Message, WebhookMessage)
OF_ORDERS = (Event, Comment, TrackingCode, Line, Shipment, Order)
# Keys of rows, which another number of attempts changes, and helper columns of the ORM's own.
KEYS = {"id", "order_id", "shipment_id", "product_id", "sentinel"}


def random_document(rng: Random, place: int) -> dict[str, Any]:
    """An order as other systems may send it, sometimes one that is refused."""
    lines = [random_line(rng) for _line in range(rng.randrange(1, 5))]
    document: dict[str, Any] = {
        "external_reference": f"shop-{rng.choice([place, place, place, max(0, place - 3)])}",
        "placed_at": f"2026-11-{rng.randrange(1, 20):02d}T08:{rng.randrange(60):02d}:00+01:00",
        "currency": rng.choice(["SEK", "SEK", "EUR", "JPY"]),
        "language": rng.choice(["sv", "en"]),
        "prices_include_vat": rng.random() < 0.8,
        "customer": {"name": rng.choice(["Örjan Ågren", "Ebba Sjö", "Łukasz Żak"]), "email": "kund@example.com"},
        "billing_address": {"street": "Åvägen 1", "postal_code": "972 31", "city": "Luleå", "country": "SE"},
        "payment": {"method": "swish", "paid": rng.choice([0, 5_000])},
        "shipping": {"method": "Ombud", "price": rng.choice([0, 4_900]), "vat_rate": 2_500},
        "lines": lines,
    }
    extras: list[dict[str, Any]] = [
        {"number": rng.choice(["A-1", "A-2", "WS-100003", f"B-{place}"])},
        {"comment": "Ring på\nporten"},
        {"shipped_at": "2026-11-19T09:00:00Z"},
        {"shipments": [random_shipment(rng, lines)]},
        {"charges": [{"kind": "fee", "name": "Faktura", "amount": 2_900, "vat_rate": 2_500}]},
        {"attributes": [{"name": "Önskad dag", "value": "fredag"}], "shop_number": f"#{place}"},
        {"totals": {"total": rng.choice([1, 10_000])}},
        {"is_test": True},
        {"ships_whole": True},
        {
            "shipping_address": {"street": "Bygatan 2", "city": "Piteå", "country": "SE", "phone": "0911-174 06"},
            "customer": {
                "name": "Ida Berg",
                "company": "Berg AB",
                "unusable_email": "ida@@example",
                "phone": "+46701740650",
            },
        },
    ]
    for extra in rng.sample(extras, rng.randrange(4)):
        document |= extra
    return document


def random_line(rng: Random) -> dict[str, Any]:
    quantity, price = rng.randrange(1, 6), rng.randrange(100, 50_000)
    properties = [{"name": "Gravyr", "value": "Ö & Å"}] if rng.random() < 0.2 else []
    return {
        "sku": rng.choice(["LJUS", "STAKE", "BOK", " ljus", "OKÄND"]),
        "name": "Ljus i glas",
        "quantity": quantity,
        "unit_price": price,
        "vat_rate": rng.choice([600, 1_200, 2_500]),
        "discount": rng.choice([0, 0, quantity * price // 3]),
        "properties": properties,
    }


def random_shipment(rng: Random, lines: list[dict[str, Any]]) -> dict[str, Any]:
    packed = [{"line": 0, "quantity": rng.randrange(1, 4)}]
    tracking = [{"code": f"JJ{rng.randrange(10**9)}", "carrier": "PostNord"}, "ABC123"]
    return {"shipped_at": "2026-11-18T10:00:00Z", "tracking": tracking, "lines": rng.choice([packed, []])}


def one_by_one(news: list[NewOrder]) -> list[str]:
    """The references that are refused where each order is placed as the API places it."""
    refused = []
    with writing():
        catalogue = products.matching(line.sku for new in news for line in new.lines)
        for new in news:
            if placement.taken_references([new.external_reference]):
                continue
            try:
                with db.session.begin_nested():
                    placement.place(new, catalogue, by=IMPORTER, imported=True)
            except RuleViolation as violation:
                refused.append(f"{new.external_reference}: {violation}")
    return refused


def in_bulk(news: list[NewOrder]) -> list[str]:
    with writing():
        outcome = bulk_placement.place_imported(news, by=IMPORTER)
    assert sorted([*outcome.placed, *outcome.existing, *(place for place, _violation in outcome.refused)]) == list(
        range(len(news))
    )
    return [
        f"{news[place].external_reference}: {violation}"
        for place, violation in sorted(outcome.refused, key=lambda refused: refused[0])
    ]


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each table as they are stored, in the sequence of their keys, without the keys themselves."""
    db.session.rollback()
    tables = {}
    for model in TABLES:
        columns = [column.name for column in inspect(model).local_table.columns if column.name not in KEYS]
        rows = db.session.execute(text(f"select {', '.join(columns)} from {model.__tablename__} order by id"))
        tables[model.__tablename__] = [tuple(map(str, row)) for row in rows]
    tables["references"] = [tuple(row) for row in db.session.execute(REFERENCES)]
    tables["counts"] = [(status.value, count.count) for status, count in sorted(counts.by_status().items())]
    return tables


# Which rows belong together, by what they are known by.
REFERENCES = (
    select(Order.number, Shipment.seq, Line.sku, Line.quantity, Line.order_id == Order.id, Product.sku)
    .join(Shipment, Shipment.order_id == Order.id)
    .join(Line, Line.shipment_id == Shipment.id)
    .outerjoin(Product, Product.id == Line.product_id)
    .order_by(Order.number, Shipment.seq, Line.id)
)


def empty() -> None:
    with writing():
        for model in (InboxItem, InboxCount, HourlyCount, StockMovement, *OF_ORDERS, OrderCount, Product):
            db.session.execute(text(f"delete from {model.__tablename__}"))
        if db.session.get_bind().dialect.name == "postgresql":
            db.session.execute(text("delete from order_search"))
    restart_numbers(100_001)
    db.session.expire_all()


def import_by(place_all: Callable[[list[NewOrder]], list[str]], news: list[NewOrder]) -> tuple[list[str], Any]:
    make_product("LJUS", stock=40)
    make_product("STAKE", stock=3, backorderable=False)
    make_product("BOK", stock=None)
    half = len(news) // 2  # in two batches, so that the second meets the orders of the first
    refused = [*place_all(news[:half]), *place_all(news[half:])]
    rows = all_rows()
    empty()
    return refused, rows


@pytest.mark.own_app
@pytest.mark.parametrize("seed", range(6))
def test_the_rows_are_those_of_orders_placed_one_by_one(app: Flask, seed: int) -> None:
    rng = Random(seed)
    reshape_shop(rounds_to_whole_kronor=seed % 2 == 0, notification_email="butik@example.com")
    with time_machine.travel(NOW, tick=False):
        news = [order_document.read(random_document(rng, place)) for place in range(40)]
        refused, rows = import_by(one_by_one, news)
        bulk_refused, bulk_rows = import_by(in_bulk, news)
    assert bulk_refused == refused
    for table, rows_of_table in rows.items():
        assert bulk_rows[table] == rows_of_table, table
    assert len(rows["orders"]) > 15
    assert refused


def test_an_order_that_came_in_bulk_can_be_changed_like_any_other(app: Flask) -> None:
    make_product("LJUS", stock=10)
    document = random_document(Random(1), 1) | {"lines": [random_line(Random(2)) | {"sku": "LJUS"}]}
    in_bulk([order_document.read(document)])
    later = make_order(("LJUS", 1))
    assert later.number == "WS-100002"
    assert later.id > (db.session.scalar(select(Order.id).where(Order.number == "WS-100001")) or 0)
