"""Rule 32: which parts of an order a change touches."""

from dataclasses import fields

import pytest

from webshop_orders.models import BeforeAfter, DeliveryStatus, EventKind
from webshop_orders.models.event_facts import (
    FACTS_BY_KIND,
    BackorderedSplit,
    CustomerChanged,
    EventFacts,
    LineChanged,
    LineSplit,
    ShipmentShipped,
    TrackingAdded,
    UnitsRearranged,
)
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import EVERYTHING, codes, line, lines_in, overlap, status, touches

QUANTITY = LineChanged("Oil", "OIL", "H-1-1", BeforeAfter(1, 2), BeforeAfter(100, 200))
SHIPPED = ShipmentShipped("H-1-1", BeforeAfter(DeliveryStatus.READY, DeliveryStatus.SHIPPED), None)
SPLIT = LineSplit("Oil", "OIL", 1, "H-1-1", "H-1-2")
SEVERAL = LineSplit("Oil, Wick", "OIL, WICK", 2, "H-1-1", "H-1-2")
WAITING = BackorderedSplit(1, ["Oil"], "H-1-1", "H-1-2")
PLAN = UnitsRearranged(
    [{"product": "Oil", "sku": "OIL", "quantity": 3, "source": "H-1-1", "target": "H-1-3"}],
    [{"source": "H-1-1", "target": "H-1-3"}],
)
CODE = TrackingAdded("H-1-1", "RR1", None)
CITY = CustomerChanged(shipping_address=BeforeAfter({"city": "Luleå"}, {"city": "Kiruna"}))


@pytest.mark.parametrize(
    ("facts", "touched", "untouched"),
    [
        (QUANTITY, line("H-1-1", "OIL"), line("H-1-1", "WICK")),
        (QUANTITY, lines_in("H-1-1"), lines_in("H-1-10")),
        (QUANTITY, EVERYTHING, status("H-1-1")),
        (SHIPPED, status("H-1-1"), lines_in("H-1-1")),
        (SPLIT, line("H-1-2", "OIL"), line("H-1-2", "WICK")),
        (SEVERAL, line("H-1-2", "WICK"), line("H-1-2", "CANDLE")),
        (WAITING, line("H-1-1", "WICK"), lines_in("H-1-3")),
        (PLAN, line("H-1-3", "OIL"), lines_in("H-1-2")),
        (PLAN, codes("H-1-3"), status("H-1-3")),
        (CODE, codes("H-1-1"), status("H-1-1")),
        (CITY, touched_parts.DELIVERY_ADDRESS, ("customer", "billing_address")),
    ],
)
def test_rule_32_a_change_touches_its_part_and_what_is_around_it(
    facts: EventFacts, touched: tuple[str, ...], untouched: tuple[str, ...]
) -> None:
    assert touches(facts, {touched})
    assert not touches(facts, {untouched})


def test_rule_32_a_change_of_an_unknown_kind_touches_everything() -> None:
    known = {
        EventKind.LINE_ADDED,
        EventKind.LINE_CHANGED,
        EventKind.LINE_REMOVED,
        EventKind.LINE_SPLIT,
        EventKind.BACKORDERED_SPLIT,
        EventKind.SHIPMENT_SHIPPED,
        EventKind.SHIPMENT_REOPENED,
        EventKind.STATUS_SET,
        EventKind.TRACKING_ADDED,
        EventKind.TRACKING_REMOVED,
        EventKind.TRACKING_CORRECTED,
        EventKind.CUSTOMER_CHANGED,
        EventKind.UNITS_REARRANGED,
        EventKind.SHIPPING_CHANGED,
        EventKind.ORDER_HELD,
        EventKind.HOLD_RELEASED,
        EventKind.RETURN_REGISTERED,
        EventKind.RETURN_RECEIVED,
        EventKind.RETURN_CLOSED,
        EventKind.REFUND_REQUESTED,
        EventKind.REFUND_DONE,
        EventKind.REFUND_CANCELLED,
        EventKind.PAYMENT_REGISTERED,
        EventKind.ORDER_PRIORITISED,
        EventKind.WHOLE_DELIVERY_SET,
    }
    for kind, cls in FACTS_BY_KIND.items():
        if kind not in known:
            blank = cls(**dict.fromkeys(item.name for item in fields(cls)))
            assert touched_parts.touched_by(blank) == {EVERYTHING}, kind


@pytest.mark.parametrize("part", [status("H-1-1"), line("H-1-1", "OIL"), ("shipping",)])
def test_everything_overlaps_with_each_part(part: tuple[str, ...]) -> None:
    assert overlap(EVERYTHING, part)
    assert overlap(part, EVERYTHING)
