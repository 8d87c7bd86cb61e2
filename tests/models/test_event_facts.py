"""The facts of events: one class per kind, a stable stored format, and every field marked as personal data or not."""

import json
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from webshop_orders.models import EventFacts, EventKind
from webshop_orders.models.event_facts import (
    FACTS_BY_KIND,
    FactsBase,
    NotPersonal,
    Personal,
    hints_of,
    not_personal_fields,
    privacy_of,
)

ADDRESS = '{"name": "Åsa", "street": "Storgatan 1", "postal_code": "972 31", "city": "Luleå", "country": "SE"}'
# Facts of each kind as stored in the databases of shops, which must stay readable byte for byte.
STORED = [
    (EventKind.ORDER_PLACED, '{"total": 20000}'),
    (EventKind.ORDER_IMPORTED, '{"total": 20000}'),
    (EventKind.ORDER_CANCELLED, '{"status": {"before": "backordered", "after": "cancelled"}}'),
    (EventKind.ORDER_RESTORED, '{"status": {"before": "cancelled", "after": "ready"}}'),
    (EventKind.CUSTOMER_CHANGED, '{"language": {"before": "de", "after": "sv"}}'),
    (EventKind.CUSTOMER_CHANGED, f'{{"shipping_address": {{"before": {ADDRESS}, "after": {ADDRESS}}}}}'),
    (EventKind.CUSTOMER_CHANGED, '{"customer": {"before": {}, "after": {}}}'),  # erased
    (
        EventKind.LINE_ADDED,
        '{"product": "Ljus", "sku": "L", "quantity": 2, "unit_price": 100, "shipment": "W-1-1", '
        '"total": {"before": 100, "after": 300}}',
    ),
    (
        EventKind.LINE_CHANGED,
        '{"product": "Ljus", "sku": "L", "shipment": "W-1-1", "quantity": {"before": 5, "after": 4}, '
        '"total": {"before": 500, "after": 400}}',
    ),
    (
        EventKind.LINE_REMOVED,
        '{"product": "Ljus", "sku": "L", "quantity": 2, "unit_price": 100, "discount": 0, "vat_rate": 2500, '
        '"shipment": "W-1-1", "total": {"before": 300, "after": 100}}',
    ),
    (
        EventKind.LINE_SPLIT,
        '{"product": "Ljus", "sku": "L", "quantity": 2, "source": "W-1-1", "target": "W-1-2", "codes_to": "W-1-2"}',
    ),
    (
        EventKind.LINE_SPLIT,
        '{"product": "Ljus", "sku": "L", "quantity": 2, "source": "W-1-1", "target": "W-1-2"}',
    ),
    (
        EventKind.BACKORDERED_SPLIT,
        '{"quantity": 2, "products": ["Ljus"], "source": "W-1-1", "target": "W-1-2"}',
    ),
    (
        EventKind.SHIPMENT_SHIPPED,
        '{"shipment": "W-1-1", "status": {"before": "ready", "after": "shipped"}, "mailed_to": null}',
    ),
    (
        EventKind.SHIPMENT_SHIPPED,
        '{"shipment": "W-1-1", "status": {"before": "ready", "after": "shipped"}, "mailed_to": "asa@example.com"}',
    ),
    (
        EventKind.SHIPMENT_REOPENED,
        '{"shipment": "W-1-1", "status": {"before": "shipped", "after": "ready"}, '
        '"shipped_at": "2026-11-23T09:14:00+00:00"}',
    ),
    (
        EventKind.SHIPMENT_REOPENED,
        '{"shipment": "W-1-1", "status": {"before": "shipped", "after": "ready"}, '
        '"shipped_at": "2026-11-23T09:14:00+00:00", "mail_withdrawn": true}',
    ),
    (
        EventKind.SHIPMENT_REOPENED,
        '{"shipment": "W-1-1", "status": {"before": "shipped", "after": "ready"}, '
        '"shipped_at": "2026-11-23T09:14:00+00:00", "mailed_to": "asa@example.com"}',
    ),
    (EventKind.SHIPMENT_DELIVERED, '{"shipment": "W-1-1", "delivered_at": "2026-11-23T09:14:00+00:00"}'),
    (EventKind.STATUS_SET, '{"shipment": "W-1-1", "status": {"before": "backordered", "after": "ready"}}'),
    (EventKind.TRACKING_ADDED, '{"shipment": "W-1-1", "code": "RR1", "carrier": null}'),
    (EventKind.TRACKING_REMOVED, '{"shipment": "W-1-1", "code": "RR1", "carrier": "DHL"}'),
    (EventKind.COMMENT_ADDED, '{"comment_kind": "internal", "text": "Hej", "mailed_to": null}'),
    (EventKind.CONFIRMATION_SENT, '{"mailed_to": "asa@example.com"}'),
    (EventKind.CONFIRMATION_SENT, '{"mailed_to": "asa@example.com", "shipment": "W-1-1"}'),
    (EventKind.CONFIRMATION_SENT, '{"mailed_to": "asa@example.com", "changes": 0}'),
    (EventKind.CONFIRMATION_SENT, '{"mailed_to": "asa@example.com", "refund": "W-1-K1"}'),
    (EventKind.MESSAGE_QUEUED_AGAIN, '{"subject": "Order W-1", "mailed_to": "asa@example.com"}'),
    (EventKind.MESSAGE_RESENT, '{"subject": "Order W-1", "mailed_to": "asa@example.com"}'),
    (EventKind.MESSAGE_DISMISSED, '{"subject": "Order W-1", "mailed_to": "asa@example.com"}'),
    (EventKind.BACKORDER_COVERED, '{"products": ["Ljus"], "skus": ["L"], "shipments": ["W-1-1"]}'),
    (EventKind.COVER_WITHDRAWN, '{"products": ["Ljus"], "skus": ["L"], "shipments": []}'),
    (EventKind.PAYMENT_CHANGED, '{"paid": {"before": 0, "after": 20000}}'),
    (EventKind.SOURCE_DIFFERS, '{"fields": ["customer.name", "lines.L"]}'),
    (EventKind.SOURCE_DIFFERENCES_DISMISSED, "{}"),
    (EventKind.PERSONAL_DATA_ERASED, "{}"),
    (
        EventKind.UNITS_REARRANGED,
        '{"moves": [{"product": "Ljus", "sku": "L", "quantity": 2, "source": "W-1-1", "target": "W-1-2"}], '
        '"codes": [{"source": "W-1-1", "target": "W-1-2"}]}',
    ),
    (
        EventKind.SHIPPING_CHANGED,
        '{"method": {"before": null, "after": "Brev"}, "price": {"before": 0, "after": 4900}, '
        '"total": {"before": 100, "after": 5000}}',
    ),
    (EventKind.CHANGES_UNDONE, '{"versions": [3], "changes": [{"kind": "order_placed", "facts": {"total": 100}}]}'),
    (EventKind.CHANGES_REDONE, '{"versions": [3, 4], "changes": [], "uncovered": 2}'),
    (
        EventKind.TRACKING_CORRECTED,
        '{"shipment": "W-1-1", "code": {"before": "RR1", "after": "RR2"}, "carrier": "PostNord"}',
    ),
    (EventKind.TRACKING_CORRECTED, '{"shipment": "W-1-1", "code": null, "carrier": null}'),  # erased
    (EventKind.DOCUMENT_PRINTED, '{"document": "packing_slip", "shipments": ["W-1-1"]}'),
    (EventKind.SHIPMENT_PACKED, '{"shipment": "W-1-1", "quantity": 3}'),
    (EventKind.ORDER_HELD, '{"hold": 1, "reason": "wrong_address"}'),
    (
        EventKind.ORDER_HELD,
        '{"hold": 2, "reason": "other", "shipment": "W-1-1", "note": "Ring", "until": "2026-12-24", '
        '"keeps_stock": false, "rule": "high_total"}',
    ),
    (EventKind.HOLD_RELEASED, '{"hold": 1, "reason": "wrong_address", "shipment": "W-1-1", "ended": true}'),
    (
        EventKind.RETURN_REGISTERED,
        '{"reference": "W-1-R1", "return_kind": "return", "products": ["Ljus"], "quantity": 2, '
        '"mailed_to": "asa@example.com"}',
    ),
    (EventKind.RETURN_RECEIVED, '{"reference": "W-1-R1", "products": ["Ljus"], "quantity": 2, "restocked": 1}'),
    (EventKind.RETURN_CLOSED, '{"reference": "W-1-R1"}'),
    (
        EventKind.REFUND_REQUESTED,
        '{"reference": "W-1-K1", "amount": 10000, "credited": 12500, "reason": "Repad"}',
    ),
    (EventKind.REFUND_DONE, '{"reference": "W-1-K1", "amount": 100, "paid": {"before": 100, "after": 0}}'),
    (EventKind.REFUND_CANCELLED, '{"reference": "W-1-K1", "amount": 10000}'),
    (EventKind.PAYMENT_REGISTERED, '{"amount": 100, "paid": {"before": 0, "after": 100}, "method": "swish"}'),
    (EventKind.WITHDRAWAL_RECEIVED, '{"withdrawal": 7, "products": [], "mailed_to": "asa@example.com"}'),
    (EventKind.WITHDRAWAL_HANDLED, '{"withdrawal": 7}'),
    (EventKind.SHIPMENT_UNCOLLECTED, '{"shipment": "W-1-1", "at": "2026-11-23T09:14:00+00:00"}'),
    (EventKind.SHIPMENT_SENT_BACK, '{"shipment": "W-1-1", "at": "2026-11-23T09:14:00+00:00"}'),
    (EventKind.ORDER_PRIORITISED, '{"is_prioritised": true, "reason": "Jubileum"}'),
    (EventKind.WHOLE_DELIVERY_SET, '{"ships_whole": true}'),
    (
        EventKind.BACKORDER_NOTICE_SENT,
        '{"mailed_to": "asa@example.com", "products": ["Ljus"], "days": ["2026-12-03"]}',
    ),
    (EventKind.COMMENT_READ, "{}"),
]


