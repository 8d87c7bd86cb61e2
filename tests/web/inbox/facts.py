"""Facts of rows of the inbox."""

from typing import Any

from webshop_orders.models import InboxKind

# What rows of each kind know, as the operations put it there.
FACTS: dict[InboxKind, dict[str, Any]] = {
    InboxKind.FAILED_MAIL: {"message": 1, "kind": "order_confirmation", "answer": "550 Ingen sådan låda", "times": 1},
    InboxKind.DELIVERY_REFUSED: {"delivery": "d-1", "reason": "Det är för många.", "shipped": 0},
    InboxKind.SENT_WITHOUT_CODE: {"shipment": "WS-1-1"},
    InboxKind.CODE_WITHOUT_SHIPPING: {"shipment": "WS-1-1", "codes": ["RR123456785SE", "ABC-1"]},
    InboxKind.READY_TOO_LONG: {"shipment": "WS-1-1"},
    InboxKind.DISPATCH_CHECK: {"shipment": "WS-1-1", "checks": ["house_number", "phone"]},
    InboxKind.CUSTOMER_COMMENT: {},
    InboxKind.WITHDRAWAL: {"withdrawal": 1, "number": "1042"},
    InboxKind.HOLD_ENDED: {"shipment": None, "reason": "awaiting_payment", "rule": None, "until": "2026-03-02"},
    InboxKind.TO_REFUND: {"amount": 14_900, "currency": "SEK"},
    InboxKind.TO_CHARGE: {"amount": 5_000, "currency": "SEK"},
    InboxKind.SOURCE_DIFFERS: {"differences": [{"field": "cancelled", "here": None, "shop": "yes"}]},
    InboxKind.INCOMING_CALL: {"call": 1, "source": "shopify", "reason": "SKU saknas", "reference": "1042", "times": 3},
    InboxKind.WEBHOOK_OFF: {"webhook": 1, "url": "https://erp.example.com/hook", "because": "unreachable"},
}
