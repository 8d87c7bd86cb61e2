"""TODO web.auth.audit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import (
    g,
    request,
)

from webshop_orders.models import AccessKind
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.settings import changes as setting_changes
from webshop_orders.transactions import refusals
from webshop_orders.transactions.unit_of_work import writing


def record(kind: AccessKind, **facts: Any) -> None:
    """Write what the person who asks did or was refused into the access log, in the present transaction."""
    who = g.user.name if g.user is not None else ""
    access_log.record(kind, who, address=request.remote_addr or "", user=g.user, **facts)


@contextmanager
def changing_settings() -> Iterator[None]:
    """A transaction that changes Konfiguration, and notes what it made different in the access log."""
    with writing():
        with setting_changes.watching() as changes:
            yield
        for change in changes:
            record(AccessKind.SETTINGS_CHANGED, **change.facts)


def record_refusal(why: str) -> None:
    """Note that the request was refused; the answer never fails because of it."""
    who = g.user.name if g.user is not None else ""
    facts = {"why": why, "asked": access_log.printable(f"{request.method} {_path_without_token()}")}
    refusals.record(AccessKind.REQUEST_REFUSED, who, address=request.remote_addr or "", user=g.user, **facts)


def _path_without_token() -> str:
    """The path that was asked for, without what would let in whoever reads it."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(token, "…") if token else request.path