def can_hold_text(hint: Any) -> bool:
    return hint in (str, Any) or any(map(can_hold_text, get_args(hint)))


def unmarked(facts: type[FactsBase]) -> set[str]:
    """The fields without a mark whether they are personal data."""
    return {name for name, hint in hints_of(facts).items() if can_hold_text(hint) and privacy_of(hint) is None}


def test_every_kind_of_event_has_its_own_class_of_facts() -> None:
    assert set(FACTS_BY_KIND) == set(EventKind)
    assert len(set(FACTS_BY_KIND.values())) == len(get_args(EventFacts)) == len(EventKind)


def test_every_kind_of_event_has_a_stored_example() -> None:
    assert {kind for kind, _stored in STORED} == set(EventKind)


@pytest.mark.parametrize("facts", FACTS_BY_KIND.values())
def test_every_text_field_is_marked_as_personal_or_not(facts: type[FactsBase]) -> None:
    assert unmarked(facts) == set(), "mark them Personal or NotPersonal"


def test_a_field_without_a_mark_is_detected() -> None:
    @dataclass(frozen=True)
    class GiftWrapped(FactsBase):
        greeting: str
        greetings: list[str] | None
        wishes: dict[str, int]
        price: int
        sender: Personal[str]
        paper: NotPersonal[str | None]

    assert unmarked(GiftWrapped) == {"greeting", "greetings", "wishes"}


