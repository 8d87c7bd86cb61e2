"""Whatever the filter, and however few orders match, paging there and back loses none and repeats none."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from tests.conftest import settings
from tests.web.orders.test_budgets import counting
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import Line, Order, OrderStatus, TrackingCode
from webshop_orders.operations.order_list import pages, query_plan, statements
from webshop_orders.operations.order_list.filters import OrderFilter, Sort
from webshop_orders.operations.order_list.full_text import PARTITION_BITS
from webshop_orders.operations.order_list.pages import OrderListPage
from webshop_orders.operations.order_list.query_plan import QueryPlan
from webshop_orders.text.folding import fold
from webshop_orders.transactions.unit_of_work import writing

DAY = date(2026, 11, 23)
ORDERS_PER_SIDE = 80  # on each side of the boundary between two partitions
BOUNDARIES = [0, *(1 << bits for bits in PARTITION_BITS), 2 << PARTITION_BITS[-1]]
SCAN_LIMIT, PAGE_SIZE = 60, 25
SHORT_PAGE, SHORT_SCAN = 8, 20  # so that every filter has a third page, and the scan limit ends some
PERIOD = {"placed_from": datetime(2026, 6, 1, tzinfo=UTC), "placed_before": datetime(2026, 10, 1, tzinfo=UTC)}
ALL_FILTERS = [
    OrderFilter(words=words, status=status, payment=payment, carrier=carrier, product=sku, **period)
    for words, status, payment, carrier, sku, period in product(
        ["", "berg", "an son", "bo", "xyzzyx"],
        [None, *OrderStatus],
        [None, "klarna"],
        [None, "PostNord"],
        [None, "a SKU"],
        [{}, PERIOD],
    )
]
FILTERS = [
    *(OrderFilter(sort=sort, status=status) for sort, status in product(Sort, [None, OrderStatus.SHIPPED])),
    *random.Random(6).sample(ALL_FILTERS, 40),
]


@pytest.fixture(scope="module")
def many(module_database: str) -> Iterator[Flask]:
    """Orders on both sides of the first partition of each width in PostgreSQL's text index, and of a wide one."""
    app = create_app(settings(module_database))
    with app.app_context():
        for boundary in BOUNDARIES:
            if boundary:
                _insert_order(boundary - ORDERS_PER_SIDE)
            bulk.generate(2 * ORDERS_PER_SIDE, DAY, progress=lambda count: None)
        yield app
        db.session.remove()
        db.engine.dispose()


def _insert_order(order_id: int) -> None:
    """Insert an order with this id, so that the next orders get the ids after it."""
    columns = [column.name for column in Order.__table__.columns]
    values = db.session.execute(select(Order.__table__).order_by(Order.id).limit(1)).mappings().one()
    unique = {"id": order_id, "number": f"WS-{order_id}", "external_reference": f"other-{order_id}"}
    with writing():
        db.session.execute(insert(Order.__table__), {**{name: values[name] for name in columns}, **unique})


