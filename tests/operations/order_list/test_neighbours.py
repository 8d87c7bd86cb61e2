"""The order before and after another, for every way in which a list is filtered and sorted."""

import itertools

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import hold
from webshop_orders.models import Actor, Customer, Order, OrderStatus
from webshop_orders.operations.order_list import neighbours, pages
from webshop_orders.operations.order_list.filters import OrderFilter, Sort
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def numbers(app: Flask, anna: Actor) -> list[str]:
    for sku in ("A-1", "B-1"):
        make_product(sku, stock=1_000)
    names = ["Åsa", "Bo", "Bo", "Cilla", "Bo", "Åsa"]
    made = [
        make_order(
            ("A-1" if index % 2 else "B-1", 1 + index // 2),
            customer=Customer(name=name, email=f"{name.lower()}{index}@example.com"),
            payment_method="klarna" if index % 3 else "invoice",
        ).number
        for index, name in enumerate(names)
    ]
    for number in made[:2]:
        with editing(number, None, anna) as order:
            shipments.ship(order.shipments[0], by=anna)
    for number in (made[3], made[5]):
        hold(get_order(number), anna)
    return made


FILTERS = [
    *(OrderFilter(sort=sort, descending=descending) for sort, descending in itertools.product(Sort, (True, False))),
    *(OrderFilter(status=OrderStatus.READY, sort=sort) for sort in Sort),
    OrderFilter(payment="klarna"),
    OrderFilter(product="A-1", descending=False),
    OrderFilter(held=True),
    OrderFilter(waiting=True),
    OrderFilter(held=False, sort=Sort.NUMBER),
    OrderFilter(words="bo"),
    OrderFilter(words="bo", descending=False),
    OrderFilter(words="bo", anywhere=True),
    OrderFilter(words="example", status=OrderStatus.READY),
]


@pytest.mark.parametrize("order_filter", FILTERS, ids=repr)
def test_one_goes_through_a_list_and_back(numbers: list[str], order_filter: OrderFilter) -> None:
    listed = [order.number for order in pages.page(order_filter).orders]
    assert len(listed) > 1
    for backwards, sequence in ((False, listed), (True, listed[::-1])):
        walked = [sequence[0]]
        while following := neighbours.find(get_order(walked[-1]), order_filter, backwards=backwards):
            walked.append(following)
        assert walked == sequence


def test_the_list_goes_on_after_an_order_that_no_longer_matches(numbers: list[str], anna: Actor) -> None:
    ready = OrderFilter(status=OrderStatus.READY)
    listed = [order.number for order in pages.page(ready).orders]
    with editing(listed[1], None, anna) as order:
        shipments.ship(order.shipments[0], by=anna)
    shipped: Order = get_order(listed[1])
    assert neighbours.find(shipped, ready) == listed[2]
    assert neighbours.find(shipped, ready, backwards=True) == listed[0]
