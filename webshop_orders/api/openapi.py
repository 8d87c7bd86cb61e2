"""The API's description in OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.0"""

from typing import Any

from webshop_orders.api import schemas
from webshop_orders.documents.fields import MAX_ID
from webshop_orders.documents.incoming_delivery import IncomingDeliveriesQuery
from webshop_orders.documents.queries import OrdersQuery, ProductsQuery
from webshop_orders.documents.stock import StockMovementsQuery
from webshop_orders.models import Scope
from webshop_orders.validation import json_schema
from webshop_orders.validation.json_schema import reference

INTRODUCTION = """\
The integration API of the order desk: place and follow orders, report deliveries and tracking codes, keep the
catalogue and its stock.

Amounts are integers in the minor unit (öre) of the order's currency, VAT rates are basis points (2500 is 25 %), times
are RFC 3339 with a time zone. Unknown fields are refused by name. Null is as good as an absent field.

Authenticate each request with a key from Konfiguration, Integrationer: `Authorization: Bearer wso_…`. The order's
history shows the integration by the name of its key.

A POST or PATCH may carry an `Idempotency-Key`: the same request is then carried out once and gets the same response
for 24 hours. The `version` of an order or a product is its ETag; with `If-Match`, a change of one that others changed
meanwhile is refused (412).

Errors are problem details (RFC 9457), with a JSON pointer to each field that is wrong.
"""
PROBLEMS = {
    "400": "The body is not JSON, or not UTF-8",
    "401": "There is no key, or it is not known",
    "403": "The key lacks the scope",
    "404": "It does not exist",
    "409": "A hold keeps it from leaving, the reference belongs to something else, the `version` is older than the "
    "present one, or the same request is under way",
    "412": "It was changed meanwhile (If-Match)",
    "413": "The body is larger than 1 MB",
    "415": "The body does not say that it is JSON",
    "422": "The request breaks a rule, or fields of its body are wrong; `errors` has each of them",
    "429": "Too many requests this minute",
    "501": "The server was installed without the extra `webshop-orders[pdf]`",
    "503": "Another change has locked what this one needs, or the database is away; the request can be sent again",
}
PROBLEMS_OF_ALL = ("401", "403", "422", "429", "503")
PROBLEMS_OF_BODIES = ("400", "413", "415")
TAGS = {
    "Orders": "Orders, their lines, comments and cancellation",
    "Payments": "Refunds, and what came in outside the checkout",
    "Shipments": "What leaves, and when",
    "Returns": "What comes back, is exchanged or claimed",
    "Products": "The catalogue",
}


