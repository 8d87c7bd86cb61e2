"""What other shops and shipping systems call: signed, once, in any order, and never over what staff changed."""

import base64
import hashlib
import hmac
import json
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.api.conftest import check, new_key
from tests.connectors.payloads import SHOPIFY, WOO, real, shopify, woo
from tests.factories import make_order, make_product
from tests.operations.steps import changing, events_of, kinds_of, messages_of, read
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    ConnectionKind,
    EventKind,
    Order,
    OrderStatus,
    ReceivedDelivery,
    Scope,
    SourceOrder,
)
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import (
    cancellation,
    customers,
    lines,
    shipments,
    source_updates,
    splits,
)
from webshop_orders.operations.settings import connections
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing, writing

SECRET = "en hemlighet"


@pytest.fixture
def shop(app: Flask) -> FlaskClient:
    with writing():
        connections.add(ConnectionKind.WOOCOMMERCE, "Ljusbutiken", SECRET)
        connections.add(ConnectionKind.SHOPIFY, "Ljus AB", SECRET)
    return app.test_client()


def call(client: FlaskClient, path: str, body: Any, **headers: str) -> TestResponse:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    answer = Context().run(client.post, f"/connect/{path}", data=text, headers=sent)
    check(answer)
    return answer


def signed(body: Any, secret: str = SECRET) -> str:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def tell_woo(client: FlaskClient, body: Any, topic: str = "order.updated", delivery: str = "") -> TestResponse:
    more = {"X_WC_Webhook_Delivery_ID": delivery} if delivery else {}
    return call(client, "woocommerce", body, X_WC_Webhook_Signature=signed(body), X_WC_Webhook_Topic=topic, **more)


def tell_shopify(client: FlaskClient, body: Any, topic: str = "orders/updated", delivery: str = "") -> TestResponse:
    more = {"X_Shopify_Webhook_Id": delivery} if delivery else {}
    return call(client, "shopify", body, X_Shopify_Hmac_Sha256=signed(body), X_Shopify_Topic=topic, **more)


def outcome(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    return answer.get_json()["outcome"]


def order_of(reference: str = "wc-727") -> Order:
    db.session.rollback()
    db.session.expire_all()
    order = order_intake.find_by_reference(reference)
    assert order is not None
    return order


def count_orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Order.id))) or 0


def test_an_order_of_woocommerce_is_placed_by_the_shop_and_confirmed(shop: FlaskClient) -> None:
    assert outcome(tell_woo(shop, WOO, "order.created", "d-1")) == "placed"

    order = order_of()
    (placed,) = events_of(order)
    assert (placed.actor_name, order.total, order.paid) == ("Ljusbutiken", 64_700, 64_700)
    assert len(messages_of(order)) == 1


def test_what_the_customer_was_charged_is_not_rounded_here(shop: FlaskClient) -> None:
    item = {**WOO["line_items"][0], "total": "478.80", "total_tax": "119.70"}
    tell_woo(shop, woo(line_items=[item], total="647.50"))
    order = order_of()
    assert (order.total, order.paid) == (64_750, 64_750)


def test_an_order_of_shopify_is_placed(shop: FlaskClient) -> None:
    assert outcome(tell_shopify(shop, SHOPIFY, "orders/create", "d-1")) == "placed"
    assert order_of("shopify-450789469").total == 59_800


@pytest.mark.parametrize(
    ("tell", "pattern"), [(tell_woo, "woocommerce_v3_order_01*"), (tell_shopify, "shopify_order.*")]
)
def test_the_shops_own_examples_are_placed(shop: FlaskClient, tell: Any, pattern: str) -> None:
    for payload in real(pattern):
        assert outcome(tell(shop, payload.get("order", payload))) == "placed"


def test_the_ping_of_woocommerce_is_answered(shop: FlaskClient) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert call(shop, "woocommerce", b"webhook_id=12", **form).status_code == 200
    assert count_orders() == 0


def test_the_same_delivery_again_changes_nothing(shop: FlaskClient) -> None:
    for expected in ("placed", "already received", "already received"):
        assert outcome(tell_woo(shop, WOO, "order.created", "d-1")) == expected
    assert count_orders() == 1
    assert len(db.session.scalars(select(ReceivedDelivery)).all()) == 1


def test_an_order_that_comes_again_under_another_delivery_is_there_once(shop: FlaskClient) -> None:
    tell_woo(shop, WOO, "order.created", "d-1")
    assert outcome(tell_woo(shop, WOO, "order.updated", "d-2")) == "followed"
    assert count_orders() == 1
    assert kinds_of(order_of()) == [EventKind.ORDER_PLACED]


