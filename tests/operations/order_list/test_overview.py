"""What the list shows beside its orders is read in one statement, and is what separate statements read."""

from typing import Any

from flask import Flask

from tests.factories import make_order, make_product, make_user
from tests.web.orders.test_budgets import counting
from webshop_orders.db.extensions import db
from webshop_orders.models import SavedView
from webshop_orders.operations.order_list import counts, overview
from webshop_orders.transactions.unit_of_work import writing


def test_a_user_sees_their_own_views_and_shared_ones_by_name(app: Flask) -> None:
    anna, bo = make_user("anna@example.com", name="Anna Lind"), make_user("bo@example.com", name="Bo Ek")

    def view(user: Any, name: str, *, shared: bool) -> SavedView:
        return SavedView(user_id=user.id, name=name, query="status=ready", shared=shared)

    with writing():
        db.session.add_all([view(anna, "b", shared=False), view(anna, "d", shared=True)])
        db.session.add_all([view(bo, "a", shared=False), view(bo, "c", shared=True)])
    seen = [(view.name, view.user_name, view.shared) for view in overview.read(anna).views]
    assert seen == [("b", "Anna Lind", False), ("c", "Bo Ek", True), ("d", "Anna Lind", True)]


def test_the_counts_are_those_of_all_orders(app: Flask) -> None:
    user = make_user()
    assert overview.read(user) == ([], {}, {})
    make_product("LJUS-12")
    for _ in range(2):
        make_order(("LJUS-12", 1))
    db.session.refresh(user)
    with counting() as statements:
        status_counts = overview.read(user).status_counts
    assert status_counts == counts.by_status()
    assert sum(row.count for row in status_counts.values()) == 2
    assert len(statements) == 1
