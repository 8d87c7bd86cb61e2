"""Holds over the API, and what they refuse there (rule 28)."""

import json
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Integration, order_document, pointers
from tests.connectors.shipping.calls import call
from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, line_of, read, shape
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, EventKind, HoldReason, Order, WebhookEvent, WebhookMessage
from webshop_orders.operations.orders import holds, splits
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.transactions.unit_of_work import writing

WRONG = {"reason": "wrong_address"}


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS", stock=10)
    make_product("KAN", stock=10)
    return make_order(("LJUS", 3), ("KAN", 2))


@pytest.fixture
def two(order: Order, anna: Actor) -> Order:
    """An order whose LJUS is in its shipment 1, and its KAN in 2."""
    with changing(order, anna) as current:
        splits.split(line_of(current, "KAN"), 2, to=None, by=anna)
    return order


def hold(erp: Integration, order: Order, **body: Any) -> Any:
    return erp.post(f"/orders/{order.number}/hold", {**WRONG, **body})


def release(erp: Integration, order: Order, body: Any, **headers: str) -> Any:
    return erp.post(f"/orders/{order.number}/release", body, **headers)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/reason"),
        ({"reason": "no_reason"}, "/reason"),
        ({"reason": "other"}, "/note"),
        ({**WRONG, "note": "x" * 501}, "/note"),
        ({**WRONG, "note": 7}, "/note"),
        ({**WRONG, "until": "2026-02-30"}, "/until"),
        ({**WRONG, "until": "2020-01-01"}, "/until"),
        ({**WRONG, "until": "20990101"}, "/until"),
        ({**WRONG, "until": "٢٠٩٩-٠١-٠١"}, "/until"),
        ({**WRONG, "keeps_stock": "yes"}, "/keeps_stock"),
        ({**WRONG, "colour": "red"}, "/colour"),
    ],
)
def test_what_is_wrong_is_named(erp: Integration, order: Order, body: dict[str, Any], pointer: str) -> None:
    response = erp.post(f"/orders/{order.number}/hold", body)

    assert response.status_code == 422
    assert pointers(response) == [pointer]
    assert read(order).holds == []


def test_a_shipment_of_another_order_is_not_found(erp: Integration, order: Order) -> None:
    other = make_order(("LJUS", 1))

    assert hold(erp, order, shipment=f"{other.number}-1").status_code == 404
    assert erp.post("/orders/NO-1/hold", WRONG).status_code == 404


def test_a_hold_is_in_the_order(erp: Integration, two: Order) -> None:
    response = hold(erp, two, note="Ring", shipment=f"{two.number}-2", until="2099-12-24", keeps_stock=False)

    assert response.status_code == 201
    (held,) = response.get_json()["holds"]
    assert held.pop("held_at").endswith("Z")
    assert held == {
        "id": 1,
        "reason": "wrong_address",
        "rule": None,
        "note": "Ring",
        "shipment": f"{two.number}-2",
        "until": "2099-12-24",
        "keeps_stock": False,
        "held_by": "ERP",
    }
    assert [shipment["held"] for shipment in response.get_json()["shipments"]] == [False, True]
    assert response.headers["ETag"] == f'"{response.get_json()["version"]}"'


@pytest.mark.parametrize("body", [{}, None, {"hold": None}, {"hold": 0}, {"hold": "1"}, {"hold": "all"}, {"hold": -1}])
def test_no_hold_is_released_that_is_not_named(erp: Integration, order: Order, body: Any) -> None:
    hold(erp, order)
    hold(erp, order, reason="customer_asked")

    assert release(erp, order, body).status_code in (400, 415, 422)

    assert len(read(order).holds) == 2


def test_holds_are_released_one_by_one(erp: Integration, order: Order) -> None:
    hold(erp, order)
    hold(erp, order, reason="customer_asked")

    first = release(erp, order, {"hold": 1, "note": "rättad"})
    again = release(erp, order, {"hold": 1})

    assert [held["id"] for held in first.get_json()["holds"]] == [2]
    assert (first.status_code, again.status_code) == (200, 200)
    assert release(erp, order, {"hold": 3}).status_code == 404
    assert kinds_of(order).count(EventKind.HOLD_RELEASED) == 1


def test_a_changed_order_is_not_held_against_if_match(erp: Integration, order: Order) -> None:
    stale = {"If-Match": f'"{read(order).version + 1}"'}

    assert erp.post(f"/orders/{order.number}/hold", WRONG, **stale).status_code == 412
    hold(erp, order)
    assert release(erp, order, {"hold": 1}, **stale).status_code == 200 or len(read(order).holds) == 1


def test_the_same_request_holds_once(erp: Integration, order: Order) -> None:
    key = {"Idempotency-Key": "hold-1"}
    answers = [erp.post(f"/orders/{order.number}/hold", WRONG, **key) for _each in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(read(order).holds) == 1


def test_held_orders_are_listed(erp: Integration, order: Order) -> None:
    other = make_order(("LJUS", 1))
    hold(erp, order)

    assert numbers(erp, "held=true") == [order.number]
    assert numbers(erp, "held=false") == [other.number]
    assert set(numbers(erp, "status=ready")) == {order.number, other.number}  # a hold hides none from what waits
    assert erp.get("/orders?held=maybe").status_code == 422


def numbers(erp: Integration, query: str) -> list[str]:
    return [found["number"] for found in erp.get(f"/orders?{query}").get_json()["orders"]]


# What does not leave


def refused(response: Any, reference: str) -> None:
    assert response.status_code == 409
    assert response.get_json()["detail"] == f"{reference} is paused: wrong address. Release it first."


def test_rule_28_a_status_does_not_ship_what_is_held(erp: Integration, order: Order) -> None:
    hold(erp, order)

    refused(erp.patch(f"/shipments/{order.number}-1", {"status": "shipped", "tracking": ["A1"]}), f"{order.number}-1")

    assert not read(order).shipments[0].tracking_codes
    release(erp, order, {"hold": 1})
    assert erp.patch(f"/shipments/{order.number}-1", {"status": "shipped"}).status_code == 200


def deliver(erp: Integration, order: Order, *rows: tuple[str, int]) -> Any:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in rows]
    return erp.post(f"/orders/{order.number}/deliveries", {"id": "FS-1", "lines": lines})


