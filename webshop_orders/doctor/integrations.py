"""Webhooks out: who no longer hears what happens."""

from flask_babel import gettext as _

from webshop_orders.doctor.finding import Finding
from webshop_orders.models import DisabledBecause
from webshop_orders.operations import webhooks


def told() -> Finding:
    """Whether a webhook was switched off because its receiver did not answer or is gone."""
    found = webhooks.listed()
    off = [one.url for one in found if one.disabled_because not in {None, DisabledBecause.BY_HAND}]
    if off:
        return Finding(
            False,
            _(
                "Webhooks: %(urls)s did not answer and is switched off. See Konfiguration, Integrationer.",
                urls=", ".join(off),
            ),
        )
    count = sum(one.is_active for one in found)
    return Finding(True, _("Webhooks: %(count)s switched on.", count=count))
