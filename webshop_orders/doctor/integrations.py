"""Diagnostics of outgoing webhooks."""

from flask_babel import gettext as _

from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.models import DisabledReason
from webshop_orders.operations.webhooks import subscriptions


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
