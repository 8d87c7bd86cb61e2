"""The ways that orders are paid, and what each lets be edited afterwards."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class PaymentEdits(StrEnum):
    ANY = "any"
    DECREASE_ONLY = "decrease_only"
    NONE = "none"


# What was reserved or lent for an order cannot grow afterwards; a loan by instalments cannot change at all.
ALLOWED_EDITS = {
    "card": PaymentEdits.DECREASE_ONLY,
    "instalments": PaymentEdits.NONE,
    "klarna": PaymentEdits.DECREASE_ONLY,
}
METHOD_LABELS = {
    "card": _l("Card"),
    "invoice": _l("Invoice"),
    "instalments": _l("Instalments"),
    "klarna": "Klarna",
    "swish": "Swish",
}


def allowed_edits(method: str | None) -> PaymentEdits:
    return ALLOWED_EDITS.get((method or "").casefold(), PaymentEdits.ANY)


def method_label(method: str | None) -> str:
    """A payment method in the reader's language, or as the checkout called it."""
    return str(METHOD_LABELS.get((method or "").casefold(), method or ""))
