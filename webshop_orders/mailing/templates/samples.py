"""Two sample orders to check templates with: one with everything that an order can have, one with the minimum.

Their contexts are made by the same functions as those of real orders, so a template that fits them fits those.
"""

from datetime import UTC, date, datetime

from webshop_orders import expected_days
from webshop_orders.mailing.changes import OrderChange
from webshop_orders.mailing.context import (
    Context,
    backorder_notice_context,
    change_context,
    comment_context,
    expected_day,
    new_order_context,
    order_context,
    return_context,
    shipment_context,
    withdrawal_context,
)
from webshop_orders.mailing.credit_notes import credit_note_context
from webshop_orders.mailing.vocabulary import VOCABULARY
from webshop_orders.models import (
    Address,
    Attribute,
    Customer,
    DeliveryStatus,
    Line,
    MessageKind,
    Order,
    Refund,
    RefundRow,
    RefundRowKind,
    RefundState,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnReason,
    ReturnState,
    Shipment,
    Shop,
    TrackingCode,
    Withdrawal,
    WithdrawalSource,
    WithdrawnLine,
)
from webshop_orders.money.totals import compute_totals

CODES = ("SAMPLE0001SE", "SAMPLE0002SE")
NUMBER = "WS-100234"
COMMENT = "SAMPLE COMMENT"
SHOP_ADDRESS = ["Lagergatan 2", "972 31 Luleå"]
PRODUCTS = ("Linneservett", "Bivaxljus, 4-pack")
PLACED_AT = datetime(2026, 11, 20, 9, 14, tzinfo=UTC)
EXPECTED_ON = date(2026, 12, 3)


def full(kind: MessageKind, language: str, shop: Shop) -> Context:
    """The context of an order with everything: parcels, discounts, backordered units, a company, a payment."""
    napkin, candle = PRODUCTS
    lines = [
        Line(sku="LIN-5", name=napkin, quantity=6, reserved=4, unit_price=8_900, vat_rate=2500, discount=1_000),
        Line(sku="BIV-4", name=candle, quantity=2, reserved=2, unit_price=14_950, vat_rate=1200, discount=0),
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
    order.shop_number = "#2039"
    lines[0].properties = order.attributes = [Attribute("Gravyr", "Till Vera")]
    order.shipments[0].status = DeliveryStatus.READY
    order.payment_method, order.paid = "klarna", 10_000
    order.shipping_method, order.shipping_price, order.shipping_vat_rate = "PostNord MyPack", 4_900, 2500
    order.shipments[0].tracking_codes = [
        TrackingCode(code=code, carrier="PostNord", url=f"https://example.com/{code}") for code in CODES
    ]
    order.shipments.append(Shipment(seq=2, status=DeliveryStatus.READY, lines=[], tracking_codes=[]))
    changes = [OrderChange(napkin, 4, 6), OrderChange(candle, 0, 2), OrderChange("Värmeljus", 1, 0)]
    return _context(kind, order, changes, "Anna Lind", language, shop)


def bare(kind: MessageKind, language: str, shop: Shop) -> Context:
    """The context of an order with only what is mandatory."""
    lines = [Line(sku="LIN-5", name=PRODUCTS[0], quantity=1, reserved=1, unit_price=8_900, vat_rate=0, discount=0)]
    address = Address(name="Öberg, Åsa", street="Storgatan 1", postal_code="", city="Luleå", country="SE")
    return _context(kind, _order(Customer(name="Öberg, Åsa"), address, lines), [], None, language, shop)


def return_of_everything(order: Order) -> Return:
    """A return of all that is in an order, as its first one."""
    lines = [
        ReturnLine(0, 1, line.product_id, line.sku, line.name, line.quantity, ReturnReason.WITHDRAWN)
        for line in order.lines
    ]
    return Return(1, ReturnKind.RETURN, ReturnState.REGISTERED, lines, "", PLACED_AT.isoformat())


def refund_of_everything(order: Order) -> Refund:
    """A refund of all that is in an order and of its shipping, as its first one; VAT as if it were the order's."""
    rows = [
        RefundRow(RefundRowKind.LINE, line.name, line.total, line.vat_rate, line_id=line.id, quantity=line.quantity)
        for line in order.lines
    ]
    if order.shipping_price:
        rows.append(RefundRow(RefundRowKind.SHIPPING, "", order.shipping_price, order.shipping_vat_rate))
    totals = compute_totals(order)
    return Refund(
        id=1,
        state=RefundState.DONE,
        rows=rows,
        credited=totals.total,
        amount=max(0, order.paid),
        requested_by="",
        requested_at=PLACED_AT.isoformat(),
        vat={str(rate): vat for rate, vat in totals.vat.items()},
        rounding=totals.rounding,
        method=order.payment_method,
    )


def _order(customer: Customer, address: Address, lines: list[Line]) -> Order:
    for place, line in enumerate(lines, start=1):
        line.id, line.properties = place, []
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
        refunded=0,
        written_off=0,
        payments=[],
        shipping_price=0,
        shipping_vat_rate=0,
        charges=[],
        vat_corrections={},
        credited=0,
        refunds=[],
        attributes=[],
        ships_whole=False,
        shipments=[shipment],
    )


