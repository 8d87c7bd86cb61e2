"""Returns over the API."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.conftest import ADMIN, Integration, pointers
from tests.factories import make_order, make_product
from tests.operations.after_sales.steps import make_shipped
from tests.operations.steps import ERP, changing, kinds_of, line_of, messages_of, read, shape, stock_of
from tests.operations.undo.steps import make_user, redo, undo
from webshop_orders.db.extensions import db
from webshop_orders.models import EventKind, MessageKind, Order, ReturnState, WebhookEvent, WebhookMessage
from webshop_orders.operations.orders import shipments, splits
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.transactions.unit_of_work import writing

ONE = {"lines": [{"sku": "CANDLE", "quantity": 1, "reason": "withdrawn"}]}


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", name="Ljus", stock=10, price=10_000)
    return make_shipped(ERP, ("CANDLE", 3), ("LAMP", 1), send_confirmation=False)


def path(order: Order, rest: str = "") -> str:
    return f"/orders/{order.number}/returns{rest}"


def candles(quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": "CANDLE", "quantity": quantity, "reason": "faulty"}], **more}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/lines"),
        ({"lines": []}, "/lines"),
        (candles(0), "/lines/0/quantity"),
        (candles(-1), "/lines/0/quantity"),
        (candles(10**9), "/lines/0/quantity"),
        (candles("٣"), "/lines/0/quantity"),
        (candles(4), "/lines/0/quantity"),
        (candles(kind="refund"), "/kind"),
        (candles(note="x" * 501), "/note"),
        (candles(expects_goods=False), "/expects_goods"),
        (candles(kind="exchange"), "/replacements"),
        (candles(replacements=[{"sku": "CANDLE", "quantity": 1}]), "/replacements"),
        (candles(kind="exchange", replacements=[{"sku": "NONE", "quantity": 1}]), "/replacements/0/sku"),
        (candles(kind="claim", replacements=[{"line": 10**9, "quantity": 1}]), "/replacements/0/line"),
        ({"lines": [{"sku": "NONE", "quantity": 1, "reason": "faulty"}]}, "/lines/0/sku"),
        ({"lines": [{"line": 10**9, "quantity": 1, "reason": "faulty"}]}, "/lines/0/line"),
        ({"lines": [{"quantity": 1, "reason": "faulty"}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "CANDLE", "quantity": 1}]}, "/lines/0/reason"),
        ({"lines": [*ONE["lines"], *ONE["lines"]]}, "/lines"),
    ],
)
def test_a_wrong_return_is_refused_by_field(erp: Integration, order: Order, body: dict[str, Any], pointer: str) -> None:
    answer = erp.post(path(order), body)

    assert answer.status_code == 422
    assert pointers(answer) == [pointer]
    assert read(order).returns == []


def test_a_line_of_another_order_is_none_of_this_one(erp: Integration, order: Order) -> None:
    other = make_shipped(ERP, ("CANDLE", 1))
    foreign = line_of(read(other), "CANDLE").id

    answer = erp.post(path(order), {"lines": [{"line": foreign, "quantity": 1, "reason": "faulty"}]})

    assert (answer.status_code, pointers(answer)) == (422, ["/lines/0/line"])


def test_a_line_is_refused_with_what_can_come_back(erp: Integration, order: Order) -> None:
    line = line_of(read(order), "CANDLE").id

    answer = erp.post(path(order), {"lines": [{"line": line, "quantity": 4, "reason": "faulty"}]})

    assert (answer.status_code, pointers(answer)) == (422, ["/lines/0/quantity"])
    assert "3" in answer.get_json()["detail"]


def test_there_is_no_return_that_does_not_exist(erp: Integration, order: Order) -> None:
    assert erp.get("/orders/WS-1/returns").status_code == 404
    assert erp.post("/orders/WS-1/returns", ONE).status_code == 404
    assert erp.post(path(order, "/1/receipt"), {}).status_code == 404
    assert erp.post(path(order, "/1/closing"), {}).status_code == 404


def test_a_return_is_registered_received_and_closed(erp: Integration, order: Order) -> None:
    answer = erp.post(path(order), candles(2, note="Trasig veke"))
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"3"')
    document = answer.get_json()
    assert (document["reference"], document["state"], document["note"]) == (
        f"{order.number}-R1",
        "registered",
        "Trasig veke",
    )
    assert document["lines"][0]["shipment"] == f"{order.number}-1"

    received = erp.post(path(order, "/1/receipt"), {"lines": [{"sku": "CANDLE", "quantity": 1}]}).get_json()
    assert (received["state"], received["lines"][0]["received"], received["lines"][0]["restocked"]) == (
        "received",
        1,
        1,
    )
    assert stock_of("CANDLE") == (8, 0, 0)
    assert received["received_at"].endswith("Z")

    closed = erp.post(path(order, "/1/closing")).get_json()
    assert closed["state"] == "closed"
    assert erp.post(path(order, "/1/closing"), {}).get_json() == closed
    assert erp.get(path(order)).get_json() == {"returns": [closed]}
    assert erp.get(f"/orders/{order.number}").get_json()["returns"] == [closed]


def test_without_lines_all_came_as_registered(erp: Integration, order: Order) -> None:
    lines = [
        {"sku": "CANDLE", "quantity": 2, "reason": "faulty", "disposition": "discard"},
        {"sku": "LAMP", "quantity": 1, "reason": "faulty"},
    ]
    erp.post(path(order), {"lines": lines})

    received = erp.post(path(order, "/1/receipt")).get_json()

    assert [(line["received"], line["restocked"]) for line in received["lines"]] == [(2, 0), (1, 0)]
    assert stock_of("CANDLE") == (7, 0, 0)


@pytest.mark.parametrize(
    ("lines", "pointer"),
    [
        ([{"sku": "CANDLE", "quantity": 4}], "/lines/0/quantity"),
        ([{"sku": "CANDLE", "quantity": -1}], "/lines/0/quantity"),
        ([{"sku": "CANDLE", "quantity": 0}], "/lines"),
        ([{"sku": "LAMP", "quantity": 1}], "/lines/0/sku"),
        ([{"line": 10**9, "quantity": 1}], "/lines/0/line"),
    ],
)
def test_a_wrong_receipt_is_refused_by_field(
    erp: Integration, order: Order, lines: list[dict[str, Any]], pointer: str
) -> None:
    erp.post(path(order), candles(2))

    answer = erp.post(path(order, "/1/receipt"), {"lines": lines})

    assert (answer.status_code, pointers(answer)) == (422, [pointer])
    assert read(order).returns[0].state is ReturnState.REGISTERED


def test_a_sku_means_what_left_of_it_in_each_shipment(app: Flask, erp: Integration) -> None:
    order = make_order(("CANDLE", 5))
    with changing(order, ERP) as current:
        splits.split(line_of(current, "CANDLE"), 2, to=None, by=ERP)
        for shipment in list(current.shipments):
            shipments.ship(shipment, by=ERP)

    document = erp.post(path(order), candles(4)).get_json()

    assert [(line["shipment"], line["quantity"]) for line in document["lines"]] == [
        (f"{order.number}-1", 3),
        (f"{order.number}-2", 1),
    ]
    assert erp.post(path(order), candles(2)).status_code == 422
    answer = erp.post(path(order, "/1/receipt"), {"lines": [{"sku": "CANDLE", "quantity": 1}]})
    assert pointers(answer) == ["/lines/0/sku"]


def test_the_same_request_registers_once(erp: Integration, order: Order) -> None:
    answers = [erp.post(path(order), ONE, **{"Idempotency-Key": "r-1"}) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(read(order).returns) == 1


def test_an_order_that_others_changed_is_left_as_it_is(erp: Integration, order: Order) -> None:
    assert erp.post(path(order), ONE, **{"If-Match": '"1"'}).status_code == 412
    assert erp.post(path(order), ONE, **{"If-Match": '"2"'}).status_code == 201
    for action in ("receipt", "closing"):
        assert erp.post(path(order, f"/1/{action}"), {}, **{"If-Match": '"2"'}).status_code == 412


def test_an_exchange_and_a_claim_send_something_else(erp: Integration, order: Order) -> None:
    make_product("VASE", stock=3, price=12_000)

    exchange = erp.post(path(order), candles(1, kind="exchange", replacements=[{"sku": "VASE", "quantity": 1}]))
    line = line_of(read(order), "CANDLE").id
    replacement = {"line": line, "quantity": 1}
    claim = erp.post(path(order), candles(1, kind="claim", expects_goods=False, replacements=[replacement]))

    assert exchange.get_json()["replacement"] == f"{order.number}-2"
    assert claim.get_json()["replacement"] == f"{order.number}-3"
    assert (shape(order)[2], shape(order)[3]) == ([("VASE", 1, 1)], [("CANDLE", 1, 1)])


def test_the_customer_is_told_where_it_is_asked_for(erp: Integration, order: Order) -> None:
    erp.post(path(order), candles(1))
    erp.post(path(order), candles(1, send_mail=True))

    assert [mail.kind for mail in messages_of(order)].count(MessageKind.RETURN_REGISTERED) == 1


def test_webhooks_tell_of_it(erp: Integration, order: Order) -> None:
    events = (WebhookEvent.RETURN_REGISTERED, WebhookEvent.RETURN_RECEIVED, WebhookEvent.PRODUCT_BACKORDERS_COVERED)
    with writing():
        subscriptions.add("https://erp.example.com/", events, by=ADMIN)
    waiting = make_order(("CANDLE", 9))

    erp.post(path(order), candles(3))
    erp.post(path(order, "/1/receipt"), {})

    db.session.rollback()
    told = list(db.session.scalars(select(WebhookMessage).order_by(WebhookMessage.id)))
    assert [message.event for message in told] == list(events)
    assert [message.about for message in told] == [f"{order.number}-R1", f"{order.number}-R1", "CANDLE"]
    data = json.loads(told[1].body)["data"]
    assert data["return"] == data["order"]["returns"][0]
    assert data["return"]["state"] == "received"
    assert json.loads(told[2].body)["data"]["order"] == waiting.number


def test_webhooks_tell_again_of_what_was_done_again(app: Flask, erp: Integration) -> None:
    anna = make_user("Anna")
    order = make_shipped(ERP, ("CANDLE", 3))
    with writing():
        subscriptions.add("https://erp.example.com/", (WebhookEvent.RETURN_REGISTERED,), by=ADMIN)
    from tests.operations.after_sales.steps import register

    register(order, anna, ("CANDLE", 1))
    undo(order, anna)
    redo(order, anna)

    assert kinds_of(order)[-1] is EventKind.CHANGES_REDONE
    assert len(db.session.scalars(select(WebhookMessage)).all()) == 2
