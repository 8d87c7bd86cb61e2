"""Diagnostics of backups."""

from __future__ import annotations

from flask import current_app
from flask_babel import format_timedelta
from flask_babel import gettext as _

from webshop_orders.backups import postgresql_tools, records
from webshop_orders.clock import now
from webshop_orders.config import ENV_PREFIX
from webshop_orders.db.extensions import db
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.errors import RuleViolation


def last_backup() -> Diagnostic:
    """How old the last good backup is, and whether those that the worker should make are made."""
    every, good = current_app.config.get("BACKUP_EVERY"), records.last_good()
    age = format_timedelta(now() - good.started_at) if good else None
    if every and (lacking := _lacking_program()):
        return Diagnostic(False, _("Backups: %(reason)s", reason=lacking))
    if failed := records.last_failure():
        return Diagnostic(False, _("Backups: the last one failed (%(reason)s).", reason=failed.failure))
    if every and records.is_overdue(every):
        sentence = (
            _("Backups: the last one was made %(age)s ago. Start «webshop-orders worker».", age=age)
            if age
            else _("Backups: none has been made. Start «webshop-orders worker».")
        )
        return Diagnostic(False, sentence)
    if age:
        return Diagnostic(True, _("Backups: the last one was made %(age)s ago.", age=age))
    return Diagnostic(
        True,
        _("Backups: the order desk makes none. Set %(prefix)sBACKUP_EVERY, or make them otherwise.", prefix=ENV_PREFIX),
    )


def _lacking_program() -> str | None:
    """Why the worker cannot make a backup; None if it can."""
    if db.engine.dialect.name == "sqlite":
        return None
    try:
        postgresql_tools.find("pg_dump")
    except RuleViolation as violation:
        return str(violation)
    return None
