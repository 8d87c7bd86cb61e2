"""What an event says of the change: one dataclass for each kind, stored as JSON in the column `facts`.

Every field that can hold text is marked `Personal` or `NotPersonal`; the former are erased with the customer's
personal data. A field with a default value is left out of the JSON while it has that value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum, StrEnum
from functools import cache
from types import NoneType
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, get_args, get_origin, get_type_hints

from webshop_orders.models.comment import CommentKind
from webshop_orders.models.event_kind import EventKind
from webshop_orders.models.goods_return import ReturnKind
from webshop_orders.models.hold import Hold, HoldReason, HoldRule
from webshop_orders.models.message import MailHoldReason
from webshop_orders.models.order import OrderStatus
from webshop_orders.models.shipment import DeliveryStatus

T = TypeVar("T")


class Privacy(Enum):
    PERSONAL = "personal"
    NOT_PERSONAL = "not personal"


Personal = Annotated[T, Privacy.PERSONAL]
NotPersonal = Annotated[T, Privacy.NOT_PERSONAL]


@dataclass(frozen=True)
class BeforeAfter(Generic[T]):
    """A value as it was before a change, and as it is after it."""

    before: T
    after: T


@dataclass(frozen=True)
class FactsBase:
    """What the facts of every kind of event have in common."""

    kind: ClassVar[EventKind]

    def to_json(self) -> dict[str, Any]:
        values = ((name, default, getattr(self, name)) for name, default in _defaults(self.kind))
        return {name: _to_json(value) for name, default, value in values if value is not default}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Facts as they are stored. Rows of an older version may lack fields that can be None."""
        readers = _readers(cls.kind).items()
        return cls(**{name: read(stored.get(name)) for name, (read, optional) in readers if name in stored or optional})


@dataclass(frozen=True)
class OrderPlaced(FactsBase):
    kind = EventKind.ORDER_PLACED

    total: int


@dataclass(frozen=True)
class OrderImported(FactsBase):
    kind = EventKind.ORDER_IMPORTED

    total: int


@dataclass(frozen=True)
class OrderCancelled(FactsBase):
    kind = EventKind.ORDER_CANCELLED

    status: BeforeAfter[OrderStatus]


@dataclass(frozen=True)
class OrderRestored(FactsBase):
    """A cancellation that was taken back."""

    kind = EventKind.ORDER_RESTORED

    status: BeforeAfter[OrderStatus]


@dataclass(frozen=True)
class CustomerChanged(FactsBase):
    """The parts that were changed, by the names of their fields.

    `vat_country` is the country that the VAT was charged for, where it may be another in the new one.
    """

    kind = EventKind.CUSTOMER_CHANGED

    customer: Personal[BeforeAfter[dict[str, str | None]] | None] = None
    billing_address: Personal[BeforeAfter[dict[str, str | None]] | None] = None
    shipping_address: Personal[BeforeAfter[dict[str, str | None]] | None] = None
    language: NotPersonal[BeforeAfter[str] | None] = None
    vat_country: NotPersonal[str | None] = None


@dataclass(frozen=True)
class LineAdded(FactsBase):
    kind = EventKind.LINE_ADDED

    product: NotPersonal[str]
    sku: NotPersonal[str]
    quantity: int
    unit_price: int
    shipment: NotPersonal[str]
    total: BeforeAfter[int]
    discount: int = 0


@dataclass(frozen=True)
class LineChanged(FactsBase):
    """`unit_price` and `discount` where they changed, and the `reason` where staff changed one of them by hand.

    Events of before November 2026 do not say how a discount followed the quantity.
    """

    kind = EventKind.LINE_CHANGED

    product: NotPersonal[str]
    sku: NotPersonal[str]
    shipment: NotPersonal[str]
    quantity: BeforeAfter[int]
    total: BeforeAfter[int]
    unit_price: BeforeAfter[int] | None = None
    discount: BeforeAfter[int] | None = None
    reason: Personal[str | None] = None


@dataclass(frozen=True)
class LineRemoved(FactsBase):
    kind = EventKind.LINE_REMOVED

    product: NotPersonal[str]
    sku: NotPersonal[str]
    quantity: int
    unit_price: int
    discount: int
    vat_rate: int
    shipment: NotPersonal[str]
    total: BeforeAfter[int]


