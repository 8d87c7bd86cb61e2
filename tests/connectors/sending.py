"""Calls of other shops and shipping systems, signed as they sign them."""

import base64
import hashlib
import hmac
import json
from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.conftest import check

SECRET = "en hemlighet"


def send_callback(client: FlaskClient, path: str, body: Any, **headers: str) -> TestResponse:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    all_headers = {
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    response = Context().run(client.post, f"/connect/{path}", data=text, headers=all_headers)
    check(response)
    return response


def signature_of(body: Any, secret: str = SECRET) -> str:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def send_woo(client: FlaskClient, body: Any, topic: str = "order.updated", delivery: str = "") -> TestResponse:
    delivery_header = {"X_WC_Webhook_Delivery_ID": delivery} if delivery else {}
    return send_callback(
        client,
        "woocommerce",
        body,
        X_WC_Webhook_Signature=signature_of(body),
        X_WC_Webhook_Topic=topic,
        **delivery_header,
    )


def send_shopify(client: FlaskClient, body: Any, topic: str = "orders/updated", delivery: str = "") -> TestResponse:
    delivery_header = {"X_Shopify_Webhook_Id": delivery} if delivery else {}
    return send_callback(
        client, "shopify", body, X_Shopify_Hmac_Sha256=signature_of(body), X_Shopify_Topic=topic, **delivery_header
    )


def outcome(response: TestResponse) -> str:
    assert response.status_code == 200, response.text
    return response.get_json()["outcome"]
