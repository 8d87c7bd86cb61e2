"""Two made-up orders for trying templates on: one with everything that an order can have, one with as little as it can.

They are written out by the same functions as real ones, so a template that fits them fits those.
"""

from datetime import UTC, datetime

from webshop_orders.mailing import context
from webshop_orders.mailing.changes import LineChange
from webshop_orders.models import (
    Address,
    Customer,
    DeliveryStatus,
    Line,
    MessageKind,
    Order,
    Shipment,
    Shop,
    TrackingCode,
)

CODES = ("SAMPLE0001SE", "SAMPLE0002SE")
NUMBER = "WS-100234"
COMMENT = "SAMPLE COMMENT"
PRODUCTS = ("Linneservett", "Bivaxljus, 4-pack")
PLACED_AT = datetime(2026, 11, 20, 9, 14, tzinfo=UTC)


def full(kind: MessageKind, language: str, shop: Shop) -> context.Context:
    """The facts of an order that lacks nothing: parcels, discounts, what waits for stock, a company, a paid sum."""
    ljus, servett = PRODUCTS[1], PRODUCTS[0]
    lines = [
        Line(sku="LIN-5", name=servett, quantity=6, reserved=4, unit_price=8_900, vat_rate=2500, discount=1_000),
        Line(sku="BIV-4", name=ljus, quantity=2, reserved=2, unit_price=14_950, vat_rate=1200, discount=0),
    ]
    customer = Customer(
        name="Åsa Öberg",
        company="Öbergs Bageri AB",
        email="asa@example.com",
        phone="+46701234567",
        organisation_number="556677-8899",
    )
    address = Address(
        name="Åsa Öberg",
        company="Öbergs Bageri AB",
        street="Storgatan 1",
        street2="Port B",
        postal_code="972 31",
        city="Luleå",
        region="Norrbotten",
        country="SE",
    )
    order = _order(customer, address, lines)
    order.shipments[0].status = DeliveryStatus.READY
    order.payment_method, order.paid = "klarna", 10_000
    order.shipping_method, order.shipping_price, order.shipping_vat_rate = "PostNord MyPack", 4_900, 2500
    order.shipments[0].tracking_codes = [
        TrackingCode(code=code, carrier="PostNord", url=f"https://example.com/{code}") for code in CODES
    ]
    order.shipments.append(Shipment(seq=2, status=DeliveryStatus.READY, lines=[], tracking_codes=[]))
    changes = [LineChange(servett, 4, 6), LineChange(ljus, 0, 2), LineChange("Värmeljus", 1, 0)]
    return _facts(kind, order, changes, "Anna Lind", language, shop)


def bare(kind: MessageKind, language: str, shop: Shop) -> context.Context:
    """The facts of an order that has only what it must."""
    lines = [Line(sku="LIN-5", name=PRODUCTS[0], quantity=1, reserved=1, unit_price=8_900, vat_rate=0, discount=0)]
    address = Address(name="Öberg, Åsa", street="Storgatan 1", postal_code="", city="Luleå", country="SE")
    return _facts(kind, _order(Customer(name="Öberg, Åsa"), address, lines), [], None, language, shop)


def _order(customer: Customer, address: Address, lines: list[Line]) -> Order:
    shipment = Shipment(seq=1, status=DeliveryStatus.SHIPPED, lines=lines, tracking_codes=[])
    return Order(
        number=NUMBER,
        placed_at=PLACED_AT,
        currency="SEK",
        language="sv",
        prices_include_vat=True,
        rounds_to_whole_kronor=True,
        customer=customer,
        billing_address=address,
        shipping_address=address,
        paid=0,
        shipping_price=0,
        shipping_vat_rate=0,
        shipments=[shipment],
    )


def _facts(
    kind: MessageKind, order: Order, changes: list[LineChange], author: str | None, language: str, shop: Shop
) -> context.Context:
    if kind is MessageKind.DELIVERY_CONFIRMATION:
        return context.about_shipment(order.shipments[0], shop, language)
    if kind is MessageKind.ORDER_CHANGED:
        return context.about_change(order, changes, shop, language)
    if kind is MessageKind.COMMENT:
        return context.about_comment(order, COMMENT, author, shop, language)
    if kind is MessageKind.SHOP_NOTIFICATION:
        return context.about_new_order(order, shop, language)
    return context.about_order(order, shop, language)