@dataclass(frozen=True)
class LineSplit(FactsBase):
    """Units that moved between two shipments, by their references; several products are separated by commas.

    `codes_to` is the shipment that got the tracking codes of the first one, where nothing was left in that.
    """

    kind = EventKind.LINE_SPLIT

    product: NotPersonal[str]
    sku: NotPersonal[str]
    quantity: int
    source: NotPersonal[str]
    target: NotPersonal[str]
    codes_to: NotPersonal[str | None] = None


@dataclass(frozen=True)
class BackorderedSplit(FactsBase):
    kind = EventKind.BACKORDERED_SPLIT

    quantity: int
    products: NotPersonal[list[str]]
    source: NotPersonal[str]
    target: NotPersonal[str]


@dataclass(frozen=True)
class ShipmentShipped(FactsBase):
    """`mailed_to` is None where no delivery confirmation was sent; `held` is why it was held, if it was."""

    kind = EventKind.SHIPMENT_SHIPPED

    shipment: NotPersonal[str]
    status: BeforeAfter[DeliveryStatus]
    mailed_to: Personal[str | None]
    held: MailHoldReason | None = None


@dataclass(frozen=True)
class ShipmentReopened(FactsBase):
    """`shipped_at` is when it had shipped, in ISO 8601.

    Its delivery confirmation was withdrawn, or had left for `mailed_to`; neither where there was none.
    """

    kind = EventKind.SHIPMENT_REOPENED

    shipment: NotPersonal[str]
    status: BeforeAfter[DeliveryStatus]
    shipped_at: NotPersonal[str | None]
    mail_withdrawn: bool = False
    mailed_to: Personal[str | None] = None


@dataclass(frozen=True)
class ShipmentDelivered(FactsBase):
    """`delivered_at` is when its carrier delivered it, in ISO 8601."""

    kind = EventKind.SHIPMENT_DELIVERED

    shipment: NotPersonal[str]
    delivered_at: NotPersonal[str]


@dataclass(frozen=True)
class StatusSet(FactsBase):
    kind = EventKind.STATUS_SET

    shipment: NotPersonal[str]
    status: BeforeAfter[DeliveryStatus]


@dataclass(frozen=True)
class TrackingAdded(FactsBase):
    kind = EventKind.TRACKING_ADDED

    shipment: NotPersonal[str]
    code: Personal[str]
    carrier: NotPersonal[str | None]


@dataclass(frozen=True)
class TrackingRemoved(FactsBase):
    kind = EventKind.TRACKING_REMOVED

    shipment: NotPersonal[str]
    code: Personal[str]
    carrier: NotPersonal[str | None]


@dataclass(frozen=True)
class CommentAdded(FactsBase):
    kind = EventKind.COMMENT_ADDED

    comment_kind: CommentKind
    text: Personal[str]
    mailed_to: Personal[str | None]
    held: MailHoldReason | None = None


@dataclass(frozen=True)
class ConfirmationSent(FactsBase):
    """A mail sent by hand: the delivery confirmation of a shipment, a mail about a number of changes, the credit note
    of a `refund`, or else the order confirmation."""

    kind = EventKind.CONFIRMATION_SENT

    mailed_to: Personal[str]
    shipment: NotPersonal[str | None] = None
    changes: int | None = None
    held: MailHoldReason | None = None
    refund: NotPersonal[str | None] = None


@dataclass(frozen=True)
class MessageQueuedAgain(FactsBase):
    kind = EventKind.MESSAGE_QUEUED_AGAIN

    subject: Personal[str]
    mailed_to: Personal[str]
    held: MailHoldReason | None = None


@dataclass(frozen=True)
class MessageResent(FactsBase):
    kind = EventKind.MESSAGE_RESENT

    subject: Personal[str]
    mailed_to: Personal[str]
    held: MailHoldReason | None = None


@dataclass(frozen=True)
class MessageDismissed(FactsBase):
    kind = EventKind.MESSAGE_DISMISSED

    subject: Personal[str]
    mailed_to: Personal[str]


@dataclass(frozen=True, kw_only=True)
class BackorderCovered(FactsBase):
    """`shipments` are the references of those that became ready."""

    kind = EventKind.BACKORDER_COVERED

    products: NotPersonal[list[str]]
    skus: NotPersonal[list[str]] = field(default_factory=list)
    shipments: NotPersonal[list[str]]