def _context(
    kind: MessageKind, order: Order, changes: list[OrderChange], author: str | None, language: str, shop: Shop
) -> Context:
    context = _of_kind(kind, order, changes, author, language, shop)
    waiting = [row for row in context.get("rows", []) if row["backordered"]] + context.get("waiting", [])
    for row in waiting:
        row["expected"] = expected_day(EXPECTED_ON, language)
    return context


def _of_kind(
    kind: MessageKind, order: Order, changes: list[OrderChange], author: str | None, language: str, shop: Shop
) -> Context:
    if kind is MessageKind.DELIVERY_CONFIRMATION:
        return shipment_context(order.shipments[0], shop, language)
    if kind is MessageKind.ORDER_CHANGED:
        return change_context(order, changes, shop, language)
    if kind is MessageKind.COMMENT:
        return comment_context(order, COMMENT, author, shop, language)
    if kind is MessageKind.SHOP_NOTIFICATION:
        return new_order_context(order, shop, language)
    if kind is MessageKind.WITHDRAWAL_RECEIPT:
        return withdrawal_context(withdrawal_of(order), shop, language)
    if kind is MessageKind.CREDIT_NOTE:
        return credit_note_context(order, refund_of_everything(order), shop, language)
    if kind is MessageKind.BACKORDER_NOTICE:
        return _backorder_notice(order, shop, language)
    if kind is MessageKind.RETURN_REGISTERED:
        context = return_context(order, return_of_everything(order), shop, language)
        addresses = context["addresses"] or [{"label": VOCABULARY[language]["send_to"], "lines": SHOP_ADDRESS}]
        return {**context, "addresses": addresses}
    return order_context(order, shop, language)


def _backorder_notice(order: Order, shop: Shop, language: str) -> Context:
    """As if an order waited for all of it, if it waits for nothing."""
    if not any(line.backordered for line in order.lines):
        for shipment in order.shipments:
            shipment.status = DeliveryStatus.BACKORDERED
        for line in order.lines:
            line.reserved = 0
    context = backorder_notice_context(order, expected_days.of_lines([order]), shop, language)
    return {**context, "notice": {**context["notice"], "expected": expected_day(EXPECTED_ON, language)}}


def withdrawal_of(order: Order) -> Withdrawal:
    """What the customer of an order could state: some of its products, or all of it where they have no e-mail."""
    lines = list(order.lines)
    stated = [WithdrawnLine(lines[0].name, 2), *(WithdrawnLine(line.name) for line in lines[1:2])]
    return Withdrawal(
        source=WithdrawalSource.FORM,
        received_at=order.placed_at,
        language=order.language,
        number=order.number,
        name=order.customer.name,
        email=order.customer.email or "asa@example.com",
        lines=stated if order.customer.email else [],
    )
