"""Payment methods, and which edits of a paid order each allows."""

from enum import StrEnum

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Approval, Order
from webshop_orders.text.languages import Sentence
from webshop_orders.text.languages import lazy_gettext as _l


class PaymentEdits(StrEnum):
    ANY = "any"
    DECREASE_ONLY = "decrease_only"
    NONE = "none"


# An amount that was reserved or lent cannot grow afterwards; a loan by instalments cannot change at all.
ALLOWED_EDITS = {
    "card": PaymentEdits.DECREASE_ONLY,
    "instalments": PaymentEdits.NONE,
    "klarna": PaymentEdits.DECREASE_ONLY,
}
PAID_AFTERWARDS = {"invoice"}  # once the goods have come
MAX_ROUNDING = 99  # öre that two roundings to whole kronor can make between them
METHOD_LABELS: dict[str, Sentence | str] = {
    "card": _l("Card"),
    "gift_card": _l("Gift card"),
    "invoice": _l("Invoice"),
    "instalments": _l("Instalments"),
    "klarna": "Klarna",
    "store_credit": _l("Store credit"),
    "swish": "Swish",
}


def allowed_edits(method: str | None) -> PaymentEdits:
    return ALLOWED_EDITS.get((method or "").casefold(), PaymentEdits.ANY)


def is_paid_afterwards(method: str | None) -> bool:
    return (method or "").casefold() in PAID_AFTERWARDS


def method_label(method: str | None) -> str:
    """A payment method in the reader's language, or as the checkout called it."""
    return str(METHOD_LABELS.get((method or "").casefold(), method or ""))


def check_allows(order: Order, approval: Approval, *, before: int, after: int, given_back: int = 0) -> None:
    """Raise RuleViolation where an order's payment method forbids this change of its total, in öre.

    It can always be raised to what was approved, or is paid of it or credited, and by what is `given_back` for it.
    """
    allowed, method = allowed_edits(order.payment_method), method_label(order.payment_method)
    covered = order.paid - order.pending_refunds + order.credited
    rounding = MAX_ROUNDING if given_back and order.rounds_to_whole_kronor else 0
    is_dearer = after > before and after - given_back > max(approval.total, covered) + rounding
    if allowed is PaymentEdits.NONE and after != before and (is_dearer or not given_back):
        raise RuleViolation(_("An order paid by %(method)s cannot change its total.", method=method))
    if allowed is PaymentEdits.DECREASE_ONLY and is_dearer:
        raise RuleViolation(
            _(
                "An order paid by %(method)s can become cheaper but not dearer: more than was approved cannot be "
                "charged. Place a new order for what is added.",
                method=method,
            )
        )