@pytest.mark.parametrize(("kind", "stored"), STORED)
def test_stored_facts_are_read_and_written_without_a_difference(kind: EventKind, stored: str) -> None:
    facts = FACTS_BY_KIND[kind].from_json(json.loads(stored))

    assert json.dumps(facts.to_json(), ensure_ascii=False) == stored
    assert type(facts).from_json(facts.to_json()) == facts


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (EventKind.BACKORDER_COVERED, '{"products": ["Ljus"], "shipments": []}'),  # stored by a version before webhooks
        (EventKind.SHIPMENT_SHIPPED, '{"shipment": "W-1-1", "status": {"before": "ready", "after": "shipped"}}'),
        (EventKind.TRACKING_ADDED, '{"shipment": "W-1-1", "code": "RR1", "from_a_later_version": "?"}'),
    ],
)
def test_facts_stored_by_other_versions_are_read(kind: EventKind, stored: str) -> None:
    facts = FACTS_BY_KIND[kind].from_json(json.loads(stored))

    non_empty_facts = {name: value for name, value in facts.to_json().items() if value not in (None, [])}
    assert non_empty_facts.items() <= json.loads(stored).items()


def test_exactly_these_fields_are_personal_data() -> None:
    personal = {kind: set(hints_of(facts)) - not_personal_fields(kind) for kind, facts in FACTS_BY_KIND.items()}

    assert {kind: names for kind, names in personal.items() if names} == {
        EventKind.CUSTOMER_CHANGED: {"customer", "billing_address", "shipping_address"},
        EventKind.LINE_CHANGED: {"reason"},
        EventKind.SHIPMENT_SHIPPED: {"mailed_to"},
        EventKind.SHIPMENT_REOPENED: {"mailed_to"},
        EventKind.TRACKING_ADDED: {"code"},
        EventKind.TRACKING_REMOVED: {"code"},
        EventKind.TRACKING_CORRECTED: {"code"},
        EventKind.COMMENT_ADDED: {"text", "mailed_to"},
        EventKind.CONFIRMATION_SENT: {"mailed_to"},
        EventKind.MESSAGE_QUEUED_AGAIN: {"subject", "mailed_to"},
        EventKind.MESSAGE_RESENT: {"subject", "mailed_to"},
        EventKind.MESSAGE_DISMISSED: {"subject", "mailed_to"},
        EventKind.ORDER_HELD: {"note"},
        EventKind.HOLD_RELEASED: {"note"},
        EventKind.RETURN_REGISTERED: {"mailed_to"},
        EventKind.REFUND_REQUESTED: {"reason"},
        EventKind.REFUND_CANCELLED: {"reason"},
        EventKind.WITHDRAWAL_RECEIVED: {"products", "mailed_to"},
        EventKind.ORDER_PRIORITISED: {"reason"},
        EventKind.BACKORDER_NOTICE_SENT: {"mailed_to"},
        EventKind.CHANGES_UNDONE: {"changes"},
        EventKind.CHANGES_REDONE: {"changes"},
    }
