"""Only topics of orders place and change orders; what else shops send is named in the log."""

import pytest
from flask.testing import FlaskClient

from tests.connectors.incoming.logged import order_of, the_call
from tests.connectors.payloads import SHOPIFY, WOO, shopify, woo
from tests.connectors.sending import outcome, send_callback, send_shopify, send_woo, signature_of
from tests.operations.steps import messages_of
from webshop_orders.models import CallOutcome, OrderStatus
from webshop_orders.transactions import order_intake

OTHER_SHOPIFY = [
    "draft_orders/create",
    "draft_orders/update",
    "checkouts/create",
    "carts/update",
    "subscription_contracts/create",
    "refunds/create",
    "products/update",
    "customers/create",
    "fulfillments/create",
    "order_transactions/create",
    "app/uninstalled",
]
OTHER_WOO = [
    "coupon.created",
    "customer.updated",
    "product.updated",
    "subscription.created",
    "action.woocommerce_add_to_cart",
]


@pytest.mark.parametrize("topic", OTHER_SHOPIFY)
def test_another_topic_of_shopify_places_nothing_even_if_an_order_is_in_it(shop: FlaskClient, topic: str) -> None:
    assert outcome(send_shopify(shop, SHOPIFY, topic)) == "ignored"

    call = the_call()
    assert (call.outcome, call.topic, call.order_id) == (CallOutcome.IGNORED, topic, None)
    assert call.reason
    assert call.body == ""
    assert order_intake.find_by_reference("shopify-450789469") is None


@pytest.mark.parametrize("topic", OTHER_WOO)
def test_another_topic_of_woocommerce_places_nothing(shop: FlaskClient, topic: str) -> None:
    assert outcome(send_woo(shop, WOO, topic)) == "ignored"
    assert (the_call().topic, order_intake.find_by_reference("wc-727")) == (topic, None)


@pytest.mark.parametrize("topic", ["order.created", "order.updated", "order.restored", "Order.Created"])
def test_topics_of_woocommerce_orders_place_them(shop: FlaskClient, topic: str) -> None:
    assert outcome(send_woo(shop, WOO, topic)) == "placed"


@pytest.mark.parametrize("topic", ["create", "updated", "paid", "fulfilled", "partially_fulfilled", "edited"])
def test_topics_of_shopify_orders_place_them(shop: FlaskClient, topic: str) -> None:
    assert outcome(send_shopify(shop, SHOPIFY, f"orders/{topic}")) == "placed"


def test_an_edit_without_the_order_is_left_alone(shop: FlaskClient) -> None:
    edit = {"order_edit": {"id": 78912328793, "order_id": 450789469, "line_items": {"additions": []}}}
    assert outcome(send_shopify(shop, edit, "orders/edited")) == "ignored"


def test_without_a_topic_the_shape_decides(shop: FlaskClient) -> None:
    def send_without_topic(body: object) -> str:
        return outcome(send_callback(shop, "woocommerce", body, X_WC_Webhook_Signature=signature_of(body)))

    assert send_without_topic({"code": "SOMMAR", "amount": "10.00"}) == "ignored"
    assert send_without_topic(WOO) == "placed"


def test_a_draft_under_a_topic_of_orders_is_not_placed(shop: FlaskClient) -> None:
    draft = shopify(status="open", invoice_url="https://ljus.example.com/invoices/1")
    assert outcome(send_shopify(shop, draft, "orders/create")) == "ignored"
    checkout = shopify(abandoned_checkout_url="https://ljus.example.com/checkouts/1")
    assert outcome(send_shopify(shop, checkout, "orders/create")) in {"ignored", "not taken"}
    assert order_intake.find_by_reference("shopify-450789469") is None


def test_a_subscription_under_a_topic_of_orders_is_not_placed(shop: FlaskClient) -> None:
    subscription = woo(status="active", billing_period="month", billing_interval="1")
    assert outcome(send_woo(shop, subscription)) == "ignored"


def test_an_order_of_which_only_the_deletion_is_told_is_cancelled(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    assert outcome(send_shopify(shop, {"id": 450789469}, "orders/delete")) == "followed"
    assert order_of("shopify-450789469").status is OrderStatus.CANCELLED


def test_a_trial_order_is_marked_and_mails_nobody(shop: FlaskClient) -> None:
    assert outcome(send_shopify(shop, shopify(test=True), "orders/create")) == "placed"
    order = order_of("shopify-450789469")
    assert order.is_test
    assert messages_of(order) == []
