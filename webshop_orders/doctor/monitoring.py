"""Diagnostics of monitoring: who reads the metrics, and whether the sign of life can leave this machine."""

import os
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from webshop_orders.doctor import reachability
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.metrics import process_files
from webshop_orders.text.languages import lazy_gettext as _l


def metrics() -> Diagnostic | None:
    """Reports that others read the metrics too, or that processes cannot count together; None if neither is so."""
    folder = Path(current_app.config["INSTANCE"]) / process_files.FOLDER
    if folder.exists() and not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        sentence = _("Metrics: %(folder)s cannot be written, so each process counts for itself.", folder=folder)
        return Diagnostic(False, sentence)
    if current_app.config["METRICS_TOKEN"]:
        return Diagnostic(True, _("Metrics: this machine reads /metrics, and whoever has the token."))
    return None


def ping() -> Diagnostic | None:
    """Whether PING_URL can be reached; None where there is none. It is not requested, which would be a sign of life."""
    return reachability.diagnose(
        current_app.config["PING_URL"],
        _l("Sign of life: while all is well, the worker requests %(host)s each minute."),
        _l("Sign of life: %(host)s cannot be reached (%(reason)s). Mend %(prefix)sPING_URL, or the way there."),
    )
