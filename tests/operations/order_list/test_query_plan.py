"""Whatever is wanted of the list, and however few orders fit, paging there and back loses none and repeats none."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import Line, Order, OrderStatus, TrackingCode
from webshop_orders.operations.order_list import pages as order_pages
from webshop_orders.operations.order_list import query_plan
from webshop_orders.operations.order_list.full_text import SHARE
from webshop_orders.operations.order_list.pages import OrderPage
from webshop_orders.operations.order_list.query_plan import OrderFilter, Sort
from webshop_orders.text.folding import fold
from webshop_orders.transactions.unit_of_work import writing

DAY = date(2026, 11, 23)
SOME = 250  # orders on each side of the edge of a share
STRETCH, PAGE = 60, 25
PERIOD = {"placed_from": datetime(2026, 6, 1, tzinfo=UTC), "placed_before": datetime(2026, 10, 1, tzinfo=UTC)}
WISHES = [
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
CHOSEN = [
    *(OrderFilter(sort=sort, status=status) for sort, status in product(Sort, [None, OrderStatus.SHIPPED])),
    *random.Random(6).sample(WISHES, 40),
]


@pytest.fixture(scope="module")
def many(module_database: str) -> Iterator[Flask]:
    """Orders in three shares of the index of words."""
    app = create_app(settings(module_database))
    with app.app_context():
        for share in range(3):
            if share:
                _go_on_at((share << SHARE) - SOME)
            bulk.generate(2 * SOME, DAY, progress=lambda count: None)
        yield app
        db.session.remove()
        db.engine.dispose()


def _go_on_at(order_id: int) -> None:
    """Let the orders that come next follow on one with this id."""
    columns = [column.name for column in Order.__table__.columns]
    values = db.session.execute(select(Order.__table__).order_by(Order.id).limit(1)).mappings().one()
    unique = {"id": order_id, "number": f"WS-{order_id}", "external_reference": f"other-{order_id}"}
    with writing():
        db.session.execute(insert(Order.__table__), {**{name: values[name] for name in columns}, **unique})


@pytest.fixture(autouse=True)
def context(many: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(query_plan, "SCAN_LIMIT", STRETCH)
    with many.test_request_context():
        yield
        db.session.rollback()


@pytest.mark.parametrize("wanted", CHOSEN, ids=str)
@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
def test_pages_there_and_back_have_what_is_wanted_and_nothing_else(wanted: OrderFilter, *, descending: bool) -> None:
    wanted = replace(wanted, product=_sku() if wanted.product else None, descending=descending)
    expected = _asked_without_index(wanted)

    there = list(_pages(wanted, "after"))
    assert _ids(there) == expected
    for index in [index for index, page in enumerate(there) if page.before][-1:]:
        back = list(_pages(replace(wanted, before=there[index].before), "before"))
        assert set(_ids(back)) >= set(_ids(there[:index]))
        assert all(_ids([page]) == [one for one in expected if one in _ids([page])] for page in back)


def test_there_are_wishes_that_few_orders_fit_and_wishes_that_many_do() -> None:
    wanted = [replace(one, product=_sku() if one.product else None) for one in CHOSEN]
    counts = [len(_asked_without_index(one)) for one in wanted]
    assert min(counts) == 0
    assert len([count for count in counts if 0 < count < PAGE]) > 5
    assert len([count for count in counts if count > STRETCH]) > 5
    shares = {order_id >> SHARE for order_id in _asked_without_index(OrderFilter(words="berg"))}
    assert shares == {0, 1, 2}


def _pages(wanted: OrderFilter, way: str) -> Iterator[OrderPage]:
    """One page after the other, in one direction."""
    cursor: str | None = ""
    while cursor is not None:
        page = order_pages.page(wanted, most=PAGE)
        yield page
        cursor = page.before if way == "before" else page.after
        wanted = replace(wanted, **{"after": None, "before": None, way: cursor})


def _ids(pages: Iterable[OrderPage]) -> list[int]:
    return [order.id for page in pages for order in page.orders]


def _asked_without_index(wanted: OrderFilter) -> list[int]:
    """The ids of the orders that are wanted, asked in the plainest way."""
    words = [Order.search_text.contains(word) for word in fold(wanted.words).split()]
    asked = [
        *words,
        *([Order.status == wanted.status] if wanted.status else []),
        *([Order.payment_method == wanted.payment] if wanted.payment else []),
        *([Order.id.in_(select(TrackingCode.order_id).filter_by(carrier=wanted.carrier))] if wanted.carrier else []),
        *([Order.id.in_(select(Line.order_id).filter_by(sku=wanted.product))] if wanted.product else []),
        *([Order.placed_at >= wanted.placed_from] if wanted.placed_from else []),
        *([Order.placed_at < wanted.placed_before] if wanted.placed_before else []),
    ]
    keys = (Order.id,) if wanted.words else (query_plan.SORTED_BY[wanted.sorted_by], Order.id)
    rows = db.session.execute(select(*keys).where(*asked)).all()
    return [row.id for row in sorted(rows, key=tuple, reverse=wanted.descending)]


def _sku() -> str:
    """A product that is sold now and then."""
    often = func.count()
    return db.session.scalars(select(Line.sku).group_by(Line.sku).order_by(often.desc(), Line.sku).limit(1)).one()
