"""`/connect/…`: the callbacks of other shops and shipping systems."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from flask_babel import gettext as _
from flask_babel import refresh

from webshop_orders import shop_settings
from webshop_orders.api import authentication, problems
from webshop_orders.api.http import body as json_body
from webshop_orders.api.http import json_response
from webshop_orders.connectors import parsing
from webshop_orders.connectors.incoming import receiving
from webshop_orders.connectors.incoming.source_orders import MessageOutcome
from webshop_orders.documents import order as order_document
from webshop_orders.errors import DomainError, MalformedInput, Unauthorized
from webshop_orders.models import Connection, ConnectionKind, Scope
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.operations.settings import connections
from webshop_orders.validation.json_text import load

blueprint = Blueprint("connect", __name__, url_prefix="/connect")
blueprint.before_request(authentication.prepare_request)
blueprint.register_error_handler(DomainError, problems.domain_problem)

MAX_DELIVERY_ID_LENGTH = 200
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
    connection = _signed_by(ConnectionKind.WOOCOMMERCE, "X-WC-Webhook-Signature")
    return _accept(connection, topic="X-WC-Webhook-Topic", delivery="X-WC-Webhook-Delivery-ID")


@blueprint.post("/shopify")
def shopify() -> Response:
    """A webhook of Shopify, signed in X-Shopify-Hmac-Sha256 over the raw body.

    https://shopify.dev/docs/apps/build/webhooks/subscribe/https
    """
    connection = _signed_by(ConnectionKind.SHOPIFY, "X-Shopify-Hmac-Sha256")
    return _accept(connection, topic="X-Shopify-Topic", delivery="X-Shopify-Webhook-Id")


@blueprint.post("/shipping")
def shipping() -> Response:
    """A notification of a shipping system or carrier, which has a key with the scope shipments:write.

    The parameter `shipped` sets at which statuses of the system goods have left, apart by commas.
    """
    from webshop_orders.connectors.shipping import calls

    key = authentication.authenticate(Scope.SHIPMENTS_WRITE, allows_parameter=True)
    _use_language_of_shop()
    payload, shipped = json_body(), request.args.get("shipped")
    token = authentication.token(allows_parameter=True)
    outcome = calls.receive(payload, _text_of_body(), shipped, key=token, by=key.actor)
    orders = [order_document.to_json(order) for order in outcome.orders]
    reasons = [*outcome.refused, *outcome.ignored]
    return json_response({"orders": orders} | ({"ignored": reasons} if reasons else {}))


def _signed_by(kind: ConnectionKind, header: str) -> Connection:
    """The connected shop whose secret signs the request; raises Unauthorized if there is none."""
    shop_settings.current()
    signature = request.headers.get(header, "")
    body = request.get_data()
    signers = (
        connection
        for connection in connections.list_connected(kind)
        if parsing.is_signed(connection.secret, body, signature)
    )
    connection = next(signers, None)
    if connection is None:
        raise Unauthorized(_("The signature in %(header)s fits no connected shop.", header=header))
    return connection


def _accept(connection: Connection, *, topic: str, delivery: str) -> Response:
    """Take in a call that has its topic and its delivery id in these headers. Raises MalformedInput for no JSON."""
    topic_name = request.headers.get(topic)
    delivery_id = (request.headers.get(delivery) or "")[:MAX_DELIVERY_ID_LENGTH] or None
    try:
        payload = load(request.get_data())
    except MalformedInput as error:
        if not _is_json():
            raise
        result = receiving.refuse(connection, topic_name, _text_of_body(), str(error), delivery_id=delivery_id)
        return _respond(MessageOutcome.NOT_TAKEN, result)
    _use_language_of_shop()
    outcome, result = receiving.receive(connection, topic_name, payload, _text_of_body(), delivery_id=delivery_id)
    return _respond(outcome, result)


def _respond(outcome: MessageOutcome, result: CallResult) -> Response:
    content = {"outcome": outcome.value, "external_reference": result.reference, "reason": result.reason}
    return json_response({name: value for name, value in content.items() if value is not None})


def _is_json() -> bool:
    """Whether the body is JSON by the standard, although stricter rules of ours refuse it."""

    def refuse_constant(name: str) -> Any:
        raise ValueError(name)

    try:
        json.loads(request.get_data(), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _text_of_body() -> str:
    return request.get_data().decode("utf-8", "replace")


def _use_language_of_shop() -> None:
    """Write sentences in the language of those who read them in the log."""
    g.language = shop_settings.current().language or "sv"
    refresh()
