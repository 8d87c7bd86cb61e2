"""A delivery that another system reported and that a rule refused is in the inbox until it is taken or dealt with."""

from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Integration
from tests.factories import make_order, make_product
from tests.operations.inbox.test_attention import check_counts, inbox, kinds, one
from tests.operations.steps import changing, kinds_of, read, stock_of
from webshop_orders.models import Actor, HoldReason, InboxItem, InboxKind, Order
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import holds, shipments

REFUSED = InboxKind.DELIVERY_REFUSED


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS", stock=10)
    return make_order(("LJUS", 3))


def report(erp: Integration, order: Order, quantity: Any, *, id: str = "FS-1") -> int:  # noqa: A002
    body = {"id": id, "lines": [{"sku": "LJUS", "quantity": quantity}]}
    return int(erp.post(f"/orders/{order.number}/deliveries", body).status_code)


def refused() -> list[InboxItem]:
    return [item for item in inbox() if item.kind is REFUSED]


def test_one_of_too_many_units_needs_a_person_and_changes_nothing_else(erp: Integration, order: Order) -> None:
    before = read(order).version, kinds_of(order), stock_of("LJUS")

    assert report(erp, order, 4) == 422

    item = one(REFUSED)
    assert (item.subject, item.order_id, item.is_shown) == (f"{order.number}/FS-1", order.id, True)
    assert item.facts["delivery"] == "FS-1"
    assert item.facts["shipped"] == 0
    assert item.facts["reason"]
    assert (read(order).version, kinds_of(order), stock_of("LJUS")) == before
    check_counts()


def test_one_whose_id_another_delivery_has_needs_a_person(erp: Integration, order: Order) -> None:
    assert report(erp, order, 1) == 201
    assert report(erp, order, 2) == 409
    assert (one(REFUSED).subject, one(REFUSED).facts["shipped"]) == (f"{order.number}/FS-1", 1)
    check_counts()


def test_one_of_an_order_that_is_paused_needs_a_person(erp: Integration, order: Order, anna: Actor) -> None:
    with changing(order, anna) as locked:
        holds.hold(locked, HoldReason.CUSTOMER_ASKED, by=anna)
    assert report(erp, order, 3) in {409, 422}
    assert kinds(shown=True) == [REFUSED]


def test_one_that_is_refused_twice_is_one_row_since_the_first_time_with_the_latest_reason(
    erp: Integration, order: Order
) -> None:
    report(erp, order, 4)
    first = one(REFUSED)
    since, reason = first.since, first.facts["reason"]
    report(erp, order, 4)
    assert (one(REFUSED).since, one(REFUSED).facts["reason"]) == (since, reason)
    report(erp, order, 7)
    assert len(refused()) == 1
    assert one(REFUSED).since == since
    assert kinds(shown=True) == [REFUSED]
    check_counts()


def test_two_that_are_refused_are_two_rows(erp: Integration, order: Order) -> None:
    report(erp, order, 4, id="FS-1")
    report(erp, order, 4, id="FS-2")
    assert {item.facts["delivery"] for item in refused()} == {"FS-1", "FS-2"}
    check_counts()


def test_one_that_is_taken_later_needs_nobody(erp: Integration, order: Order) -> None:
    report(erp, order, 4)
    assert report(erp, order, 2) == 201
    assert refused() == []
    check_counts()


def test_one_whose_order_left_by_hand_needs_nobody(erp: Integration, order: Order, anna: Actor) -> None:
    report(erp, order, 4)
    with changing(order, anna) as locked:
        shipments.ship(locked.shipments[0], by=anna)
    assert refused() == []
    check_counts()


def test_one_that_someone_is_done_with_needs_nobody_until_it_is_refused_again(
    erp: Integration, order: Order, anna: Actor
) -> None:
    report(erp, order, 4)
    with changing(order, anna) as locked:
        attention.settle(locked, REFUSED, f"{order.number}/FS-1")
    assert refused() == []
    report(erp, order, 4)
    assert one(REFUSED).is_shown
    check_counts()


@pytest.mark.parametrize("quantity", [-1, 0, 10**9, "٣", "tre", None])
def test_one_that_cannot_be_read_needs_a_person_too(erp: Integration, order: Order, quantity: Any) -> None:
    assert report(erp, order, quantity) == 422
    assert one(REFUSED).facts["delivery"] == "FS-1"


@pytest.mark.parametrize("body", [{}, {"id": 7}, {"id": None, "lines": []}, []], ids=str)
def test_one_without_an_id_is_one_row_of_its_order(erp: Integration, order: Order, body: Any) -> None:
    for _ in range(2):
        assert erp.post(f"/orders/{order.number}/deliveries", body).status_code == 422
    assert (one(REFUSED).subject, one(REFUSED).facts["delivery"]) == (f"{order.number}/", None)


def test_one_of_another_version_or_of_no_order_needs_nobody(erp: Integration, order: Order) -> None:
    body = {"id": "FS-1", "lines": [{"sku": "LJUS", "quantity": 1}]}
    assert erp.post(f"/orders/{order.number}/deliveries", body, If_Match='"9"').status_code == 412
    assert erp.post("/orders/WS-404/deliveries", body).status_code == 404
    assert refused() == []
