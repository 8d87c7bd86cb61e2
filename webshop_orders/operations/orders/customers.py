"""The customer of an order, its billing and delivery addresses, and the language of its mails."""

from dataclasses import asdict, replace

from flask_babel import gettext as _

from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.mailing.vocabulary import LANGUAGES
from webshop_orders.models import Actor, Address, BeforeAfter, Customer, Order
from webshop_orders.models.event_facts import CustomerChanged
from webshop_orders.money import vat_territories
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.audit import history


def change(
    order: Order, customer: Customer, billing: Address, shipping: Address, *, language: str | None = None, by: Actor
) -> None:
    """Set customer, billing and delivery address, and the language where one is given.

    Neither prices nor VAT change; where they may be others in the new country, the order remembers the former one.

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
    vat_country = _vat_country(order, shipping.country)
    if vat_country and shipping.country != order.shipping_address.country:
        facts = replace(facts, vat_country=vat_country)
    order.vat_country = vat_country
    order.customer, order.billing_address, order.shipping_address = customer, billing, shipping
    order.language = language
    history.record(order, facts, by=by)


def offered_languages(order: Order) -> list[str]:
    """The languages that an order can have: those of the mails, and its own."""
    return list(dict.fromkeys([*LANGUAGES, order.language]))


def _vat_country(order: Order, going_to: str) -> str | None:
    """The country that the order's VAT was charged for, where it may be another in the one that the goods go to."""
    charged_for = order.vat_country or order.shipping_address.country
    if charged_for == going_to:
        return None
    is_charged = any(compute_totals(order).vat.values())
    return charged_for if vat_territories.may_differ(charged_for, going_to, is_charged=is_charged) else None


def _difference(before: Customer | Address, after: Customer | Address) -> BeforeAfter[dict[str, str | None]] | None:
    return BeforeAfter(asdict(before), asdict(after)) if before != after else None
