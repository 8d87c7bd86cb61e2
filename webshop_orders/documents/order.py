"""The order as JSON: one shape for the API, imports and webhooks."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.documents.strict_json import MAX_AMOUNT, Fields, load
from webshop_orders.models import MAX_QUANTITY, Address, Customer, Line, Order, Shipment, TrackingCode
from webshop_orders.money.totals import BASIS_POINTS, Totals, compute_totals
from webshop_orders.operations.orders.placement import NewLine, NewOrder

MAX_LINES = 500
MAX_SUM = MAX_AMOUNT * MAX_QUANTITY
MAX_TEXT = 10_000
MOST_AHEAD = timedelta(days=1)  # clocks differ, and so do the zones that they are read in
NUMBER = r"(?!\.+$)[^/\s]{1,64}"  # it stands in a path


def parse(document: str | bytes | dict[str, Any]) -> NewOrder:
    """The order that a JSON text, or what was read from one, asks for.

    Raises WrongFields as `read` does, and Unreadable for what is not JSON.
    """
    return read(document if isinstance(document, dict) else load(document))


def read(document: Any) -> NewOrder:
    """The order that a JSON value asks for; raises WrongFields with each field that is wrong, missing or not known."""
    fields = Fields(document)
    payment, shipping = fields.part("payment"), fields.part("shipping")
    customer = _customer(fields.required_part("customer"))
    billing, delivery = _addresses(fields, customer)
    shop = shop_settings.current()
    price = (shipping.whole("price", greatest=MAX_AMOUNT) if shipping else None) or 0
    new = NewOrder(
        external_reference=fields.required_text("external_reference"),
        number=fields.matching("number", NUMBER, example="WS-100234", most=64),
        placed_at=fields.moment("placed_at", latest=MOST_AHEAD) or now(),
        currency=fields.currency("currency") or shop.currency,
        language=fields.matching("language", "[a-z]{2}", example="sv") or shop.language or "sv",
        prices_include_vat=_or(fields.flag("prices_include_vat"), True),
        customer=customer,
        billing_address=billing,
        shipping_address=delivery,
        payment_method=payment.text("method") if payment else None,
        paid=(payment.whole("paid", greatest=MAX_SUM) if payment else None) or 0,
        shipping_method=shipping.text("method") if shipping else None,
        shipping_price=price,
        shipping_vat_rate=_shipping_vat_rate(shipping, price),
        lines=[_line(line) for line in fields.required_parts("lines", most=MAX_LINES)],
        comment=fields.text("comment", most=MAX_TEXT, lines=True),
        send_confirmation=_or(fields.flag("send_confirmation"), True),
        shipped_at=fields.moment("shipped_at", latest=MOST_AHEAD),
    )
    fields.finish()
    return new


def to_json(order: Order) -> dict[str, Any]:
    """An order, read whole, as plain JSON values: as it came in, and what became of it."""
    return {
        "number": order.number,
        "external_reference": order.external_reference,
        "status": order.status.value,
        "version": order.version,
        "updated_at": format_timestamp(order.updated_at),
        "placed_at": format_timestamp(order.placed_at),
        "shipped_at": format_timestamp(max((one.shipped_at for one in order.shipments if one.shipped_at), default=None))
        if all(shipment.is_shipped for shipment in order.shipments)
        else None,
        "cancelled_at": format_timestamp(order.cancelled_at),
        "currency": order.currency,
        "language": order.language,
        "prices_include_vat": order.prices_include_vat,
        "customer": asdict(order.customer),
        "billing_address": asdict(order.billing_address),
        "shipping_address": asdict(order.shipping_address),
        "payment": {"method": order.payment_method, "paid": order.paid},
        "shipping": {
            "method": order.shipping_method,
            "price": order.shipping_price,
            "vat_rate": order.shipping_vat_rate,
        },
        "lines": [_line_to_json(line) for line in order.lines],
        "totals": _totals_to_json(compute_totals(order)),
        "shipments": [_shipment_to_json(shipment) for shipment in order.shipments],
    }


def _or(given: bool | None, otherwise: bool) -> bool:
    return otherwise if given is None else given


def _customer(fields: Fields) -> Customer:
    return Customer(
        name=fields.required_text("name"),
        company=fields.text("company"),
        email=fields.email("email"),
        phone=fields.text("phone", most=40),
        organisation_number=fields.text("organisation_number", most=30),
    )


def _addresses(fields: Fields, customer: Customer) -> tuple[Address, Address]:
    """The billing and the delivery address, each standing in for the other."""
    billing, delivery = fields.part("billing_address"), fields.part("shipping_address")
    if billing is None and delivery is None:
        fields.required_part("billing_address")
    first, second = (_address(part, customer) if part else None for part in (billing, delivery))
    known = first or second or _address(Fields({}), customer)
    return first or known, second or known


def _address(fields: Fields, customer: Customer) -> Address:
    return Address(
        name=fields.text("name") or customer.name,
        company=fields.text("company"),
        street=fields.required_text("street"),
        street2=fields.text("street2"),
        # Ireland and some fifty other countries have lived without for most of their time.
        postal_code=fields.text("postal_code", most=20) or "",
        city=fields.required_text("city", most=100),
        region=fields.text("region", most=100),
        country=fields.required_matching("country", "[A-Z]{2}", example="SE"),
    )


def _shipping_vat_rate(shipping: Fields | None, price: int) -> int:
    if shipping is None:
        return 0
    return (shipping.required_whole if price else shipping.whole)("vat_rate", greatest=BASIS_POINTS) or 0


def _line(fields: Fields) -> NewLine:
    quantity = fields.required_whole("quantity", least=1, greatest=MAX_QUANTITY)
    unit_price = fields.required_whole("unit_price", greatest=MAX_AMOUNT)
    discount = fields.whole("discount", greatest=MAX_SUM) or 0
    if discount > quantity * unit_price:
        fields.refuse("discount", _("%(field)s is more than the line costs.", field=fields.path_of("discount")))
    return NewLine(
        sku=fields.required_text("sku", most=100),
        name=fields.required_text("name", most=300),
        quantity=quantity,
        unit_price=unit_price,
        vat_rate=fields.required_whole("vat_rate", greatest=BASIS_POINTS),
        discount=discount,
    )


def _line_to_json(line: Line) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "vat_rate": line.vat_rate,
        "discount": line.discount,
    }


def _totals_to_json(totals: Totals) -> dict[str, Any]:
    return {
        "lines": totals.lines,
        "discount": totals.discount,
        "shipping": totals.shipping,
        "vat": {str(rate): amount for rate, amount in totals.vat.items()},
        "rounding": totals.rounding,
        "total": totals.total,
        "paid": totals.paid,
        "balance": totals.balance,
    }


def _shipment_to_json(shipment: Shipment) -> dict[str, Any]:
    return {
        "reference": shipment.reference,
        "status": shipment.status.value,
        "shipped_at": format_timestamp(shipment.shipped_at),
        "tracking": [_tracking_to_json(tracking) for tracking in shipment.tracking_codes],
        "lines": [
            {"id": line.id, **_line_to_json(line), "reserved": line.reserved, "backordered": line.backordered}
            for line in shipment.lines
        ],
    }


def _tracking_to_json(tracking: TrackingCode) -> dict[str, Any]:
    url = shop_settings.current().tracking_url(tracking)
    return {"code": tracking.code, "carrier": tracking.carrier, "url": url}


def format_timestamp(moment: datetime | None) -> str | None:
    """A time as RFC 3339 has it, in UTC."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None
