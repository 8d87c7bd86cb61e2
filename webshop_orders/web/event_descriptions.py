"""Events in plain sentences: what happened, and what it was like before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webshop_orders.models import CommentKind, DeliveryStatus, Difference, Event, Order, OrderStatus
from webshop_orders.models import EventKind as Kind
from webshop_orders.web.http.formatting import amount, country, money
from webshop_orders.web.labels import ORDER_STATUSES, delivery_status

Facts = dict[str, Any]
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
}
PARTS = {
    "customer": _l("Customer"),
    "billing_address": _l("Billing address"),
    "shipping_address": _l("Delivery address"),
}


OF_SHOP = {
    "cancelled": _l("cancelled"),
    "payment.paid": _l("paid"),
    "shipping.price": _l("shipping fee"),
}


def describe(event: Event, order: Order) -> str:
    """What was done, in one sentence without its doer and time."""
    return SENTENCES[event.kind]({"currency": order.currency, **event.facts})


def details(event: Event, order: Order) -> Iterator[tuple[str, str, str]]:
    """What the change made different: the thing, what it was before, and what it is after."""
    facts = event.facts
    if "quantity" in facts and isinstance(facts["quantity"], dict):
        yield _("quantity"), *_pair(facts["quantity"], str)
    if isinstance(facts.get("total"), dict) and facts["total"]["before"] != facts["total"]["after"]:
        yield _("total"), *_pair(facts["total"], lambda value: amount(value, order.currency))
    if "status" in facts:
        yield _("status"), *_pair(facts["status"], _status)
    for part, label in PARTS.items():
        for name, before in facts.get(part, {}).get("before", {}).items():
            after = facts[part]["after"][name]
            if before != after:
                shown = country if name == "country" else str
                yield f"{label}, {FIELDS[name]}", shown(before or "–"), shown(after or "–")


def difference(one: Difference, order: Order) -> tuple[str, str, str]:
    """What an order says otherwise than its shop: the thing, what it is here, and what it is there."""
    shown = _shown_as(one.field, order.currency)
    return differing(one.field), shown(one.here), shown(one.shop)


def differing(field: str) -> str:
    """The name of something that an order and its shop tell differently."""
    part, _dot, name = field.partition(".")
    if part == "lines":
        return _("quantity of %(sku)s", sku=name)
    if part in PARTS:
        return f"{PARTS[part]}, {FIELDS[name]}"
    return str(OF_SHOP[field])


def _shown_as(field: str, currency: str) -> Callable[[str | None], str]:
    if field == "cancelled":
        return lambda value: _("yes") if value == "true" else _("no")
    if field in {"payment.paid", "shipping.price"}:
        return lambda value: money(int(value or 0), currency)
    if field.endswith(".country"):
        return lambda value: country(value) if value else "–"
    return lambda value: value or "–"


def _pair(change: Facts, shown: Callable[[Any], str]) -> tuple[str, str]:
    return shown(change["before"]), shown(change["after"])


def _status(value: str) -> str:
    if value in set(DeliveryStatus):
        return delivery_status(DeliveryStatus(value))
    return str(ORDER_STATUSES[OrderStatus(value)])


def _placed(facts: Facts) -> str:
    return _("The order was placed, %(total)s.", total=money(facts["total"], facts["currency"]))


def _imported(facts: Facts) -> str:
    return _("The order was imported, %(total)s.", total=money(facts["total"], facts["currency"]))


def _line_changed(facts: Facts) -> str:
    change = facts["quantity"]
    return _(
        "%(product)s in %(shipment)s: from %(before)s to %(after)s.",
        product=facts["product"],
        shipment=facts["shipment"],
        **change,
    )


def _shipped(facts: Facts) -> str:
    if facts.get("mailed_to"):
        return _("%(shipment)s was shipped; a delivery confirmation went to %(mailed_to)s.", **facts)
    return _("%(shipment)s was shipped.", **facts)


def _status_set(facts: Facts) -> str:
    status = delivery_status(DeliveryStatus(facts["status"]["after"]))
    return _("%(shipment)s was set to %(status)s by hand.", shipment=facts["shipment"], status=status)


def _tracking_added(facts: Facts) -> str:
    if facts.get("carrier"):
        return _("%(carrier)s %(code)s was added to %(shipment)s.", **facts)
    return _("The tracking code %(code)s was added to %(shipment)s.", **facts)


def _comment(facts: Facts) -> str:
    if facts["comment_kind"] == CommentKind.INTERNAL:
        return _("An internal comment: «%(text)s»", **facts)
    if facts.get("mailed_to"):
        return _("A comment to the customer, mailed to %(mailed_to)s: «%(text)s»", **facts)
    return _("A comment to the customer: «%(text)s»", **facts)


def _confirmation(facts: Facts) -> str:
    if facts.get("shipment"):
        return _("The delivery confirmation of %(shipment)s was sent to %(mailed_to)s by hand.", **facts)
    if "changes" in facts:
        return _("Word of the changed order was sent to %(mailed_to)s by hand.", **facts)
    return _("The order confirmation was sent to %(mailed_to)s by hand.", **facts)


def _covered(facts: Facts) -> str:
    products = ", ".join(facts["products"])
    if facts["shipments"]:
        return _(
            "Stock arrived for %(products)s, so %(shipments)s became ready.",
            products=products,
            shipments=", ".join(facts["shipments"]),
        )
    return _("Stock arrived for some of %(products)s.", products=products)


def _shop_differs(facts: Facts) -> str:
    fields = ", ".join(map(differing, facts["fields"]))
    return _("The shop changed the order where it was changed here too: %(fields)s.", fields=fields)


SENTENCES: dict[Kind, Callable[[Facts], str]] = {
    Kind.ORDER_PLACED: _placed,
    Kind.ORDER_IMPORTED: _imported,
    Kind.ORDER_CANCELLED: lambda facts: _("The order was cancelled."),
    Kind.CUSTOMER_CHANGED: lambda facts: _("Customer or addresses were changed."),
    Kind.LINE_ADDED: lambda facts: _("%(quantity)s × %(product)s was added to %(shipment)s.", **facts),
    Kind.LINE_CHANGED: _line_changed,
    Kind.LINE_REMOVED: lambda facts: _("%(quantity)s × %(product)s was removed from %(shipment)s.", **facts),
    Kind.LINE_SPLIT: lambda facts: _("%(quantity)s × %(product)s moved from %(source)s to %(target)s.", **facts),
    Kind.BACKORDERED_SPLIT: lambda facts: _(
        "What waited for stock in %(source)s, %(quantity)s in all, moved to %(target)s.", **facts
    ),
    Kind.SHIPMENT_SHIPPED: _shipped,
    Kind.SHIPMENT_REOPENED: lambda facts: _("%(shipment)s was taken back from shipped.", **facts),
    Kind.STATUS_SET: _status_set,
    Kind.TRACKING_ADDED: _tracking_added,
    Kind.TRACKING_REMOVED: lambda facts: _("The tracking code %(code)s was removed from %(shipment)s.", **facts),
    Kind.COMMENT_ADDED: _comment,
    Kind.CONFIRMATION_SENT: _confirmation,
    Kind.MESSAGE_QUEUED_AGAIN: lambda facts: _("«%(subject)s» was sent on its way to %(mailed_to)s by hand.", **facts),
    Kind.MESSAGE_RESENT: lambda facts: _("«%(subject)s» was also sent to %(mailed_to)s.", **facts),
    Kind.MESSAGE_SETTLED: lambda facts: _("«%(subject)s», which did not reach %(mailed_to)s, was laid aside.", **facts),
    Kind.BACKORDER_COVERED: _covered,
    Kind.PAYMENT_CHANGED: lambda facts: _(
        "The shop says that %(paid)s is paid.", paid=money(facts["paid"]["after"], facts["currency"])
    ),
    Kind.SHOP_DIFFERS: _shop_differs,
    Kind.SHOP_SETTLED: lambda facts: _("The shop's own changes were laid aside."),
    Kind.PERSONAL_DATA_ERASED: lambda facts: _("Personal data of the customer were erased."),
    Kind.COVER_WITHDRAWN: lambda facts: _(
        "Stock no longer covers %(products)s.", products=", ".join(facts["products"])
    ),
}

TEMPLATE_GLOBALS = {"describe_event": describe, "event_changes": details, "describe_difference": difference}
