"""Who holds a product: open orders in the sequence of its queue, paged."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from webshop_orders.models import Actor, ActorKind, Priority
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.operations.stock import holders, products
from webshop_orders.transactions.unit_of_work import editing

BO = Actor(ActorKind.STAFF, "Bo Ek", user_id=999)


@pytest.fixture
def numbers(app: Flask) -> list[str]:
    """Seven orders of three each, of ten in stock; the fifth was put before the others."""
    make_product("LJUS", stock=10)
    numbers = [make_order(("LJUS", 3)).number for _order in range(7)]
    with editing(numbers[4], None, BO) as order:
        order.priority = Priority(by="Bo Ek", reason="kund", at="2026-11-30T08:00:00+00:00")
    return numbers


def pages(limit: int) -> list[list[str]]:
    product, after, found = products.get("LJUS"), None, []
    while True:
        page = holders.page(product, after=after, limit=limit)
        found.append([holder.number for holder in page.holders])
        if page.after is None:
            return found
        after = page.after


def test_orders_stand_in_the_sequence_of_the_queue_with_what_they_hold_and_wait_for(numbers: list[str]) -> None:
    found = holders.page(products.get("LJUS")).holders
    first = [numbers[4], *numbers[:4], *numbers[5:]]
    assert [holder.number for holder in found] == first
    assert sum(holder.held for holder in found) == products.get("LJUS").reserved
    assert sum(holder.waiting for holder in found) == products.get("LJUS").backordered
    assert [holder.is_prioritised for holder in found] == [True, *[False] * 6]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_lose_none_and_repeat_none(numbers: list[str], limit: int) -> None:
    everyone = [number for page in pages(7) for number in page]
    found = pages(limit)
    assert [number for page in found for number in page] == everyone
    assert all(len(page) <= limit for page in found)


def test_what_was_shipped_or_cancelled_holds_nothing(numbers: list[str]) -> None:
    with editing(numbers[0], None, BO) as order:
        shipments.ship(order.shipments[0], by=BO)
    with editing(numbers[1], None, BO) as order:
        cancellation.cancel(order, by=BO)
    assert not {numbers[0], numbers[1]} & set(pages(7)[0])


@pytest.mark.parametrize("cursor", ["", "x", "1~2~3", "1~20261130T080000.000000+0000~" + "9" * 30, "~~"])
def test_a_cursor_that_nobody_was_given_shows_the_first_page(numbers: list[str], cursor: str) -> None:
    assert holders.page(products.get("LJUS"), after=cursor).holders == holders.page(products.get("LJUS")).holders
