"""Shipments over the API: codes, status and splits."""

import pytest
from flask import Flask

from tests.api.conftest import Integration
from tests.factories import make_order, make_product
from tests.operations.steps import kinds_of, line_of, messages_of, read, shape
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.models.order import MAX_SHIPMENTS
from webshop_orders.operations.orders import lines
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("A", stock=10)
    return make_order(("A", 4), ("B", 2))


def codes(order: Order) -> list[tuple[str, str | None, str | None]]:
    return [
        (tracking_code.code, tracking_code.carrier, tracking_code.url)
        for tracking_code in read(order).shipments[0].tracking_codes
    ]


def test_codes_and_status_set_in_one_request_appear_in_the_mail(erp: Integration, order: Order) -> None:
    body = {"tracking": [{"code": "JJFI1", "carrier": "postnord"}, "XY-2"], "status": "shipped"}
    response = erp.patch(f"/shipments/{order.number}-1", body)

    shipment = response.get_json()["shipments"][0]
    assert (response.status_code, shipment["status"]) == (200, "shipped")
    assert codes(order) == [("JJFI1", "PostNord", None), ("XY-2", None, None)]
    _order_confirmation, confirmation = messages_of(order)
    assert "JJFI1" in confirmation.text
    assert response.headers["ETag"] == f'"{response.get_json()["version"]}"'


def test_shipping_a_shipment_twice_changes_and_mails_nothing(erp: Integration, order: Order) -> None:
    for _turn in range(3):
        assert erp.patch(f"/shipments/{order.number}-1", {"status": "shipped"}).status_code == 200
    assert kinds_of(order).count(EventKind.SHIPMENT_SHIPPED) == 1
    assert len(messages_of(order)) == 2


def test_the_list_of_codes_replaces_the_former_list(erp: Integration, order: Order) -> None:
    path = f"/shipments/{order.number}-1"
    erp.patch(path, {"tracking": ["A-1", "A-2"]})
    erp.patch(path, {"tracking": ["A-2", {"code": "A-3", "url": "https://track.example/3"}]})
    assert codes(order) == [("A-2", None, None), ("A-3", None, "https://track.example/3")]
    before = kinds_of(order)
    erp.patch(path, {"tracking": ["A-2", "A-3"]})
    erp.patch(path, {})
    erp.patch(path, {"tracking": None})
    assert kinds_of(order) == before
    erp.patch(path, {"tracking": ["A-2", {"code": "A-3", "carrier": "DHL"}]})
    assert codes(order) == [("A-2", None, None), ("A-3", "DHL", None)]
    erp.patch(path, {"tracking": []})
    assert codes(order) == []


def test_codes_of_a_shipped_shipment_can_be_changed(erp: Integration, order: Order) -> None:
    path = f"/shipments/{order.number}-1"
    erp.patch(path, {"status": "shipped"})
    assert erp.patch(path, {"tracking": ["SENT-1"]}).status_code == 200
    assert codes(order) == [("SENT-1", None, None)]


def test_setting_a_shipped_shipment_to_ready_is_refused(erp: Integration, order: Order) -> None:
    path = f"/shipments/{order.number}-1"
    erp.patch(path, {"status": "shipped"})
    assert erp.patch(path, {"status": "ready"}).status_code == 422


@pytest.mark.parametrize("status", ["", "  ", "sent", 1, []])
def test_a_status_that_is_none_is_refused(erp: Integration, order: Order, status: object) -> None:
    response = erp.patch(f"/shipments/{order.number}-1", {"status": status, "tracking": ["A-1"]})

    assert response.status_code == 422
    assert [error["pointer"] for error in response.get_json()["errors"]] == ["/status"]
    assert codes(order) == []


def test_a_change_of_another_version_is_refused(erp: Integration, order: Order) -> None:
    path, stale_version = f"/shipments/{order.number}-1", read(order).version
    erp.patch(path, {"tracking": ["A-1"]})

    response = erp.patch(path, {"status": "shipped"}, If_Match=f'"{stale_version}"')

    assert response.status_code == 412
    assert read(order).shipments[0].status.value == "ready"
    assert erp.patch(path, {"status": "shipped"}, If_Match="*").status_code == 200


def test_units_move_to_a_new_shipment_and_back(erp: Integration, order: Order) -> None:
    first, second = order.lines
    body = {"lines": [{"id": first.id, "quantity": 1}, {"id": second.id, "quantity": 2}]}
    response = erp.post(f"/shipments/{order.number}-1/split", body)

    assert response.status_code == 201
    assert {seq: sorted(lines) for seq, lines in shape(order).items()} == {
        1: [("A", 3, 3)],
        2: [("A", 1, 1), ("B", 2, 2)],
    }
    moved_line_id = line_of(read(order), "A", 2).id
    back = {"lines": [{"id": moved_line_id, "quantity": 1}], "to": f"{order.number}-1"}
    assert erp.post(f"/shipments/{order.number}-2/split", back).status_code == 201
    assert shape(order) == {1: [("A", 4, 4)], 2: [("B", 2, 2)]}


