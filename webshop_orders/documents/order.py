"""The order as JSON, for the API, imports and webhooks.

A field of the order is declared once, in the class of the object that it belongs to: what is accepted, what is written
and what the API's description says come from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from flask_babel import gettext as _

from webshop_orders import expected_days, shop_settings
from webshop_orders.clock import now
from webshop_orders.documents import goods_return
from webshop_orders.documents.fields import (
    MAX_SUM,
    Amount,
    CommentText,
    CurrencyCode,
    Flag,
    Language,
    Name,
    ProductName,
    Quantity,
    ShipmentStatus,
    Sku,
    Sum,
    VatRate,
)
from webshop_orders.documents.goods_return import ReturnDocument
from webshop_orders.documents.hold import HoldDocument, SourceHold, holds_of
from webshop_orders.documents.refund import RefundDocument, RegisteredPaymentDocument
from webshop_orders.documents.stock_terms import PriorityDocument
from webshop_orders.documents.tracking import TrackingCodes
from webshop_orders.expected_days import Days
from webshop_orders.models import (
    Address,
    Attribute,
    Capture,
    Charge,
    CommentKind,
    Customer,
    Line,
    Order,
    OrderStatus,
    PaymentPart,
    Shipment,
    TrackingCode,
)
from webshop_orders.models.attribute import MAX_ATTRIBUTES
from webshop_orders.models.charge import MAX_CHARGES
from webshop_orders.models.order import MAX_SHIPMENTS
from webshop_orders.models.payment_part import MAX_PARTS
from webshop_orders.money import captures
from webshop_orders.money.totals import Totals, compute_totals
from webshop_orders.validation import reading, writing
from webshop_orders.validation.document import Document, Source
from webshop_orders.validation.json_text import load
from webshop_orders.validation.rules import (
    Choice,
    Description,
    Fault,
    Integer,
    Items,
    Pattern,
    Timestamp,
    VatByRate,
)

MAX_LINES = 500
MAX_AHEAD = timedelta(days=1)  # clocks differ, and so do the time zones that they are read in
NUMBER = r"(?!\.+$)[^/\s]{1,64}"  # it is part of a URL's path
NO_ADDRESS = Address(street="", city="", country="")

OrderNumber = Annotated[str, Pattern(64, pattern=NUMBER, example="WS-100234")]
PastTimestamp = Annotated[datetime, Timestamp(MAX_AHEAD)]


def _shop_currency() -> str:
    return shop_settings.current().currency


def _shop_language() -> str:
    return shop_settings.current().language or "sv"


def _ships_whole_by_default() -> bool:
    return shop_settings.current().ships_whole_by_default


def _vat_by_rate(totals: Totals) -> dict[str, int]:
    return {str(rate): amount for rate, amount in totals.vat.items()}


def _tracking_url(tracking: TrackingCode) -> str | None:
    return shop_settings.current().tracking_url(tracking)


def _original_unit_price(line: Line) -> int | None:
    return line.price_change.unit_price if line.price_change else None


def _shipped_at(order: Order) -> datetime | None:
    """When the last shipment left; None while a shipment is still open."""
    times = [shipment.shipped_at for shipment in order.shipments]
    return max((time for time in times if time), default=None) if all(s.is_shipped for s in order.shipments) else None


@dataclass(frozen=True)
class NewLine(Document):
    """A line of an order. Amounts in öre, the VAT rate in basis points."""

    sku: Sku
    name: ProductName
    quantity: Quantity
    unit_price: Amount
    vat_rate: VatRate
    discount: Annotated[Sum, Description("Taken off the line as a whole; at most what it costs")] = 0
    properties: Annotated[list[Attribute], Items(MAX_ATTRIBUTES)] = field(default_factory=list)
    bundle: Annotated[Name | None, Description("The same for a bundle and its parts")] = None
    units_per_bundle: Annotated[Quantity | None, Description("Only for a part of a bundle")] = None

    def columns(self) -> dict[str, Any]:
        """The values that a line's row takes over unchanged, by column."""
        return writing.attributes(self, NewLine)

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        quantity, price, discount = (values.get(name) for name in ("quantity", "unit_price", "discount"))
        if not type(quantity) is type(price) is type(discount) is int or quantity < 1 or price < 0:
            return  # each is refused by its own rule, or the discount is absent
        if quantity * price < discount <= MAX_SUM:
            values["discount"] = Fault(lambda field: _("%(field)s is more than the line costs.", field=field))


