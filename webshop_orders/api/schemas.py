"""The documents that the API accepts and writes, as the components of its OpenAPI description."""

from functools import cache
from typing import Any

from webshop_orders.documents.changes import AddedLine, LineChange, OrderChange
from webshop_orders.documents.delivery import DeliveryDocument, NewDelivery, NewPlan, NewSplit, ShipmentChange
from webshop_orders.documents.goods_return import NewReturn, ReturnDocument, ReturnReceipt, Returns
from webshop_orders.documents.hold import HoldRelease, NewHold
from webshop_orders.documents.incoming_delivery import (
    IncomingDeliveryChange,
    IncomingDeliveryDocument,
    IncomingDeliveryPage,
    NewIncomingDelivery,
    NewReceipt,
    ReceiptDocument,
)
from webshop_orders.documents.order import (
    CommentDocument,
    EmptyDocument,
    NewComment,
    NewOrder,
    OrderDocument,
    OrderPage,
)
from webshop_orders.documents.product import NewProduct, ProductDocument, ProductPage, StockLevels, StockReceipt
from webshop_orders.documents.refund import (
    CancelledRefund,
    DoneRefund,
    NewRefund,
    PaymentToRegister,
    Refunds,
    RegisteredPayments,
)
from webshop_orders.documents.stock import NewStockCount, NewStockMovement, StockCountDocument, StockMovementPage
from webshop_orders.documents.stock_terms import NewPriority, WholeDelivery
from webshop_orders.documents.withdrawal import NewWithdrawal, WithdrawalDocument, Withdrawals
from webshop_orders.validation import json_schema
from webshop_orders.validation.rules import Schema

ACCEPTED = (
    AddedLine,
    CancelledRefund,
    DoneRefund,
    EmptyDocument,
    HoldRelease,
    IncomingDeliveryChange,
    NewPriority,
    WholeDelivery,
    LineChange,
    NewComment,
    NewDelivery,
    NewHold,
    NewIncomingDelivery,
    NewOrder,
    NewPlan,
    NewProduct,
    NewReceipt,
    NewRefund,
    NewReturn,
    NewSplit,
    NewStockCount,
    NewStockMovement,
    NewWithdrawal,
    OrderChange,
    PaymentToRegister,
    ReturnReceipt,
    ShipmentChange,
    StockLevels,
)
WRITTEN = (
    CommentDocument,
    DeliveryDocument,
    IncomingDeliveryDocument,
    IncomingDeliveryPage,
    OrderDocument,
    OrderPage,
    ProductDocument,
    ProductPage,
    ReceiptDocument,
    Refunds,
    RegisteredPayments,
    ReturnDocument,
    Returns,
    StockCountDocument,
    StockMovementPage,
    StockReceipt,
    WithdrawalDocument,
    Withdrawals,
)
# A document that is both accepted and written is described twice, under two names.
ACCEPTED_AS = {
    "Address": "NewAddress",
    "Customer": "NewCustomer",
    "EmptyDocument": "Empty",
    "Payment": "NewPayment",
    "Shipping": "NewShipping",
}
WRITTEN_AS = {
    "CaptureDocument": "Capture",
    "CommentDocument": "Comment",
    "DeliveryDocument": "Delivery",
    "HoldDocument": "Hold",
    "IncomingDeliveryDocument": "IncomingDelivery",
    "NewLine": "Line",
    "OrderDocument": "Order",
    "ProductDocument": "Product",
    "ReceiptDocument": "Receipt",
    "RefundDocument": "Refund",
    "RefundRowDocument": "RefundRow",
    "RegisteredPaymentDocument": "RegisteredPayment",
    "ReturnDocument": "Return",
    "ReturnLineDocument": "ReturnLine",
    "ShipmentDocument": "Shipment",
    "ShipmentLineDocument": "ShipmentLine",
    "StockCountDocument": "StockCount",
    "StockMovementDocument": "StockMovement",
    "StockReceipt": "Received",
    "TotalsDocument": "Totals",
    "TrackingCodeDocument": "TrackingCode",
    "WithdrawalDocument": "Withdrawal",
}
TEXT: Schema = {"type": "string"}
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, in a sentence"},
        "request_id": {"type": "string", "description": "That of X-Request-Id, by which the log tells more"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": TEXT, "detail": TEXT},
                "additionalProperties": False,
            },
        },
    },
}


@cache
def components() -> dict[str, Schema]:
    """The schemas by name."""
    accepted = json_schema.input_schemas(ACCEPTED, ACCEPTED_AS)
    product = accepted["NewProduct"]
    # The SKU is in the URL already.
    accepted["NewProduct"] = json_schema.with_optional(product, "sku")
    product_change = json_schema.with_optional(json_schema.without(product, "sku"), *product["required"])
    return {
        **accepted,
        "ProductChange": product_change,
        "Problem": PROBLEM,
        **json_schema.output_schemas(WRITTEN, WRITTEN_AS),
    }


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
    "OrderChange": {"shipping": {"method": "PostNord MyPack", "price": 2900}},
    "AddedLine": {"name": "Presentinslagning", "quantity": 1, "unit_price": 2900, "vat_rate": 2500},
    "LineChange": {"unit_price": 19900, "reason": "Trasig förpackning"},
    "NewComment": {"kind": "internal", "text": "Ring innan leverans"},
    "NewDelivery": {
        "id": "FS-20931",
        "lines": [{"sku": "LJUS-12", "quantity": 2}],
        "tracking": [{"code": "JJFI64300012345678", "carrier": "PostNord"}],
        "sent_at": "2026-11-23T14:05:00+01:00",
    },
    "ShipmentChange": {"tracking": [{"code": "JJFI64300012345678", "carrier": "PostNord"}], "status": "shipped"},
    "NewPlan": {
        "shipments": [
            {"reference": "WS-100234-1", "lines": [{"id": 41, "quantity": 3}, {"id": 42, "quantity": 0}]},
            {"lines": [{"id": 41, "quantity": 1}, {"id": 42, "quantity": 2}]},
            {"lines": [{"id": 41, "quantity": 2}]},
        ]
    },
    "NewSplit": {"lines": [{"id": 41, "quantity": 1}]},
    "NewReturn": {
        "lines": [{"sku": "LJUS-12", "quantity": 1, "reason": "withdrawn"}],
        "note": "Kunden har ringt",
        "send_mail": True,
    },
    "ReturnReceipt": {
        "lines": [
            {"sku": "LJUS-12", "quantity": 1},
            {"sku": "LJUS-12", "quantity": 1, "disposition": "discard"},
        ]
    },
    "NewProduct": {"name": "Stearinljus 12-pack", "price": 19900, "vat_rate": 2500, "stock": 24},
    "ProductChange": {"stock": 60},
    "NewIncomingDelivery": {"sku": "LJUS-12", "quantity": 60, "expected_on": "2026-12-03"},
    "IncomingDeliveryChange": {"version": 1, "expected_on": "2026-12-10"},
    "NewReceipt": {"version": 1, "quantity": 58, "closes": True},
    "NewStockMovement": {"quantity": -2, "reason": "waste", "note": "Krossade i hyllan"},
    "NewStockCount": {"counted": 22, "stock_version": 7},
    "StockLevels": {"levels": [{"sku": "LJUS-12", "stock": 60}, {"sku": "KAN-02", "stock": 0}]},
}
