"""What a transaction changes in Konfiguration, field by field, for the access log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, is_dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from webshop_orders.db.extensions import Base, db
from webshop_orders.models import ApiKey, Connection, MailTemplate, Shop, Webhook

LONGEST_VALUE = 300


@dataclass(frozen=True)
class AuditedSettings:
    """A part of Konfiguration: the table that keeps it, the field that a row is called by, the fields whose values are
    told, and those of which only is told that they changed, since they are secret or long."""

    name: str
    model: type[Base]
    told: tuple[str, ...]
    called: str | None = None
    withheld: tuple[str, ...] = ()


AUDITED = (
    AuditedSettings(
        "shop",
        Shop,
        told=(
            "name",
            "currency",
            "number_prefix",
            "number_digits",
            "rounds_to_whole_kronor",
            "stock_safety_margin",
            "backorderable_by_default",
            "language",
            "time_zone",
        ),
    ),
    AuditedSettings(
        "mail",
        Shop,
        told=(
            "mails_order_confirmations",
            "mails_delivery_confirmations",
            "sender_name",
            "sender_email",
            "notification_email",
        ),
    ),
    AuditedSettings("carriers", Shop, told=("carriers",)),
    AuditedSettings("users", Shop, told=("requires_second_factor",)),
    AuditedSettings("personal_data", Shop, told=("personal_data_months", "bookkeeping_years")),
    AuditedSettings("mail_template", MailTemplate, told=("kind", "language"), withheld=("source",)),
    AuditedSettings("api_key", ApiKey, called="name", told=("scopes", "revoked_at"), withheld=("digest",)),
    AuditedSettings("webhook", Webhook, called="url", told=("url", "events", "disabled_at"), withheld=("secret",)),
    AuditedSettings("connection", Connection, called="name", told=("kind", "prefix", "ended_at"), withheld=("secret",)),
)
# What follows from the rest, or is no decision of anyone's.
NOT_AUDITED = {
    Shop: {"id", "next_number", "mail_templates", "webhook_events"},
    MailTemplate: {"id", "saved_at", "saved_by"},
    ApiKey: {"id", "name", "hint", "made_at", "made_by", "last_used_at", "window_at", "used_in_window"},
    Webhook: {
        "id",
        "made_at",
        "made_by",
        "previous_secret",
        "previous_secret_until",
        "paused_until",
        "answered_at",
        "disabled_because",
    },
    Connection: {"id", "name", "made_at", "last_used_at"},
}


@dataclass
class SettingsChange:
    """What became of one row of a part; `what` is made, changed or removed."""

    part: str
    what: str
    called: str | None
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "part": self.part,
            "what": self.what,
            "called": self.called,
            "fields": {name: values for name, values in self.fields.items() if values["before"] != values["after"]},
            "withheld": self.withheld,
        }


@contextmanager
def watching() -> Iterator[list[SettingsChange]]:
    """What the present transaction changes in Konfiguration, in a list that is filled when the block ends."""
    changes: list[SettingsChange] = []
    seen: dict[tuple[AuditedSettings, Base], SettingsChange] = {}

    def look(session: Session, *ignored: Any) -> None:
        for entity in [*session.new, *session.dirty, *session.deleted]:
            for part in AUDITED:
                if isinstance(entity, part.model):
                    _see(part, entity, _what_becomes(entity, session), seen)

    session = db.session()
    event.listen(session, "before_flush", look)
    try:
        yield changes
        session.flush()
    finally:
        event.remove(session, "before_flush", look)
    changes += [change for change in seen.values() if change.what != "changed" or _differs(change)]


def _what_becomes(entity: Base, session: Session) -> str:
    return "made" if entity in session.new else "removed" if entity in session.deleted else "changed"


def _see(
    part: AuditedSettings, entity: Base, what: str, seen: dict[tuple[AuditedSettings, Base], SettingsChange]
) -> None:
    """Keep what a row is about to become, from what it was before the first of several flushes."""
    if part.model is Shop and what != "changed":
        return
    called = getattr(entity, part.called) if part.called else None
    change = seen.setdefault((part, entity), SettingsChange(part.name, what, called))
    if what == "removed":
        change.what = what
        change.fields |= {name: {"before": _told(getattr(entity, name)), "after": None} for name in part.told}
        return
    for name in part.told:
        history = get_history(entity, name)
        if history.added:
            before = change.fields.get(name, {"before": _told(next(iter(history.deleted or []), None))})["before"]
            change.fields[name] = {"before": before, "after": _told(history.added[0])}
    for name in part.withheld:
        added = get_history(entity, name).added
        if added and added[0] is not None and name not in change.withheld:
            change.withheld.append(name)


def _differs(change: SettingsChange) -> bool:
    return bool(change.facts["fields"] or change.withheld)


def _told(value: Any) -> Any:
    """A value as plain JSON."""
    if isinstance(value, list):
        return [_told(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return " ".join(map(str, astuple(value)))
    return value[:LONGEST_VALUE] if isinstance(value, str) else value
