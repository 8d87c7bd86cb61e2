"""Entries of the access log about the current request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, request

from webshop_orders.models import AccessKind
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.settings import changes as setting_changes
from webshop_orders.transactions import refused_access
from webshop_orders.transactions.unit_of_work import writing


def record(kind: AccessKind, **facts: Any) -> None:
    """Record in the current transaction what the current user did."""
    name = g.user.name if g.user is not None else ""
    access_log.record(kind, name, address=request.remote_addr or "", user=g.user, **facts)


@contextmanager
def changing_settings() -> Iterator[None]:
    """A transaction that changes Konfiguration and records each difference that it makes."""
    with writing():
        with setting_changes.watching() as changes:
            yield
        for change in changes:
            record(AccessKind.SETTINGS_CHANGED, **change.facts)


def record_refusal(reason: str) -> None:
    """Record in a transaction of its own that the request was refused; a failure to do so never fails the response."""
    name = g.user.name if g.user is not None else ""
    facts = {"why": reason, "asked": access_log.printable(f"{request.method} {_path_without_token()}")}
    refused_access.record(AccessKind.REQUEST_REFUSED, name, address=request.remote_addr or "", user=g.user, **facts)


def _path_without_token() -> str:
    """The requested path, without the secret that would sign in a reader of the log."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(token, "…") if token else request.path
