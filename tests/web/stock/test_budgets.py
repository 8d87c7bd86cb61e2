"""Budgets of the list of products and of the page of one: SQL statements, and bytes after gzip."""

import gzip

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import MAX_FRAGMENT_BYTES, MAX_STATEMENTS, counting
from webshop_orders.models import Actor, ActorKind, MovementReason
from webshop_orders.operations.stock import counts, products
from webshop_orders.transactions.unit_of_work import writing

BO = Actor(ActorKind.STAFF, "Bo Ek", user_id=999)


@pytest.fixture
def many(app: Flask) -> None:
    """More products, orders, movements and changes than a page shows."""
    for number in range(60):
        make_product(f"P-{number}", name=f"Stearinljus nr {number}", shelf_place=f"A-{number}", barcode=f"LL-{number}")
    for _order in range(25):
        make_order(("P-1", 5))
    for number in range(55):
        with writing():
            counts.adjust("P-1", -1, MovementReason.OTHER, note=f"Nr {number} gick sönder", by=BO)
        with writing():
            products.change_fields(products.get_for_update("P-1"), {"shelf_place": f"B-{number}"}, by=BO)


@on_sqlite
def test_pages_stay_within_their_limits_however_many_there_are(staff: Browser, many: None) -> None:
    for path, statements in {
        "/stock": 2,
        "/stock?q=ljus&sort=stock": 2,
        "/stock?edit=P-1": 3,
        "/products/P-1": MAX_STATEMENTS,
        "/products/P-1?edit=count": MAX_STATEMENTS,
    }.items():
        with counting() as counted:
            answer = staff.get(path, htmx=True)
        assert answer.status_code == 200
        assert len(counted) <= statements, (path, counted)
        assert len(gzip.compress(answer.data)) <= MAX_FRAGMENT_BYTES, path
