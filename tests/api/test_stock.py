"""Movements of stock and counts over the API (rule 31)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from tests.api.conftest import Integration
from tests.factories import make_order, make_product
from tests.operations.after_sales.steps import ship
from tests.operations.steps import ERP, assert_stock_follows_from_movements, read_product, stock_of
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import AnsweredRequest
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture(autouse=True)
def candle(app: Flask) -> None:
    make_product("A", stock=10)


def pointers(response: object) -> list[str]:
    return [error["pointer"] for error in response.get_json()["errors"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"quantity": 0, "reason": "waste"}, "/quantity"),
        ({"quantity": 100_000, "reason": "received"}, "/quantity"),
        ({"quantity": "5", "reason": "received"}, "/quantity"),
        ({"quantity": -11, "reason": "waste"}, "/quantity"),
        ({"quantity": 2, "reason": "waste"}, "/quantity"),
        ({"quantity": 1, "reason": "shipped"}, "/reason"),
        ({"quantity": 1}, "/reason"),
        ({"quantity": 1, "reason": "other"}, "/note"),
        ({"quantity": 1, "reason": "received", "note": "x" * 201}, "/note"),
    ],
)
def test_a_movement_that_is_wrong_is_refused_at_its_field(
    erp: Integration, body: dict[str, object], pointer: str
) -> None:
    response = erp.post("/products/A/movements", body)
    assert (response.status_code, pointers(response)) == (422, [pointer])
    assert stock_of("A") == (10, 0, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"counted": -1}, "/counted"),
        ({"counted": 10**7}, "/counted"),
        ({}, "/counted"),
        ({"counted": 1, "stock_version": 9}, "/stock_version"),
    ],
)
def test_a_count_that_is_wrong_is_refused_at_its_field(erp: Integration, body: dict[str, object], pointer: str) -> None:
    response = erp.post("/products/A/counts", body)
    assert (response.status_code, pointers(response)) == (422, [pointer])


def test_what_is_not_there_is_not_found(erp: Integration) -> None:
    for path, body in (("movements", {"quantity": 1, "reason": "received"}), ("counts", {"counted": 1})):
        assert erp.post(f"/products/NEJ/{path}", body).status_code == 404
    assert erp.get("/products/NEJ/movements").status_code == 404
    assert erp.get("/products/A/movements?cursor=x").status_code == 422


def test_stock_is_moved_once_a_request_and_its_movements_are_listed(erp: Integration) -> None:
    body = {"quantity": -2, "reason": "waste", "note": "krossade"}
    first = erp.post("/products/A/movements", body, Idempotency_Key="key-1")
    assert erp.post("/products/A/movements", body, Idempotency_Key="key-1").data == first.data
    assert first.status_code == 201
    ship(make_order(("A", 3), number="WS-7"), ERP)

    listed = erp.get("/products/A/movements").get_json()
    assert [(moved["reason"], moved["quantity"], moved["stock"]) for moved in listed["movements"]] == [
        ("shipped", -3, 5),
        ("waste", -2, 8),
        ("opening", 10, 10),
    ]
    assert [(moved["order"], moved["reference"]) for moved in listed["movements"][:2]] == [
        ("WS-7", "WS-7-1"),
        (None, None),
    ]
    page = erp.get("/products/A/movements?limit=2").get_json()
    assert page["next_cursor"] == "2"
    assert [moved["version"] for moved in erp.get("/products/A/movements?cursor=2").get_json()["movements"]] == [1]
    product = erp.get("/products/A").get_json()
    assert (product["stock"], product["stock_version"], product["version"]) == (5, 3, 1)


def test_a_request_whose_answer_was_lost_gets_the_movement_that_it_made(erp: Integration) -> None:
    requests = {"movements": {"quantity": 2, "reason": "received"}, "counts": {"counted": 20, "stock_version": 1}}
    first = {path: erp.post(f"/products/A/{path}", body, Idempotency_Key=path) for path, body in requests.items()}
    with writing():
        db.session.execute(update(AnsweredRequest).values(status=None, body=None))

    with time_machine.travel(now() + timedelta(minutes=3)):
        again = {path: erp.post(f"/products/A/{path}", body, Idempotency_Key=path) for path, body in requests.items()}

    assert [response.status_code for response in again.values()] == [200, 200]
    assert again["movements"].get_json() == first["movements"].get_json()
    assert again["counts"].get_json()["movement"] == first["counts"].get_json()["movement"]
    assert stock_of("A") == (22, 0, 0)


def test_rule_31_a_count_over_the_api_keeps_what_was_sold_since(erp: Integration) -> None:
    version = erp.get("/products/A").get_json()["stock_version"]
    ship(make_order(("A", 4)), ERP)

    found = erp.post("/products/A/counts", {"counted": 9, "stock_version": version})
    assert found.status_code == 201
    assert (found.get_json()["expected"], found.get_json()["moved_since"]) == (10, -4)
    assert found.get_json()["movement"]["quantity"] == -1
    assert stock_of("A") == (5, 0, 0)
    assert_stock_follows_from_movements()


def test_rule_31_levels_with_a_version_are_counts_and_all_are_refused_with_one(erp: Integration) -> None:
    make_product("B", stock=10)
    make_product("C", stock=3)
    make_order(("C", 3))
    ship(make_order(("A", 4)), ERP)

    wrong = [{"sku": "A", "stock": 9, "stock_version": 1}, {"sku": "B", "stock": 1, "stock_version": 7}]
    refused = erp.post("/products/stock", {"levels": wrong})
    assert (refused.status_code, pointers(refused)) == (422, ["/levels/1/stock_version"])
    assert read_product("A").stock == 6
    untracked = erp.post("/products/stock", {"levels": [{"sku": "A", "stock": None, "stock_version": 1}]})
    assert (untracked.status_code, pointers(untracked)) == (422, ["/levels/0/stock"])

    levels = [wrong[0], {"sku": "B", "stock": 7}, {"sku": "C", "stock": 1, "stock_version": 1}]
    assert erp.post("/products/stock", {"levels": levels}).get_json() == {"received": 3}
    assert (stock_of("A"), stock_of("B"), stock_of("C")) == ((5, 0, 0), (7, 0, 0), (1, 1, 2))
    assert_stock_follows_from_movements()


def test_each_change_of_a_product_is_a_version_of_it(erp: Integration) -> None:
    erp.patch("/products/A", {"price": 5})
    erp.patch("/products/A", {"price": 5})
    product = erp.put("/products/A", {"name": "B", "price": 5, "vat_rate": 2500}).get_json()
    assert product["version"] == 3
