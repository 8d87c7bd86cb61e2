"""How many orders a view has is what its list has, counted up to a limit and in few statements."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.factories import make_order, make_product, make_user
from tests.operations.steps import hold
from tests.web.orders.test_budgets import counting
from webshop_orders.models import Actor, Customer, OrderStatus
from webshop_orders.operations.order_list import counts, overview, pages, query_plan, view_counts
from webshop_orders.operations.order_list.filters import OrderFilter, Sort
from webshop_orders.operations.order_list.view_counts import ViewCount

FILTERS = [
    OrderFilter(),
    OrderFilter(status=OrderStatus.READY),
    OrderFilter(status=OrderStatus.CANCELLED, sort=Sort.TOTAL),
    OrderFilter(words="bo"),
    OrderFilter(words="bo", status=OrderStatus.READY),
    OrderFilter(words="WS-10000", anywhere=True),
    OrderFilter(words="WS-10000"),
    OrderFilter(product="A-1", status=OrderStatus.READY),
    OrderFilter(payment="klarna"),
    OrderFilter(payment="klarna", product="A-1", to_refund=True),
    OrderFilter(held=True),
    OrderFilter(waiting=True),
    OrderFilter(waiting=True, status=OrderStatus.READY),
    OrderFilter(held=True, status=OrderStatus.READY),
    OrderFilter(held=False),
    OrderFilter(held=False, status=OrderStatus.READY, sort=Sort.TOTAL),
    OrderFilter(held=True, words="bo"),
    OrderFilter(placed_from=datetime(2020, 1, 1, tzinfo=UTC)),
    OrderFilter(placed_before=datetime(2020, 1, 1, tzinfo=UTC)),
]


@pytest.fixture(autouse=True)
def orders(app: Flask, anna: Actor) -> None:
    for sku in ("A-1", "B-1"):
        make_product(sku, stock=4)
    for index, name in enumerate(["Åsa", "Bo", "Bo", "Cilla", "Bo", "Åsa", "Bo"]):
        order = make_order(
            ("A-1" if index % 2 else "B-1", 1 + index // 2),
            customer=Customer(name=name),
            payment_method="klarna" if index % 3 else "invoice",
        )
        if index in {1, 4}:
            hold(order, anna)


@pytest.mark.parametrize("order_filter", FILTERS, ids=repr)
def test_a_count_is_that_of_the_list(order_filter: OrderFilter) -> None:
    status_counts = counts.by_status()
    listed = len(pages.page(order_filter).orders)
    with counting() as statements:
        assert view_counts.count(order_filter, status_counts) == ViewCount(listed)
    assert len(statements) <= 3


@pytest.mark.parametrize(
    "order_filter", [each for each in FILTERS if not (each.words or each.product or each.placed_from)], ids=repr
)
def test_the_number_beside_the_list_is_that_of_the_list(order_filter: OrderFilter) -> None:
    around = overview.read(make_user())
    said = around.matching(order_filter)
    assert said in (None, len(pages.page(order_filter).orders))
    assert (said is None) == bool(order_filter.payment or order_filter.placed_before or order_filter.waiting)


def test_a_status_alone_is_counted_to_the_end_without_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_counts, "MAX_COUNTED", 1)
    status_counts = counts.by_status()
    with counting() as statements:
        assert view_counts.count(OrderFilter(), status_counts) == ViewCount(7)
    assert statements == []


def test_counting_ends_at_the_limit_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_counts, "MAX_COUNTED", 3)
    view_counts._statement.cache_clear()
    assert view_counts.count(OrderFilter(words="bo"), {}) == ViewCount(3, is_more=True)
    monkeypatch.setattr(view_counts, "MAX_COUNTED", 4)
    view_counts._statement.cache_clear()
    assert view_counts.count(OrderFilter(words="bo"), {}) == ViewCount(4)
    view_counts._statement.cache_clear()


def test_a_count_that_ended_at_the_scan_limit_may_be_too_low(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_plan, "SCAN_LIMIT", 2)
    assert view_counts.count(OrderFilter(payment="klarna", product="A-1"), {}).is_more
