"""Callbacks of other shops and shipping systems: signed, processed once, in any order, never overwriting staff."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.api.conftest import new_key
from tests.connectors.payloads import SHOPIFY, WOO, example, example_names, shopify, woo
from tests.connectors.sending import outcome, send_callback, send_shopify, send_woo, signature_of
from tests.factories import make_order, make_product
from tests.operations.steps import changing, events_of, kinds_of, messages_of, read
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    CARRIERS,
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
    tracking,
    typed_codes,
)
from webshop_orders.operations.settings import connections
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing, writing


def order_of(reference: str = "wc-727") -> Order:
    db.session.rollback()
    db.session.expire_all()
    order = order_intake.find_by_reference(reference)
    assert order is not None
    return order


def count_orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Order.id))) or 0


def test_a_woocommerce_order_is_placed_by_the_shop_and_confirmed(shop: FlaskClient) -> None:
    assert outcome(send_woo(shop, WOO, "order.created", "d-1")) == "placed"

    order = order_of()
    (placed,) = events_of(order)
    assert (placed.actor_name, order.total, order.paid) == ("Ljusbutiken", 64_700, 64_700)
    assert len(messages_of(order)) == 1


def test_the_total_of_the_source_shop_is_not_rounded(shop: FlaskClient) -> None:
    item = {**WOO["line_items"][0], "total": "478.80", "total_tax": "119.70"}
    send_woo(shop, woo(line_items=[item], total="647.50"))
    order = order_of()
    assert (order.total, order.paid) == (64_750, 64_750)


def test_a_shopify_order_is_placed(shop: FlaskClient) -> None:
    assert outcome(send_shopify(shop, SHOPIFY, "orders/create", "d-1")) == "placed"
    assert order_of("shopify-450789469").total == 59_800


@pytest.mark.parametrize("name", example_names("woocommerce_v3_order_*.json"))
def test_the_examples_of_woocommerce_are_placed(shop: FlaskClient, name: str) -> None:
    orders = WooCommerce.orders(example(name))
    assert [outcome(send_woo(shop, order)) for order in orders] == ["placed"] * len(orders)
    assert count_orders() == len(orders) > 0


@pytest.mark.parametrize("name", example_names("shopify_order*.json"))
def test_the_examples_of_shopify_are_placed(shop: FlaskClient, name: str) -> None:
    orders = Shopify.orders(example(name))
    assert [outcome(send_shopify(shop, order)) for order in orders] == ["placed"] * len(orders)
    assert count_orders() == len(orders) > 0


def test_the_ping_of_woocommerce_is_answered(shop: FlaskClient) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert send_callback(shop, "woocommerce", b"webhook_id=12", **form).status_code == 200
    assert count_orders() == 0


def test_a_repeated_delivery_changes_nothing(shop: FlaskClient) -> None:
    for expected in ("placed", "already received", "already received"):
        assert outcome(send_woo(shop, WOO, "order.created", "d-1")) == expected
    assert count_orders() == 1
    assert len(db.session.scalars(select(ReceivedDelivery)).all()) == 1


def test_an_order_sent_in_two_deliveries_is_placed_once(shop: FlaskClient) -> None:
    send_woo(shop, WOO, "order.created", "d-1")
    assert outcome(send_woo(shop, WOO, "order.updated", "d-2")) == "followed"
    assert count_orders() == 1
    assert kinds_of(order_of()) == [EventKind.ORDER_PLACED]


def test_an_order_is_placed_once_it_is_no_longer_pending(shop: FlaskClient) -> None:
    assert outcome(send_woo(shop, woo(status="pending"), "order.created")) == "not placed yet"
    assert outcome(send_woo(shop, woo(), "order.updated")) == "placed"


@pytest.mark.parametrize("signature", ["", "nej", signature_of(WOO, "fel"), signature_of({**WOO, "id": 1}), "å"])
def test_a_wrong_signature_is_refused(shop: FlaskClient, signature: str) -> None:
    assert send_callback(shop, "woocommerce", WOO, X_WC_Webhook_Signature=signature).status_code == 401
    assert send_callback(shop, "shopify", SHOPIFY, X_Shopify_Hmac_Sha256=signature).status_code == 401
    assert count_orders() == 0


def test_a_callback_of_a_disconnected_shop_is_refused(shop: FlaskClient) -> None:
    with writing():
        connections.end(connections.list_connected(ConnectionKind.WOOCOMMERCE)[0].id)
    assert send_woo(shop, WOO).status_code == 401
    assert outcome(send_shopify(shop, SHOPIFY)) == "placed"


def test_two_shops_of_one_kind_are_distinguished_by_their_secrets(shop: FlaskClient) -> None:
    with writing():
        connections.add(ConnectionKind.WOOCOMMERCE, "Andra butiken", "annan")
    send_woo(shop, WOO)
    send_callback(shop, "woocommerce", WOO, X_WC_Webhook_Signature=signature_of(WOO, "annan"))
    assert order_of("wc-727").id != order_of("wc2-727").id


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"id": NaN}', b"[" * 100_000], ids=lambda body: body[:9])
def test_a_body_that_is_no_json_is_refused(shop: FlaskClient, body: bytes) -> None:
    assert send_woo(shop, body).status_code == 400
    assert send_shopify(shop, body).status_code == 400
    assert count_orders() == 0


@pytest.mark.parametrize(
    "body", [b"[]", b"1", b"{}", b'{"id": 1}', b'{"id": 1, "id": 2}', b'{"id": 1234567890123456789}']
)
def test_json_without_an_order_is_accepted_and_not_taken(shop: FlaskClient, body: bytes) -> None:
    assert outcome(send_woo(shop, body)) == "not taken"
    assert outcome(send_shopify(shop, body)) == "not taken"
    assert count_orders() == 0


def test_a_body_beyond_one_megabyte_is_refused(shop: FlaskClient) -> None:
    assert send_woo(shop, b" " * 1_000_001).status_code == 413


CHANGED = {"date_modified_gmt": "2026-11-20T12:00:00"}


def with_billing(**billing: str) -> dict[str, Any]:
    return {"billing": {**WOO["billing"], **billing}, **CHANGED}


def test_a_change_made_only_in_the_source_shop_is_applied(shop: FlaskClient) -> None:
    send_woo(shop, woo(date_paid_gmt=None))
    send_woo(shop, woo(**with_billing(address_1="Nygatan 2", email="ny@example.com")))

    order = order_of()
    assert order.billing_address.street == order.shipping_address.street == "Nygatan 2"
    assert order.customer.email == "ny@example.com"
    assert order.paid == 64_700
    assert order.shop_differences == []
    assert kinds_of(order)[1:] == [EventKind.CUSTOMER_CHANGED, EventKind.PAYMENT_CHANGED]


def test_a_change_by_staff_is_not_overwritten_and_the_difference_is_shown(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    order = order_of()
    with changing(order, anna) as locked_order:
        former_address = locked_order.billing_address
        new_address = type(former_address)(**{**former_address.__dict__, "street": "Annas gata 3"})
        customers.change(locked_order, locked_order.customer, new_address, new_address, by=anna)
        lines.change(next(locked_order.lines), quantity=2, by=anna)

    item = {**WOO["line_items"][0], "quantity": 4}
    send_woo(shop, woo(line_items=[item], **with_billing(address_1="Nygatan 2", phone="+46700000000")))

    order = order_of()
    assert order.billing_address.street == "Annas gata 3"
    assert order.customer.phone == "+46700000000"
    assert next(order.lines).quantity == 2
    differences = {difference.field: (difference.here, difference.shop) for difference in order.shop_differences}
    assert differences["billing_address.street"] == ("Annas gata 3", "Nygatan 2")
    assert differences["lines.LJUS-12"] == ("2", "4")
    assert kinds_of(order)[-1] is EventKind.SOURCE_DIFFERS
    with editing(order.number, None, anna) as locked_order:
        source_updates.dismiss(locked_order, by=anna)
    later_update = woo(line_items=[item], status="on-hold", **with_billing(address_1="Nygatan 2", phone="+46700000000"))
    send_woo(shop, {**later_update, "date_modified_gmt": "2026-11-20T13:00:00"})
    assert order_of().shop_differences == []
    send_woo(shop, {**later_update, "date_modified_gmt": "2026-11-20T14:00:00", "refunds": [{"total": "-47.00"}]})
    assert order_of().paid == 60_000


def test_a_change_made_only_by_staff_is_not_shown_as_a_difference(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    with changing(order_of(), anna) as locked_order:
        lines.change(next(locked_order.lines), quantity=2, by=anna)
    send_woo(shop, woo(customer_note="Ny lapp", **CHANGED))
    assert order_of().shop_differences == []


def test_an_outdated_update_changes_nothing(shop: FlaskClient) -> None:
    send_woo(shop, woo(**with_billing(address_1="Nygatan 2")))
    assert outcome(send_woo(shop, woo(date_modified_gmt="2026-11-20T10:00:00"), delivery="late")) == "outdated"
    assert order_of().billing_address.street == "Nygatan 2"


def test_an_unchanged_order_is_cancelled_when_the_source_shop_cancels_it(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    send_woo(shop, woo(status="cancelled", **CHANGED))
    assert order_of().status is OrderStatus.CANCELLED
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, shopify(cancelled_at="2026-11-21T10:00:00Z"), "orders/cancelled")
    assert order_of("shopify-450789469").status is OrderStatus.CANCELLED


def test_an_order_deleted_in_the_source_shop_is_cancelled(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    assert outcome(send_woo(shop, {"id": 727}, "order.deleted")) == "followed"
    assert order_of().status is OrderStatus.CANCELLED
    assert outcome(send_woo(shop, {"id": 4711}, "order.deleted")) == "not placed yet"


def test_an_update_of_an_order_with_erased_personal_data_is_not_stored(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    send_woo(shop, woo(status="cancelled", **CHANGED))
    email = order_of().customer.email or ""
    with writing():
        personal_data.erase(email, by=anna)

    assert outcome(send_woo(shop, woo(**with_billing(address_1="Nygatan 2")))) == "personal data erased"

    assert order_of().customer.email is None
    assert db.session.scalar(select(func.count()).select_from(SourceOrder)) == 0
    assert count_orders() == 1


def test_a_cancellation_of_a_shipped_order_is_shown_as_a_difference(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    with changing(order_of(), anna) as locked_order:
        shipments.ship(locked_order.shipments[0], by=anna)
    send_woo(shop, woo(status="cancelled", **CHANGED))

    order = order_of()
    assert order.status is OrderStatus.SHIPPED
    assert [difference.field for difference in order.shop_differences] == ["cancelled"]


@pytest.fixture
def placed_order(app: Flask) -> Order:
    make_product("A", stock=5)
    return make_order(("A", 2), external_reference="wc-1")


def send_shipping(app: Flask, body: Any, token: str | None = None) -> TestResponse:
    key = token or new_key(f"frakt {count_orders()} {len(json.dumps(body, default=str))}", (Scope.SHIPMENTS_WRITE,))
    return send_callback(app.test_client(), "shipping", body, Authorization=f"Bearer {key}")


def codes(order: Order) -> list[tuple[str, str | None]]:
    return [
        (tracking_code.code, tracking_code.carrier)
        for shipment in read(order).shipments
        for tracking_code in shipment.tracking_codes
    ]


def test_a_shipping_system_reports_codes_and_shipped_goods(app: Flask, placed_order: Order) -> None:
    message = {"order": placed_order.number, "tracking": [{"code": "ABC-1", "carrier": "dhl"}], "status": "shipped"}
    token = new_key("frakt", (Scope.SHIPMENTS_WRITE,))
    for _turn in range(2):
        assert send_shipping(app, message, token).status_code == 200
    assert codes(placed_order) == [("ABC-1", "DHL")]
    assert read(placed_order).status is OrderStatus.SHIPPED
    assert len(messages_of(placed_order)) == 2
    later_message = {"shipment": f"{placed_order.number}-1", "tracking": ["ABC-2"]}
    assert send_shipping(app, later_message, token).status_code == 200
    assert codes(placed_order) == [("ABC-1", "DHL"), ("ABC-2", None)]


@pytest.mark.parametrize("noted", ["0037 0730 2546 9874 1239", "00370730254698741239", "370730254698741239"])
@pytest.mark.parametrize(
    "reported", ["00370730254698741239", "370730254698741239", "\u200b0037 0730 2546 9874 1239\u00a0"]
)
def test_a_parcel_is_found_by_its_digits_however_it_is_written(
    app: Flask, placed_order: Order, anna: Actor, noted: str, reported: str
) -> None:
    with changing(placed_order, anna) as locked_order:
        (new,) = typed_codes.parse_input(noted, None, list(CARRIERS))
        tracking.add(locked_order.shipments[0], new.code, new.carrier, new.url, by=anna)
    message = {"tracking": [reported], "status": "shipped"}
    assert send_shipping(app, message).status_code == 200
    assert read(placed_order).status is OrderStatus.SHIPPED
    assert len(codes(placed_order)) == 1


def test_two_numbers_in_one_text_of_a_call_are_two_codes(app: Flask, placed_order: Order) -> None:
    message = {"webhookEventId": 2, "shipmentOrderNumber": placed_order.number, "trackingNumbers": "X-1, X-2"}
    assert send_shipping(app, message).status_code == 200
    assert [code for code, _ in codes(placed_order)] == ["X-1", "X-2"]


def test_an_order_is_found_by_its_external_reference_too(app: Flask, placed_order: Order) -> None:
    assert send_shipping(app, {"order": "wc-1", "tracking": ["X-1"]}).status_code == 200
    assert codes(placed_order) == [("X-1", None)]


def test_a_message_about_a_split_order_must_name_the_shipment(app: Flask, placed_order: Order, anna: Actor) -> None:
    with changing(placed_order, anna) as locked_order:
        splits.split(next(locked_order.lines), 1, to=None, by=anna)
    response = send_shipping(app, {"order": placed_order.number, "tracking": ["X-1"], "status": "shipped"})
    assert response.status_code == 409
    assert f"{placed_order.number}-2" in response.text
    assert codes(placed_order) == []


def test_a_repeated_message_does_not_ship_the_next_shipment_of_a_split_order(
    app: Flask, placed_order: Order, anna: Actor
) -> None:
    message = {"webhookEventId": 2, "shipmentOrderNumber": placed_order.number}
    token = new_key("lager", (Scope.SHIPMENTS_WRITE,))
    with changing(placed_order, anna) as locked_order:
        splits.split(next(locked_order.lines), 1, to=None, by=anna)
    with changing(placed_order, anna) as locked_order:
        shipments.ship(locked_order.shipments[0], by=anna)
    assert send_shipping(app, message, token).status_code == 409
    for _turn in range(2):
        assert send_shipping(app, {**message, "trackingNumbers": ["X-2"]}, token).status_code == 200
    assert read(placed_order).status is OrderStatus.SHIPPED
    assert codes(placed_order) == [("X-2", None)]


def test_a_cancellation_of_an_order_placed_here_is_shown_as_a_difference(shop: FlaskClient, anna: Actor) -> None:
    order = make_order(("LJUS-12", 3), external_reference="wc-727")
    send_woo(shop, woo(status="cancelled", **CHANGED))
    assert read(order).status is OrderStatus.READY
    assert "cancelled" in [difference.field for difference in read(order).shop_differences]


def test_nshift_reports_parcel_numbers(app: Flask, placed_order: Order) -> None:
    response = {
        "shipmentNo": "37101",
        "orderNo": placed_order.number,
        "serviceId": "P19",
        "parcels": [{"parcelNo": "00373500489530470000"}, {"parcelNo": 373500489530470001}],
    }
    assert send_shipping(app, [response]).status_code == 200
    assert codes(placed_order) == [("00373500489530470000", "PostNord"), ("373500489530470001", "PostNord")]
    assert read(placed_order).status is OrderStatus.READY


def test_ongoing_reports_shipped_goods(app: Flask, placed_order: Order) -> None:
    message = {"webhookShipmentsId": 1, "webhookEventId": 2, "system": "x", "shipmentId": 3}
    message |= {"shipmentOrderNumber": placed_order.number, "trackingNumbers": ["JJFI-1"], "carrier": "budbee"}
    assert send_shipping(app, message).status_code == 200
    assert codes(placed_order) == [("JJFI-1", "Budbee")]
    assert read(placed_order).status is OrderStatus.SHIPPED


SHIPPING_EXAMPLES: dict[str, list[tuple[str, str | None]]] = {
    "nshift_shipment_02_response.json": [
        ("00373500000000000024", "PostNord"),
        ("00373500000000000031", "PostNord"),
    ],
    "nshift_shipment_03_without_parcels.json": [("1234567890", "PostNord")],
    "ongoing_webhook_01_shipment.json": [],
    "ongoing_webhook_02_with_codes.json": [("00373500000000000048", "PostNord")],
}
WITHOUT_CODES = "nshift_shipment_01_request.json"  # an order of a shipment, which has no parcel numbers yet


@pytest.mark.parametrize("name", SHIPPING_EXAMPLES)
def test_the_examples_of_shipping_systems_reach_their_order(app: Flask, placed_order: Order, name: str) -> None:
    payload, token = example(name), new_key("frakt", (Scope.SHIPMENTS_WRITE,))
    response = send_shipping(app, payload, token)
    assert response.status_code == 404
    assert "WS-900001" in response.text

    text = json.dumps(payload).replace("WS-900001", placed_order.number)
    assert send_shipping(app, json.loads(text), token).status_code == 200
    assert codes(placed_order) == SHIPPING_EXAMPLES[name]
    is_shipped = read(placed_order).status is OrderStatus.SHIPPED
    assert is_shipped is name.startswith("ongoing")


def test_an_example_without_parcel_numbers_is_rejected(app: Flask) -> None:
    response = send_shipping(app, example(WITHOUT_CODES))
    assert response.status_code == 422
    assert "/parcels/0/parcelNo" in response.text


def test_a_pattern_that_matches_no_example_is_an_error() -> None:
    with pytest.raises(LookupError):
        example_names("no_such_system_*.json")


def test_every_example_of_a_shipping_system_is_tested() -> None:
    names = {name for pattern in ("nshift_*.json", "ongoing_*.json") for name in example_names(pattern)}
    assert names == {*SHIPPING_EXAMPLES, WITHOUT_CODES}


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
    ids=lambda value: str(value)[:50],
)
def test_an_invalid_message_is_refused(app: Flask, placed_order: Order, body: Any, status: int) -> None:
    assert send_shipping(app, body).status_code == status
    assert codes(placed_order) == []
    assert read(placed_order).status is OrderStatus.READY


def test_a_message_without_a_valid_key_or_about_a_cancelled_order_is_refused(
    app: Flask, placed_order: Order, anna: Actor
) -> None:
    message = {"order": placed_order.number, "tracking": ["X-1"]}
    assert send_callback(app.test_client(), "shipping", message).status_code == 401
    assert send_shipping(app, message, new_key("läsare", (Scope.ORDERS_READ,))).status_code == 403
    with changing(placed_order, anna) as locked_order:
        cancellation.cancel(locked_order, by=anna)
    assert send_shipping(app, message).status_code == 422
    assert codes(placed_order) == []
