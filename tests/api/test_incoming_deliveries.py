"""Incoming deliveries over the API: expected, changed, received once, and the day in the order's JSON."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Integration
from tests.api.test_budgets import count_statements
from tests.factories import make_order, make_product
from tests.operations.steps import stock_of
from webshop_orders import shop_settings

ADDRESS = "/incoming-deliveries"


@pytest.fixture(autouse=True)
def product(app: Flask) -> None:
    make_product("CANDLE", stock=0)


def in_days(days: int) -> str:
    return (shop_settings.today() + timedelta(days=days)).isoformat()


def expect(erp: Integration, quantity: int = 5, **values: Any) -> dict[str, Any]:
    response = erp.post(ADDRESS, {"sku": "CANDLE", "quantity": quantity, **values})
    assert response.status_code == 201
    delivery: dict[str, Any] = response.get_json()
    return delivery


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", 0),
        ("quantity", -1),
        ("quantity", 10**9),
        ("quantity", "٣"),
        ("quantity", 1.5),
        ("expected_on", "2026-02-30"),
        ("expected_on", "tomorrow"),
        ("expected_on", "1999-01-01"),
        ("note", "x" * 201),
        ("colour", "red"),
    ],
)
def test_what_cannot_be_expected_is_refused_by_its_field(erp: Integration, field: str, value: object) -> None:
    response = erp.post(ADDRESS, {"sku": "CANDLE", "quantity": 5, field: value})

    assert response.status_code == 422
    assert [error["pointer"] for error in response.get_json()["errors"]] == [f"/{field}"]
    assert erp.get(ADDRESS).get_json()["incoming_deliveries"] == []


def test_an_unknown_product_or_delivery_is_not_found(erp: Integration) -> None:
    assert erp.post(ADDRESS, {"sku": "WICK", "quantity": 5}).status_code == 404
    assert erp.get(f"{ADDRESS}/99").status_code == 404
    assert erp.patch(f"{ADDRESS}/99", {"version": 1, "quantity": 2}).status_code == 404
    assert erp.ask("DELETE", f"{ADDRESS}/99", None).status_code == 404
    assert erp.post(f"{ADDRESS}/99/receipt", {"version": 1, "quantity": 2}).status_code == 404


def test_a_delivery_is_expected_changed_and_cancelled(erp: Integration) -> None:
    delivery = expect(erp, expected_on=in_days(3), note="Pallet")
    path = f"{ADDRESS}/{delivery['id']}"
    assert (delivery["sku"], delivery["remaining"], delivery["expected_on"]) == ("CANDLE", 5, in_days(3))

    changed = erp.patch(path, {"version": 1, "quantity": 7}).get_json()
    assert (changed["quantity"], changed["expected_on"], changed["note"], changed["version"]) == (
        7,
        in_days(3),
        "Pallet",
        2,
    )
    changed = erp.patch(path, {"version": 2, "expected_on": None, "note": None}).get_json()
    assert (changed["quantity"], changed["expected_on"], changed["note"]) == (7, None, None)
    assert erp.patch(path, {"version": 2, "quantity": 9}).status_code == 409

    for _each in range(2):
        assert erp.ask("DELETE", path, None).get_json()["remaining"] == 0
    assert erp.get(ADDRESS).get_json()["incoming_deliveries"] == []
    closed = erp.get(f"{ADDRESS}?state=closed").get_json()["incoming_deliveries"]
    assert [found["id"] for found in closed] == [delivery["id"]]
    assert closed[0]["closed_at"] is not None


def test_deliveries_are_read_page_by_page(erp: Integration) -> None:
    ids = [expect(erp, expected_on=in_days(days))["id"] for days in (4, 2, 3)]

    first = erp.get(f"{ADDRESS}?limit=2").get_json()
    second = erp.get(f"{ADDRESS}?limit=2&cursor={first['next_cursor']}").get_json()

    found = [row["id"] for row in first["incoming_deliveries"] + second["incoming_deliveries"]]
    assert found == [ids[1], ids[2], ids[0]]
    assert second["next_cursor"] is None


def test_a_receipt_covers_orders_and_is_made_once(erp: Integration) -> None:
    older, picked = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))
    path = f"{ADDRESS}/{expect(erp)['id']}/receipt"
    body = {"version": 1, "quantity": 4, "closes": False, "first": [picked.number]}

    response = erp.post(path, body, **{"Idempotency-Key": "r-1"})
    again = erp.post(path, body, **{"Idempotency-Key": "r-1"})

    assert response.status_code == again.status_code == 201
    receipt = response.get_json()
    assert again.get_json() == receipt
    assert (receipt["received"], receipt["ready"], receipt["waiting"]) == (4, [picked.number], 2)
    assert receipt["incoming_delivery"]["remaining"] == 1
    assert erp.post(path, body).status_code == 409
    assert stock_of("CANDLE") == (4, 4, 2)
    assert erp.get(f"/orders/{older.number}").get_json()["status"] == "backordered"


def test_an_order_shows_when_what_it_waits_for_is_expected(erp: Integration) -> None:
    make_product("WICK", stock=9)
    order = make_order(("CANDLE", 3), ("WICK", 1))
    lines = erp.get(f"/orders/{order.number}").get_json()["shipments"][0]["lines"]
    assert [line["expected_on"] for line in lines] == [None, None]

    expect(erp, expected_on=in_days(3))

    shown = erp.get(f"/orders/{order.number}").get_json()
    listed = erp.get("/orders").get_json()["orders"][0]
    for found in (shown, listed):
        assert found["expected_on"] == found["shipments"][0]["expected_on"] == in_days(3)
        assert [line["expected_on"] for line in found["shipments"][0]["lines"]] == [in_days(3), None]


def test_a_page_of_orders_takes_one_statement_more_where_something_is_expected(erp: Integration) -> None:
    for _each in range(3):
        make_order(("CANDLE", 1))
    erp.get("/orders")  # notes that the key was used
    before = count_statements(erp, "GET", "/orders")

    expect(erp, expected_on=in_days(3))

    assert count_statements(erp, "GET", "/orders") == before + 1
