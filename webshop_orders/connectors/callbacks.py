"""`/connect/…`: the callbacks of other shops and shipping systems."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.api import authentication, problems
from webshop_orders.api.http import body as json_body
from webshop_orders.api.http import json_response
from webshop_orders.connectors import source_orders
from webshop_orders.connectors.nshift import NShift
from webshop_orders.connectors.ongoing import Ongoing
from webshop_orders.connectors.shipping_notifications import Neutral
from webshop_orders.connectors.shipping_updates import apply
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.documents import order as order_document
from webshop_orders.errors import DomainError, InvalidDocument, MalformedInput, Unauthorized
from webshop_orders.models import Connection, ConnectionKind, Scope
from webshop_orders.operations.settings import connections
from webshop_orders.validation.json_text import load

blueprint = Blueprint("connect", __name__, url_prefix="/connect")
blueprint.before_request(authentication.prepare_request)
blueprint.register_error_handler(DomainError, problems.domain_problem)

MAX_DELIVERY_ID_LENGTH = 200
SHIPPING_ADAPTERS = (NShift, Ongoing, Neutral)
WOOCOMMERCE_PING = b"webhook_id="


def install(app: Flask) -> None:
    """Register the callbacks with an application."""
    app.register_blueprint(blueprint)


@blueprint.post("/woocommerce")
def woocommerce() -> Response:
    """A webhook of WooCommerce, signed in X-WC-Webhook-Signature over the raw body.

    https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks
    """
    if request.get_data().startswith(WOOCOMMERCE_PING):  # unsigned, when the webhook is saved
        return json_response({"pong": True})
    connection = _signed_by(ConnectionKind.WOOCOMMERCE, WooCommerce, "X-WC-Webhook-Signature")
    topic = request.headers.get("X-WC-Webhook-Topic", "order.updated")
    delivery = request.headers.get("X-WC-Webhook-Delivery-ID")
    return _accept(connection, WooCommerce, delivery, is_cancelled=topic == "order.deleted")


@blueprint.post("/shopify")
def shopify() -> Response:
    """A webhook of Shopify, signed in X-Shopify-Hmac-Sha256 over the raw body.

    https://shopify.dev/docs/apps/build/webhooks/subscribe/https
    """
    connection = _signed_by(ConnectionKind.SHOPIFY, Shopify, "X-Shopify-Hmac-Sha256")
    topic = request.headers.get("X-Shopify-Topic", "orders/updated")
    delivery = request.headers.get("X-Shopify-Webhook-Id")
    return _accept(connection, Shopify, delivery, is_cancelled=topic in {"orders/cancelled", "orders/delete"})


@blueprint.post("/shipping")
def shipping() -> Response:
    """A notification of a shipping system, which has a key with the scope shipments:write."""
    key = authentication.authenticate(Scope.SHIPMENTS_WRITE)
    payload = json_body()
    adapter = next((adapter for adapter in SHIPPING_ADAPTERS if adapter.recognises(payload)), Neutral)
    orders = [apply(notification, by=key.actor) for notification in adapter.read(payload)]
    return json_response({"orders": [order_document.to_json(order) for order in orders]})


def _signed_by(kind: ConnectionKind, adapter: type[WooCommerce] | type[Shopify], header: str) -> Connection:
    """The connected shop whose secret signs the request; raises Unauthorized if there is none."""
    shop_settings.current()
    signature = request.headers.get(header, "")
    body = request.get_data()
    signers = (
        connection
        for connection in connections.list_connected(kind)
        if adapter.is_signed(connection.secret, body, signature)
    )
    connection = next(signers, None)
    if connection is None:
        raise Unauthorized(_("The signature in %(header)s fits no connected shop.", header=header))
    return connection


def _accept(
    connection: Connection, adapter: type[WooCommerce] | type[Shopify], delivery: str | None, *, is_cancelled: bool
) -> Response:
    payload: Any = load(request.get_data())
    if not isinstance(payload, dict):
        raise MalformedInput(_("%(field)s must be an object in braces.", field="JSON"))
    try:
        message = source_orders.read(adapter, payload, connection, is_cancelled=is_cancelled)
    except InvalidDocument as error:  # its pointers are those of our document, not of the payload
        raise MalformedInput(_("The order cannot be taken over: %(reason)s", reason=error)) from error
    delivery_id = delivery[:MAX_DELIVERY_ID_LENGTH] if delivery else None
    outcome = source_orders.accept(message, connection, delivery_id)
    return json_response({"outcome": outcome.value, "external_reference": message.reference})
