"""Diagnostics of the log: whether errors can be sent where SENTRY_DSN says."""

from flask import current_app

from webshop_orders.doctor import reachability
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.text.languages import lazy_gettext as _l


def error_reports() -> Diagnostic | None:
    """Whether the server of SENTRY_DSN can be reached; None where there is none. Nothing is sent to it."""
    return reachability.diagnose(
        current_app.config["SENTRY_DSN"],
        _l("Errors: unexpected ones are sent to %(host)s too."),
        _l("Errors: %(host)s cannot be reached (%(reason)s). Mend %(prefix)sSENTRY_DSN, or the way there."),
    )
