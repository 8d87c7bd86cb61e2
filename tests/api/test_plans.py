"""Plans over the API: N ways, in one request, all or nothing."""

from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Integration, new_key, pointers
from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, last_event, read, shape
from tests.web.conftest import on_sqlite
from webshop_orders.models import Actor, EventKind, Order, Scope
from webshop_orders.operations.orders import cancellation, shipments, splits, tracking


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("A", stock=3)
    return make_order(("A", 4), ("B", 2))


def ids(order: Order) -> dict[str, int]:
    return {line.sku: line.id for line in read(order).lines}


def plan(order: Order, *shipment_lines: dict[str, int], first: str | None = "1") -> dict[str, Any]:
    """The body of a plan: quantities by SKU of the first shipment and of new ones."""
    known = ids(order)
    planned: list[dict[str, Any]] = [
        {"lines": [{"id": known[sku], "quantity": units} for sku, units in lines.items()]} for lines in shipment_lines
    ]
    if first:
        planned[0]["reference"] = f"{order.number}-{first}"
    return {"shipments": planned}


def in_two(order: Order, by: Actor) -> None:
    """Put one A into a second shipment that has a tracking code."""
    with changing(order, by) as current:
        target = splits.split(next(iter(current.lines)), 1, to=None, by=by)
        tracking.add(target, "RR123", None, None, by=by)


def test_units_are_shared_out_in_one_request_and_one_event(erp: Integration, order: Order) -> None:
    body = plan(order, {"A": 2, "B": 0}, {"A": 1, "B": 2}, {"A": 1})
    response = erp.post(f"/orders/{order.number}/plan", body)

    assert response.status_code == 200
    assert response.headers["ETag"] == f'"{response.get_json()["version"]}"'
    assert [shipment["reference"] for shipment in response.get_json()["shipments"]] == [
        f"{order.number}-{seq}" for seq in (1, 2, 3)
    ]
    assert {seq: sorted(lines) for seq, lines in shape(order).items()} == {
        1: [("A", 2, 2)],
        2: [("A", 1, 1), ("B", 2, 2)],
        3: [("A", 1, 0)],
    }
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.UNITS_REARRANGED]
    assert last_event(order).actor_name == "ERP"