def test_rule_28_a_delivery_ships_nothing_of_what_is_held(erp: Integration, order: Order) -> None:
    hold(erp, order)

    refused(deliver(erp, order, ("LJUS", 1)), f"{order.number}-1")

    assert shape(order) == {1: [("LJUS", 3, 3), ("KAN", 2, 2)]}


def test_rule_28_a_delivery_is_of_the_shipments_that_can_leave(erp: Integration, two: Order) -> None:
    hold(erp, two, shipment=f"{two.number}-1")

    refused(deliver(erp, two, ("KAN", 2), ("LJUS", 3)), f"{two.number}-1")
    assert deliver(erp, two, ("KAN", 2)).status_code == 201

    assert [shipment.is_shipped for shipment in read(two).shipments] == [False, True]


def test_rule_28_a_delivery_takes_units_beside_those_that_are_held(erp: Integration, order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(line_of(current, "LJUS"), 2, to=None, by=anna)
    hold(erp, order, shipment=f"{order.number}-1")

    refused(deliver(erp, order, ("LJUS", 3)), f"{order.number}-1")
    assert deliver(erp, order, ("LJUS", 2)).status_code == 201

    assert [shipment.is_shipped for shipment in read(order).shipments] == [False, True]


def test_more_than_is_left_is_refused_as_that_though_some_is_held(erp: Integration, order: Order) -> None:
    hold(erp, order)

    response = deliver(erp, order, ("LJUS", 4))

    assert response.status_code == 422
    assert pointers(response) == ["/lines/0/quantity"]


def test_rule_28_a_shipping_system_does_not_ship_what_is_held(app: Flask, erp: Integration, order: Order) -> None:
    hold(erp, order)

    response = call(app, {"shipment": f"{order.number}-1", "tracking": ["AB17"], "status": "shipped"})

    assert response.status_code == 409
    assert response.get_json()["detail"] == f"{order.number}-1 är pausad: fel adress. Häv pausen först."
    assert not read(order).shipments[0].is_shipped


def test_a_split_of_what_is_held_goes_on(erp: Integration, order: Order) -> None:
    hold(erp, order, shipment=f"{order.number}-1")
    line = line_of(read(order), "KAN")

    response = erp.post(f"/shipments/{order.number}-1/split", {"lines": [{"id": line.id, "quantity": 1}]})

    assert response.status_code == 201
    assert [shipment["held"] for shipment in response.get_json()["shipments"]] == [True, True]


# What others are told


def told(app: Flask) -> list[tuple[WebhookEvent, Any]]:
    with writing():
        found = list(db.session.scalars(db.select(WebhookMessage).order_by(WebhookMessage.id)))
        answers = [(message.event, json.loads(message.body)["data"].get("hold")) for message in found]
        db.session.execute(db.delete(WebhookMessage))
    return answers


def test_webhooks_tell_of_holds_and_that_a_shipment_is_ready_once_it_is_released(
    app: Flask, erp: Integration, order: Order, anna: Actor
) -> None:
    with writing():
        subscriptions.add("https://erp.example.com/", WebhookEvent, by=anna)

    hold(erp, order, note="Ring", until="2099-12-24")
    ((event, data),) = told(app)
    assert event is WebhookEvent.ORDER_HELD
    assert data == {
        "id": 1,
        "reason": "wrong_address",
        "note": "Ring",
        "shipment": None,
        "rule": None,
        "until": "2099-12-24",
        "keeps_stock": True,
    }

    release(erp, order, {"hold": 1, "note": "rättad"})
    first, second = told(app)
    assert first == (
        WebhookEvent.ORDER_RELEASED,
        {"id": 1, "reason": "wrong_address", "note": "rättad", "shipment": None, "ended": False},
    )
    assert second == (WebhookEvent.SHIPMENT_READY, None)


def test_an_order_that_its_shop_keeps_on_hold_is_placed_held(erp: Integration) -> None:
    document = order_document(on_hold={"reason": "suspected_fraud", "note": "Riskbedömning"})

    response = erp.post("/orders", document)

    assert response.status_code == 201
    (held,) = response.get_json()["holds"]
    assert (held["rule"], held["reason"], held["note"]) == ("source", "suspected_fraud", "Riskbedömning")
    again = erp.post("/orders", document)
    assert (again.status_code, len(again.get_json()["holds"])) == (200, 1)


def test_every_reason_is_accepted(erp: Integration, order: Order) -> None:
    for reason in HoldReason:
        assert hold(erp, order, reason=reason.value, note="x").status_code == 201
    assert [made.reason for made in read(order).holds] == list(HoldReason)
    assert len(HoldReason) < holds.MAX_HOLDS
