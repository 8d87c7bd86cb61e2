"""Diagnostics of the log: whether errors can be sent where SENTRY_DSN says."""

from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _

from webshop_orders.config import ENV_PREFIX
from webshop_orders.doctor import reachability
from webshop_orders.doctor.diagnostic import Diagnostic


def error_reports() -> Diagnostic | None:
    """Whether the server of SENTRY_DSN can be reached; None where there is none. Nothing is sent to it."""
    dsn = current_app.config["SENTRY_DSN"]
    if not dsn:
        return None
    host = urlsplit(dsn).hostname
    if reason := reachability.obstacle(dsn):
        sentence = _(
            "Errors: %(host)s cannot be reached (%(reason)s). Mend %(prefix)sSENTRY_DSN, or the way there.",
            host=host,
            reason=reason,
            prefix=ENV_PREFIX,
        )
        return Diagnostic(False, sentence)
    return Diagnostic(True, _("Errors: unexpected ones are sent to %(host)s too.", host=host))
