"""Deliveries reported by an ERP without shipments: exactly these units are shipped, once."""

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


def report(erp: Integration, order: Order, *rows: tuple[str, int], id: str = "FS-1", **fields: Any) -> Any:  # noqa: A002
    body = {"id": id, "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in rows], **fields}
    return erp.post(f"/orders/{order.number}/deliveries", body)


def test_a_partial_delivery_is_split_off_and_shipped(erp: Integration, order: Order) -> None:
    response = report(erp, order, ("LJUS", 2), ("KAN", 1), tracking=["ABC-1"], sent_at="2026-11-23T09:00:00+01:00")

    assert response.status_code == 201
    assert response.get_json()["shipment"] == f"{order.number}-1"
    assert shape(order) == {1: [("LJUS", 2, 2), ("KAN", 1, 1)], 2: [("LJUS", 1, 1), ("KAN", 1, 0)]}
    first, second = read(order).shipments
    assert (first.status.value, second.status.value) == ("shipped", "backordered")
    assert [code.code for code in first.tracking_codes] == ["ABC-1"]
    assert first.shipped_at is not None
    assert first.shipped_at.isoformat() == "2026-11-23T08:00:00+00:00"
    assert stock_of("LJUS") == (8, 1, 0)
    assert stock_of("KAN") == (0, 0, 1)
    assert [message.kind for message in messages_of(order)][1:] == [MessageKind.DELIVERY_CONFIRMATION]
    assert kinds_of(order)[1:] == [EventKind.LINE_SPLIT, EventKind.TRACKING_ADDED, EventKind.SHIPMENT_SHIPPED]


def test_a_repeated_report_changes_nothing(erp: Integration, order: Order) -> None:
    report(erp, order, ("LJUS", 3))
    before = shape(order), stock_of("LJUS"), kinds_of(order)

    repeated = report(erp, order, ("LJUS", 3))

    assert repeated.status_code == 200
    assert (shape(order), stock_of("LJUS"), kinds_of(order)) == before
    assert len(messages_of(order)) == 2


def test_a_different_report_with_the_same_id_is_refused(erp: Integration, order: Order) -> None:
    report(erp, order, ("LJUS", 1))
    assert report(erp, order, ("LJUS", 2)).status_code == 409


def test_a_shipment_with_exactly_the_reported_units_is_shipped(erp: Integration, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as locked_order:
        candles, _candlestick = locked_order.lines
        splits.split(candles, 3, to=None, by=anna)

    response = report(erp, order, ("LJUS", 3))

    assert response.get_json()["shipment"] == f"{order.number}-2"
    assert shape(order) == {1: [("KAN", 2, 1)], 2: [("LJUS", 3, 3)]}


def test_units_of_several_shipments_are_shipped_as_one(erp: Integration, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as locked_order:
        candles, candlestick = locked_order.lines
        splits.split(candles, 1, to=None, by=anna)
        splits.split(candlestick, 1, to=None, by=anna)

    report(erp, order, ("LJUS", 3), ("KAN", 1))

    (shipped,) = (shipment for shipment in read(order).shipments if shipment.is_shipped)
    assert sorted((line.sku, line.quantity) for line in shipped.lines) == [("KAN", 1), ("LJUS", 3)]
    assert stock_of("LJUS") == (7, 0, 0)
    assert stock_of("KAN") == (0, 0, 1)
    assert len(messages_of(order)) == 2


def test_units_beyond_stock_are_shipped_and_make_stock_negative(erp: Integration, order: Order) -> None:
    assert report(erp, order, ("KAN", 2)).status_code == 201
    assert stock_of("KAN") == (-1, 0, 0)


def test_a_report_may_name_lines_by_id(erp: Integration, order: Order) -> None:
    candles, _candlestick = order.lines
    body = {"id": "FS-1", "lines": [{"line": candles.id, "quantity": 1}]}
    assert erp.post(f"/orders/{order.number}/deliveries", body).status_code == 201
    assert shape(order)[1] == [("LJUS", 1, 1)]


def test_a_report_with_too_many_units_or_an_unknown_product_is_refused(erp: Integration, order: Order) -> None:
    before = shape(order)
    response = report(erp, order, ("LJUS", 2), ("LJUS", 2), ("SAKNAS", 1))

    assert response.status_code == 422
    assert pointers(response) == ["/lines/1/quantity", "/lines/2/quantity"]
    assert "only 1 is left" in response.text
    assert shape(order) == before
    assert read_product("LJUS").stock == 10


@pytest.mark.parametrize(
    ("changes", "expected_pointer"),
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
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_report_is_refused(
    erp: Integration, order: Order, changes: dict[str, Any], expected_pointer: str
) -> None:
    body = {"id": "FS-1", "lines": [{"sku": "LJUS", "quantity": 1}], **changes}
    response = erp.post(f"/orders/{order.number}/deliveries", body)
    assert (response.status_code, pointers(response)) == (422, [expected_pointer])
    assert len(read(order).shipments) == 1


def test_a_report_for_a_cancelled_order_is_refused(erp: Integration, order: Order) -> None:
    erp.post(f"/orders/{order.number}/cancellation")
    assert report(erp, order, ("LJUS", 1)).status_code == 422


def test_a_report_for_another_version_of_the_order_is_refused(erp: Integration, order: Order) -> None:
    body = {"id": "FS-1", "lines": [{"sku": "LJUS", "quantity": 1}]}
    path = f"/orders/{order.number}/deliveries"
    assert erp.post(path, body, If_Match='"9"').status_code == 412
    assert erp.post(path, body, If_Match='"1"').status_code == 201
    assert erp.post(path, body, If_Match='"1"').status_code == 200
