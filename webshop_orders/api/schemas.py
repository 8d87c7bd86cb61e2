"""What the API takes and gives, as JSON Schema; the limits are those of the parsers."""

from typing import Any

from webshop_orders.documents.delivery import MAX_ID
from webshop_orders.documents.order import MAX_LINES, MAX_SUM, MAX_TEXT, NUMBER
from webshop_orders.documents.product import MAX_LEVELS
from webshop_orders.documents.strict_json import MAX_AMOUNT
from webshop_orders.models import MAX_QUANTITY, CommentKind, DeliveryStatus, OrderStatus
from webshop_orders.operations.orders.tracking import CODE, LINK, MAX_CODES

Schema = dict[str, Any]

# No control characters, and something besides spaces.
LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\x00-\x1f\x7f-\x9f\u2028\u2029][^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
WORDS = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x09\x0b-\x1f\x7f-\x9f]*$"


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _text(most: int = 200, pattern: str = LINE) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": pattern}


def _whole(greatest: int, least: int = 0) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": greatest}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if "$ref" in schema else {**schema, "type": [schema["type"], "null"]}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    nullable = {name: _or_null(schema) for name, schema in (optional or {}).items()}
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **nullable},
        "additionalProperties": False,
    }


def _list(of: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


def _given(properties: dict[str, Schema]) -> Schema:
    """What is always there in an answer."""
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


AMOUNT, SUM, RATE = _whole(MAX_AMOUNT), _whole(MAX_SUM), _whole(10_000)
INTEGER: Schema = {"type": "integer"}
STRING: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$"}
OR_NO_STRING = _or_null(STRING)
OR_NO_MOMENT = _or_null(MOMENT)

CUSTOMER_FIELDS = ("name", "company", "email", "phone", "organisation_number")
ADDRESS_FIELDS = ("name", "company", "street", "street2", "postal_code", "city", "region", "country")
LINE_FIELDS = {
    "sku": STRING,
    "name": STRING,
    "quantity": INTEGER,
    "unit_price": INTEGER,
    "vat_rate": INTEGER,
    "discount": INTEGER,
}
PRODUCT_FIELDS = {
    "sku": STRING,
    "name": STRING,
    "price": INTEGER,
    "currency": STRING,
    "vat_rate": INTEGER,
    "stock": _or_null(INTEGER),
    "backorderable": _or_null(FLAG),
    "active": FLAG,
    "reserved": INTEGER,
    "backordered": INTEGER,
}

TAKEN: dict[str, Schema] = {
    "Empty": _object({}),
    "NewCustomer": _object(
        {"name": _text()},
        {
            "company": _text(),
            "email": {"type": "string", "format": "email", "maxLength": 254},
            "phone": _text(40),
            "organisation_number": _text(30),
        },
    ),
    "NewAddress": _object(
        {"street": _text(), "city": _text(100), "country": {"type": "string", "pattern": "^[A-Z]{2}$"}},
        {"name": _text(), "company": _text(), "street2": _text(), "postal_code": _text(20), "region": _text(100)},
    ),
    "NewLine": _object(
        {
            "sku": _text(100),
            "name": _text(300),
            "quantity": _whole(MAX_QUANTITY, 1),
            "unit_price": AMOUNT,
            "vat_rate": RATE,
        },
        {"discount": {**SUM, "description": "Taken off the line as a whole; at most what it costs"}},
    ),
    "NewOrder": _object(
        {
            "external_reference": _text(),
            "customer": ref("NewCustomer"),
            "billing_address": ref("NewAddress"),
            "lines": _list(ref("NewLine"), MAX_LINES, 1),
        },
        {
            "number": {"type": "string", "pattern": f"^{NUMBER}$", "maxLength": 64},
            "placed_at": MOMENT,
            "currency": CURRENCY,
            "language": {"type": "string", "pattern": "^[a-z]{2}$"},
            "prices_include_vat": FLAG,
            "shipping_address": ref("NewAddress"),
            "payment": ref("NewPayment"),
            "shipping": ref("NewShipping"),
            "comment": _text(MAX_TEXT, WORDS),
            "send_confirmation": FLAG,
            "shipped_at": MOMENT,
        },
    ),
    "NewPayment": _object({}, {"method": _text(), "paid": SUM}),
    "NewShipping": _object({"vat_rate": RATE}, {"method": _text(), "price": AMOUNT}),
    "NewComment": _object(
        {"text": _text(MAX_TEXT, WORDS)},
        {"kind": {"type": "string", "enum": [kind.value for kind in CommentKind]}, "mail": FLAG},
    ),
    "NewTrackingCode": {
        "anyOf": [
            {"type": "string", "pattern": f"^{CODE.pattern}$"},
            _object(
                {"code": {"type": "string", "pattern": f"^{CODE.pattern}$"}},
                {"carrier": _text(60), "url": {"type": "string", "pattern": f"^{LINK.pattern}$", "maxLength": 500}},
            ),
        ]
    },
    "DeliveredLine": {
        **_object({"quantity": _whole(MAX_QUANTITY, 1)}, {"sku": _text(100), "line": _whole(MAX_ID, 1)}),
        "description": "Names either the SKU or the id of the order's line",
    },
    "NewDelivery": _object(
        {"id": _text(100), "lines": _list(ref("DeliveredLine"), MAX_LINES, 1)},
        {"tracking": _list(ref("NewTrackingCode"), MAX_CODES), "sent_at": MOMENT, "send_confirmation": FLAG},
    ),
    "ShipmentChange": _object(
        {},
        {
            "tracking": _list(ref("NewTrackingCode"), MAX_CODES),
            "status": {"type": "string", "enum": [status.value for status in DeliveryStatus]},
        },
    ),
    "MovedLine": _object({"id": _whole(MAX_ID, 1), "quantity": _whole(MAX_QUANTITY, 1)}),
    "NewSplit": _object({"lines": _list(ref("MovedLine"), MAX_LINES, 1)}, {"to": _text(80)}),
    "NewProduct": _object(
        {"name": _text(300), "price": AMOUNT, "vat_rate": RATE},
        {"sku": _text(100), "currency": CURRENCY, "stock": AMOUNT, "backorderable": FLAG, "active": FLAG},
    ),
    "ProductChange": _object(
        {},
        {
            "name": _text(300),
            "price": AMOUNT,
            "vat_rate": RATE,
            "currency": CURRENCY,
            "stock": AMOUNT,
            "backorderable": FLAG,
            "active": FLAG,
        },
    ),
    "StockLevel": _object({"sku": _text(100), "stock": {**_or_null(AMOUNT), "description": "Null: not tracked"}}),
    "StockLevels": _object({"levels": _list(ref("StockLevel"), MAX_LEVELS, 1)}),
}

GIVEN: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": STRING,
            "title": STRING,
            "status": INTEGER,
            "detail": {"type": "string", "description": "What is wrong, in a sentence"},
            "errors": {"type": "array", "items": _given({"pointer": STRING, "detail": STRING})},
        },
    },
    "Customer": _given({name: STRING if name == "name" else OR_NO_STRING for name in CUSTOMER_FIELDS}),
    "Address": _given(
        {name: OR_NO_STRING if name in {"company", "street2", "region"} else STRING for name in ADDRESS_FIELDS}
    ),
    "Line": _given(LINE_FIELDS),
    "ShipmentLine": _given({"id": INTEGER, **LINE_FIELDS, "reserved": INTEGER, "backordered": INTEGER}),
    "TrackingCode": _given({"code": STRING, "carrier": OR_NO_STRING, "url": OR_NO_STRING}),
    "Shipment": _given(
        {
            "reference": STRING,
            "status": {"type": "string", "enum": [status.value for status in DeliveryStatus]},
            "shipped_at": OR_NO_MOMENT,
            "tracking": {"type": "array", "items": ref("TrackingCode")},
            "lines": {"type": "array", "items": ref("ShipmentLine")},
        }
    ),
    "Totals": _given(
        {
            "lines": INTEGER,
            "discount": INTEGER,
            "shipping": INTEGER,
            "vat": {"type": "object", "additionalProperties": INTEGER, "description": "By rate in basis points"},
            "rounding": INTEGER,
            "total": INTEGER,
            "paid": INTEGER,
            "balance": INTEGER,
        }
    ),
    "Order": _given(
        {
            "number": STRING,
            "external_reference": OR_NO_STRING,
            "status": {"type": "string", "enum": [status.value for status in OrderStatus]},
            "version": INTEGER,
            "updated_at": MOMENT,
            "placed_at": MOMENT,
            "shipped_at": OR_NO_MOMENT,
            "cancelled_at": OR_NO_MOMENT,
            "currency": STRING,
            "language": STRING,
            "prices_include_vat": FLAG,
            "customer": ref("Customer"),
            "billing_address": ref("Address"),
            "shipping_address": ref("Address"),
            "payment": _given({"method": OR_NO_STRING, "paid": INTEGER}),
            "shipping": _given({"method": OR_NO_STRING, "price": INTEGER, "vat_rate": INTEGER}),
            "lines": {"type": "array", "items": ref("Line")},
            "totals": ref("Totals"),
            "shipments": {"type": "array", "items": ref("Shipment")},
        }
    ),
    "OrderPage": _given(
        {
            "orders": {"type": "array", "items": ref("Order")},
            "next_cursor": OR_NO_STRING,
            "complete_until": MOMENT,
        }
    ),
    "Comment": _given(
        {"kind": STRING, "text": STRING, "author": OR_NO_STRING, "mailed": FLAG, "written_at": OR_NO_MOMENT}
    ),
    "Delivery": _given({"id": STRING, "shipment": STRING, "reported_at": MOMENT, "order": ref("Order")}),
    "Product": _given(PRODUCT_FIELDS),
    "ProductPage": _given({"products": {"type": "array", "items": ref("Product")}, "next_cursor": OR_NO_STRING}),
    "Received": _given({"received": INTEGER}),
}

