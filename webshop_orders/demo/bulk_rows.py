"""The rows of bulk orders before they are written: column values, with times and JSON as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from webshop_orders.models import Event, Line, Order, Shipment, TrackingCode


class OrderRow(NamedTuple):
    id: int
    number: str
    external_reference: str
    placed_at: str
    updated_at: str
    currency: str
    language: str
    prices_include_vat: bool
    rounds_to_whole_kronor: bool
    customer_name: str
    customer_company: str | None
    customer_email: str | None
    customer_phone: str | None
    customer_organisation_number: str | None
    billing_address: str
    shipping_address: str
    payment_method: str
    paid: int
    shipping_method: str
    shipping_price: int
    shipping_vat_rate: int
    cancelled_at: str | None
    shop_differences: str
    version: int
    last_seq: int
    event_count: int
    message_count: int
    status: str
    total: int
    units: int
    search_text: str
    number_key: str
    customer_key: str
    email_key: str
    phone_key: str
    shop_number: str | None = None
    is_test: bool = False
    customer_unusable_email: str | None = None
    refunded: int = 0
    written_off: int = 0
    payments: str = "[]"
    charges: str = "[]"
    vat_corrections: str = "{}"
    attributes: str = "[]"
    attention: str | None = None


class ShipmentRow(NamedTuple):
    id: int
    order_id: int
    seq: int
    status: str
    shipped_at: str | None
    delivered_at: str | None = None


class LineRow(NamedTuple):
    id: int
    shipment_id: int
    product_id: int
    sku: str
    name: str
    quantity: int
    unit_price: int
    vat_rate: int
    discount: int
    reserved: int
    waiting: int
    placed_at: str
    order_id: int
    properties: str = "[]"
    bundle: str | None = None
    units_per_bundle: int | None = None


class TrackingRow(NamedTuple):
    id: int
    shipment_id: int
    code: str
    carrier: str
    placed_at: str
    order_id: int


class EventRow(NamedTuple):
    id: int
    order_id: int
    at: str
    actor_kind: str
    actor_name: str
    kind: str
    version: int
    facts: str


@dataclass
class Rows:
    """Rows of a batch of orders by table, and the units reserved and backordered by open lines, by product id."""

    orders: list[OrderRow] = field(default_factory=list)
    shipments: list[ShipmentRow] = field(default_factory=list)
    lines: list[LineRow] = field(default_factory=list)
    tracking_codes: list[TrackingRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    reserved: Counter[int] = field(default_factory=Counter)
    backordered: Counter[int] = field(default_factory=Counter)

    def by_table(self) -> list[Sequence[NamedTuple]]:
        """In the order of `TABLES`."""
        return [self.orders, self.shipments, self.lines, self.tracking_codes, self.events]


class Ids(NamedTuple):
    """The next ids of each table."""

    orders: Iterator[int]
    shipments: Iterator[int]
    lines: Iterator[int]
    tracking_codes: Iterator[int]
    events: Iterator[int]


# A referenced table comes before the tables that reference it.
ROW_TYPES: dict[Any, type[Any]] = {
    Order: OrderRow,
    Shipment: ShipmentRow,
    Line: LineRow,
    TrackingCode: TrackingRow,
    Event: EventRow,
}
TABLES: tuple[Any, ...] = tuple(ROW_TYPES)
MAX_ROWS = (1, 2, 10, 4, 4)  # that one order can need, of each table
