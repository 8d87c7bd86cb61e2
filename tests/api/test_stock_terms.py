"""How an order gets stock, set over the API: collected for one delivery, and before older ones (rules 34 and 35)."""

from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Integration, order_document, pointers
from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, events_of, kinds_of, read, shape, stock_of
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.models.priority import MAX_REASON_LENGTH
from webshop_orders.operations.orders import cancellation, shipments


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS", stock=10)
    make_product("SLUT", stock=0)
    return make_order(("LJUS", 3), ("SLUT", 1))


def recorded(order: Order) -> list[EventKind]:
    """What happened to the order, read anew."""
    return kinds_of(read(order))


def put(erp: Integration, order: Order, what: str, body: Any, **headers: str) -> Any:
    return erp.put(f"/orders/{order.number}/{what}", body, **headers)


@pytest.mark.parametrize(
    ("what", "body", "pointer"),
    [
        ("whole-delivery", {}, "/ships_whole"),
        ("whole-delivery", {"ships_whole": None}, "/ships_whole"),
        ("whole-delivery", {"ships_whole": 1}, "/ships_whole"),
        ("whole-delivery", {"ships_whole": "٣"}, "/ships_whole"),
        ("whole-delivery", {"ships_whole": True, "colour": "red"}, "/colour"),
        ("priority", {}, "/reason"),
        ("priority", {"reason": ""}, "/reason"),
        ("priority", {"reason": "   "}, "/reason"),
        ("priority", {"reason": 10**9}, "/reason"),
        ("priority", {"reason": "x" * (MAX_REASON_LENGTH + 1)}, "/reason"),
        ("priority", {"reason": "a\0b"}, "/reason"),
        ("priority", {"reason": "Ringde", "by": "Anna"}, "/by"),
    ],
)
def test_what_is_wrong_is_named(erp: Integration, order: Order, what: str, body: dict[str, Any], pointer: str) -> None:
    response = put(erp, order, what, body)

    assert (response.status_code, pointers(response)) == (422, [pointer])
    assert recorded(order) == [EventKind.ORDER_PLACED]


@pytest.mark.parametrize("body", [None, [], "x", b"\xff", "{"])
@pytest.mark.parametrize("what", ["whole-delivery", "priority"])
def test_what_is_no_document_is_refused(erp: Integration, order: Order, what: str, body: Any) -> None:
    assert put(erp, order, what, body).status_code in (400, 415, 422)
    assert recorded(order) == [EventKind.ORDER_PLACED]


@pytest.mark.parametrize(
    ("what", "body"), [("whole-delivery", {"ships_whole": True}), ("priority", {"reason": "Ringde"})]
)
def test_an_unknown_order_is_not_found(erp: Integration, order: Order, what: str, body: dict[str, Any]) -> None:
    assert erp.put(f"/orders/WS-999999/{what}", body).status_code == 404


@pytest.mark.parametrize(
    ("what", "body"), [("whole-delivery", {"ships_whole": True}), ("priority", {"reason": "Ringde"})]
)
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_where_nothing_is_left_to_leave_it_is_refused(
    erp: Integration, order: Order, anna: Actor, what: str, body: dict[str, Any], *, is_cancelled: bool
) -> None:
    with changing(order, anna) as current:
        if is_cancelled:
            cancellation.cancel(current, by=anna)
        else:
            shipments.ship(current.shipments[0], by=anna)
    before = recorded(order)

    assert put(erp, order, what, body).status_code in (409, 422)
    assert recorded(order) == before


@pytest.mark.parametrize(
    ("what", "body"), [("whole-delivery", {"ships_whole": True}), ("priority", {"reason": "Ringde"})]
)
def test_an_order_that_was_changed_since_it_was_read_is_left_as_it_is(
    erp: Integration, order: Order, what: str, body: dict[str, Any]
) -> None:
    assert put(erp, order, what, body, If_Match=f'"{read(order).version + 1}"').status_code == 412
    assert recorded(order) == [EventKind.ORDER_PLACED]

    fresh = put(erp, order, what, body, If_Match=f'"{read(order).version}"')
    assert (fresh.status_code, fresh.headers["ETag"]) == (200, f'"{read(order).version}"')


def test_rule_34_an_order_is_collected_and_gives_back_what_it_has(erp: Integration, order: Order) -> None:
    collected = put(erp, order, "whole-delivery", {"ships_whole": True})

    assert (collected.status_code, collected.get_json()["ships_whole"]) == (200, True)
    assert stock_of("LJUS") == (10, 0, 3)
    assert put(erp, order, "whole-delivery", {"ships_whole": False}).get_json()["ships_whole"] is False
    assert shape(order) == {1: [("LJUS", 3, 3), ("SLUT", 1, 0)]}


def test_setting_it_as_it_is_changes_nothing(erp: Integration, order: Order) -> None:
    for _each in range(2):
        assert put(erp, order, "whole-delivery", {"ships_whole": True}).status_code == 200
        assert put(erp, order, "priority", {"reason": "Ringde"}).status_code == 200
    assert recorded(order) == [EventKind.ORDER_PLACED, EventKind.WHOLE_DELIVERY_SET, EventKind.ORDER_PRIORITISED]


def test_the_same_request_is_carried_out_once_whatever_came_between(erp: Integration, order: Order) -> None:
    key = {"Idempotency_Key": "whole-1"}
    first = put(erp, order, "whole-delivery", {"ships_whole": True}, **key)
    put(erp, order, "whole-delivery", {"ships_whole": False})

    again = put(erp, order, "whole-delivery", {"ships_whole": True}, **key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert not read(order).ships_whole
    assert recorded(order).count(EventKind.WHOLE_DELIVERY_SET) == 2


def test_rule_35_an_order_is_put_first_with_who_and_why_and_no_longer(erp: Integration, order: Order) -> None:
    assert erp.get(f"/orders/{order.number}").get_json()["priority"] is None
    told = put(erp, order, "priority", {"reason": " Bröllop på lördag "}).get_json()["priority"]

    assert (told["by"], told["reason"]) == ("ERP", "Bröllop på lördag")
    assert read(order).is_prioritised
    assert events_of(order)[-1].actor_name == "ERP"
    assert put(erp, order, "priority", {"reason": None}).get_json()["priority"] is None
    assert put(erp, order, "priority", {"reason": None}).status_code == 200
    assert recorded(order).count(EventKind.ORDER_PRIORITISED) == 2


def test_rule_34_a_new_order_says_so_or_follows_the_shop(erp: Integration, order: Order) -> None:
    reshape_shop(ships_whole_by_default=True)
    follows = erp.post("/orders", order_document("wc-1"))
    says_otherwise = erp.post("/orders", order_document("wc-2", ships_whole=False))

    assert [placed.get_json()["ships_whole"] for placed in (follows, says_otherwise)] == [True, False]
