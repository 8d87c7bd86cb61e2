"""The API as OpenAPI 3.1 has it: https://spec.openapis.org/oas/v3.1.0"""

from typing import Any

from webshop_orders.api import schemas
from webshop_orders.api.schemas import Schema, ref
from webshop_orders.models import OrderStatus, Scope

INTRODUCTION = """\
The integration API of the order desk: place and follow orders, report deliveries and tracking codes, keep the
catalogue and its stock.

Amounts are whole minor units (öre) of the order's currency, VAT rates are basis points (2500 is 25 %), times are
RFC 3339 with a zone. Unknown fields are refused by name. Null is as good as an absent field.

Sign each request with a key from Konfiguration, Integrationer: `Authorization: Bearer wso_…`. The name of the key is
what the order's history calls the integration.

A POST may carry an `Idempotency-Key`: the same request is then carried out once and answered alike for 24 hours.
An order's `version` is its ETag; `If-Match` refuses a change of an order that others changed meanwhile (412).

Refusals are problems as RFC 9457 has them, with a JSON pointer to each field that is wrong.
"""
PROBLEMS = {
    "400": "The body is no JSON, or no UTF-8",
    "401": "There is no key, or it is not known",
    "403": "The key lacks the scope",
    "404": "There is no such thing",
    "409": "It stands for something else already, or the same request is being carried out",
    "412": "The order was changed meanwhile (If-Match)",
    "413": "The body is larger than 1 MB",
    "415": "The body does not say that it is JSON",
    "422": "Something is wrong with what was asked for; `errors` says what",
    "429": "Too many requests this minute",
    "503": "Another change holds what this one needs; the same request can be sent again",
}
OF_ALL = ("401", "403", "422", "429", "503")
OF_BODIES = ("400", "413", "415")
TAGS = {"Orders": "Orders and what is done to them", "Shipments": "What leaves, and when", "Products": "The catalogue"}


