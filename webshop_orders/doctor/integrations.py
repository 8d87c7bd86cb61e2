"""Diagnostics of webhooks, incoming calls, and orders that came in with other sums than their shop's."""

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import String, cast, func, select

from webshop_orders.db.extensions import db
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.models import DisabledReason, Order
from webshop_orders.operations.audit import incoming_calls as calls
from webshop_orders.operations.webhooks import subscriptions

MAX_NUMBERS_SHOWN = 5


def webhooks() -> Diagnostic:
    """Whether a webhook was disabled because its receiver did not answer or is gone."""
    configured = subscriptions.list_all()
    disabled = [webhook.url for webhook in configured if webhook.disabled_because not in {None, DisabledReason.BY_HAND}]
    if disabled:
        return Diagnostic(
            False,
            _(
                "Webhooks: %(urls)s did not answer and is switched off. See Konfiguration, Integrationer.",
                urls=", ".join(disabled),
            ),
        )
    count = sum(webhook.is_active for webhook in configured)
    return Diagnostic(True, _("Webhooks: %(count)s switched on.", count=count))


def incoming_calls() -> Diagnostic | None:
    """Reports incoming calls that could not be taken and wait for a person; None if there are none."""
    count = calls.count_not_taken()
    if not count:
        return None
    return Diagnostic(
        False,
        ngettext(
            "Incoming calls: %(count)s was not taken. See Konfiguration, Integrationer.",
            "Incoming calls: %(count)s were not taken. See Konfiguration, Integrationer.",
            count,
            count=count,
        ),
    )


def totals_of_shops() -> Diagnostic | None:
    """Reports orders whose sums differ from those that their shops state; None if there are none."""
    differing = select(Order.number).where(cast(Order.shop_differences, String).contains('"totals.'))
    numbers = list(db.session.scalars(differing.order_by(Order.id.desc()).limit(MAX_NUMBERS_SHOWN)))
    if not numbers:
        return None
    count = db.session.scalar(select(func.count()).select_from(differing.subquery())) or 0
    return Diagnostic(
        False,
        ngettext(
            "Sums: %(count)s order differs from what its shop states, %(numbers)s. See the order.",
            "Sums: %(count)s orders differ from what their shops state, such as %(numbers)s. See each order.",
            count,
            count=count,
            numbers=", ".join(numbers),
        ),
    )