def document(server: str) -> dict[str, Any]:
    """The whole description, for the server's base address."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "webshop-orders", "version": "1", "description": INTRODUCTION},
        "servers": [{"url": f"{server}/api/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": _paths(),
        "components": {
            "schemas": schemas.components(),
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
                "Get the next page with `cursor`. To follow changes, pass `complete_until`, which all pages of one "
                "pass share, as `updated_since` of the next pass: an order may then come twice, but none is missed.",
                parameters=_in_query(OrdersQuery),
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
            "patch": _operation(
                "change_order",
                "Orders",
                Scope.ORDERS_WRITE,
                "Change the shipping method and fee",
                "What is absent stays. A payment method may not allow a higher total, or none other. Shipping that was "
                "free and had no VAT rate gets the highest one of the lines, unless `vat_rate` says another.",
                body="OrderChange",
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/lines": {
            "parameters": [number],
            "post": _operation(
                "add_line",
                "Orders",
                Scope.ORDERS_WRITE,
                "Add a line",
                "A product by its `sku`, at its present price, or at the one that it had where it was taken off the "
                "order before. What has no product, such as gift wrapping, has `name`, `unit_price` and `vat_rate`.",
                body="AddedLine",
                answers={"201": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/lines/{line_id}": {
            "parameters": [number, _line()],
            "patch": _operation(
                "change_line",
                "Orders",
                Scope.ORDERS_WRITE,
                "Change the quantity, price and discount of a line",
                "What is absent stays, but that a discount follows the quantity. Another price or discount needs a "
                "`reason`. The ids of lines are in the order's `shipments`.",
                body="LineChange",
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
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
        "/orders/{number}/withdrawals": {
            "parameters": [number],
            "get": _operation(
                "list_withdrawals",
                "Orders",
                Scope.ORDERS_READ,
                "The customer's statements of withdrawal",
                "Those that came by the public form, and those reported here.",
                answers={"200": _json("The statements, the latest last", "Withdrawals")},
                problems=("404",),
            ),
            "post": _operation(
                "register_withdrawal",
                "Orders",
                Scope.ORDERS_WRITE,
                "Report that the customer withdraws from the purchase",
                "For a shop whose own pages take the statement. The customer is mailed a receipt with its content, "
                "day and time at once. Nothing else changes: staff cancel what has not left and register a return.",
                body="NewWithdrawal",
                body_required=False,
                answers={
                    "201": _json("The statement", "Withdrawal"),
                    "200": _json("The statement, reported before", "Withdrawal"),
                },
                problems=("404", "409"),
            ),
        },
        "/orders/{number}/returns": {
            "parameters": [number],
            "get": _operation(
                "list_returns",
                "Returns",
                Scope.ORDERS_READ,
                "The returns, exchanges and claims of an order",
                answers={"200": _json("The returns, the latest last", "Returns", "ETag")},
                problems=("404",),
            ),
            "post": _operation(
                "register_return",
                "Returns",
                Scope.ORDERS_WRITE,
                "Register that goods come back, or are claimed",
                "Of what has shipped, and never more than left less what came back or is awaited. A bundle brings its "
                "parts. An `exchange` sends `replacements` at their present prices; the difference is in the order's "
                "balance, and charged by nobody. A `claim` sends them at no cost, and goods need not come back. Money "
                "is given back by a refund.",
                body="NewReturn",
                answers={"201": _json("The return", "Return", "ETag"), "200": _json("Registered before", "Return")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/returns/{return_id}/receipt": {
            "parameters": [number, _return()],
            "post": _operation(
                "receive_return",
                "Returns",
                Scope.ORDERS_WRITE,
                "Receive goods that come back",
                "Units to be restocked come into the stock of their product and cover backorders, oldest order first. "
                "What was announced of a line that is named and did not come is awaited no more. Without `lines`, all "
                "came as registered. The return is `received` when nothing is awaited.",
                body="ReturnReceipt",
                body_required=False,
                answers={"200": _json("The return", "Return", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/returns/{return_id}/closing": {
            "parameters": [number, _return()],
            "post": _operation(
                "close_return",
                "Returns",
                Scope.ORDERS_WRITE,
                "Close a return",
                "What is awaited still does not come, and can be returned again. Closing again changes nothing.",
                body="Empty",
                body_required=False,
                answers={"200": _json("The return", "Return", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/hold": {
            "parameters": [number],
            "post": _operation(
                "hold_order",
                "Orders",
                Scope.ORDERS_WRITE,
                "Keep an order or a shipment from leaving",
                "Until it is released, or until a day begins. While it is held, whatever would ship it is refused with "
                "409, naming the hold: a status, a delivery, a callback of a shipping system. Changes go on as usual. "
                "An order can have several holds.",
                body="NewHold",
                answers={"201": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/release": {
            "parameters": [number],
            "post": _operation(
                "release_hold",
                "Orders",
                Scope.ORDERS_WRITE,
                "Release one hold",
                "The body names it by its `id`, so that no hold is released of which you do not know. One that is "
                "released already stays so.",
                body="HoldRelease",
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/whole-delivery": {
            "parameters": [number],
            "put": _operation(
                "set_whole_delivery",
                "Orders",
                Scope.ORDERS_WRITE,
                "Have an order ship whole, or not",
                "One that ships whole gets stock only once that covers all of it, and holds none until then: others "
                "get what it gives back. Setting it as it is changes nothing.",
                body="WholeDelivery",
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/priority": {
            "parameters": [number],
            "put": _operation(
                "set_priority",
                "Orders",
                Scope.ORDERS_WRITE,
                "Put an order before older ones, or no longer",
                "It gets what becomes free before older orders that wait for the same products; what others have "
                "reserved stays theirs. A `reason` of null ends it.",
                body="NewPriority",
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/refunds/{refund_id}/credit-note.pdf": {
            "parameters": [number, _refund()],
            "get": _operation(
                "print_credit_note",
                "Orders",
                Scope.ORDERS_READ,
                "The credit note of a refund as a PDF",
                "In the customer's language: what is credited, with quantities, prices and the VAT of each rate, the "
                "order that it changes, seller and buyer. Refused where the refund was cancelled.",
                answers={"200": _pdf("The credit note")},
                problems=("404", "501"),
            ),
        },
        "/orders/{number}/refunds": {
            "parameters": [number],
            "get": _operation(
                "list_refunds",
                "Payments",
                Scope.ORDERS_READ,
                "The refunds of an order",
                "Requested, done and cancelled ones.",
                answers={"200": _json("The refunds, the latest last", "Refunds")},
                problems=("404",),
            ),
            "post": _operation(
                "request_refund",
                "Payments",
                Scope.PAYMENTS_WRITE,
                "Request a refund",
                "What is left to pay is lowered first; only the rest is money, and a refund without any is done at "
                "once. Never more than was charged of a line, a VAT rate or the order, nor more than was paid. "
                "`refund.requested` tells the payment system, unless the money has gone already (`done`).",
                body="NewRefund",
                answers={"201": _json("The order, whose latest refund it is", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/refunds/{refund_id}/done": {
            "parameters": [number, _refund()],
            "post": _operation(
                "finish_refund",
                "Payments",
                Scope.PAYMENTS_WRITE,
                "Report that the money of a refund was given back",
                "The answer of the payment system to `refund.requested`. Reporting it again changes nothing; of a "
                "cancelled refund it is refused.",
                body="DoneRefund",
                body_required=False,
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/refunds/{refund_id}/cancellation": {
            "parameters": [number, _refund()],
            "post": _operation(
                "cancel_refund",
                "Payments",
                Scope.PAYMENTS_WRITE,
                "Give up a refund that is requested",
                "Nothing is given back, and the order costs what it did. Refused once the refund is done.",
                body="CancelledRefund",
                body_required=False,
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/payments": {
            "parameters": [number],
            "get": _operation(
                "list_payments",
                "Payments",
                Scope.ORDERS_READ,
                "The payments that were registered in the order desk",
                "What the checkout took is in the order's `payment`.",
                answers={"200": _json("The payments, the latest last", "RegisteredPayments")},
                problems=("404",),
            ),
            "post": _operation(
                "register_payment",
                "Payments",
                Scope.PAYMENTS_WRITE,
                "Register money that came in outside the checkout",
                "A cancelled order can be paid too, and owes it back then.",
                body="PaymentToRegister",
                answers={"201": _json("The order", "Order", "ETag")},
                problems=("404", "409", "412"),
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
        "/orders/{number}/restoration": {
            "parameters": [number],
            "post": _operation(
                "restore_order",
                "Orders",
                Scope.ORDERS_WRITE,
                "Take back a cancellation",
                "The order is open again: its stock is reserved anew, and backordered where it is gone. An order that "
                "is not cancelled stays as it is.",
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
                "For systems that have no notion of shipments. Exactly these units are shipped: in the shipment that "
                "consists of them, or else in one from which the rest is moved away. The same `id` again changes "
                "nothing. If more is reported than is left to ship, or a SKU that is not in the order, nothing is "
                "shipped.",
                body="NewDelivery",
                answers={
                    "201": _json("The delivery and its order", "Delivery", "ETag"),
                    "200": _json("The delivery, reported before", "Delivery", "ETag"),
                },
                problems=("404", "409", "412"),
            ),
        },
        "/orders/{number}/plan": {
            "parameters": [number],
            "post": _operation(
                "plan_shipments",
                "Shipments",
                Scope.SHIPMENTS_WRITE,
                "Share out units among open and new shipments",
                "For each line that the plan names, the quantities of its article add up to what the open shipments "
                "have of it; lines that it does not name stay. All of it is carried out, as one change, or none. "
                "Backordered units move first, to the shipments that are named last. A shipment left without lines "
                "disappears; if it has tracking codes, `takes_codes_of` says which one gets them. An order that is as "
                "planned already stays as it is.",
                body="NewPlan",
                answers={"200": _json("The order", "Order", "ETag")},
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
                "`tracking` replaces the whole list. `shipped` takes the goods out of stock and mails a delivery "
                "confirmation, once; setting it again changes nothing. Codes are set before the status, so that the "
                "mail shows them.",
                body="ShipmentChange",
                answers={"200": _json("The order", "Order", "ETag")},
                problems=("404", "412"),
            ),
        },
        "/shipments/{reference}/packing-slip.pdf": {
            "parameters": [reference],
            "get": _operation(
                "print_packing_slip",
                "Shipments",
                Scope.ORDERS_READ,
                "The packing slip as a PDF",
                "In the customer's language: addresses, what is in the shipment and what comes later, and the "
                "shipment's reference as Code 128 and QR code. Its text can be searched, and it is tagged for screen "
                "readers. The same shipment gives the same bytes until something on the slip changes.",
                answers={"200": _pdf("The packing slip")},
                problems=("404", "501"),
            ),
        },
        "/shipments/{reference}/split": {
            "parameters": [reference],
            "post": _operation(
                "split_shipment",
                "Shipments",
                Scope.SHIPMENTS_WRITE,
                "Move units to another shipment",
                "To a new one, or to another open one of the same order. Backordered units move first. Where nothing "
                "is left, `takes_codes` has the tracking codes go along; without it, a shipment with codes is not "
                "emptied.",
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
                parameters=_in_query(ProductsQuery),
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
                "Create or replace a product",
                "Lines that were sold keep their name, price and VAT rate.",
                body="NewProduct",
                answers={"201": _json("The product, new", "Product"), "200": _json("The product", "Product")},
                problems=("412",),
            ),
            "patch": _operation(
                "change_product",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Change some fields of a product",
                body="ProductChange",
                answers={"200": _json("The product", "Product")},
                problems=("404", "412"),
            ),
        },
        "/products/{sku}/movements": {
            "parameters": [sku],
            "get": _operation(
                "list_stock_movements",
                "Products",
                Scope.ORDERS_READ,
                "What changed the stock of a product, the latest first",
                "The quantities of all movements add up to the stock.",
                parameters=_in_query(StockMovementsQuery),
                answers={"200": _json("A page of movements", "StockMovementPage")},
                problems=("404",),
            ),
            "post": _operation(
                "move_stock",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Change the stock of a product by so many units",
                "What is freed covers the orders that wait; what is lacking is taken from the youngest. Refused where "
                "stock is not tracked, and where it would fall below zero.",
                body="NewStockMovement",
                answers={
                    "201": _json("The movement", "StockMovement"),
                    "200": _json("The movement, made before", "StockMovement"),
                },
                problems=("404", "409"),
            ),
        },
        "/products/{sku}/counts": {
            "parameters": [sku],
            "post": _operation(
                "count_stock",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Report how many units of a product were counted",
                "At the `stock_version` that the product had then. The new stock is what was counted and what moved "
                "since, so that what was sold meanwhile is kept; counts in between are superseded.",
                body="NewStockCount",
                answers={
                    "201": _json("What it came to", "StockCount"),
                    "200": _json("What it came to, reported before", "StockCount"),
                },
                problems=("404", "409"),
            ),
        },
        "/products/stock": {
            "post": _operation(
                "receive_stock",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Set the stock of up to 1 000 products",
                "Units that become available cover backorders in the background, oldest order first. A level with a "
                "`stock_version` is a count of the stock at that version: what moved since is kept.",
                body="StockLevels",
                answers={"200": _json("How many were set", "Received")},
                problems=("409",),
            ),
        },
        "/incoming-deliveries": {
            "get": _operation(
                "list_incoming_deliveries",
                "Products",
                Scope.ORDERS_READ,
                "What is expected: open deliveries by their day, or closed ones, the latest first",
                parameters=_in_query(IncomingDeliveriesQuery),
                answers={"200": _json("A page of incoming deliveries", "IncomingDeliveryPage")},
            ),
            "post": _operation(
                "expect_delivery",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Expect more of a product",
                "The orders that wait for it show when they are expected to have theirs (`expected_on`).",
                body="NewIncomingDelivery",
                answers={"201": _json("The incoming delivery", "IncomingDelivery", "Location")},
                problems=("404", "409"),
            ),
        },
        "/incoming-deliveries/{delivery_id}": {
            "parameters": [_incoming()],
            "get": _operation(
                "show_incoming_delivery",
                "Products",
                Scope.ORDERS_READ,
                "An incoming delivery",
                answers={"200": _json("The incoming delivery", "IncomingDelivery")},
                problems=("404",),
            ),
            "patch": _operation(
                "change_incoming_delivery",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Change how many units are expected, and when",
                "With the `version` that was read: refused where it was changed or received since. What is absent "
                "stays; `expected_on` null is a day that is not known any more.",
                body="IncomingDeliveryChange",
                answers={"200": _json("The incoming delivery", "IncomingDelivery")},
                problems=("404", "409"),
            ),
            "delete": _operation(
                "cancel_incoming_delivery",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Expect no more of it",
                "What has come stays. One that is closed stays as it is.",
                answers={"200": _json("The incoming delivery", "IncomingDelivery")},
                problems=("404",),
            ),
        },
        "/incoming-deliveries/{delivery_id}/receipt": {
            "parameters": [_incoming()],
            "post": _operation(
                "receive_delivery",
                "Products",
                Scope.PRODUCTS_WRITE,
                "Receive goods",
                "They come into stock and cover backorders: the orders that are `first`, then by priority and age; the "
                "worker covers what is left of a long queue. With the `version` that was read, so that a delivery is "
                "received once: refused where it was received or changed since.",
                body="NewReceipt",
                answers={"201": _json("What the receipt did", "Receipt")},
                problems=("404", "409"),
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
    codes = sorted({*PROBLEMS_OF_ALL, *problems, *(PROBLEMS_OF_BODIES if body else ())})
    posts = body is not None and "409" in problems
    shared = ["Language", *(["IdempotencyKey"] if posts else []), *(["IfMatch"] if "412" in problems else [])]
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": f"{description}\n\nScope: `{scope.value}`".strip(),
        "parameters": [*(parameters or []), *({"$ref": f"#/components/parameters/{key}"} for key in shared)],
        "responses": {**answers, **{code: _problem(code) for code in codes}},
    }
    if body is not None:
        content = {"application/json": {"schema": reference(body), "example": schemas.EXAMPLES.get(body, {})}}
        operation["requestBody"] = {"required": body_required, "content": content}
    return operation


def _shared_parameters() -> dict[str, Any]:
    return {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Identifies the request, so that it is carried out once",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "minLength": 1, "maxLength": 255},
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "description": 'The version that the change is based on, such as `"7"`',
            "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        },
        "Language": {
            "name": "Accept-Language",
            "in": "header",
            "description": "The language of error messages: `en` unless `sv` is requested",
            "schema": {"type": "string", "enum": ["en", "sv"]},
        },
    }


def _in_path(name: str, description: str) -> dict[str, Any]:
    max_length = 100 if name == "sku" else 64
    schema = {"type": "string", "minLength": 1, "maxLength": max_length, "pattern": r"^[^/\x00-\x1f\x7f]+$"}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _shipment() -> dict[str, Any]:
    schema = {"type": "string", "pattern": r"^[^/\x00-\x1f\x7f]{1,64}-[1-9][0-9]{0,5}$"}
    about = "A shipment's reference, such as WS-100234-1"
    return {"name": "reference", "in": "path", "required": True, "description": about, "schema": schema}


def _refund() -> dict[str, Any]:
    about = "The number of a refund within its order"
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    return {"name": "refund_id", "in": "path", "required": True, "description": about, "schema": schema}


def _return() -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    about = "The number of a return within its order"
    return {"name": "return_id", "in": "path", "required": True, "description": about, "schema": schema}


def _incoming() -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    about = "An incoming delivery's id"
    return {"name": "delivery_id", "in": "path", "required": True, "description": about, "schema": schema}


def _line() -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    return {"name": "line_id", "in": "path", "required": True, "description": "A line's id", "schema": schema}


def _in_query(document: type) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "schema": schema} for name, schema in json_schema.parameters(document).items()
    ]


def _json(description: str, schema: str, *headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": description,
        "content": {"application/json": {"schema": reference(schema)}},
    }
    if headers:
        answer["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    return answer


def _pdf(description: str) -> dict[str, Any]:
    """A file, which needs no schema (OpenAPI 3.1, 4.8.14.4)."""
    return {"description": description, "content": {"application/pdf": {"schema": {}}}}


def _problem(code: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": PROBLEMS[code],
        "content": {"application/problem+json": {"schema": reference("Problem")}},
    }
    if code in {"429", "503"}:
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait"}}
    return answer