def test_what_is_no_order_yet_is_waited_for(shop: FlaskClient) -> None:
    assert outcome(tell_woo(shop, woo(status="pending"), "order.created")) == "not placed yet"
    assert outcome(tell_woo(shop, woo(), "order.updated")) == "placed"


@pytest.mark.parametrize("signature", ["", "nej", signed(WOO, "fel"), signed({**WOO, "id": 1}), "å"])
def test_a_wrong_signature_is_turned_away(shop: FlaskClient, signature: str) -> None:
    assert call(shop, "woocommerce", WOO, X_WC_Webhook_Signature=signature).status_code == 401
    assert call(shop, "shopify", SHOPIFY, X_Shopify_Hmac_Sha256=signature).status_code == 401
    assert count_orders() == 0


def test_a_disconnected_shop_is_turned_away(shop: FlaskClient) -> None:
    with writing():
        connections.end(connections.list_connected(ConnectionKind.WOOCOMMERCE)[0].id)
    assert tell_woo(shop, WOO).status_code == 401
    assert outcome(tell_shopify(shop, SHOPIFY)) == "placed"


def test_two_shops_of_a_kind_are_told_apart_by_their_secrets(shop: FlaskClient) -> None:
    with writing():
        connections.add(ConnectionKind.WOOCOMMERCE, "Andra butiken", "annan")
    tell_woo(shop, WOO)
    call(shop, "woocommerce", WOO, X_WC_Webhook_Signature=signed(WOO, "annan"))
    assert order_of("wc-727").id != order_of("wc2-727").id


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b"\xff", b'{"id": NaN}', b"{}", b'{"id": 1}', b'{"id": 1, "id": 2}']
)
def test_what_makes_no_sense_is_refused(shop: FlaskClient, body: bytes) -> None:
    assert tell_woo(shop, body).status_code in {400, 422}
    assert tell_shopify(shop, body).status_code in {400, 422}
    assert count_orders() == 0


def test_a_body_beyond_one_megabyte_is_refused(shop: FlaskClient) -> None:
    assert tell_woo(shop, b" " * 1_000_001).status_code == 413


CHANGED = {"date_modified_gmt": "2026-11-20T12:00:00"}


def moved(**billing: str) -> dict[str, Any]:
    return {"billing": {**WOO["billing"], **billing}, **CHANGED}


def test_what_only_the_shop_changed_is_taken_over(shop: FlaskClient) -> None:
    tell_woo(shop, woo(date_paid_gmt=None))
    tell_woo(shop, woo(**moved(address_1="Nygatan 2", email="ny@example.com")))

    order = order_of()
    assert order.billing_address.street == order.shipping_address.street == "Nygatan 2"
    assert order.customer.email == "ny@example.com"
    assert order.paid == 64_700
    assert order.shop_differences == []
    assert kinds_of(order)[1:] == [EventKind.CUSTOMER_CHANGED, EventKind.PAYMENT_CHANGED]


def test_what_staff_changed_is_never_overwritten_and_the_difference_is_shown(shop: FlaskClient, anna: Actor) -> None:
    tell_woo(shop, WOO)
    order = order_of()
    with changing(order, anna) as present:
        there = present.billing_address
        here = type(there)(**{**there.__dict__, "street": "Annas gata 3"})
        customers.change(present, present.customer, here, here, by=anna)
        lines.change_quantity(next(present.lines), 2, by=anna)

    item = {**WOO["line_items"][0], "quantity": 4}
    tell_woo(shop, woo(line_items=[item], **moved(address_1="Nygatan 2", phone="+46700000000")))

    order = order_of()
    assert order.billing_address.street == "Annas gata 3"
    assert order.customer.phone == "+46700000000"
    assert next(order.lines).quantity == 2
    shown = {one.field: (one.here, one.shop) for one in order.shop_differences}
    assert shown["billing_address.street"] == ("Annas gata 3", "Nygatan 2")
    assert shown["lines.LJUS-12"] == ("2", "4")
    assert kinds_of(order)[-1] is EventKind.SOURCE_DIFFERS
    with editing(order.number, None, anna) as present:
        source_updates.dismiss(present, by=anna)
    again = woo(line_items=[item], status="on-hold", **moved(address_1="Nygatan 2", phone="+46700000000"))
    tell_woo(shop, {**again, "date_modified_gmt": "2026-11-20T13:00:00"})
    assert order_of().shop_differences == []
    tell_woo(shop, {**again, "date_modified_gmt": "2026-11-20T14:00:00", "refunds": [{"total": "-47.00"}]})
    assert order_of().paid == 60_000


def test_what_staff_alone_changed_is_no_difference_that_the_shop_makes(shop: FlaskClient, anna: Actor) -> None:
    tell_woo(shop, WOO)
    with changing(order_of(), anna) as present:
        lines.change_quantity(next(present.lines), 2, by=anna)
    tell_woo(shop, woo(customer_note="Ny lapp", **CHANGED))
    assert order_of().shop_differences == []


