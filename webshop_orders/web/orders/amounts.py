"""Amounts that were typed into a form, in the minor unit of the order's currency."""

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.money.rounding import round_half_up
from webshop_orders.money.totals import BASIS_POINTS
from webshop_orders.text.currencies import minor_digits
from webshop_orders.web.http.fields import DiscountField, MoneyField, Percentage


def minor_units(field: MoneyField, currency: str) -> int:
    """The amount of a field, 0 where an optional one is empty; raises RuleViolation for too many decimals."""
    digits = minor_digits(currency)
    amount = (field.data or 0) * 10**digits
    if amount != int(amount):
        raise RuleViolation(
            _("An amount in %(currency)s has at most %(digits)s decimals.", currency=currency, digits=digits),
            field=field.short_name,
        )
    return int(amount)


def discount(field: DiscountField, price: int, currency: str) -> int:
    """The discount of a field on a price in minor units, a share rounded half up."""
    if isinstance(field.data, Percentage):
        return round_half_up(price * field.data.basis_points, BASIS_POINTS)
    return minor_units(field, currency)
