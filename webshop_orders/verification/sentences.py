"""Sentences that several checks have."""

from flask_babel import gettext as _


def differs(what: str, column: str, stored: object, computed: object) -> str:
    """That a column of an order, a shipment or a product has another value than it should."""
    return _(
        "%(what)s: %(column)s is %(stored)s, and should be %(computed)s.",
        what=what,
        column=column,
        stored=_shown(stored),
        computed=_shown(computed),
    )


def does_not_follow(what: str, column: str) -> str:
    """The same of a column whose values are long, or personal."""
    return _("%(what)s: %(column)s does not follow from the rest.", what=what, column=column)


def _shown(value: object) -> str:
    return "—" if value is None else str(getattr(value, "value", value))