def test_an_older_update_that_comes_late_changes_nothing(shop: FlaskClient) -> None:
    tell_woo(shop, woo(**moved(address_1="Nygatan 2")))
    assert outcome(tell_woo(shop, woo(date_modified_gmt="2026-11-20T10:00:00"), delivery="late")) == "outdated"
    assert order_of().billing_address.street == "Nygatan 2"


def test_an_order_that_the_shop_cancels_is_cancelled_as_long_as_nobody_worked_on_it(shop: FlaskClient) -> None:
    tell_woo(shop, WOO)
    tell_woo(shop, woo(status="cancelled", **CHANGED))
    assert order_of().status is OrderStatus.CANCELLED
    tell_shopify(shop, SHOPIFY)
    tell_shopify(shop, shopify(cancelled_at="2026-11-21T10:00:00Z"), "orders/cancelled")
    assert order_of("shopify-450789469").status is OrderStatus.CANCELLED


def test_an_order_that_is_deleted_in_the_shop_is_cancelled(shop: FlaskClient) -> None:
    tell_woo(shop, WOO)
    assert outcome(tell_woo(shop, {"id": 727}, "order.deleted")) == "followed"
    assert order_of().status is OrderStatus.CANCELLED
    assert outcome(tell_woo(shop, {"id": 4711}, "order.deleted")) == "not placed yet"


def test_what_the_shop_tells_of_an_erased_customer_is_not_kept_again(shop: FlaskClient, anna: Actor) -> None:
    tell_woo(shop, WOO)
    tell_woo(shop, woo(status="cancelled", **CHANGED))
    email = order_of().customer.email or ""
    with writing():
        personal_data.erase(email, by=anna)

    assert outcome(tell_woo(shop, woo(**moved(address_1="Nygatan 2")))) == "personal data erased"

    assert order_of().customer.email is None
    assert db.session.scalar(select(func.count()).select_from(SourceOrder)) == 0
    assert count_orders() == 1


def test_a_shipped_order_that_the_shop_cancels_is_shown_as_different(shop: FlaskClient, anna: Actor) -> None:
    tell_woo(shop, WOO)
    with changing(order_of(), anna) as present:
        shipments.ship(present.shipments[0], by=anna)
    tell_woo(shop, woo(status="cancelled", **CHANGED))

    order = order_of()
    assert order.status is OrderStatus.SHIPPED
    assert [one.field for one in order.shop_differences] == ["cancelled"]


@pytest.fixture
def booked(app: Flask) -> Order:
    make_product("A", stock=5)
    return make_order(("A", 2), external_reference="wc-1")


def tell_shipping(app: Flask, body: Any, token: str | None = None) -> TestResponse:
    key = token or new_key(f"frakt {count_orders()} {len(json.dumps(body, default=str))}", (Scope.SHIPMENTS_WRITE,))
    return call(app.test_client(), "shipping", body, Authorization=f"Bearer {key}")


def codes(order: Order) -> list[tuple[str, str | None]]:
    return [(one.code, one.carrier) for shipment in read(order).shipments for one in shipment.tracking_codes]


def test_a_shipping_system_tells_codes_and_that_it_left(app: Flask, booked: Order) -> None:
    told = {"order": booked.number, "tracking": [{"code": "ABC-1", "carrier": "dhl"}], "status": "shipped"}
    token = new_key("frakt", (Scope.SHIPMENTS_WRITE,))
    for _turn in range(2):
        assert tell_shipping(app, told, token).status_code == 200
    assert codes(booked) == [("ABC-1", "DHL")]
    assert read(booked).status is OrderStatus.SHIPPED
    assert len(messages_of(booked)) == 2
    late = {"shipment": f"{booked.number}-1", "tracking": ["ABC-2"]}
    assert tell_shipping(app, late, token).status_code == 200
    assert codes(booked) == [("ABC-1", "DHL"), ("ABC-2", None)]


def test_an_order_is_known_by_its_reference_too(app: Flask, booked: Order) -> None:
    assert tell_shipping(app, {"order": "wc-1", "tracking": ["X-1"]}).status_code == 200
    assert codes(booked) == [("X-1", None)]


def test_a_split_order_has_to_be_told_by_its_shipment(app: Flask, booked: Order, anna: Actor) -> None:
    with changing(booked, anna) as present:
        splits.split(next(present.lines), 1, to=None, by=anna)
    answer = tell_shipping(app, {"order": booked.number, "tracking": ["X-1"], "status": "shipped"})
    assert answer.status_code == 409
    assert f"{booked.number}-2" in answer.text
    assert codes(booked) == []


