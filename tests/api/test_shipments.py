"""Shipments over the API: codes, status and splits."""

import pytest
from flask import Flask

from tests.api.conftest import Integration
from tests.factories import make_order, make_product
from tests.operations.steps import kinds_of, line_of, messages_of, read, shape
from webshop_orders.models import EventKind, Order


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("A", stock=10)
    return make_order(("A", 4), ("B", 2))


def codes(order: Order) -> list[tuple[str, str | None, str | None]]:
    return [(one.code, one.carrier, one.url) for one in read(order).shipments[0].tracking_codes]


def test_codes_and_status_are_set_at_once_and_the_mail_shows_them(erp: Integration, order: Order) -> None:
    body = {"tracking": [{"code": "JJFI1", "carrier": "postnord"}, "XY-2"], "status": "shipped"}
    answer = erp.patch(f"/shipments/{order.number}-1", body)

    shipment = answer.get_json()["shipments"][0]
    assert (answer.status_code, shipment["status"]) == (200, "shipped")
    assert codes(order) == [("JJFI1", "PostNord", None), ("XY-2", None, None)]
    _placed, shipped = messages_of(order)
    assert "JJFI1" in shipped.text
    assert answer.headers["ETag"] == f'"{answer.get_json()["version"]}"'


def test_shipped_again_changes_nothing_and_mails_nothing(erp: Integration, order: Order) -> None:
    for _turn in range(3):
        assert erp.patch(f"/shipments/{order.number}-1", {"status": "shipped"}).status_code == 200
    assert kinds_of(order).count(EventKind.SHIPMENT_SHIPPED) == 1
    assert len(messages_of(order)) == 2


def test_the_list_of_codes_is_the_whole_list(erp: Integration, order: Order) -> None:
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


def test_codes_of_a_shipped_shipment_can_still_change(erp: Integration, order: Order) -> None:
    path = f"/shipments/{order.number}-1"
    erp.patch(path, {"status": "shipped"})
    assert erp.patch(path, {"tracking": ["SENT-1"]}).status_code == 200
    assert codes(order) == [("SENT-1", None, None)]


def test_a_shipped_shipment_is_not_set_ready(erp: Integration, order: Order) -> None:
    path = f"/shipments/{order.number}-1"
    erp.patch(path, {"status": "shipped"})
    assert erp.patch(path, {"status": "ready"}).status_code == 422


def test_a_change_thought_out_for_another_version_is_refused(erp: Integration, order: Order) -> None:
    path, stale = f"/shipments/{order.number}-1", read(order).version
    erp.patch(path, {"tracking": ["A-1"]})

    answer = erp.patch(path, {"status": "shipped"}, If_Match=f'"{stale}"')

    assert answer.status_code == 412
    assert read(order).shipments[0].status.value == "ready"
    assert erp.patch(path, {"status": "shipped"}, If_Match="*").status_code == 200


def test_units_move_to_a_new_shipment_and_back(erp: Integration, order: Order) -> None:
    first, second = order.lines
    body = {"lines": [{"id": first.id, "quantity": 1}, {"id": second.id, "quantity": 2}]}
    answer = erp.post(f"/shipments/{order.number}-1/split", body)

    assert answer.status_code == 201
    assert {seq: sorted(lines) for seq, lines in shape(order).items()} == {
        1: [("A", 3, 3)],
        2: [("A", 1, 1), ("B", 2, 2)],
    }
    moved = line_of(read(order), "A", 2).id
    back = {"lines": [{"id": moved, "quantity": 1}], "to": f"{order.number}-1"}
    assert erp.post(f"/shipments/{order.number}-2/split", back).status_code == 201
    assert shape(order) == {1: [("A", 4, 4)], 2: [("B", 2, 2)]}


def test_a_split_that_cannot_be_is_refused_whole(erp: Integration, order: Order) -> None:
    first, second = order.lines
    path, before = f"/shipments/{order.number}-1/split", shape(order)

    too_many = {"lines": [{"id": first.id, "quantity": 1}, {"id": second.id, "quantity": 3}]}
    assert erp.post(path, too_many).status_code == 422
    assert erp.post(path, {"lines": [{"id": 4711, "quantity": 1}]}).status_code == 404
    assert erp.post(path, {"lines": [{"id": first.id, "quantity": 1}], "to": "WS-1-1"}).status_code == 404
    itself = {"lines": [{"id": first.id, "quantity": 1}], "to": f"{order.number}-1"}
    assert erp.post(path, itself).status_code == 422
    assert shape(order) == before