@pytest.fixture(autouse=True)
def context(many: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(query_plan, "SCAN_LIMIT", SCAN_LIMIT)
    with many.test_request_context():
        yield
        db.session.rollback()


@pytest.mark.parametrize("order_filter", FILTERS, ids=str)
@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
def test_pages_there_and_back_have_the_matching_orders_and_no_others(
    order_filter: OrderFilter, *, descending: bool
) -> None:
    order_filter = replace(_with_real_product(order_filter), descending=descending)
    expected = _matching_ids(order_filter)

    forward = list(_pages(order_filter, "after"))
    assert _ids(forward) == expected
    for index in [index for index, page in enumerate(forward) if page.before][-1:]:
        backward = list(_pages(replace(order_filter, before=forward[index].before), "before"))
        assert set(_ids(backward)) >= set(_ids(forward[:index]))
        assert all(_ids([page]) == [order_id for order_id in expected if order_id in _ids([page])] for page in backward)


def test_some_filters_match_few_orders_and_some_match_many() -> None:
    counts = [len(_matching_ids(_with_real_product(order_filter))) for order_filter in FILTERS]
    assert min(counts) == 0
    assert len([count for count in counts if 0 < count < PAGE_SIZE]) > 5
    assert len([count for count in counts if count > SCAN_LIMIT]) > 5
    matching = _matching_ids(OrderFilter(words="berg"))
    for bits in PARTITION_BITS:
        assert {0, 1} <= {order_id >> bits for order_id in matching}


@pytest.mark.parametrize(
    ("order_filter", "expected"),
    [
        (OrderFilter(), 1),
        (OrderFilter(sort=Sort.TOTAL, status=OrderStatus.SHIPPED), 1),
        (OrderFilter(product="a SKU"), 1),
        (OrderFilter(words="berg"), 1),
        # The scan limit ends a page with few matches, so that the position is read at which it did.
        (OrderFilter(words="berg", payment="invoice"), 2),
        # Numbers that begin with the words are looked up first; there are too many, so the words are looked up too.
        (OrderFilter(words="WS-1"), 2),
    ],
    ids=["all", "sorted within a status", "of a product", "with words", "few matches", "words that may be a key"],
)
def test_a_page_takes_one_plan_and_the_same_few_statements_from_any_position(
    order_filter: OrderFilter, expected: int, plans: list[QueryPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_plan, "SCAN_LIMIT", SHORT_SCAN)
    order_filter = _with_real_product(order_filter)
    third = list(_pages(order_filter, "after", limit=SHORT_PAGE))[2]
    positions = [{}, {"after": third.before}, {"before": third.after}]
    for position in positions:
        plans.clear()
        with counting() as statements:
            pages.page(replace(order_filter, **position), limit=SHORT_PAGE)
        assert len(plans) == 1
        assert len(statements) == expected, "\n".join(statements)


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[QueryPlan]:
    """The plans that are made."""
    made: list[QueryPlan] = []
    make_plan = query_plan.plan

    def plan(order_filter: OrderFilter, order_ids: tuple[int, ...] = ()) -> QueryPlan:
        made.append(make_plan(order_filter, order_ids))
        return made[-1]

    monkeypatch.setattr(query_plan, "plan", plan)
    return made


def _pages(order_filter: OrderFilter, direction: str, *, limit: int = PAGE_SIZE) -> Iterator[OrderListPage]:
    """One page after the other in one direction, "after" or "before"."""
    cursor: str | None = ""
    while cursor is not None:
        page = pages.page(order_filter, limit=limit)
        yield page
        cursor = page.before if direction == "before" else page.after
        order_filter = replace(order_filter, **{"after": None, "before": None, direction: cursor})


def _ids(pages_read: Iterable[OrderListPage]) -> list[int]:
    return [order.id for page in pages_read for order in page.orders]


def _matching_ids(order_filter: OrderFilter) -> list[int]:
    """The ids of the matching orders, by the simplest query."""
    words = [Order.search_text.contains(word) for word in fold(order_filter.words).split()]
    with_carrier = select(TrackingCode.order_id).filter_by(carrier=order_filter.carrier)
    with_product = select(Line.order_id).filter_by(sku=order_filter.product)
    predicates = [
        *words,
        *([Order.status == order_filter.status] if order_filter.status else []),
        *([Order.payment_method == order_filter.payment] if order_filter.payment else []),
        *([Order.id.in_(with_carrier)] if order_filter.carrier else []),
        *([Order.id.in_(with_product)] if order_filter.product else []),
        *([Order.placed_at >= order_filter.placed_from] if order_filter.placed_from else []),
        *([Order.placed_at < order_filter.placed_before] if order_filter.placed_before else []),
    ]
    sort_column = statements.SORT_COLUMNS[order_filter.effective_sort]
    columns = (Order.id,) if order_filter.words else (sort_column, Order.id)
    rows = db.session.execute(select(*columns).where(*predicates)).all()
    return [row.id for row in sorted(rows, key=tuple, reverse=order_filter.descending)]


def _with_real_product(order_filter: OrderFilter) -> OrderFilter:
    """The filter with the product that is sold most often, if it is filtered by product."""
    if not order_filter.product:
        return order_filter
    skus = select(Line.sku).group_by(Line.sku).order_by(func.count().desc(), Line.sku).limit(1)
    return replace(order_filter, product=db.session.scalars(skus).one())