@dataclass(frozen=True)
class Payment(Document):
    """How an order is paid: `parts` where several methods paid, and `method` the one that paid most."""

    method: Annotated[Name | None, Source("payment_method")] = None
    paid: Annotated[Sum, Source("paid"), Description("Without what was refunded")] = 0
    refunded: Annotated[Sum, Source("refunded")] = 0
    written_off: Annotated[Sum, Source("written_off"), Description("Not paid, and asked of nobody")] = 0
    parts: Annotated[list[PaymentPart], Source("payments"), Items(MAX_PARTS)] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Shipping(Document):
    """How an order is sent; only free shipping may lack a VAT rate."""

    method: Annotated[Name | None, Source("shipping_method")] = None
    price: Annotated[Amount, Source("shipping_price")] = 0
    vat_rate: Annotated[VatRate, Source("shipping_vat_rate")]

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        if not _positive(values, "price"):
            values.setdefault("vat_rate", 0)


def _positive(values: dict[str, Any], name: str) -> int:
    value = values.get(name)
    return value if type(value) is int and value > 0 else 0


FREE_SHIPPING = Shipping(vat_rate=0)


@dataclass(frozen=True, kw_only=True)
class OrderFields(Document):
    """The fields that are both accepted and written: each a column of the order by its name, or by its Source."""

    shop_number: Annotated[Name | None, Description("The number that the customer knows")] = None
    is_test: Annotated[Flag, Description("A trial that mails nobody")] = False
    placed_at: PastTimestamp = field(default_factory=now)
    currency: CurrencyCode = field(default_factory=_shop_currency)
    language: Language = field(default_factory=_shop_language)
    prices_include_vat: Flag = True
    customer: Customer
    billing_address: Address
    shipping_address: Address = NO_ADDRESS
    payment: Annotated[Payment, Source("")] = Payment()
    shipping: Annotated[Shipping, Source("")] = FREE_SHIPPING
    charges: Annotated[list[Charge], Items(MAX_CHARGES)] = field(default_factory=list)
    attributes: Annotated[list[Attribute], Items(MAX_ATTRIBUTES)] = field(default_factory=list)
    ships_whole: Annotated[Flag, Description("Gets stock only once that covers all of it")] = field(
        default_factory=_ships_whole_by_default
    )
    lines: Annotated[list[NewLine], Items(MAX_LINES, minimum=1)]

    def columns(self) -> dict[str, Any]:
        """The values that an order's row takes over unchanged, by column."""
        return {name: value for name, value in writing.attributes(self, OrderFields).items() if name != "lines"}


@dataclass(frozen=True)
class PackedLine(Document):
    """Units of a line in a shipment; `line` is its place among the order's lines, the first of which is 0."""

    line: Annotated[int, Integer(0, MAX_LINES - 1)]
    quantity: Quantity


@dataclass(frozen=True)
class NewShipment(Document):
    """A part of an order that left elsewhere, with its tracking codes; without lines, all that no other one has."""

    shipped_at: PastTimestamp
    tracking: TrackingCodes = field(default_factory=list)
    lines: Annotated[list[PackedLine], Items(MAX_LINES)] = field(default_factory=list)


@dataclass(frozen=True)
class StatedTotals(Document):
    """What an order costs according to its source, in öre; VAT by rate in basis points. Absent is not stated."""

    total: Sum | None = None
    vat: Annotated[dict[str, int], VatByRate()] | None = None
    shipping: Sum | None = None
    paid: Sum | None = None
    balance: Annotated[int, Integer(-MAX_SUM, MAX_SUM)] | None = None


