"""Lines, prices and shipping over the API."""

from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import ADMIN, Integration, new_key
from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, last_event, line_of, read
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.models import EventKind, Order, Scope, WebhookEvent, WebhookMessage
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.transactions.unit_of_work import writing

VASE = NewLine("VASE", "Vas", 3, 24_900, 2500, discount=4_800)
WICK = NewLine("WICK", "Veke", 1, 1_000, 600)
GIFT = {"name": "Presentinslagning", "quantity": 2, "unit_price": 2_900, "vat_rate": 2500}
CHEAPER = {"unit_price": 19_900, "reason": "Trasig förpackning"}


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("VASE", name="Vas", price=24_900, stock=10)
    return make_order(lines=[VASE, WICK], shipping_method="PostNord")


def path_of(order: Order, sku: str = "VASE") -> str:
    return f"/orders/{order.number}/lines/{line_of(read(order), sku).id}"


def terms(order: Order) -> tuple[int, int, int]:
    line = line_of(read(order), "VASE")
    return line.quantity, line.unit_price, line.discount


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.get_json().get("errors", [])]


def test_a_line_gets_another_price_with_its_reason(erp: Integration, order: Order) -> None:
    answer = erp.patch(path_of(order), CHEAPER)

    assert answer.status_code == 200
    line = answer.get_json()["shipments"][0]["lines"][0]
    assert (line["unit_price"], line["original_unit_price"], line["discount"]) == (19_900, 24_900, 4_800)
    assert answer.get_json()["totals"]["total"] == 3 * 19_900 - 4_800 + 1_000
    assert answer.headers["ETag"] == '"2"'
    assert last_event(read(order)).actor_name == "ERP"
    assert last_event(read(order)).facts["reason"] == "Trasig förpackning"


def test_what_is_absent_stays_but_that_a_discount_follows_the_quantity(erp: Integration, order: Order) -> None:
    assert erp.patch(path_of(order), {"quantity": 1}).status_code == 200
    assert terms(order) == (1, 24_900, 1_600)
    assert erp.patch(path_of(order), {"quantity": 2, "discount": 1_600, "reason": "x"}).status_code == 200
    assert terms(order) == (2, 24_900, 1_600)


@pytest.mark.parametrize("body", [{}, {"quantity": 3}, {"unit_price": 24_900, "discount": 4_800}, {"discount": None}])
def test_a_line_that_is_so_already_is_answered_with_its_order(
    erp: Integration, order: Order, body: dict[str, Any]
) -> None:
    answer = erp.patch(path_of(order), body)

    assert (answer.status_code, answer.get_json()["version"]) == (200, 1)
    assert kinds_of(read(order)) == [EventKind.ORDER_PLACED]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"unit_price": -1, "reason": "x"}, "/unit_price"),
        ({"unit_price": 10**9 + 1, "reason": "x"}, "/unit_price"),
        ({"unit_price": "٣", "reason": "x"}, "/unit_price"),
        ({"unit_price": 1e9, "reason": "x"}, "/unit_price"),
        ({"unit_price": 19_900}, "/reason"),
        ({"unit_price": 19_900, "reason": "x" * 201}, "/reason"),
        ({"discount": 74_701, "reason": "x"}, "/discount"),
        ({"discount": -1, "reason": "x"}, "/discount"),
        ({"unit_price": 1, "reason": "x"}, "/discount"),
        ({"quantity": 0}, "/quantity"),
        ({"price": 1}, "/price"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    erp: Integration, order: Order, body: dict[str, Any], pointer: str
) -> None:
    answer = erp.patch(path_of(order), body)

    assert (answer.status_code, pointers(answer)) == (422, [pointer])
    assert terms(order) == (3, 24_900, 4_800)


def test_foreign_shipped_and_cancelled_lines_are_refused(erp: Integration, order: Order) -> None:
    other = make_order(lines=[WICK])
    foreign = f"/orders/{other.number}/lines/{line_of(read(order), 'VASE').id}"
    assert erp.patch(foreign, CHEAPER).status_code == 404
    assert erp.patch(f"/orders/{order.number}/lines/{10**17}", CHEAPER).status_code == 404
    assert erp.patch(f"/orders/{order.number}/lines/٣", CHEAPER).status_code == 404
    with changing(order, ADMIN) as current:
        shipments.ship(current.shipments[0], by=ADMIN)
    assert erp.patch(path_of(order), CHEAPER).status_code == 422
    assert erp.patch(f"/orders/{order.number}", {"shipping": {"price": 1}}).status_code == 200  # a fee can be credited
    with changing(other, ADMIN) as current:
        cancellation.cancel(current, by=ADMIN)
    assert erp.post(f"/orders/{other.number}/lines", GIFT).status_code == 422
    assert erp.patch(f"/orders/{other.number}", {"shipping": {"price": 1}}).status_code == 422


def test_klarna_allows_a_lower_total_and_no_higher_one(erp: Integration, app: Flask) -> None:
    order = make_order(lines=[VASE], payment_method="klarna")

    assert erp.patch(path_of(order), CHEAPER).status_code == 200
    assert erp.patch(path_of(order), {"unit_price": 30_000, "reason": "x"}).status_code == 422
    assert erp.patch(f"/orders/{order.number}", {"shipping": {"price": 100_000}}).status_code == 422
    assert erp.post(f"/orders/{order.number}/lines", {**GIFT, "unit_price": 100_000}).status_code == 422
    assert terms(order) == (3, 19_900, 4_800)


