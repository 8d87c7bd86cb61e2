"""What an order that a file brought was in its source: as it is here, where nobody has changed it since."""

from __future__ import annotations

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, NewShipment, PackedLine, Payment, Shipping, StatedTotals
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models import Event, EventKind, Order, Shipment
from webshop_orders.money.totals import compute_totals


def of_import(order: Order, new: NewOrder | None, *, is_cancelled: bool) -> NewOrder | None:
    """The state in its source that an order was imported in; `new` is what the source says now, if it says anything.

    None if it came otherwise or was changed here, or if `new` is of a time before: less had come in, or less gone back.
    """
    is_later = is_cancelled or new is None or _has_as_much_money(new.payment, order)
    if order.external_reference is None or order.version > 1 or not is_later or not _is_imported(order):
        return None
    totals = compute_totals(order)
    return NewOrder(
        external_reference=order.external_reference,
        placed_at=order.placed_at,
        currency=order.currency,
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
        charges=order.charges,
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
        shipments=[_shipment(order, shipment) for shipment in order.shipments if shipment.is_shipped],
        totals=StatedTotals(
            total=totals.total, vat={str(rate): vat for rate, vat in totals.vat.items()}, balance=totals.balance
        ),
    )


def _has_as_much_money(payment: Payment, order: Order) -> bool:
    return payment.refunded >= order.refunded and payment.paid + payment.refunded >= order.paid + order.refunded


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