@dataclass(frozen=True, kw_only=True)
class NewOrder(OrderFields):
    """An order to be placed. A missing address is copied from the other one, a missing name from the customer.

    An order with `shipped_at` was shipped elsewhere; `shipments` are the parts of it that were.
    """

    external_reference: Name
    number: OrderNumber | None = None
    comment: CommentText | None = None
    on_hold: Annotated[SourceHold | None, Description("Where the shop that it comes from keeps it from leaving")] = None
    send_confirmation: Flag = True
    shipped_at: PastTimestamp | None = None
    shipments: Annotated[list[NewShipment], Items(MAX_SHIPMENTS)] = field(default_factory=list)
    totals: Annotated[StatedTotals, Description("Compared with what is computed")] = StatedTotals()

    def __post_init__(self) -> None:
        billing = self.billing_address if self.billing_address != NO_ADDRESS else self.shipping_address
        shipping = self.shipping_address if self.shipping_address != NO_ADDRESS else billing
        for name, address in (("billing_address", billing), ("shipping_address", shipping)):
            object.__setattr__(self, name, replace(address, name=address.name or self.customer.name))

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        if "shipping_address" in values:
            values.setdefault("billing_address", NO_ADDRESS)


@dataclass(frozen=True)
class TotalsDocument:
    """What an order costs, in öre; VAT by rate in basis points."""

    lines: int
    discount: int
    shipping: int
    charges: int
    vat: Annotated[dict[str, int], Source(_vat_by_rate), Description("By rate in basis points")]
    rounding: int
    total: int
    paid: int
    credited: Annotated[int, Description("Taken off by refunds")]
    balance: int


@dataclass(frozen=True)
class TrackingCodeDocument:
    """A tracking code, with the address where its parcel is followed."""

    code: str
    carrier: str | None
    url: Annotated[str | None, Source(_tracking_url)]


@dataclass(frozen=True)
class FormerCodeDocument:
    """A tracking code that a shipment no longer has."""

    code: str
    carrier: str | None
    replaced_by: Annotated[str | None, Description("The code that it was corrected to; null where it was removed")]


@dataclass(frozen=True, kw_only=True)
class ShipmentLineDocument(NewLine):
    """A line of a shipment; `reserved` units are covered by stock."""

    id: int
    reserved: int
    backordered: int
    original_unit_price: Annotated[
        int | None,
        Source(_original_unit_price),
        Description("What it was sold at, where its price was changed since"),
    ]
    expected_on: Annotated[
        date | None, Description("The day on which what is backordered is expected; null where it is not known")
    ]


@dataclass(frozen=True)
class CaptureDocument:
    """What is to be charged for a shipment, in öre: all shipments of an order add up to its total."""

    amount: Annotated[int, Description("The sum of the others, and of the VAT where prices do not include it")]
    goods: Annotated[int, Description("Its lines, after their discounts")]
    shipping: Annotated[int, Description("Goes with the shipment that leaves first, as fees do")]
    charges: Annotated[int, Description("Its share of the order's charges; deductions are shared by value")]
    rounding: int
    adjustment: Annotated[int, Description("Left to it by a shipment that would otherwise be charged below zero")]
    vat: Annotated[dict[str, int], Description("The VAT in `amount`, by rate in basis points")]


@dataclass(frozen=True)
class ShipmentDocument:
    """A shipment of an order, with what is in it."""

    reference: str
    status: ShipmentStatus
    held: Annotated[bool, Source("is_held"), Description("Whether a hold keeps it from leaving")]
    shipped_at: datetime | None
    delivered_at: datetime | None
    uncollected_at: Annotated[datetime | None, Description("When the carrier gave up waiting for the customer")]
    sent_back_at: Annotated[datetime | None, Description("When the carrier sent a parcel of it back")]
    tracking: Annotated[list[TrackingCodeDocument], Source("tracking_codes")]
    former_tracking: Annotated[
        list[FormerCodeDocument],
        Source("former_codes"),
        Description("What was corrected or removed since the shipment left"),
    ]
    capture: Annotated[
        CaptureDocument | None,
        Description("What is to be charged for it when it leaves; null for a cancelled order"),
    ]
    expected_on: Annotated[
        date | None, Description("The last day of its backordered lines; null where one of them has none")
    ]
    lines: list[ShipmentLineDocument]