@pytest.mark.parametrize("make", ["line", "added", "shipping"])
def test_a_change_of_another_version_is_refused_and_a_repeated_one_carried_out_once(
    erp: Integration, order: Order, make: str
) -> None:
    method, path, body = {
        "line": ("PATCH", path_of(order), CHEAPER),
        "added": ("POST", f"/orders/{order.number}/lines", GIFT),
        "shipping": ("PATCH", f"/orders/{order.number}", {"shipping": {"price": 4_900, "vat_rate": 2500}}),
    }[make]

    assert erp.ask(method, path, body, If_Match='"7"').status_code == 412
    first = erp.ask(method, path, body, If_Match='"1"', Idempotency_Key="key-1")
    again = erp.ask(method, path, body, If_Match='"1"', Idempotency_Key="key-1")

    assert first.status_code == again.status_code == (201 if make == "added" else 200)
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(kinds_of(read(order))) == 2


def test_a_product_is_added_by_its_sku_to_a_shipment(erp: Integration, order: Order) -> None:
    answer = erp.post(f"/orders/{order.number}/lines", {"sku": "VASE", "quantity": 1, "shipment": f"{order.number}-1"})

    assert answer.status_code == 201
    assert [
        (line["sku"], line["quantity"], line["unit_price"]) for line in answer.get_json()["shipments"][0]["lines"]
    ] == [
        ("VASE", 3, 24_900),
        ("WICK", 1, 1_000),
        ("VASE", 1, 24_900),
    ]


def test_a_line_without_a_product_is_added_and_covered(erp: Integration, order: Order) -> None:
    line = erp.post(f"/orders/{order.number}/lines", GIFT).get_json()["shipments"][0]["lines"][-1]

    assert (line["name"], line["unit_price"], line["vat_rate"]) == ("Presentinslagning", 2_900, 2500)
    assert (line["reserved"], line["backordered"], line["sku"]) == (2, 0, "-")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"quantity": 1}, 422, "/sku"),
        ({"quantity": 1, "sku": "VASE", "unit_price": 1}, 422, "/sku"),
        ({"quantity": 1, "name": "Kort", "unit_price": 1}, 422, "/sku"),
        ({"quantity": 1, "sku": "NO-SUCH"}, 422, "/sku"),
        ({"quantity": 0, "sku": "VASE"}, 422, "/quantity"),
        ({**GIFT, "vat_rate": 10_001}, 422, "/vat_rate"),
        ({**GIFT, "unit_price": -1}, 422, "/unit_price"),
        ({**GIFT, "name": "x" * 301}, 422, "/name"),
        ({**GIFT, "shipment": "WS-1-9"}, 404, None),
    ],
)
def test_a_line_that_cannot_be_is_not_added(
    erp: Integration, order: Order, body: dict[str, Any], status: int, pointer: str | None
) -> None:
    answer = erp.post(f"/orders/{order.number}/lines", body)

    assert (answer.status_code, pointers(answer)) == (status, [pointer] if pointer else [])
    assert len(list(read(order).lines)) == 2


def test_a_product_that_is_not_for_sale_is_refused_at_its_sku(erp: Integration, order: Order) -> None:
    make_product("OLD", active=False)

    assert pointers(erp.post(f"/orders/{order.number}/lines", {"sku": "OLD", "quantity": 1})) == ["/sku"]


def test_shipping_that_was_free_gets_the_highest_vat_rate_of_the_lines(erp: Integration, order: Order) -> None:
    answer = erp.patch(f"/orders/{order.number}", {"shipping": {"price": 4_900}})

    assert answer.get_json()["shipping"] == {"method": "PostNord", "price": 4_900, "vat_rate": 2500}
    assert answer.get_json()["totals"]["vat"]["2500"] == (3 * 24_900 - 4_800 + 4_900) // 5
    assert last_event(read(order)).kind is EventKind.SHIPPING_CHANGED
    assert erp.patch(f"/orders/{order.number}", {"shipping": {"method": None}}).get_json()["shipping"]["method"] is None


@pytest.mark.parametrize("body", [{}, {"shipping": {"price": -1}}, {"shipping": {"cost": 1}}, {"lines": []}])
def test_another_change_of_an_order_is_refused(erp: Integration, order: Order, body: dict[str, Any]) -> None:
    assert erp.patch(f"/orders/{order.number}", body).status_code == 422
    assert kinds_of(read(order)) == [EventKind.ORDER_PLACED]


def test_a_key_that_may_only_read_changes_nothing(app: Flask, order: Order) -> None:
    reader = Integration(app.test_client(), new_key("reader", (Scope.ORDERS_READ,)))

    assert reader.patch(path_of(order), CHEAPER).status_code == 403
    assert reader.post(f"/orders/{order.number}/lines", GIFT).status_code == 403
    assert reader.patch(f"/orders/{order.number}", {"shipping": {"price": 1}}).status_code == 403


def test_webhooks_are_told_of_prices_lines_and_shipping(erp: Integration, order: Order) -> None:
    with writing():
        subscriptions.add("https://erp.example.com/", (WebhookEvent.ORDER_CHANGED,), by=ADMIN)

    erp.patch(path_of(order), CHEAPER)
    erp.post(f"/orders/{order.number}/lines", GIFT)
    erp.patch(f"/orders/{order.number}", {"shipping": {"price": 100}})

    db.session.rollback()
    told = db.session.scalars(db.select(WebhookMessage.event)).all()
    assert told == [WebhookEvent.ORDER_CHANGED] * 3
