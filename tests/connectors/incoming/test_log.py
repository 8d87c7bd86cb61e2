"""Every signed call is logged once, with what became of it; what cannot be taken is accepted, and waits."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.api.conftest import new_key
from tests.connectors.incoming.logged import calls, connection_of, order_of, outcomes, the_call
from tests.connectors.payloads import SHOPIFY, WOO, shopify, woo
from tests.connectors.sending import outcome, send_callback, send_shopify, send_woo, signature_of
from tests.factories import make_order, make_product
from webshop_orders.connectors.incoming import source_orders
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.errors import Busy
from webshop_orders.models import Actor, CallOutcome, Order, Scope
from webshop_orders.operations.audit import incoming_calls, personal_data
from webshop_orders.transactions.unit_of_work import writing

LATER = {"date_modified_gmt": "2026-11-20T12:00:00"}


def test_a_placed_order_is_logged_with_its_shop_topic_order_and_body(shop: FlaskClient) -> None:
    send_woo(shop, WOO, "order.created")

    call = the_call()
    assert (call.outcome, call.source, call.topic) == (CallOutcome.PLACED, "woocommerce", "order.created")
    assert (call.reference, call.order_id) == ("wc-727", order_of().id)
    assert call.connection_id == connection_of().id
    assert json.loads(call.body) == WOO
    assert call.reason is None


def test_a_change_and_a_call_that_changes_nothing_are_told_apart(shop: FlaskClient) -> None:
    send_woo(shop, woo(date_paid_gmt=None))
    send_woo(shop, woo(**LATER))
    send_woo(shop, woo(**LATER))
    send_woo(shop, woo(date_modified_gmt="2026-11-20T10:00:00"))

    assert outcomes() == ["placed", "updated", "unchanged", "unchanged"]
    assert "senare" in (calls()[-1].reason or "")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (woo(total="mycket"), "total"),
        (woo(id=None), "id saknas"),
        (woo(status="på-väg-till-månen"), "på-väg-till-månen"),
        (woo(line_items=[]), "Ordern har inga rader"),
        (woo(currency="XXXX"), ""),
        ({"id": 727}, ""),
        ([], ""),
    ],
    ids=["amount", "id", "status", "lines", "currency", "little", "list"],
)
def test_what_cannot_be_taken_is_accepted_and_waits_with_its_reason(
    shop: FlaskClient, payload: object, reason: str
) -> None:
    response = send_woo(shop, payload)

    assert outcome(response) == "not taken"
    call = the_call()
    assert call.outcome is CallOutcome.NOT_TAKEN
    assert reason in (call.reason or "")
    assert call.reason == response.get_json()["reason"]
    assert json.loads(call.body) == payload
    assert incoming_calls.count_not_taken() == 1


def test_an_order_of_shopify_that_cannot_be_taken_waits_too(shop: FlaskClient) -> None:
    assert outcome(send_shopify(shop, shopify(total_price="1,2,3"), "orders/create")) == "not taken"
    assert the_call().reference == "shopify-450789469"


def test_a_call_about_an_order_that_another_system_placed_changes_nothing_but_is_logged(shop: FlaskClient) -> None:
    make_order(("A", 1), external_reference="wc-727")
    assert outcome(send_woo(shop, WOO)) == "followed"
    assert outcomes() == ["updated"]


def test_a_repeated_delivery_is_logged_once_whatever_became_of_it(shop: FlaskClient) -> None:
    send_woo(shop, WOO, delivery="d-1")
    assert outcome(send_woo(shop, WOO, delivery="d-1")) == "already received"
    send_woo(shop, woo(id=728, total="mycket"), delivery="d-2")
    assert outcome(send_woo(shop, woo(id=728, total="mycket"), delivery="d-2")) == "already received"
    assert outcomes() == ["placed", "not_taken"]


def test_a_body_that_only_our_rules_refuse_waits_and_is_logged_once(shop: FlaskClient) -> None:
    body = b'{"id": 727, "id": 728}'
    for _turn in range(2):
        assert outcome(send_woo(shop, body, delivery="d-1")) in {"not taken"}
    assert the_call().body == body.decode()


def test_calls_without_a_valid_signature_or_json_are_not_logged(shop: FlaskClient) -> None:
    assert send_callback(shop, "woocommerce", WOO, X_WC_Webhook_Signature=signature_of(WOO, "fel")).status_code == 401
    assert send_woo(shop, b"{").status_code == 400
    assert calls() == []


def test_a_technical_failure_is_answered_as_such_and_can_be_sent_again(
    shop: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_with(error: Exception) -> None:
        def fail(*args: object, **kwargs: object) -> None:
            raise error

        monkeypatch.setattr(source_orders, "accept", fail)

    with monkeypatch.context():
        fail_with(Busy("upptagen"))
        assert send_woo(shop, WOO, delivery="d-1").status_code == 503
        fail_with(OperationalError("select", {}, Exception("borta")))
        assert send_woo(shop, WOO, delivery="d-1").status_code == 503
        monkeypatch.undo()
    assert calls() == []
    assert outcome(send_woo(shop, WOO, delivery="d-1")) == "placed"


def test_an_error_of_ours_in_reading_an_order_is_logged_and_costs_no_webhook(
    shop: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise KeyError("line_items")

    monkeypatch.setattr(WooCommerce, "document", fail)
    assert outcome(send_woo(shop, WOO)) == "not taken"
    assert "orderdisken" in (the_call().reason or "")


def test_a_later_call_that_is_taken_settles_the_earlier_one(shop: FlaskClient) -> None:
    send_woo(shop, woo(total="mycket"))
    send_woo(shop, woo(id=728, total="mycket"))
    send_woo(shop, woo(**LATER))

    assert outcomes() == ["ignored", "not_taken", "placed"]
    assert incoming_calls.count_not_taken() == 1


def test_a_call_about_an_order_with_erased_personal_data_keeps_no_body(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    send_woo(shop, woo(status="cancelled", **LATER))
    with writing():
        personal_data.erase("asa@example.com", by=anna)

    assert outcome(send_woo(shop, WOO)) == "personal data erased"

    call = calls()[-1]
    assert (call.outcome, call.body, call.order_id) == (CallOutcome.IGNORED, "", order_of().id)


def test_a_body_with_characters_that_databases_refuse_is_stored(shop: FlaskClient) -> None:
    assert outcome(send_woo(shop, woo(customer_note="noll \x00 och \ud800"))) in {"placed", "not taken"}
    assert "\\u0000" in the_call().body


@pytest.fixture
def placed_order(app: Flask) -> Order:
    make_product("A", stock=5)
    return make_order(("A", 2), external_reference="wc-1")


def test_calls_of_shipping_systems_are_logged_and_answered_as_before(app: Flask, placed_order: Order) -> None:
    key = new_key("frakt", (Scope.SHIPMENTS_WRITE,))

    def send(body: object) -> int:
        return send_callback(app.test_client(), "shipping", body, Authorization=f"Bearer {key}").status_code

    assert send({"order": placed_order.number, "tracking": ["ABC-1"]}) == 200
    assert send({"order": "WS-4711", "tracking": ["ABC-2"]}) == 404
    assert send_callback(app.test_client(), "shipping", {"order": "x"}).status_code == 401

    taken, refused = calls()
    assert (taken.outcome, taken.source, taken.order_id) == (CallOutcome.UPDATED, "neutral", placed_order.id)
    assert taken.reference == placed_order.number
    assert refused.outcome is CallOutcome.NOT_TAKEN
    assert "WS-4711" in (refused.reason or "")


def test_both_shops_are_named_by_their_kind(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    send_shopify(shop, SHOPIFY)
    assert [call.source for call in calls()] == ["woocommerce", "shopify"]
