"""Importing orders and products from JSON lines."""

import json
from collections.abc import Callable
from fractions import Fraction
from math import floor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import make_order, make_product
from webshop_orders.connectors.importing import json_lines, orders, products
from webshop_orders.connectors.importing.files import open_text
from webshop_orders.connectors.importing.records import ImportOutcome, Refusal
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Event, EventKind, Line, Message, Order, OrderStatus, Product, Shipment, Shop
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import loading, placement
from webshop_orders.operations.orders.placement import AssembledOrder


def document(reference: str, **changes: Any) -> dict[str, Any]:
    return {
        "external_reference": reference,
        "customer": {"name": "Örjan Ågren", "email": "orjan@example.com"},
        "billing_address": {"street": "Åvägen 1", "postal_code": "972 31", "city": "Luleå", "country": "SE"},
        "lines": [{"sku": "LJUS", "name": "Ljus", "quantity": 2, "unit_price": 5_000, "vat_rate": 2_500}],
        **changes,
    }


def product_document(sku: str, **changes: Any) -> dict[str, Any]:
    return {"sku": sku, "name": f"Product {sku}", "price": 5_000, "currency": "SEK", "vat_rate": 2_500, **changes}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lines.jsonl"


def write(file: Path, *lines: Any) -> Path:
    json_texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    file.write_text("\n".join(json_texts) + "\n", encoding="utf-8")
    return file


def nothing(*_progress: object) -> None:
    pass


def import_orders(
    file: Path, refusals: list[Refusal] | None = None, *, progress: Callable[[ImportOutcome, float], object] = nothing
) -> ImportOutcome:
    refuse = [].append if refusals is None else refusals.append
    with open_text(file) as text:
        return orders.import_orders(json_lines.orders(text), keeps_source_total=False, refuse=refuse, progress=progress)


def import_products(file: Path, refusals: list[Refusal] | None = None) -> ImportOutcome:
    refuse = [].append if refusals is None else refusals.append
    with open_text(file) as text:
        return products.import_products(json_lines.products(text), refuse=refuse, progress=nothing)


def get_product(sku: str) -> Product:
    db.session.expire_all()
    return db.session.scalars(select(Product).where(Product.sku == sku)).one()


def test_a_file_that_cannot_be_read_is_refused(app: Flask, tmp_path: Path, file: Path) -> None:
    latin1_file = tmp_path / "latin.jsonl"
    latin1_file.write_bytes("Åsa".encode("latin-1"))
    file.touch()
    for path in (tmp_path / "missing.jsonl", tmp_path, latin1_file, file):
        with pytest.raises(RuleViolation) as refusal, open_text(path):
            pass
        assert str(path) in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_an_invalid_line_is_reported_by_number_and_the_others_are_imported(app: Flask, file: Path) -> None:
    refusals: list[Refusal] = []
    outcome = import_orders(
        write(
            file,
            document("1"),
            "{not json",
            document("2", total=1),
            "",
            document("3", number="WS-7"),
            document("4", number="WS-7"),
            document("5"),
        ),
        refusals,
    )
    assert (outcome.new, outcome.refused) == (3, 3)
    assert [(refusal.number, refusal.reference) for refusal in refusals] == [(2, None), (3, "2"), (6, "4")]
    assert "total" in refusals[1].reason
    assert refusals[2].field == "number"
    assert "WS-7" in refusals[2].reason
    assert set(db.session.scalars(select(Order.external_reference))) == {"1", "3", "5"}


def test_a_refused_line_reserves_no_stock_and_uses_no_number(app: Flask, file: Path) -> None:
    make_product("LJUS", stock=10)
    import_orders(write(file, document("1", number="X"), document("2", number="X"), document("3"), document("4")))
    assert get_product("LJUS").reserved == 6
    numbers = list(db.session.scalars(select(Order.number).order_by(Order.id)))
    assert numbers == ["X", "WS-100001", "WS-100002"]