@dataclass(frozen=True, kw_only=True)
class CoverWithdrawn(FactsBase):
    """`shipments` are the references of those that became backordered."""

    kind = EventKind.COVER_WITHDRAWN

    products: NotPersonal[list[str]]
    skus: NotPersonal[list[str]] = field(default_factory=list)
    shipments: NotPersonal[list[str]]


@dataclass(frozen=True)
class PaymentChanged(FactsBase):
    """What is paid and, where it changed too, what was given back."""

    kind = EventKind.PAYMENT_CHANGED

    paid: BeforeAfter[int]
    refunded: BeforeAfter[int] | None = None


@dataclass(frozen=True)
class SourceDiffers(FactsBase):
    """`fields` are the names of those in which the order differs from its source."""

    kind = EventKind.SOURCE_DIFFERS

    fields: NotPersonal[list[str]]


@dataclass(frozen=True)
class SourceDifferencesDismissed(FactsBase):
    kind = EventKind.SOURCE_DIFFERENCES_DISMISSED


@dataclass(frozen=True)
class PersonalDataErased(FactsBase):
    kind = EventKind.PERSONAL_DATA_ERASED


@dataclass(frozen=True)
class UnitsRearranged(FactsBase):
    """Units that a plan moved between shipments, and tracking codes of those where nothing was left.

    Each of `moves` has its `product`, `sku`, `quantity`, and the references of its `source` and `target`, as each of
    `codes` has.
    """

    kind = EventKind.UNITS_REARRANGED

    moves: NotPersonal[list[dict[str, Any]]]
    codes: NotPersonal[list[dict[str, str]]] = field(default_factory=list)


@dataclass(frozen=True)
class ShippingChanged(FactsBase):
    kind = EventKind.SHIPPING_CHANGED

    method: NotPersonal[BeforeAfter[str | None]]
    price: BeforeAfter[int]
    total: BeforeAfter[int]
    vat_rate: BeforeAfter[int] | None = None


@dataclass(frozen=True)
class ChangesUndone(FactsBase):
    """Changes that were taken back, the latest first: those that made the order's `versions`.

    `changes` has the kind and the facts of each. `uncovered` units came back without stock that covers them.
    """

    kind = EventKind.CHANGES_UNDONE

    versions: NotPersonal[list[int]]
    changes: Personal[list[dict[str, Any]]]
    uncovered: int = 0


@dataclass(frozen=True)
class ChangesRedone(FactsBase):
    """Changes that were carried out again after they had been taken back, as `ChangesUndone` has them."""

    kind = EventKind.CHANGES_REDONE

    versions: NotPersonal[list[int]]
    changes: Personal[list[dict[str, Any]]]
    uncovered: int = 0


@dataclass(frozen=True)
class TrackingCorrected(FactsBase):
    """A tracking code that was put in place of another one, for the same parcel."""

    kind = EventKind.TRACKING_CORRECTED

    shipment: NotPersonal[str]
    code: Personal[BeforeAfter[str] | None]
    carrier: NotPersonal[str | None]


class Document(StrEnum):
    """What is printed of an order."""

    PICK_LIST = "pick_list"
    PACKING_SLIP = "packing_slip"
    LABEL = "label"


@dataclass(frozen=True)
class DocumentPrinted(FactsBase):
    """`shipments` are the references of those that were printed, as they were in the order's version of the event."""

    kind = EventKind.DOCUMENT_PRINTED

    document: Document
    shipments: NotPersonal[list[str]]


@dataclass(frozen=True)
class ShipmentPacked(FactsBase):
    """A shipment whose units were all scanned, or ticked off, into its parcel."""

    kind = EventKind.SHIPMENT_PACKED

    shipment: NotPersonal[str]
    quantity: int


@dataclass(frozen=True)
class OrderHeld(FactsBase):
    """A hold of the whole order, or of the `shipment` with this reference; `until` is a day in ISO 8601."""

    kind = EventKind.ORDER_HELD

    hold: int
    reason: HoldReason
    shipment: NotPersonal[str | None] = None
    note: Personal[str | None] = None
    until: NotPersonal[str | None] = None
    keeps_stock: bool = True
    rule: HoldRule | None = None

    @classmethod
    def of(cls, hold: Hold, number: str) -> OrderHeld:
        """What is recorded of a hold of the order with this number."""
        return cls(
            hold=hold.id,
            reason=hold.reason,
            shipment=hold.reference(number),
            note=hold.note,
            until=hold.until,
            keeps_stock=hold.keeps_stock,
            rule=hold.rule,
        )


