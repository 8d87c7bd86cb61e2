"""Sentences of what happened to an order that waits for stock, and to what its customer wrote."""

from datetime import date
from typing import assert_never

from webshop_orders.models.event_facts import BackorderNoticeSent, CommentRead, OrderPrioritised, WholeDeliverySet
from webshop_orders.text.languages import gettext as _
from webshop_orders.web.http.formatting import day

Facts = OrderPrioritised | WholeDeliverySet | BackorderNoticeSent | CommentRead


def sentence(facts: Facts) -> str:
    """What an event did, without its actor and time."""
    match facts:
        case OrderPrioritised():
            return _prioritised(facts)
        case WholeDeliverySet(ships_whole=True):
            return _("The order waits until all of it is in stock, and leaves whole.")
        case WholeDeliverySet():
            return _("The order no longer waits until all of it is in stock.")
        case BackorderNoticeSent():
            return _notice(facts)
        case CommentRead(is_read=True):
            return _("The customer's comment was read.")
        case CommentRead():
            return _("The customer's comment was marked as unread.")
    assert_never(facts)


def _prioritised(facts: OrderPrioritised) -> str:
    if not facts.is_prioritised:
        return _("The order no longer gets stock before older ones.")
    return _("The order gets stock before older ones: «%(reason)s»", reason=facts.reason or "…")


def _notice(facts: BackorderNoticeSent) -> str:
    days = ", ".join(
        f"{product} {day(date.fromisoformat(expected))}"
        for product, expected in zip(facts.products, facts.days, strict=True)
    )
    return _("%(mailed_to)s was told when products come: %(days)s.", mailed_to=facts.mailed_to, days=days)