def test_an_order_that_the_database_refuses_does_not_cost_the_others(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assemble = placement.assemble

    def assemble_wrongly(new: NewOrder, *arguments: Any, **options: Any) -> AssembledOrder:
        assembled = assemble(new, *arguments, **options)
        if new.external_reference == "2":
            assembled.order.paid = -1
        return assembled

    make_product("LJUS", stock=10)
    monkeypatch.setattr(placement, "assemble", assemble_wrongly)
    refusals: list[Refusal] = []
    outcome = import_orders(write(file, document("1"), document("2"), document("3")), refusals)
    assert (outcome.new, outcome.refused) == (2, 1)
    assert [(refusal.number, refusal.reference) for refusal in refusals] == [(2, "2")]
    assert get_product("LJUS").reserved == 4
    assert set(db.session.scalars(select(Order.external_reference))) == {"1", "3"}


def test_importing_a_file_again_adds_nothing(app: Flask, file: Path) -> None:
    write(file, document("1"), document("2"), document("1"))
    first, second = import_orders(file), import_orders(file)
    assert (first.new, first.already, first.refused) == (2, 1, 0)
    assert (second.new, second.already, second.refused) == (0, 3, 0)


def test_an_import_mails_nobody_and_has_its_own_kind_of_event(app: Flask, file: Path) -> None:
    with db.session.begin():
        db.session.get_one(Shop, 1).notification_email = "shop@example.com"
    import_orders(write(file, document("1", send_confirmation=True)))
    assert db.session.scalar(select(func.count(Message.id))) == 0
    assert list(db.session.scalars(select(Event.kind))) == [EventKind.ORDER_IMPORTED]


def test_imported_orders_reserve_stock_and_are_backordered_beyond_it(app: Flask, file: Path) -> None:
    make_product("LJUS", stock=3)
    import_orders(write(file, document("1"), document("2"), document("3", shipped_at="2026-11-01T12:00:00+01:00")))
    product = get_product("LJUS")
    assert (product.stock, product.reserved, product.backordered) == (3, 3, 1)
    statuses = db.session.scalars(select(Order.status).order_by(Order.id))
    assert list(statuses) == [OrderStatus.READY, OrderStatus.BACKORDERED, OrderStatus.SHIPPED]


def test_progress_is_reported_after_every_batch(app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "BATCH_SIZE", 100)
    write(file, *(document(str(number)) for number in range(230)), "broken")
    counts: list[int] = []
    import_orders(file, progress=lambda outcome, _share: counts.append(outcome.done))
    assert counts == [100, 200, 231]


def test_how_much_of_a_file_was_read_is_known(app: Flask, file: Path) -> None:
    with open_text(write(file, *(document(str(number)) for number in range(300)))) as text:
        shares = [text.share() for _line in text.lines()]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[150] < shares[-1] == 1


def test_a_byte_order_mark_is_ignored(app: Flask, file: Path) -> None:
    file.write_text(json.dumps(document("1")), encoding="utf-8-sig")
    assert import_orders(file).new == 1


def test_an_invalid_product_is_reported_and_the_others_are_imported(app: Flask, file: Path) -> None:
    refusals: list[Refusal] = []
    outcome = import_products(
        write(
            file,
            product_document("A"),
            product_document("B", stock=1.5),
            product_document("C", colour="grön"),
            product_document("", stock=1),
            product_document("D"),
        ),
        refusals,
    )
    assert outcome.new == 2
    assert [refusal.number for refusal in refusals] == [2, 3, 4]
    assert "stock" in refusals[0].reason


def test_products_are_added_and_changed_by_sku(app: Flask, file: Path) -> None:
    make_product("GAMMAL", stock=5, active=False, backorderable=False)
    outcome = import_products(
        write(
            file,
            product_document("NY", stock=None, active=False),
            product_document("GAMMAL", name="Öljelampa", price=700),
        )
    )
    assert (outcome.new, outcome.changed, outcome.already) == (1, 1, 0)
    added_product, changed_product = get_product("NY"), get_product("GAMMAL")
    assert (added_product.stock, added_product.active, added_product.backorderable) == (None, False, None)
    assert (changed_product.name, changed_product.price, changed_product.search_text) == (
        "Öljelampa",
        700,
        "oljelampa gammal",
    )
    assert (changed_product.stock, changed_product.active, changed_product.backorderable) == (5, False, False)
    assert import_products(file).already == 2


def test_a_change_of_a_product_leaves_existing_lines_unchanged(app: Flask, file: Path) -> None:
    make_product("LJUS", price=5_000)
    order = make_order(("LJUS", 2))
    import_products(write(file, product_document("LJUS", name="Nytt namn", price=9_900, vat_rate=1_200)))
    line = db.session.scalars(select(Line)).one()
    assert (line.name, line.unit_price, line.vat_rate) == ("Product LJUS", 5_000, 2_500)
    assert compute_totals(loading.get_order(order.number)).total == 10_000


def test_imported_stock_covers_the_oldest_backorder_first(app: Flask, file: Path) -> None:
    make_product("LJUS", stock=0)
    oldest, newest = make_order(("LJUS", 2)), make_order(("LJUS", 2))
    import_products(write(file, product_document("LJUS", stock=3)))
    db.session.expire_all()
    assert loading.get_order(oldest.number).status is OrderStatus.READY
    assert loading.get_order(newest.number).status is OrderStatus.BACKORDERED
    product = get_product("LJUS")
    assert (product.stock, product.reserved, product.backordered) == (3, 3, 1)


def vat_included_in(amount: int, rate: int) -> int:
    return floor(Fraction(amount * rate, 10_000 + rate) + Fraction(1, 2))


MANY_PRODUCTS, MANY_ORDERS, OPEN_ORDERS = 77, 300, 20


def many_products(random: Random) -> list[dict[str, Any]]:
    """Products of two VAT rates, so few in stock that open orders cannot all be covered."""
    return [
        product_document(
            f"P-{number}",
            price=random.randrange(250, 26_350),
            currency="USD",
            vat_rate=random.choice((1_200, 2_500)),
            stock=random.randrange(40),
            backorderable=True,
        )
        for number in range(MANY_PRODUCTS)
    ]


def many_orders(random: Random, products: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Orders of a few products each, some with discounts of odd amounts; all but the last OPEN_ORDERS are shipped."""
    return [
        document(
            f"old-{number}",
            placed_at="2026-07-04T00:00:00Z",
            currency="USD",  # whose totals are not rounded as those in kronor are
            prices_include_vat=True,
            payment={"method": "invoice", "paid": 0},
            shipping={"method": "Ombud", "price": random.randrange(20_000), "vat_rate": 2_500},
            lines=[
                {
                    "sku": product["sku"],
                    "name": product["name"],
                    "quantity": (quantity := random.randrange(1, 80)),
                    "unit_price": product["price"],
                    "vat_rate": product["vat_rate"],
                    "discount": random.choice((0, quantity * product["price"] * random.randrange(1, 26) // 100)),
                }
                for product in random.sample(products, random.randrange(1, 6))
            ],
            send_confirmation=False,
            shipped_at="2026-07-16T00:00:00Z" if number < MANY_ORDERS - OPEN_ORDERS else None,
        )
        for number in range(MANY_ORDERS)
    ]


def test_many_orders_are_imported_exactly_and_only_once(app: Flask, tmp_path: Path) -> None:
    random = Random(1996)
    catalogue = many_products(random)
    documents = many_orders(random, catalogue)
    orders_file = write(tmp_path / "orders.jsonl", *documents)
    assert import_products(write(tmp_path / "products.jsonl", *catalogue)).new == MANY_PRODUCTS
    outcome = import_orders(orders_file)
    assert (outcome.new, outcome.already, outcome.refused) == (MANY_ORDERS, 0, 0)
    shipped = select(func.count()).where(Order.status == OrderStatus.SHIPPED)
    assert db.session.scalar(shipped) == MANY_ORDERS - OPEN_ORDERS
    assert db.session.scalar(select(func.count(Message.id))) == 0

    placed = {order.external_reference: order for order in db.session.scalars(loading.COMPLETE_ORDERS).unique()}
    for row in documents:
        order = placed[row["external_reference"]]
        by_rate: dict[int, int] = {row["shipping"]["vat_rate"]: row["shipping"]["price"]}
        for line in row["lines"]:
            amount = line["quantity"] * line["unit_price"] - line["discount"]
            by_rate[line["vat_rate"]] = by_rate.get(line["vat_rate"], 0) + amount
        assert order.total == sum(by_rate.values())
        assert compute_totals(order).vat == {
            rate: vat_included_in(amount, rate) for rate, amount in by_rate.items() if amount
        }
    check_stock()

    second_outcome = import_orders(orders_file)
    assert (second_outcome.new, second_outcome.already, second_outcome.refused) == (0, MANY_ORDERS, 0)


def check_stock() -> None:
    """Check that the reserved and backordered units of each product are the sums over its open lines."""
    open_lines = (
        select(Line.product_id, func.sum(Line.reserved), func.sum(Line.quantity - Line.reserved))
        .join(Line.shipment)
        .join(Shipment.order)
        .where(Shipment.shipped_at.is_(None), Order.cancelled_at.is_(None), Line.product_id.is_not(None))
        .group_by(Line.product_id)
    )
    sums_of_lines = {
        product_id: (reserved, backordered) for product_id, reserved, backordered in db.session.execute(open_lines)
    }
    assert sums_of_lines
    for product in db.session.scalars(select(Product).where(Product.stock.is_not(None))):
        assert (product.reserved, product.backordered) == sums_of_lines.get(product.id, (0, 0))
        assert product.reserved <= (product.stock or 0)
