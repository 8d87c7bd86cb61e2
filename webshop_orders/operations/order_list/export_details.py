"""What an export has of its orders beside the list's own columns: addresses, and a row for each line."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import Address, Customer, DeliveryStatus, Line, Order, Shipment, TrackingCode


@dataclass(frozen=True)
class OrderDetails:
    """Who ordered, where to send the goods and the invoice, and what was paid and credited in minor units."""

    customer: Customer
    shipping_address: Address
    billing_address: Address
    paid: int
    credited: int


@dataclass(frozen=True)
class ExportedLine:
    """A line with its shipment; amounts in minor units, VAT rate in basis points."""

    shipment: int
    status: DeliveryStatus
    shipped_at: datetime | None
    tracking_codes: tuple[str, ...]
    sku: str
    name: str
    quantity: int
    backordered: int
    unit_price: int
    discount: int
    vat_rate: int

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price - self.discount


def details_of(order_ids: Sequence[int]) -> dict[int, OrderDetails]:
    """The details of each order by its id."""
    columns = (Order.id, Order.customer, Order.shipping_address, Order.billing_address, Order.paid, Order.credited)
    rows = db.session.execute(select(*columns).where(Order.id.in_(order_ids))).all()
    return {
        row.id: OrderDetails(row.customer, row.shipping_address, row.billing_address, row.paid, row.credited)
        for row in rows
    }


def lines_of(order_ids: Sequence[int]) -> dict[int, list[ExportedLine]]:
    """The lines of each order by its id, in the sequence of the order's own page."""
    codes = _tracking_codes(order_ids)
    query = (
        select(
            Shipment.order_id,
            Shipment.id.label("shipment_id"),
            Shipment.seq,
            Shipment.status,
            Shipment.shipped_at,
            Order.cancelled_at,
            Line.sku,
            Line.name,
            Line.quantity,
            Line.reserved,
            Line.unit_price,
            Line.discount,
            Line.vat_rate,
        )
        .join(Shipment, Shipment.id == Line.shipment_id)
        .join(Order, Order.id == Shipment.order_id)
        .where(Shipment.order_id.in_(order_ids))
        .order_by(Shipment.order_id, Shipment.seq, Line.id)
    )
    lines: dict[int, list[ExportedLine]] = defaultdict(list)
    for row in db.session.execute(query).all():
        is_open = row.status is not DeliveryStatus.SHIPPED and row.cancelled_at is None
        line = ExportedLine(
            shipment=row.seq,
            status=row.status,
            shipped_at=row.shipped_at,
            tracking_codes=tuple(codes.get(row.shipment_id, ())),
            sku=row.sku,
            name=row.name,
            quantity=row.quantity,
            backordered=row.quantity - row.reserved if is_open else 0,
            unit_price=row.unit_price,
            discount=row.discount,
            vat_rate=row.vat_rate,
        )
        lines[row.order_id].append(line)
    return lines


def _tracking_codes(order_ids: Sequence[int]) -> dict[int, list[str]]:
    """The tracking codes of each shipment by its id."""
    query = select(TrackingCode.shipment_id, TrackingCode.code).where(TrackingCode.order_id.in_(order_ids))
    codes: dict[int, list[str]] = defaultdict(list)
    for shipment_id, code in db.session.execute(query.order_by(TrackingCode.id)).all():
        codes[shipment_id].append(code)
    return codes