def test_the_same_news_of_a_split_order_never_ships_the_next_shipment(app: Flask, booked: Order, anna: Actor) -> None:
    told = {"webhookEventId": 2, "shipmentOrderNumber": booked.number}
    token = new_key("lager", (Scope.SHIPMENTS_WRITE,))
    with changing(booked, anna) as present:
        splits.split(next(present.lines), 1, to=None, by=anna)
    with changing(booked, anna) as present:
        shipments.ship(present.shipments[0], by=anna)
    assert tell_shipping(app, told, token).status_code == 409
    for _turn in range(2):
        assert tell_shipping(app, {**told, "trackingNumbers": ["X-2"]}, token).status_code == 200
    assert read(booked).status is OrderStatus.SHIPPED
    assert codes(booked) == [("X-2", None)]


def test_an_order_that_was_not_told_of_before_is_not_cancelled_over_what_staff_did(
    shop: FlaskClient, anna: Actor
) -> None:
    order = make_order(("LJUS-12", 3), external_reference="wc-727")
    tell_woo(shop, woo(status="cancelled", **CHANGED))
    assert read(order).status is OrderStatus.READY
    assert "cancelled" in [one.field for one in read(order).shop_differences]


def test_nshift_tells_parcel_numbers(app: Flask, booked: Order) -> None:
    answer = {
        "shipmentNo": "37101",
        "orderNo": booked.number,
        "serviceId": "P19",
        "parcels": [{"parcelNo": "00373500489530470000"}, {"parcelNo": 373500489530470001}],
    }
    assert tell_shipping(app, [answer]).status_code == 200
    assert codes(booked) == [("00373500489530470000", "PostNord"), ("373500489530470001", "PostNord")]
    assert read(booked).status is OrderStatus.READY


def test_ongoing_tells_that_the_goods_left(app: Flask, booked: Order) -> None:
    told = {"webhookShipmentsId": 1, "webhookEventId": 2, "system": "x", "shipmentId": 3}
    told |= {"shipmentOrderNumber": booked.number, "trackingNumbers": ["JJFI-1"], "carrier": "budbee"}
    assert tell_shipping(app, told).status_code == 200
    assert codes(booked) == [("JJFI-1", "Budbee")]
    assert read(booked).status is OrderStatus.SHIPPED


@pytest.mark.parametrize("pattern", ["unifaun_nshift_*.json", "ongoing_wms_*.json"])
def test_the_vendors_own_examples_are_recognised_and_their_order_is_looked_for(app: Flask, pattern: str) -> None:
    for payload in real(pattern):
        body = payload.get("shipment", payload)
        answer = tell_shipping(app, body)
        assert answer.status_code in {404, 422}, answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ([], 422),
        ("text", 422),
        ({"order": "WS-4711", "tracking": ["X"]}, 404),
        ({"shipment": "WS-100001-9", "tracking": ["X"]}, 404),
        ({"order": "WS-100001", "shipment": "WS-100001-1"}, 422),
        ({"order": "WS-100001", "tracking": ["<x>"]}, 422),
        ({"order": "WS-100001", "status": "lost"}, 422),
        ({"order": "WS-100001", "colour": "red"}, 422),
        ({"orderNo": "WS-100001", "parcels": [{}]}, 422),
        ({"orderNo": "WS-100001", "parcels": [None]}, 422),
        ({"orderNo": ["WS-100001"], "parcels": []}, 422),
        ({"parcels": 1, "shipmentNo": "1", "orderNo": "WS-100001"}, 422),
        ({"webhookEventId": 1}, 422),
        ({"webhookEventId": 1, "orderNumber": "WS-100001", "trackingNumbers": [1]}, 422),
        ({"webhookEventId": 1, "orderNumber": "WS-100001", "trackingNumbers": {}}, 422),
    ],
    ids=lambda one: str(one)[:50],
)
def test_news_that_make_no_sense_are_refused(app: Flask, booked: Order, body: Any, status: int) -> None:
    assert tell_shipping(app, body).status_code == status
    assert codes(booked) == []
    assert read(booked).status is OrderStatus.READY


def test_nothing_is_told_of_a_cancelled_order_or_without_the_right_key(app: Flask, booked: Order, anna: Actor) -> None:
    told = {"order": booked.number, "tracking": ["X-1"]}
    assert call(app.test_client(), "shipping", told).status_code == 401
    assert tell_shipping(app, told, new_key("läsare", (Scope.ORDERS_READ,))).status_code == 403
    with changing(booked, anna) as present:
        cancellation.cancel(present, by=anna)
    assert tell_shipping(app, told).status_code == 422
    assert codes(booked) == []
