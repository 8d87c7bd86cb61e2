"""The changes that a transaction makes to settings, field by field, for the access log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, is_dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from webshop_orders.db.extensions import Base, db
from webshop_orders.models import ApiKey, Connection, DispatchChecks, HoldRule, HoldRules, MailTemplate, Shop, Webhook

MAX_VALUE_LENGTH = 300


@dataclass(frozen=True)
class AuditedSettings:
    """A part of Konfiguration whose changes are logged.

    `logged` are the fields whose values are logged, `withheld` those that are only named, being secret or long, and
    `label` is the field that names a row.
    """

    name: str
    model: type[Base]
    logged: tuple[str, ...]
    label: str | None = None
    withheld: tuple[str, ...] = ()


AUDITED = (
    AuditedSettings(
        "shop",
        Shop,
        logged=(
            "name",
            "currency",
            "number_prefix",
            "number_digits",
            "rounds_to_whole_kronor",
            "stock_safety_margin",
            "backorderable_by_default",
            "ships_whole_by_default",
            "ready_days",
            "language",
            "time_zone",
            "nordic_mail_language",
            "other_mail_language",
        ),
    ),
    AuditedSettings(
        "mail",
        Shop,
        logged=(
            "mails_order_confirmations",
            "mails_delivery_confirmations",
            "mail_grace_seconds",
            "sender_name",
            "sender_email",
            "notification_email",
        ),
    ),
    AuditedSettings(
        "printing",
        Shop,
        logged=(
            "sender_address",
            "organisation_number",
            "vat_number",
            "slip_text_sv",
            "slip_text_en",
            "slip_shows_prices",
            "slip_has_return_form",
            "slip_has_commands",
            "logo",
        ),
    ),
    AuditedSettings("carriers", Shop, logged=("carriers",)),
    AuditedSettings("users", Shop, logged=("requires_second_factor",)),
    AuditedSettings("incoming_calls", Shop, logged=("incoming_call_days",)),
    AuditedSettings("personal_data", Shop, logged=("personal_data_months", "bookkeeping_years")),
    AuditedSettings("holds", Shop, logged=("hold_rules",)),
    AuditedSettings("dispatch_checks", Shop, logged=("dispatch_checks",)),
    AuditedSettings("withdrawals", Shop, logged=("withdrawal_days",)),
    AuditedSettings("mail_template", MailTemplate, logged=("kind", "language"), withheld=("source",)),
    AuditedSettings("api_key", ApiKey, label="name", logged=("scopes", "revoked_at"), withheld=("digest",)),
    AuditedSettings("webhook", Webhook, label="url", logged=("url", "events", "disabled_at"), withheld=("secret",)),
    AuditedSettings(
        "connection",
        Connection,
        label="name",
        logged=(
            "kind",
            "prefix",
            "ended_at",
            "time_zone",
            "status_map",
            "mail_max_age_days",
            "uses_shop_number",
        ),
        withheld=("secret",),
    ),
)
# Derived from other fields, or not decided by a person.
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
    """The change of one row; `action` is `made`, `changed` or `removed`."""

    part: str
    action: str
    label: str | None
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        """The change as plain JSON values, as the access log stores it."""
        return {
            "part": self.part,
            "what": self.action,
            "called": self.label,
            "fields": {name: values for name, values in self.fields.items() if values["before"] != values["after"]},
            "withheld": self.withheld,
        }

    @property
    def is_empty(self) -> bool:
        return self.action == "changed" and not self.facts["fields"] and not self.withheld


@contextmanager
def watching() -> Iterator[list[SettingsChange]]:
    """Watch the current transaction; the list has its changes of settings once the block ends."""
    changes: list[SettingsChange] = []
    by_row: dict[tuple[AuditedSettings, Base], SettingsChange] = {}

    def before_flush(session: Session, *ignored: Any) -> None:
        for row in [*session.new, *session.dirty, *session.deleted]:
            for part in AUDITED:
                if isinstance(row, part.model):
                    _collect(part, row, _action_on(row, session), by_row)

    session = db.session()
    event.listen(session, "before_flush", before_flush)
    try:
        yield changes
        session.flush()
    finally:
        event.remove(session, "before_flush", before_flush)
    changes += [change for change in by_row.values() if not change.is_empty]


def _action_on(row: Base, session: Session) -> str:
    return "made" if row in session.new else "removed" if row in session.deleted else "changed"


def _collect(
    part: AuditedSettings, row: Base, action: str, by_row: dict[tuple[AuditedSettings, Base], SettingsChange]
) -> None:
    """Merge what a flush is about to write into the change of its row; `before` is from the first flush."""
    if part.model is Shop and action != "changed":
        return
    label = getattr(row, part.label) if part.label else None
    change = by_row.setdefault((part, row), SettingsChange(part.name, action, label))
    if action == "removed":
        change.action = action
        change.fields |= {name: {"before": _as_json(getattr(row, name)), "after": None} for name in part.logged}
        return
    for name in part.logged:
        history = get_history(row, name)
        if history.added:
            before = change.fields.get(name, {"before": _as_json(next(iter(history.deleted or []), None))})["before"]
            change.fields[name] = {"before": before, "after": _as_json(history.added[0])}
    for name in part.withheld:
        added = get_history(row, name).added
        if added and added[0] is not None and name not in change.withheld:
            change.withheld.append(name)


def _as_json(value: Any) -> Any:
    """A value as plain JSON, cut to a length that the log shows."""
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, dict):
        return [f"{name} = {item}" for name, item in value.items()]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, HoldRules):
        return [
            f"{rule.value} {value.total_over}" if rule is HoldRule.HIGH_TOTAL else rule.value for rule in value.in_use
        ]
    if isinstance(value, DispatchChecks):
        return [name for name, is_on in vars(value).items() if is_on]
    if is_dataclass(value) and not isinstance(value, type):
        return " ".join(filter(None, (_as_words(name, each) for name, each in vars(value).items())))
    return value[:MAX_VALUE_LENGTH] if isinstance(value, str) else value


def _as_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else ""
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
