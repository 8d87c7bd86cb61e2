"""The catalogue over the API, and stock that covers backorders in the background."""

from datetime import UTC, datetime
from threading import Event
from urllib.parse import unquote

import pytest
from flask import Flask

from tests.api.conftest import Integration
from tests.factories import make_order, make_product
from tests.operations.steps import line_of, read, read_product, stock_of
from webshop_orders.outbox import worker

NEVER_STOPPED = Event()
PRODUCT = {"name": "Ljus", "price": 19900, "vat_rate": 2500}


def test_a_product_is_created_changed_and_listed(erp: Integration) -> None:
    assert erp.put("/products/LJUS-12", {**PRODUCT, "stock": 3}).status_code == 201
    assert erp.put("/products/LJUS-12", {**PRODUCT, "name": "Ljus, röda"}).status_code == 200
    assert erp.patch("/products/LJUS-12", {"price": 9900, "active": False}).status_code == 200

    product = erp.get("/products/LJUS-12").get_json()
    assert (product["name"], product["price"], product["stock"], product["active"]) == ("Ljus, röda", 9900, 3, False)
    erp.put("/products/A", PRODUCT)
    page = erp.get("/products?limit=1").get_json()
    assert ([product["sku"] for product in page["products"]], page["next_cursor"]) == (["A"], "A")
    second_page = erp.get("/products?limit=1&cursor=A").get_json()
    assert ([product["sku"] for product in second_page["products"]], second_page["next_cursor"]) == (["LJUS-12"], None)


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_change_of_a_product_that_others_changed_meanwhile_is_refused(erp: Integration, method: str) -> None:
    make_product("A", price=100, stock=3)
    seen = erp.get("/products/A").headers["ETag"]
    erp.post("/products/A/movements", {"quantity": 2, "reason": "correction"})
    assert erp.get("/products/A").headers["ETag"] == seen
    change = getattr(erp, method)
    answer = change("/products/A", {**PRODUCT, "price": 200}, If_Match=seen)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')

    refused = change("/products/A", {**PRODUCT, "price": 300}, If_Match=seen)

    assert (refused.status_code, read_product("A").price) == (412, 200)
    assert refused.get_json()["detail"] == "The product was changed meanwhile: it is at version 2."


@pytest.mark.parametrize("spelling", ["%E2%80%AELJUS-12", "LJUS-12%E2%81%A9", "%20LJUS-12", "LJUS-12%20"])
def test_an_address_names_a_product_as_documents_do(erp: Integration, spelling: str) -> None:
    assert erp.put(f"/products/{spelling}", PRODUCT).status_code == 201
    assert erp.put(f"/products/{spelling}", {**PRODUCT, "name": "Ljus, röda"}).status_code == 200
    sku = unquote(spelling)
    assert erp.patch(f"/products/{spelling}", {"sku": sku, "price": 9900}).status_code == 200

    for address in (spelling, "LJUS-12"):
        product = erp.get(f"/products/{address}").get_json()
        assert (product["sku"], product["name"], product["price"]) == ("LJUS-12", "Ljus, röda", 9900)


def test_a_change_of_an_unknown_product_is_not_found(erp: Integration) -> None:
    assert erp.patch("/products/NEJ", {"stock": 3}).status_code == 404


def test_a_change_of_a_product_leaves_existing_lines_unchanged(erp: Integration) -> None:
    make_product("A", price=100)
    order = make_order(("A", 1))
    erp.patch("/products/A", {"price": 999, "name": "Other"})
    assert [(line.name, line.unit_price) for line in read(order).lines] == [("Product A", 100)]


def test_rule_08_the_worker_covers_the_oldest_orders_first(app: Flask, erp: Integration) -> None:
    make_product("A", stock=0)
    newer = make_order(("A", 2), placed_at=datetime(2026, 11, 2, tzinfo=UTC))
    older = make_order(("A", 2), placed_at=datetime(2026, 11, 1, tzinfo=UTC))

    assert erp.post("/products/stock", {"levels": [{"sku": "A", "stock": 3}]}).status_code == 200
    assert stock_of("A") == (3, 0, 4)
    assert worker.cover_backorders(NEVER_STOPPED) == 2

    assert line_of(read(older), "A").reserved == 2
    assert line_of(read(newer), "A").reserved == 1
    assert [order.status.value for order in (read(older), read(newer))] == ["ready", "backordered"]
    assert stock_of("A") == (3, 3, 1)
    assert worker.cover_backorders(NEVER_STOPPED) == 0


def test_reduced_stock_uncovers_the_newest_orders_at_once(app: Flask, erp: Integration) -> None:
    make_product("A", stock=10)
    older = make_order(("A", 4), placed_at=datetime(2026, 11, 1, tzinfo=UTC))
    newer = make_order(("A", 4), placed_at=datetime(2026, 11, 2, tzinfo=UTC))

    erp.post("/products/stock", {"levels": [{"sku": "A", "stock": 5}]})

    assert [line_of(read(order), "A").reserved for order in (older, newer)] == [4, 1]
    erp.patch("/products/A", {"stock": None})
    assert [line_of(read(order), "A").reserved for order in (older, newer)] == [4, 4]
    assert read_product("A").stock is None


def test_stock_is_set_for_a_thousand_products_at_once(app: Flask, erp: Integration) -> None:
    for turn in range(5):
        make_product(f"P-{turn}", stock=0)
    levels = [{"sku": f"P-{turn % 5}", "stock": turn} for turn in range(1_000)]
    response = erp.post("/products/stock", {"levels": levels})
    assert response.get_json() == {"received": 1_000}
    assert [read_product(f"P-{turn}").stock for turn in range(5)] == [995, 996, 997, 998, 999]


@pytest.mark.parametrize(("value", "status"), [("", 422), (" ", 422), (None, 200)])
def test_a_blank_currency_never_becomes_that_of_the_shop(erp: Integration, value: str | None, status: int) -> None:
    make_product("A", currency="EUR")

    assert erp.patch("/products/A", {"currency": value, "price": 1}).status_code == status

    assert read_product("A").currency == "EUR"


def test_shelf_place_and_barcode_are_set_kept_and_removed(erp: Integration) -> None:
    where = {"shelf_place": "A-2-10", "barcode": "7350053850019"}
    erp.put("/products/LJUS-12", {**PRODUCT, **where})
    erp.put("/products/LJUS-12", PRODUCT)
    assert where.items() <= erp.get("/products/LJUS-12").get_json().items()

    erp.patch("/products/LJUS-12", {"shelf_place": None, "barcode": "LL-12"})
    product = erp.get("/products/LJUS-12").get_json()
    assert (product["shelf_place"], product["barcode"]) == (None, "LL-12")


@pytest.mark.parametrize(
    ("barcode", "status"),
    [
        ("96385074", 201),
        ("96385075", 422),
        ("036000291452", 201),
        ("036000291453", 422),
        ("7350053850019", 201),
        ("7350053850018", 422),
        ("00012345600012", 201),
        ("00012345600011", 422),
        ("1234567", 201),
        ("٧٣٥٠٠٥٣٨٥٠٠١٨", 201),
        ("7" * 81, 422),
    ],
)
def test_codes_of_the_lengths_of_gtins_need_a_check_digit(erp: Integration, barcode: str, status: int) -> None:
    response = erp.put("/products/A", {**PRODUCT, "barcode": barcode})
    assert response.status_code == status
    if status == 422:
        assert [error["pointer"] for error in response.get_json()["errors"]] == ["/barcode"]