def document(server: str) -> dict[str, Any]:
    """The whole description, for the address that it is asked at."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "webshop-orders", "version": "1", "description": INTRODUCTION},
        "servers": [{"url": f"{server}/api/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": _paths(),
        "components": {
            "schemas": schemas.ALL,
            "parameters": _shared_parameters(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> dict[str, Any]:
    number, reference, sku = _in_path("number", "An order's number"), _shipment(), _in_path("sku", "A product's SKU")
    return {
        "/orders": {
            "get": _operation(
                "follow_orders",
                "Orders",
                Scope.ORDERS_READ,
                "Orders by the time of their latest change",
                "Page on with `cursor`. To follow changes for good, give `complete_until`, which all pages of a "
                "reading share, as `updated_since` of the next: an order may then come twice, but none is missed.",
                parameters=[
                    _query("status", {"type": "string", "enum": [status.value for status in OrderStatus]}),
                    _query("updated_since", {"type": "string", "format": "date-time"}),
                    _query("external_reference", {"type": "string", "minLength": 1, "maxLength": 200}),
                    _query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
                    _query("cursor", {"type": "string", "minLength": 1, "maxLength": 200}),
                ],
                answers={"200": _json("A page of orders", "OrderPage")},
            ),
            "post": _operation(
                "place_order",
                "Orders",
                Scope.ORDERS_WRITE,
                "Place an order",
                "The same `external_reference` with the same body again is answered with the order (200); with "
                "another body it is refused with what differs (409). A SKU that the catalogue does not have is kept "
                "as a line of its own with untracked stock. `shipped_at` marks history, and mails nothing.",
                body="NewOrder",
                answers={
                    "201": _json("The order", "Order", "ETag", "Location"),
                    "200": _json("The order, placed before", "Order", "ETag", "Location"),
                },
                problems=("409",),
            ),
        },
        "/orders/{number}": {
            "parameters": [number],
            "get": _operation(
                "show_order",
                "Orders",
                Scope.ORDERS_READ,
                "An order",
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404",),
            ),
        },
        "/orders/{number}/comments": {
            "parameters": [number],
            "post": _operation(
                "comment_order",
                "Orders",
                Scope.ORDERS_WRITE,
                "Comment an order",
                "An internal comment is for the shop alone; one to the customer can be mailed to them.",
                body="NewComment",
                answers={"201": _json("The comment", "Comment"), "200": _json("The comment, made before", "Comment")},
                problems=("404", "409"),
            ),
        },
        "/orders/{number}/cancellation": {
            "parameters": [number],
            "post": _operation(
                "cancel_order",
                "Orders",
                Scope.ORDERS_WRITE,
                "Cancel an order",
                "Refused where some of it has shipped. Cancelling again changes nothing.",
                body="Empty",
                body_required=False,
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/deliveries": {
            "parameters": [number],
            "post": _operation(
                "report_delivery",
                "Shipments",
                Scope.SHIPMENTS_WRITE,
                "Report what was delivered",
                "For systems that know of no shipments. Exactly these units are shipped: by the shipment that has "
                "just them, or else by one from which the rest is moved away. The same `id` again changes nothing. "
                "More than is left to ship, or a SKU that is not in the order, is refused whole.",
                body="NewDelivery",
                answers={
                    "201": _json("The delivery and its order", "Delivery", "ETag"),
                    "200": _json("The delivery, reported before", "Delivery", "ETag"),
                },
                problems=("404", "409", "412"),
            ),
        },
        "/shipments/{reference}": {
            "parameters": [reference],
            "patch": _operation(
                "change_shipment",
                "Shipments",
                Scope.SHIPMENTS_WRITE,
                "Set tracking codes and delivery status",
                "`tracking` is the whole list as it is to be. `shipped` takes the goods out of stock and mails a "
                "delivery confirmation, once; setting it again changes nothing. Codes are set before the status, so "
                "that the mail shows them.",
                body="ShipmentChange",
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "412"),
            ),
        },
        "/shipments/{reference}/split": {
            "parameters": [reference],
            "post": _operation(
                "split_shipment",
                "Shipments",
                Scope.SHIPMENTS_WRITE,
                "Move units to another shipment",
                "To a new one, or to another open one of the same order. Backordered units move first.",
                body="NewSplit",
                answers={"201": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/products": {
            "get": _operation(
                "list_products",
                "Products",
                Scope.ORDERS_READ,
                "The catalogue, by SKU",
                parameters=[
                    _query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
                    _query("cursor", {"type": "string", "minLength": 1, "maxLength": 100}),
                ],
                answers={"200": _json("A page of products", "ProductPage")},
            ),
        },
        "/products/{sku}": {
            "parameters": [sku],
            "get": _operation(
                "show_product",
                "Products",
                Scope.ORDERS_READ,
                "A product",
                answers={"200": _json("The product", "Product")},
                problems=("404",),
            ),
            "put": _operation(
                "put_product",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Have a product be so",
                "Lines that were sold keep their name, price and VAT rate.",
                body="NewProduct",
                answers={"201": _json("The product, new", "Product"), "200": _json("The product", "Product")},
            ),
            "patch": _operation(
                "change_product",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Change some of a product",
                body="ProductChange",
                answers={"200": _json("The product", "Product")},
                problems=("404",),
            ),
        },
        "/products/stock": {
            "post": _operation(
                "receive_stock",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Set the stock of up to 1 000 products",
                "What becomes free covers backorders in the background, oldest order first.",
                body="StockLevels",
                answers={"200": _json("How many were set", "Received")},
                problems=("409",),
            ),
        },
    }


def _operation(
    name: str,
    tag: str,
    scope: Scope,
    summary: str,
    description: str = "",
    *,
    answers: dict[str, Any],
    parameters: list[Any] | None = None,
    body: str | None = None,
    body_required: bool = True,
    problems: tuple[str, ...] = (),
) -> dict[str, Any]:
    codes = sorted({*OF_ALL, *problems, *(OF_BODIES if body else ())})
    posts = body is not None and "409" in problems
    shared = ["Language", *(["IdempotencyKey"] if posts else []), *(["IfMatch"] if "412" in problems else [])]
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": f"{description}\n\nScope: `{scope.value}`".strip(),
        "parameters": [*(parameters or []), *({"$ref": f"#/components/parameters/{one}"} for one in shared)],
        "responses": {**answers, **{code: _problem(code) for code in codes}},
    }
    if body is not None:
        content = {"application/json": {"schema": ref(body), "example": schemas.EXAMPLES.get(body, {})}}
        operation["requestBody"] = {"required": body_required, "content": content}
    return operation


def _shared_parameters() -> dict[str, Any]:
    return {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Names the request, so that it is carried out once",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "minLength": 1, "maxLength": 255},
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "description": 'The version that the change was thought out for, such as `"7"`',
            "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        },
        "Language": {
            "name": "Accept-Language",
            "in": "header",
            "description": "The language of refusals: `en` unless `sv` is asked for",
            "schema": {"type": "string", "enum": ["en", "sv"]},
        },
    }


def _in_path(name: str, description: str) -> dict[str, Any]:
    longest = 100 if name == "sku" else 64
    schema = {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"^[^/\x00-\x1f\x7f]+$"}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _shipment() -> dict[str, Any]:
    schema = {"type": "string", "pattern": r"^[^/\x00-\x1f\x7f]{1,64}-[1-9][0-9]{0,5}$"}
    about = "A shipment's reference, such as WS-100234-1"
    return {"name": "reference", "in": "path", "required": True, "description": about, "schema": schema}


def _query(name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _json(description: str, schema: str, *headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": description, "content": {"application/json": {"schema": ref(schema)}}}
    if headers:
        answer["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    return answer


def _problem(code: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": PROBLEMS[code],
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }
    if code in {"429", "503"}:
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait"}}
    return answer