ALL = {**TAKEN, **GIVEN}

EXAMPLES: dict[str, Any] = {
    "NewOrder": {
        "external_reference": "wc-10248",
        "placed_at": "2026-11-23T09:14:00Z",
        "currency": "SEK",
        "customer": {"name": "Åsa Öberg", "email": "asa@example.com", "phone": "+46701234567"},
        "billing_address": {"street": "Storgatan 1", "postal_code": "972 31", "city": "Luleå", "country": "SE"},
        "payment": {"method": "klarna", "paid": 59800},
        "shipping": {"method": "PostNord MyPack", "price": 4900, "vat_rate": 2500},
        "lines": [
            {
                "sku": "LJUS-12",
                "name": "Stearinljus 12-pack",
                "quantity": 3,
                "unit_price": 19900,
                "vat_rate": 2500,
                "discount": 4800,
            }
        ],
        "comment": "Ring på porten",
    },
    "NewComment": {"kind": "internal", "text": "Ring innan leverans"},
    "NewDelivery": {
        "id": "FS-20931",
        "lines": [{"sku": "LJUS-12", "quantity": 2}],
        "tracking": [{"code": "JJFI64300012345678", "carrier": "PostNord"}],
        "sent_at": "2026-11-23T14:05:00+01:00",
    },
    "ShipmentChange": {"tracking": [{"code": "JJFI64300012345678", "carrier": "PostNord"}], "status": "shipped"},
    "NewSplit": {"lines": [{"id": 41, "quantity": 1}]},
    "NewProduct": {"name": "Stearinljus 12-pack", "price": 19900, "vat_rate": 2500, "stock": 24},
    "ProductChange": {"stock": 60},
    "StockLevels": {"levels": [{"sku": "LJUS-12", "stock": 60}, {"sku": "KAN-02", "stock": 0}]},
}
