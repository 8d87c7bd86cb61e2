"""Diagnostics of versions: of the database, and of the workers that run."""

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.db import migrations as db_migrations
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.operations import heartbeats
from webshop_orders.version import VERSION


def migrations() -> Diagnostic:
    """Whether every migration has been applied, and none of a newer version."""
    if db_migrations.is_newer():
        return Diagnostic(
            False,
            _("Migrations: a newer version has migrated the database. This one works on; upgrade it too."),
        )
    if db_migrations.is_current():
        return Diagnostic(True, _("Migrations: all are carried out."))
    return Diagnostic(False, _("Migrations: some are lacking. «webshop-orders serve» carries them out."))


def workers() -> Diagnostic:
    """Whether a worker runs, and all that run are of this version."""
    running = heartbeats.running(heartbeats.WORKER)
    if not running:
        return Diagnostic(False, _("Workers: none runs, so no mail leaves. Start «webshop-orders worker»."))
    if others := sorted({worker.version for worker in running} - {VERSION}):
        return Diagnostic(
            False,
            _(
                "Workers: one is of version %(versions)s, and this is %(own)s. Restart it.",
                versions=", ".join(others),
                own=VERSION,
            ),
        )
    count = len(running)
    return Diagnostic(True, ngettext("Workers: %(count)s runs.", "Workers: %(count)s run.", count, count=count))