def test_the_id_of_a_removed_line_splits_no_other_product(erp: Integration, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as current:
        removed = list(current.lines)[-1]
        lines.remove(removed, by=anna)
    product = make_product("C", stock=10)
    with editing(order.number, None, anna) as current:
        lines.add(current, product, 5, to=None, by=anna)
    before = shape(order)

    body = {"lines": [{"id": removed.id, "quantity": 1}]}
    response = erp.post(f"/shipments/{order.number}-1/split", body)

    assert response.status_code in {404, 422}
    assert shape(order) == before


def test_an_invalid_split_is_refused(erp: Integration, order: Order) -> None:
    first, second = order.lines
    path, before = f"/shipments/{order.number}-1/split", shape(order)

    too_many_units = {"lines": [{"id": first.id, "quantity": 1}, {"id": second.id, "quantity": 3}]}
    assert erp.post(path, too_many_units).status_code == 422
    assert erp.post(path, {"lines": [{"id": 4711, "quantity": 1}]}).status_code == 404
    assert erp.post(path, {"lines": [{"id": first.id, "quantity": 1}], "to": "WS-1-1"}).status_code == 404
    same_shipment = {"lines": [{"id": first.id, "quantity": 1}], "to": f"{order.number}-1"}
    assert erp.post(path, same_shipment).status_code == 422
    assert shape(order) == before


@pytest.mark.parametrize(
    "code", ["\u200b0037 0730 2546 9874 1239\u00a0", "00370730254698741239", "\u206600370730254698741239\u2069"]
)
def test_a_code_is_noted_without_invisible_characters_and_spaces_between_digits(
    erp: Integration, order: Order, code: str
) -> None:
    for _turn in range(2):
        assert erp.patch(f"/shipments/{order.number}-1", {"tracking": [code]}).status_code == 200
    assert codes(order) == [("00370730254698741239", None, None)]
    assert kinds_of(order).count(EventKind.TRACKING_ADDED) == 1


def test_codes_that_differ_by_spaces_are_one(erp: Integration, order: Order) -> None:
    path = f"/shipments/{order.number}-1"
    assert erp.patch(path, {"tracking": ["QW 17", "QW17", "qw 17"]}).status_code == 200
    assert [code.replace(" ", "").upper() for code, *_ in codes(order)] == ["QW17"]
    before = kinds_of(order)
    assert erp.patch(path, {"tracking": ["Q W17"]}).status_code == 200
    assert kinds_of(order) == before


def test_an_order_has_at_most_50_shipments(erp: Integration, app: Flask) -> None:
    make_product("C", stock=100)
    order = make_order(("C", 60))
    for _turn in range(MAX_SHIPMENTS - 1):
        line = line_of(read(order), "C", 1).id
        response = erp.post(f"/shipments/{order.number}-1/split", {"lines": [{"id": line, "quantity": 1}]})
        assert response.status_code == 201
    before = shape(order)
    response = erp.post(f"/shipments/{order.number}-1/split", {"lines": [{"id": line, "quantity": 1}]})
    assert response.status_code == 422
    assert "50" in response.get_json()["detail"]
    assert shape(order) == before
    target = f"{order.number}-2"
    body = {"lines": [{"id": line, "quantity": 1}], "to": target}
    assert erp.post(f"/shipments/{order.number}-1/split", body).status_code == 201


def test_what_became_of_a_shipment_is_noted_once_and_written(erp: Integration, order: Order) -> None:
    path, at = f"/shipments/{order.number}-1", "2026-11-20T09:30:00Z"
    for _turn in range(2):
        response = erp.patch(path, {"status": "shipped", "uncollected_at": at, "sent_back_at": at, "delivered_at": at})
    shipment = response.get_json()["shipments"][0]
    names = ("delivered_at", "uncollected_at", "sent_back_at")
    assert (response.status_code, *(shipment[name] for name in names)) == (200, at, at, at)
    for kind in (EventKind.SHIPMENT_DELIVERED, EventKind.SHIPMENT_UNCOLLECTED, EventKind.SHIPMENT_SENT_BACK):
        assert kinds_of(order).count(kind) == 1


@pytest.mark.parametrize("name", ["delivered_at", "uncollected_at", "sent_back_at"])
def test_nothing_becomes_of_a_shipment_that_has_not_left(erp: Integration, order: Order, name: str) -> None:
    response = erp.patch(f"/shipments/{order.number}-1", {name: "2026-11-20T09:30:00Z"})
    assert response.status_code == 422
    assert "is not shipped" in response.get_json()["detail"]
    assert erp.patch(f"/shipments/{order.number}-1", {"status": "shipped", name: "igår"}).status_code == 422
    assert not read(order).shipments[0].is_shipped
