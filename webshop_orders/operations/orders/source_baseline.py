"""What an order that a file brought was in its source: as it is here, where nobody has changed it since."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, NewShipment, PackedLine, Payment, Shipping, StatedTotals
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models import Event, EventKind, Order, Shipment
from webshop_orders.money.totals import compute_totals


def of_import(order: Order, new: NewOrder, *, is_cancelled: bool) -> NewOrder | None:
    """The state in its source that an order was imported in; `new` is what the source says now.

    None if it came otherwise or was changed here, or if `new` is of a time before: less had come in, or less gone back.
    """
    received = order.paid + order.refunded
    is_older = new.payment.refunded < order.refunded or new.payment.paid + new.payment.refunded < received
    if order.version > 1 or (is_older and not is_cancelled) or not _is_imported(order):
        return None
    totals = compute_totals(order)
    return replace(
        new,
        shop_number=order.shop_number,
        language=order.language,
        customer=order.customer,
        billing_address=order.billing_address,
        shipping_address=order.shipping_address,
        payment=Payment(
            method=order.payment_method,
            paid=order.paid,
            refunded=order.refunded,
            written_off=order.written_off,
            parts=order.payments,
        ),
        shipping=Shipping(method=order.shipping_method, price=order.shipping_price, vat_rate=order.shipping_vat_rate),
        attributes=order.attributes,
        lines=[
            NewLine(
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                unit_price=line.unit_price,
                vat_rate=line.vat_rate,
                discount=line.discount,
            )
            for line in order.lines
        ],
        shipped_at=None,
        shipments=[_shipment(order, shipment) for shipment in order.shipments if shipment.is_shipped],
        totals=StatedTotals(
            total=totals.total, vat={str(rate): vat for rate, vat in totals.vat.items()}, balance=totals.balance
        ),
    )


def _is_imported(order: Order) -> bool:
    imports = select(Event.id).where(Event.order_id == order.id, Event.kind == EventKind.ORDER_IMPORTED)
    return db.session.scalar(imports.limit(1)) is not None


def _shipment(order: Order, shipment: Shipment) -> NewShipment:
    places = {line.id: place for place, line in enumerate(order.lines)}
    return NewShipment(
        shipped_at=shipment.shipped_at or order.placed_at,
        tracking=[
            NewTrackingCode(code=code.code, carrier=code.carrier, url=code.url) for code in shipment.tracking_codes
        ],
        lines=[PackedLine(line=places[line.id], quantity=line.quantity) for line in shipment.lines],
    )
