"""Deliveries of an ERP that knows no shipments: exactly those units leave, once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Integration, pointers
from tests.factories import make_order, make_product
from tests.operations.steps import kinds_of, messages_of, read, read_product, shape, stock_of
from webshop_orders.models import Actor, EventKind, MessageKind, Order
from webshop_orders.operations.orders import splits
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS", stock=10)
    make_product("KAN", stock=1)
    return make_order(("LJUS", 3), ("KAN", 2), placed_at=datetime(2026, 11, 22, 12, tzinfo=UTC))


def report(erp: Integration, order: Order, *rows: tuple[str, int], id: str = "FS-1", **more: Any) -> Any:  # noqa: A002
    body = {"id": id, "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in rows], **more}
    return erp.post(f"/orders/{order.number}/deliveries", body)


def test_a_part_that_was_delivered_leaves_and_the_rest_stays(erp: Integration, order: Order) -> None:
    answer = report(erp, order, ("LJUS", 2), ("KAN", 1), tracking=["ABC-1"], sent_at="2026-11-23T09:00:00+01:00")

    assert answer.status_code == 201
    assert answer.get_json()["shipment"] == f"{order.number}-1"
    assert shape(order) == {1: [("LJUS", 2, 2), ("KAN", 1, 1)], 2: [("LJUS", 1, 1), ("KAN", 1, 0)]}
    first, rest = read(order).shipments
    assert (first.status.value, rest.status.value) == ("shipped", "backordered")
    assert [code.code for code in first.tracking_codes] == ["ABC-1"]
    assert first.shipped_at is not None
    assert first.shipped_at.isoformat() == "2026-11-23T08:00:00+00:00"
    assert stock_of("LJUS") == (8, 1, 0)
    assert stock_of("KAN") == (0, 0, 1)
    assert [message.kind for message in messages_of(order)][1:] == [MessageKind.DELIVERY_CONFIRMATION]
    assert kinds_of(order)[1:] == [EventKind.LINE_SPLIT, EventKind.TRACKING_ADDED, EventKind.SHIPMENT_SHIPPED]


def test_the_same_report_again_changes_nothing(erp: Integration, order: Order) -> None:
    report(erp, order, ("LJUS", 3))
    before = shape(order), stock_of("LJUS"), kinds_of(order)

    again = report(erp, order, ("LJUS", 3))

    assert again.status_code == 200
    assert (shape(order), stock_of("LJUS"), kinds_of(order)) == before
    assert len(messages_of(order)) == 2


def test_another_report_under_the_same_id_is_refused(erp: Integration, order: Order) -> None:
    report(erp, order, ("LJUS", 1))
    assert report(erp, order, ("LJUS", 2)).status_code == 409


def test_the_shipment_that_has_just_these_units_is_the_one_that_leaves(
    erp: Integration, order: Order, anna: Actor
) -> None:
    with editing(order.number, None, anna) as present:
        candles, _holder = present.lines
        splits.split(candles, 3, to=None, by=anna)

    answer = report(erp, order, ("LJUS", 3))

    assert answer.get_json()["shipment"] == f"{order.number}-2"
    assert shape(order) == {1: [("KAN", 2, 1)], 2: [("LJUS", 3, 3)]}


def test_units_from_several_shipments_leave_as_one(erp: Integration, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as present:
        candles, holder = present.lines
        splits.split(candles, 1, to=None, by=anna)
        splits.split(holder, 1, to=None, by=anna)

    report(erp, order, ("LJUS", 3), ("KAN", 1))

    (shipped,) = (one for one in read(order).shipments if one.is_shipped)
    assert sorted((line.sku, line.quantity) for line in shipped.lines) == [("KAN", 1), ("LJUS", 3)]
    assert stock_of("LJUS") == (7, 0, 0)
    assert stock_of("KAN") == (0, 0, 1)
    assert len(messages_of(order)) == 2


def test_goods_that_stock_did_not_know_of_leave_all_the_same(erp: Integration, order: Order) -> None:
    assert report(erp, order, ("KAN", 2)).status_code == 201
    assert stock_of("KAN") == (-1, 0, 0)


def test_lines_are_meant_by_their_id_too(erp: Integration, order: Order) -> None:
    candles, _holder = order.lines
    body = {"id": "FS-1", "lines": [{"line": candles.id, "quantity": 1}]}
    assert erp.post(f"/orders/{order.number}/deliveries", body).status_code == 201
    assert shape(order)[1] == [("LJUS", 1, 1)]


def test_more_than_is_left_or_an_unknown_product_is_refused_whole(erp: Integration, order: Order) -> None:
    before = shape(order)
    answer = report(erp, order, ("LJUS", 2), ("LJUS", 2), ("SAKNAS", 1))

    assert answer.status_code == 422
    assert pointers(answer) == ["/lines/1/quantity", "/lines/2/quantity"]
    assert "only 1 are left" in answer.text
    assert shape(order) == before
    assert read_product("LJUS").stock == 10


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"id": None}, "/id"),
        ({"lines": []}, "/lines"),
        ({"lines": [{"quantity": 1}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "LJUS", "line": 1, "quantity": 1}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "LJUS", "quantity": 0}]}, "/lines/0/quantity"),
        ({"sent_at": "2099-01-01T00:00:00Z"}, "/sent_at"),
        ({"sent_at": "2001-01-01T00:00:00Z"}, "/sent_at"),
        ({"sent_at": "igår"}, "/sent_at"),
        ({"tracking": ["<script>"]}, "/tracking/0/code"),
        ({"tracking": [{"code": "A", "url": "javascript:alert(1)"}]}, "/tracking/0/url"),
        ({"tracking": ["A"] * 51}, "/tracking"),
        ({"carrier": "DHL"}, "/carrier"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_report_that_makes_no_sense_is_refused(
    erp: Integration, order: Order, changes: dict[str, Any], wrong: str
) -> None:
    body = {"id": "FS-1", "lines": [{"sku": "LJUS", "quantity": 1}], **changes}
    answer = erp.post(f"/orders/{order.number}/deliveries", body)
    assert (answer.status_code, pointers(answer)) == (422, [wrong])
    assert len(read(order).shipments) == 1


def test_nothing_is_delivered_of_a_cancelled_order(erp: Integration, order: Order) -> None:
    erp.post(f"/orders/{order.number}/cancellation")
    assert report(erp, order, ("LJUS", 1)).status_code == 422


def test_a_report_for_an_order_that_changed_is_refused_when_it_says_so(erp: Integration, order: Order) -> None:
    body = {"id": "FS-1", "lines": [{"sku": "LJUS", "quantity": 1}]}
    path = f"/orders/{order.number}/deliveries"
    assert erp.post(path, body, If_Match='"9"').status_code == 412
    assert erp.post(path, body, If_Match='"1"').status_code == 201
    assert erp.post(path, body, If_Match='"1"').status_code == 200
