"""Webhooks out: who no longer hears what happens."""

from flask_babel import gettext as _

from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.models import DisabledReason
from webshop_orders.operations.webhooks import subscriptions as webhooks


def told() -> Diagnostic:
    """Whether a webhook was switched off because its receiver did not answer or is gone."""
    found = webhooks.list_all()
    off = [one.url for one in found if one.disabled_because not in {None, DisabledReason.BY_HAND}]
    if off:
        return Diagnostic(
            False,
            _(
                "Webhooks: %(urls)s did not answer and is switched off. See Konfiguration, Integrationer.",
                urls=", ".join(off),
            ),
        )
    count = sum(one.is_active for one in found)
    return Diagnostic(True, _("Webhooks: %(count)s switched on.", count=count))
