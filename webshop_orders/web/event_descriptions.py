"""Events as sentences: what was done, and the values before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from webshop_orders.models import BeforeAfter, CommentKind, Difference, Event, MailHoldReason, Order
from webshop_orders.models.event_facts import (
    BackorderCovered,
    BackorderedSplit,
    BackorderNoticeSent,
    ChangesRedone,
    ChangesUndone,
    CommentAdded,
    CommentRead,
    ConfirmationSent,
    CoverWithdrawn,
    CustomerChanged,
    Document,
    DocumentPrinted,
    EventFacts,
    LineAdded,
    LineChanged,
    LineRemoved,
    LineSplit,
    MessageDismissed,
    MessageQueuedAgain,
    MessageResent,
    OrderCancelled,
    OrderImported,
    OrderPlaced,
    OrderPrioritised,
    OrderRestored,
    PaymentChanged,
    PersonalDataErased,
    ShipmentDelivered,
    ShipmentPacked,
    ShipmentReopened,
    ShipmentShipped,
    ShippingChanged,
    SourceDifferencesDismissed,
    SourceDiffers,
    StatusSet,
    TrackingAdded,
    TrackingCorrected,
    TrackingRemoved,
    UnitsRearranged,
    WholeDeliverySet,
    read_facts,
)
from webshop_orders.operations.orders import stated_totals
from webshop_orders.text.languages import gettext as _
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web import after_sales_events, stock_events
from webshop_orders.web.http.formatting import amount, country, language_name, money, percent
from webshop_orders.web.labels import ORDER_STATUSES, delivery_status

T = TypeVar("T")
FIELDS = {
    "name": _l("name"),
    "company": _l("company"),
    "email": _l("e-mail"),
    "phone": _l("phone"),
    "organisation_number": _l("organisation number"),
    "street": _l("street"),
    "street2": _l("street, second line"),
    "postal_code": _l("postal code"),
    "city": _l("city"),
    "region": _l("region"),
    "country": _l("country"),
    "unusable_email": _l("e-mail that cannot be used"),
    "pickup_point": _l("pick-up point"),
}
CHANGES_OF_THE_TOTAL = (LineAdded, LineChanged, LineRemoved, ShippingChanged)
PARTS = {
    "customer": _l("Customer"),
    "billing_address": _l("Billing address"),
    "shipping_address": _l("Delivery address"),
}
HELD = {
    MailHoldReason.NOT_AUTOMATIC: _l("The mail was held: the shop sends these by hand."),
    MailHoldReason.NO_SERVER: _l("The mail was held: no mail server was set up."),
}
OTHER_SOURCE_FIELDS = {
    "cancelled": _l("cancelled"),
    "fulfilled": _l("shipped units"),
    "payment.paid": _l("paid"),
    "shipping.price": _l("shipping fee"),
}


@dataclass(frozen=True)
class EventDescription:
    """What was done, in one sentence without its actor and time.

    `changes` are the values that it affected: the name of each, its value before and its value after.
    """

    sentence: str
    changes: list[tuple[str, str, str]]


def describe(event: Event, order: Order) -> EventDescription:
    facts = event.read_facts()
    return EventDescription(_sentence(facts, order), list(_changes(facts, order)))


def describe_changes(changes: Iterable[dict[str, Any]], order: Order) -> str:
    """The sentences of changes that were taken back or carried out again, each given as its kind and facts."""
    return " ".join(_sentence(read_facts(change["kind"], change["facts"]), order) for change in changes)


def _sentence(facts: EventFacts, order: Order) -> str:
    match facts:
        case OrderPlaced():
            return _("The order was placed, %(total)s.", total=money(facts.total, order.currency))
        case OrderImported():
            return _("The order was imported, %(total)s.", total=money(facts.total, order.currency))
        case OrderCancelled():
            return _("The order was cancelled.")
        case OrderRestored():
            return _("The cancellation was taken back.")
        case ShipmentDelivered():
            return _("%(shipment)s was delivered.", shipment=facts.shipment)
        case CustomerChanged():
            return _customer_changed(facts)
        case LineAdded():
            return _(
                "%(quantity)s × %(product)s was added to %(shipment)s.",
                quantity=facts.quantity,
                product=facts.product,
                shipment=facts.shipment,
            )
        case LineChanged():
            if facts.reason is not None:
                return _price_changed(facts)
            return _(
                "%(product)s in %(shipment)s: from %(before)s to %(after)s.",
                product=facts.product,
                shipment=facts.shipment,
                before=facts.quantity.before,
                after=facts.quantity.after,
            )
        case LineRemoved():
            return _(
                "%(quantity)s × %(product)s was removed from %(shipment)s.",
                quantity=facts.quantity,
                product=facts.product,
                shipment=facts.shipment,
            )
        case LineSplit():
            return _split(facts)
        case BackorderedSplit():
            return _(
                "What waited for stock in %(source)s, %(quantity)s in all, moved to %(target)s.",
                source=facts.source,
                quantity=facts.quantity,
                target=facts.target,
            )
        case ShipmentShipped():
            return _shipped(facts)
        case ShipmentReopened():
            return _reopened(facts)
        case StatusSet():
            return _(
                "%(shipment)s was set to %(status)s by hand.",
                shipment=facts.shipment,
                status=delivery_status(facts.status.after),
            )
        case TrackingAdded():
            return _tracking_added(facts)
        case TrackingRemoved():
            return _(
                "The tracking code %(code)s was removed from %(shipment)s.", code=facts.code, shipment=facts.shipment
            )
        case TrackingCorrected():
            return _corrected(facts)
        case DocumentPrinted():
            return _printed(facts)
        case ShipmentPacked():
            return _("%(shipment)s was packed.", shipment=facts.shipment)
        case CommentAdded():
            return _commented(facts)
        case ConfirmationSent():
            return _confirmed(facts)
        case MessageQueuedAgain():
            return _with_hold(
                _(
                    "«%(subject)s» to %(mailed_to)s was queued again by hand.",
                    subject=facts.subject,
                    mailed_to=facts.mailed_to,
                ),
                facts.held,
            )
        case MessageResent():
            return _with_hold(
                _(
                    "A copy of «%(subject)s» to %(mailed_to)s was queued.",
                    subject=facts.subject,
                    mailed_to=facts.mailed_to,
                ),
                facts.held,
            )
        case MessageDismissed():
            return _(
                "«%(subject)s», which did not reach %(mailed_to)s, was laid aside.",
                subject=facts.subject,
                mailed_to=facts.mailed_to,
            )
        case BackorderCovered():
            return _covered(facts)
        case CoverWithdrawn():
            return _("Stock no longer covers %(products)s.", products=", ".join(facts.products))
        case PaymentChanged():
            return _payment_changed(facts, order.currency)
        case SourceDiffers():
            return _differs(facts)
        case SourceDifferencesDismissed():
            return _("The shop's own changes were laid aside.")
        case PersonalDataErased():
            return _("Personal data of the customer were erased.")
        case UnitsRearranged():
            return rearranged(facts)
        case ShippingChanged():
            return _("The shipping was changed.")
        case ChangesUndone():
            return _("Taken back: %(changes)s", changes=describe_changes(facts.changes, order))
        case ChangesRedone():
            return _("Carried out again: %(changes)s", changes=describe_changes(facts.changes, order))
        case OrderPrioritised() | WholeDeliverySet() | BackorderNoticeSent() | CommentRead():
            return stock_events.sentence(facts)
        case _:
            return after_sales_events.sentence(facts, order)


def _price_changed(facts: LineChanged) -> str:
    return _(
        "%(product)s in %(shipment)s has another price: «%(reason)s»",
        product=facts.product,
        shipment=facts.shipment,
        reason=facts.reason,
    )


def _split(facts: LineSplit) -> str:
    sentence = _(
        "%(quantity)s × %(product)s moved from %(source)s to %(target)s.",
        quantity=facts.quantity,
        product=facts.product,
        source=facts.source,
        target=facts.target,
    )
    return f"{sentence} {_codes_moved(facts.source, facts.codes_to)}" if facts.codes_to else sentence


def rearranged(facts: UnitsRearranged) -> str:
    """What a plan moved, move by move, and where tracking codes went."""
    moved = ", ".join(
        _(
            "%(quantity)s × %(product)s from %(source)s to %(target)s",
            quantity=move["quantity"],
            product=move["product"],
            source=move["source"],
            target=move["target"],
        )
        for move in facts.moves
    )
    codes = [_codes_moved(moved_codes["source"], moved_codes["target"]) for moved_codes in facts.codes]
    return " ".join([_("Moved between shipments: %(moves)s.", moves=moved), *codes])


def _codes_moved(source: str, target: str) -> str:
    return _("The tracking codes of %(source)s went to %(target)s.", source=source, target=target)


def _customer_changed(facts: CustomerChanged) -> str:
    sentence = _("Customer or addresses were changed.")
    if facts.vat_country is None:
        return sentence
    return f"{sentence} " + _("The VAT stayed that of %(country)s.", country=country(facts.vat_country))


def _differs(facts: SourceDiffers) -> str:
    fields = ", ".join(map(source_field, facts.fields))
    if all(field.startswith("totals.") for field in facts.fields):
        return _("The shop states other sums than those of the order's lines: %(fields)s.", fields=fields)
    return _("The shop changed the order where it was changed here too: %(fields)s.", fields=fields)


def _payment_changed(facts: PaymentChanged, currency: str) -> str:
    paid = money(facts.paid.after, currency)
    if facts.refunded is None:
        return _("The shop says that %(paid)s is paid.", paid=paid)
    refunded = money(facts.refunded.after, currency)
    return _("The shop says that %(paid)s is paid and %(refunded)s given back.", paid=paid, refunded=refunded)


def _changes(facts: EventFacts, order: Order) -> Iterator[tuple[str, str, str]]:
    if isinstance(facts, LineChanged):
        yield from _line_values(facts, order.currency)
    if isinstance(facts, ShippingChanged):
        yield from _shipping_values(facts, order.currency)
    if isinstance(facts, LineAdded | LineRemoved) and facts.discount:
        before, after = (0, facts.discount) if isinstance(facts, LineAdded) else (facts.discount, 0)
        yield _("discount"), *_formatted(BeforeAfter(before, after), lambda value: amount(value, order.currency))
    if isinstance(facts, CHANGES_OF_THE_TOTAL) and facts.total.before != facts.total.after:
        yield _("total"), *_formatted(facts.total, lambda value: amount(value, order.currency))
    if isinstance(facts, OrderCancelled):
        yield _("status"), *_formatted(facts.status, lambda status: str(ORDER_STATUSES[status]))
    if isinstance(facts, ShipmentShipped | ShipmentReopened | StatusSet):
        yield _("status"), *_formatted(facts.status, delivery_status)
    if isinstance(facts, CustomerChanged):
        yield from _customer_details(facts)
        if facts.language:
            yield _("language"), *_formatted(facts.language, language_name)


def _shipping_values(facts: ShippingChanged, currency: str) -> Iterator[tuple[str, str, str]]:
    if facts.method.before != facts.method.after:
        yield _("shipping method"), *_formatted(facts.method, lambda method: method or "–")
    if facts.price.before != facts.price.after:
        yield _("shipping fee"), *_formatted(facts.price, lambda value: amount(value, currency))
    if facts.vat_rate:
        yield _("VAT rate of the shipping"), *_formatted(facts.vat_rate, percent)


def _line_values(facts: LineChanged, currency: str) -> Iterator[tuple[str, str, str]]:
    if facts.quantity.before != facts.quantity.after:
        yield _("quantity"), *_formatted(facts.quantity, str)
    for label, amounts in ((_("unit price"), facts.unit_price), (_("discount"), facts.discount)):
        if amounts:
            yield label, *_formatted(amounts, lambda value: amount(value, currency))


def difference(value: Difference, order: Order) -> tuple[str, str, str]:
    """A difference between an order and its source: the name of the field, the order's value, the source's value."""
    formatter = _source_formatter(value.field, order.currency)
    return source_field(value.field), formatter(value.here), formatter(value.shop)


def source_field(field: str) -> str:
    """The name of a field in which an order can differ from its source."""
    part, _dot, name = field.partition(".")
    if part == "lines":
        return _("quantity of %(sku)s", sku=name)
    if part == "totals":
        return stated_totals.label(name)
    if part in PARTS:
        return f"{PARTS[part]}, {FIELDS[name]}"
    return str(OTHER_SOURCE_FIELDS[field])


def _source_formatter(field: str, currency: str) -> Callable[[str | None], str]:
    if field == "cancelled":
        return lambda value: _("yes") if value == "true" else _("no")
    if field in {"payment.paid", "shipping.price"} or field.startswith("totals."):
        return lambda value: money(int(value or 0), currency)
    if field.endswith(".country"):
        return lambda value: country(value) if value else "–"
    return lambda value: value or "–"


def _customer_details(facts: CustomerChanged) -> Iterator[tuple[str, str, str]]:
    parts = {
        "customer": facts.customer,
        "billing_address": facts.billing_address,
        "shipping_address": facts.shipping_address,
    }
    for part, values in parts.items():
        for name, before in values.before.items() if values else ():
            after = values.after.get(name) if values else None
            if before != after:
                formatter = country if name == "country" else str
                yield f"{PARTS[part]}, {FIELDS[name]}", formatter(before or "–"), formatter(after or "–")


def _formatted(change: BeforeAfter[T], formatter: Callable[[T], str]) -> tuple[str, str]:
    return formatter(change.before), formatter(change.after)


def _with_hold(sentence: str, held: MailHoldReason | None) -> str:
    """A sentence about a mail that was written, and why it was held, if it was; what became of it is shown there."""
    return f"{sentence} {HELD[held]}" if held else sentence


def _corrected(facts: TrackingCorrected) -> str:
    if facts.code is None:  # erased
        return _("A tracking code of %(shipment)s was corrected.", shipment=facts.shipment)
    if facts.code.before == facts.code.after:
        values = {"code": facts.code.after, "shipment": facts.shipment}
        if facts.carrier is None:
            return _("The carrier of %(code)s on %(shipment)s was taken away.", **values)
        return _("The carrier of %(code)s on %(shipment)s now is %(carrier)s.", carrier=facts.carrier, **values)
    return _(
        "The tracking code of %(shipment)s was corrected: from %(before)s to %(after)s.",
        shipment=facts.shipment,
        before=facts.code.before,
        after=facts.code.after,
    )


def _printed(facts: DocumentPrinted) -> str:
    shipments = ", ".join(facts.shipments)
    match facts.document:
        case Document.PICK_LIST:
            return _("A pick list with %(shipments)s was printed.", shipments=shipments)
        case Document.PACKING_SLIP:
            return _("The packing slip of %(shipments)s was printed.", shipments=shipments)
        case Document.LABEL:
            return _("The address label of %(shipments)s was printed.", shipments=shipments)


def _shipped(facts: ShipmentShipped) -> str:
    sentence = _("%(shipment)s was shipped.", shipment=facts.shipment)
    if facts.mailed_to:
        sentence = _(
            "%(shipment)s was shipped; a delivery confirmation to %(mailed_to)s was queued.",
            shipment=facts.shipment,
            mailed_to=facts.mailed_to,
        )
    return _with_hold(sentence, facts.held)


def _reopened(facts: ShipmentReopened) -> str:
    sentence = _("%(shipment)s was taken back from shipped.", shipment=facts.shipment)
    if facts.mail_withdrawn:
        return f"{sentence} " + _("The delivery confirmation was withdrawn.")
    if facts.mailed_to:
        return f"{sentence} " + _("The delivery confirmation had gone to %(email)s already.", email=facts.mailed_to)
    return sentence


def _tracking_added(facts: TrackingAdded) -> str:
    if facts.carrier:
        return _(
            "%(carrier)s %(code)s was added to %(shipment)s.",
            carrier=facts.carrier,
            code=facts.code,
            shipment=facts.shipment,
        )
    return _("The tracking code %(code)s was added to %(shipment)s.", code=facts.code, shipment=facts.shipment)


def _commented(facts: CommentAdded) -> str:
    if facts.comment_kind is CommentKind.INTERNAL:
        return _("An internal comment: «%(text)s»", text=facts.text)
    if facts.mailed_to:
        sentence = _(
            "A comment to the customer, with a mail to %(mailed_to)s: «%(text)s»",
            mailed_to=facts.mailed_to,
            text=facts.text,
        )
        return _with_hold(sentence, facts.held)
    return _("A comment to the customer, not mailed: «%(text)s»", text=facts.text)


def _confirmed(facts: ConfirmationSent) -> str:
    if facts.shipment:
        sentence = _(
            "The delivery confirmation of %(shipment)s to %(mailed_to)s was queued by hand.",
            shipment=facts.shipment,
            mailed_to=facts.mailed_to,
        )
    elif facts.refund:
        sentence = _(
            "The credit note %(reference)s to %(mailed_to)s was queued by hand.",
            reference=facts.refund,
            mailed_to=facts.mailed_to,
        )
    elif facts.changes is not None:
        sentence = _("The order change to %(mailed_to)s was queued by hand.", mailed_to=facts.mailed_to)
    else:
        sentence = _("The order confirmation to %(mailed_to)s was queued by hand.", mailed_to=facts.mailed_to)
    return _with_hold(sentence, facts.held)


def _covered(facts: BackorderCovered) -> str:
    products = ", ".join(facts.products)
    if facts.shipments:
        return _(
            "Stock arrived for %(products)s, so %(shipments)s became ready.",
            products=products,
            shipments=", ".join(facts.shipments),
        )
    return _("Stock arrived for some of %(products)s.", products=products)


TEMPLATE_GLOBALS = {"describe_event": describe, "describe_changes": describe_changes, "describe_difference": difference}