@dataclass(frozen=True)
class HoldReleased(FactsBase):
    """`ended` is whether its day had come, or what its rule looked for was gone."""

    kind = EventKind.HOLD_RELEASED

    hold: int
    reason: HoldReason
    shipment: NotPersonal[str | None] = None
    note: Personal[str | None] = None
    ended: bool = False


@dataclass(frozen=True)
class ReturnRegistered(FactsBase):
    """`products` are the names of what comes back; `reference` is of the return, such as WS-100234-R1."""

    kind = EventKind.RETURN_REGISTERED

    reference: NotPersonal[str]
    return_kind: ReturnKind
    products: NotPersonal[list[str]]
    quantity: int
    mailed_to: Personal[str | None] = None
    held: MailHoldReason | None = None


@dataclass(frozen=True)
class ReturnReceived(FactsBase):
    """`quantity` units came back, `restocked` of which went into stock."""

    kind = EventKind.RETURN_RECEIVED

    reference: NotPersonal[str]
    products: NotPersonal[list[str]]
    quantity: int
    restocked: int


@dataclass(frozen=True)
class ReturnClosed(FactsBase):
    kind = EventKind.RETURN_CLOSED

    reference: NotPersonal[str]


@dataclass(frozen=True)
class RefundRequested(FactsBase):
    """`credited` is what the order costs less, `amount` the money that is given back; both in öre."""

    kind = EventKind.REFUND_REQUESTED

    reference: NotPersonal[str]
    amount: int
    credited: int
    reason: Personal[str | None] = None


@dataclass(frozen=True)
class RefundDone(FactsBase):
    kind = EventKind.REFUND_DONE

    reference: NotPersonal[str]
    amount: int
    paid: BeforeAfter[int]
    method: NotPersonal[str | None] = None


@dataclass(frozen=True)
class RefundCancelled(FactsBase):
    kind = EventKind.REFUND_CANCELLED

    reference: NotPersonal[str]
    amount: int
    reason: Personal[str | None] = None


@dataclass(frozen=True)
class PaymentRegistered(FactsBase):
    kind = EventKind.PAYMENT_REGISTERED

    amount: int
    paid: BeforeAfter[int]
    method: NotPersonal[str | None] = None


@dataclass(frozen=True)
class WithdrawalReceived(FactsBase):
    """`products` are those that the customer withdraws from, none for the whole order."""

    kind = EventKind.WITHDRAWAL_RECEIVED

    withdrawal: int
    products: Personal[list[str]]
    mailed_to: Personal[str | None] = None


@dataclass(frozen=True)
class WithdrawalHandled(FactsBase):
    kind = EventKind.WITHDRAWAL_HANDLED

    withdrawal: int


@dataclass(frozen=True)
class ShipmentUncollected(FactsBase):
    """`at` is when its carrier gave up waiting for the customer, in ISO 8601."""

    kind = EventKind.SHIPMENT_UNCOLLECTED

    shipment: NotPersonal[str]
    at: NotPersonal[str]


@dataclass(frozen=True)
class ShipmentSentBack(FactsBase):
    """`at` is when its carrier sent it back, in ISO 8601."""

    kind = EventKind.SHIPMENT_SENT_BACK

    shipment: NotPersonal[str]
    at: NotPersonal[str]


@dataclass(frozen=True)
class OrderPrioritised(FactsBase):
    """Whether an order gets stock before older ones, and why."""

    kind = EventKind.ORDER_PRIORITISED

    is_prioritised: bool
    reason: Personal[str | None] = None


@dataclass(frozen=True)
class WholeDeliverySet(FactsBase):
    """Whether an order waits until stock covers all of it."""

    kind = EventKind.WHOLE_DELIVERY_SET

    ships_whole: bool


@dataclass(frozen=True)
class BackorderNoticeSent(FactsBase):
    """A mail about when products that are backordered come; `days` are in ISO 8601, by product in the same sequence."""

    kind = EventKind.BACKORDER_NOTICE_SENT

    mailed_to: Personal[str]
    products: NotPersonal[list[str]]
    days: NotPersonal[list[str]]
    held: MailHoldReason | None = None