def test_the_same_request_is_carried_out_once_and_a_plan_that_holds_changes_nothing(
    erp: Integration, order: Order
) -> None:
    path, body = f"/orders/{order.number}/plan", plan(order, {"A": 2}, {"A": 2})
    first = erp.post(path, body, Idempotency_Key="plan-1")
    again = erp.post(path, body, Idempotency_Key="plan-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    held = plan(order, {"B": 2})
    assert erp.post(path, held).status_code == 200
    assert kinds_of(order).count(EventKind.UNITS_REARRANGED) == 1


def test_a_plan_for_another_version_is_refused(erp: Integration, order: Order, anna: Actor) -> None:
    version = read(order).version
    in_two(order, anna)
    before = shape(order)
    response = erp.post(f"/orders/{order.number}/plan", plan(order, {"B": 1}, {"B": 1}), If_Match=f'"{version}"')
    assert (response.status_code, shape(order)) == (412, before)


@on_sqlite
def test_quantities_that_do_not_add_up_are_named_with_what_there_is(erp: Integration, order: Order) -> None:
    before = shape(order), kinds_of(order)
    response = erp.post(f"/orders/{order.number}/plan", plan(order, {"A": 2, "B": 2}, {"A": 3}))
    assert response.status_code == 422
    assert pointers(response) == ["/shipments/0/lines/0/quantity", "/shipments/1/lines/0/quantity"]
    assert "There are 4 × Product A in all, not 5." in response.get_json(force=True)["detail"]
    response = erp.post(f"/orders/{order.number}/plan", plan(order, {"A": 3}, first=None))
    assert pointers(response) == ["/shipments/0/lines/0/quantity"]
    assert (shape(order), kinds_of(order)) == before


@on_sqlite
@pytest.mark.parametrize("quantity", [-1, 100_000, 10**9, 1.5, "2", "٣", None, True])
def test_a_quantity_that_is_none_is_refused(erp: Integration, order: Order, quantity: object) -> None:
    body, before = plan(order, {"A": 4}, {"A": 0}), shape(order)
    body["shipments"][1]["lines"][0]["quantity"] = quantity
    response = erp.post(f"/orders/{order.number}/plan", body)
    assert response.status_code == 422
    assert pointers(response) == ["/shipments/1/lines/0/quantity"]
    assert shape(order) == before


@on_sqlite
def test_what_the_order_does_not_have_is_named(erp: Integration, order: Order, anna: Actor) -> None:
    other = make_order(("A", 2))
    in_two(order, anna)
    with changing(order, anna) as current:
        shipments.ship(shipments.get(current, 2), by=anna)
    before, known = shape(order), ids(order)
    line = {"id": known["B"], "quantity": 2}
    shipped_line = next(line.id for line in read(order).shipments[1].lines)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"reference": f"{order.number}-2", "lines": [line]}, ["/shipments/0/reference"]),
        ({"reference": f"{order.number}-9", "lines": [line]}, ["/shipments/0/reference"]),
        ({"reference": f"{other.number}-1", "lines": [line]}, ["/shipments/0/reference"]),
        ({"lines": [{"id": shipped_line, "quantity": 1}]}, ["/shipments/0/lines/0/id"]),
        ({"lines": [line, {"id": ids(other)["A"], "quantity": 2}]}, ["/shipments/0/lines/1/id"]),
        ({"lines": [line], "takes_codes_of": [f"{order.number}-9"]}, ["/shipments/0/takes_codes_of/0"]),
        ({"lines": []}, ["/shipments/0/lines"]),
        ({"lines": [line], "status": "ready"}, ["/shipments/0/status"]),
    ]
    for planned, expected in cases:
        response = erp.post(f"/orders/{order.number}/plan", {"shipments": [planned]})
        assert (response.status_code, pointers(response)) == (422, expected)
    twice = {"reference": f"{order.number}-1", "lines": [line]}
    response = erp.post(f"/orders/{order.number}/plan", {"shipments": [twice, twice]})
    assert pointers(response) == ["/shipments/0/reference", "/shipments/1/reference"]
    assert shape(order) == before
    assert erp.post("/orders/WS-999999/plan", {"shipments": [twice]}).status_code == 404


def test_tracking_codes_go_where_the_plan_says_or_it_is_refused(erp: Integration, order: Order, anna: Actor) -> None:
    in_two(order, anna)
    path, before = f"/orders/{order.number}/plan", shape(order)
    body = plan(order, {"A": 4})
    response = erp.post(path, body)
    assert (response.status_code, pointers(response)) == (422, ["/shipments"])
    assert "RR123" in response.get_json(force=True)["detail"]
    assert shape(order) == before

    body["shipments"][0]["takes_codes_of"] = [f"{order.number}-2"]
    response = erp.post(path, body)
    assert [code["code"] for code in response.get_json()["shipments"][0]["tracking"]] == ["RR123"]
    assert list(shape(order)) == [1]


def test_a_split_that_leaves_nothing_asks_whether_it_takes_the_codes(
    erp: Integration, order: Order, anna: Actor
) -> None:
    in_two(order, anna)
    (line,) = read(order).shipments[1].lines
    path, before = f"/shipments/{order.number}-2/split", shape(order)
    body = {"lines": [{"id": line.id, "quantity": 1}], "to": f"{order.number}-1"}
    response = erp.post(path, body)
    assert (response.status_code, pointers(response)) == (422, ["/takes_codes"])
    assert shape(order) == before

    response = erp.post(path, {**body, "takes_codes": True})
    assert [code["code"] for code in response.get_json()["shipments"][0]["tracking"]] == ["RR123"]


@on_sqlite
def test_a_cancelled_order_and_a_key_without_the_scope_are_refused(
    erp: Integration, app: Flask, order: Order, anna: Actor
) -> None:
    body = plan(order, {"A": 2}, {"A": 2})
    reader = Integration(app.test_client(), new_key("Reader", (Scope.ORDERS_READ,)))
    assert reader.post(f"/orders/{order.number}/plan", body).status_code == 403
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    assert erp.post(f"/orders/{order.number}/plan", body).status_code == 422
