"""The customer of an order, its billing and delivery addresses, and the language of its mails."""

from dataclasses import asdict

from flask_babel import gettext as _

from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.mailing.vocabulary import LANGUAGES
from webshop_orders.models import Actor, Address, BeforeAfter, Customer, Order
from webshop_orders.models.event_facts import CustomerChanged
from webshop_orders.operations.audit import history


def change(
    order: Order, customer: Customer, billing: Address, shipping: Address, *, language: str | None = None, by: Actor
) -> None:
    """Set customer, billing and delivery address, and the language where one is given.

    Raises NoChange where all are as before, RuleViolation for a language that is not offered.
    """
    order.check_not_cancelled()
    language = language or order.language
    if language not in offered_languages(order):
        raise RuleViolation(_("Choose one of the alternatives."), field="language")
    facts = CustomerChanged(
        customer=_difference(order.customer, customer),
        billing_address=_difference(order.billing_address, billing),
        shipping_address=_difference(order.shipping_address, shipping),
        language=BeforeAfter(order.language, language) if order.language != language else None,
    )
    if facts == CustomerChanged():
        raise NoChange(_("Nothing was changed."))
    order.customer, order.billing_address, order.shipping_address = customer, billing, shipping
    order.language = language
    history.record(order, facts, by=by)


def offered_languages(order: Order) -> list[str]:
    """The languages that an order can have: those of the mails, and its own."""
    return list(dict.fromkeys([*LANGUAGES, order.language]))


def _difference(before: Customer | Address, after: Customer | Address) -> BeforeAfter[dict[str, str | None]] | None:
    return BeforeAfter(asdict(before), asdict(after)) if before != after else None