@dataclass(frozen=True)
class CommentRead(FactsBase):
    """Someone read what the customer wrote with the order, which needed no answer, or marked it as unread again."""

    kind = EventKind.COMMENT_READ

    is_read: bool = True


EventFacts = (
    OrderPlaced
    | OrderImported
    | OrderCancelled
    | OrderRestored
    | CustomerChanged
    | LineAdded
    | LineChanged
    | LineRemoved
    | LineSplit
    | BackorderedSplit
    | ShipmentShipped
    | ShipmentReopened
    | ShipmentDelivered
    | StatusSet
    | TrackingAdded
    | TrackingRemoved
    | CommentAdded
    | ConfirmationSent
    | MessageQueuedAgain
    | MessageResent
    | MessageDismissed
    | BackorderCovered
    | CoverWithdrawn
    | PaymentChanged
    | SourceDiffers
    | SourceDifferencesDismissed
    | PersonalDataErased
    | UnitsRearranged
    | ShippingChanged
    | ChangesUndone
    | ChangesRedone
    | TrackingCorrected
    | DocumentPrinted
    | ShipmentPacked
    | OrderHeld
    | HoldReleased
    | ReturnRegistered
    | ReturnReceived
    | ReturnClosed
    | RefundRequested
    | RefundDone
    | RefundCancelled
    | PaymentRegistered
    | WithdrawalReceived
    | WithdrawalHandled
    | ShipmentUncollected
    | ShipmentSentBack
    | OrderPrioritised
    | WholeDeliverySet
    | BackorderNoticeSent
    | CommentRead
)
FACTS_BY_KIND: dict[EventKind, type[EventFacts]] = {cls.kind: cls for cls in get_args(EventFacts)}


def read_facts(kind: str, facts: dict[str, Any]) -> EventFacts:
    """The facts of an event, or of a change within those of another one, by its kind and as they are stored."""
    return FACTS_BY_KIND[EventKind(kind)].from_json(facts)


@cache
def not_personal_fields(kind: EventKind) -> frozenset[str]:
    """The names of the facts of a kind of event that stay when personal data are erased."""
    hints = hints_of(FACTS_BY_KIND[kind])
    return frozenset(name for name, hint in hints.items() if privacy_of(hint) is not Privacy.PERSONAL)


def hints_of(cls: type[FactsBase]) -> dict[str, Any]:
    """The type of each field, with its mark."""
    hints = get_type_hints(cls, include_extras=True)
    return {item.name: hints[item.name] for item in fields(cls)}


def privacy_of(hint: Any) -> Privacy | None:
    """The mark of a field, by its type."""
    return next((mark for mark in get_args(hint)[1:] if isinstance(mark, Privacy)), None)


@cache
def _defaults(kind: EventKind) -> tuple[tuple[str, Any], ...]:
    """The name and default of each field; `dataclasses.MISSING` where it has none."""
    return tuple((item.name, item.default) for item in fields(FACTS_BY_KIND[kind]))


@cache
def _readers(kind: EventKind) -> dict[str, tuple[Callable[[Any], Any], bool]]:
    """By the name of each field: the function that reads its JSON value, and whether it can be None."""
    return {name: (_reader(hint), _is_optional(hint)) for name, hint in hints_of(FACTS_BY_KIND[kind]).items()}


def _reader(hint: Any) -> Callable[[Any], Any]:
    if privacy_of(hint) is not None:
        return _reader(get_args(hint)[0])
    if _is_optional(hint):
        (read,) = (_reader(part) for part in get_args(hint) if part is not NoneType)
        return lambda value: None if value is None else read(value)
    if get_origin(hint) is BeforeAfter:
        (read,) = map(_reader, get_args(hint))
        return lambda value: BeforeAfter(read(value["before"]), read(value["after"]))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return lambda value: value


def _is_optional(hint: Any) -> bool:
    inner = get_args(hint)[0] if privacy_of(hint) is not None else hint
    return NoneType in get_args(inner)


def _to_json(value: Any) -> Any:
    if isinstance(value, BeforeAfter):
        return {"before": _to_json(value.before), "after": _to_json(value.after)}
    return value.value if isinstance(value, StrEnum) else value