class _WrittenLine:
    """A line as it is written, with the day on which what it waits for is expected."""

    def __init__(self, line: Line, expected_on: date | None) -> None:
        self.line = line
        self.expected_on = expected_on

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


class _WrittenShipment:
    """A shipment as it is written: `capture` is what is to be charged for it now, whether or not it has left."""

    def __init__(self, shipment: Shipment, capture: Capture | None, days: Days) -> None:
        self.shipment = shipment
        self.capture = capture
        self.expected_on = expected_days.last(shipment.lines, days)
        self.lines = [_WrittenLine(line, days.get(line)) for line in shipment.lines]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shipment, name)


class WrittenOrder:
    """An order as it is written, with the days on which what it waits for is expected."""

    def __init__(self, order: Order, days: Days) -> None:
        self.order = order
        self.days = days
        self.expected_on = expected_days.last(order.lines, days)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.order, name)


def _of_page(page: Any) -> list[WrittenOrder]:
    return with_days(page.orders)


def _written_shipments(order: WrittenOrder) -> list[_WrittenShipment]:
    of_order = captures.of_order(order.order)
    return [_WrittenShipment(shipment, of_order.get(shipment.seq), order.days) for shipment in order.shipments]


@dataclass(frozen=True, kw_only=True)
class OrderState:
    """What the order desk knows of an order besides what was sent in."""

    number: str
    external_reference: str | None
    status: Annotated[OrderStatus, Choice(OrderStatus, example=OrderStatus.READY)]
    version: int
    updated_at: datetime
    shipped_at: Annotated[datetime | None, Source(_shipped_at)]
    cancelled_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OrderDocument(OrderFields, OrderState):
    """An order as it is written."""

    totals: Annotated[TotalsDocument, Source(compute_totals)]
    holds: Annotated[list[HoldDocument], Source(holds_of), Description("What keeps it, or a part of it, from leaving")]
    priority: Annotated[PriorityDocument | None, Description("Why it gets stock before older orders")]
    shipments: Annotated[list[ShipmentDocument], Source(_written_shipments)]
    expected_on: Annotated[
        date | None, Description("The day on which all that it waits for is expected; null where it is not known")
    ]
    returns: Annotated[list[ReturnDocument], Source(goods_return.of_order), Description("The latest last")]
    refunds: list[RefundDocument]
    registered_payments: list[RegisteredPaymentDocument]


@dataclass(frozen=True)
class OrderPage:
    """A page of orders, by the time of their latest change."""

    orders: Annotated[list[OrderDocument], Source(_of_page)]
    next_cursor: str | None
    complete_until: datetime


@dataclass(frozen=True)
class EmptyDocument(Document):
    """An object without fields, or no body at all."""


@dataclass(frozen=True)
class NewComment(Document):
    """A comment to be added to an order."""

    text: CommentText
    kind: Annotated[CommentKind, Choice(CommentKind, example=CommentKind.INTERNAL)] = CommentKind.INTERNAL
    mail: Flag = False


@dataclass(frozen=True)
class CommentDocument:
    """A comment as it is written; by the customer, with the order, where it is `from_customer`."""

    kind: Annotated[CommentKind, Choice(CommentKind, example=CommentKind.INTERNAL)]
    text: str
    author: str | None
    from_customer: bool
    mailed: bool
    written_at: datetime | None


def parse(source: str | bytes | dict[str, Any]) -> NewOrder:
    """The order in a JSON text, or in a value that was read from one.

    Raises InvalidDocument as `read` does, and MalformedInput for text that is not JSON.
    """
    return read(source if isinstance(source, dict) else load(source))


def read(value: Any) -> NewOrder:
    """The order in a JSON value; raises InvalidDocument with each field that is wrong, missing or unknown."""
    return reading.read(NewOrder, value)


def to_json(order: Order) -> dict[str, Any]:
    """An order, loaded with its shipments and lines, as plain JSON values."""
    (written,) = with_days([order])
    return writing.write(OrderDocument, written)


def with_days(orders: Sequence[Order]) -> list[WrittenOrder]:
    """Orders to be written, with what is expected for all of them read at once."""
    days = expected_days.of_lines(orders)
    return [WrittenOrder(order, days) for order in orders]
