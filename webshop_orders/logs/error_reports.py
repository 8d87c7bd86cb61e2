"""Unexpected errors for Sentry, or a service that speaks its protocol, where SENTRY_DSN names one.

What is sent is the traceback with source lines, the request id and the route. Requests are not looked at: each error is
logged once, and from there it is sent.
https://docs.sentry.io/platforms/python/configuration/options/
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import sentry_sdk

from webshop_orders.logs import fields, privacy
from webshop_orders.version import VERSION

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

TAGS = ("request_id", "method", "route", "job", "order")


class ErrorReports(logging.Handler):
    """Sends each error that was logged with its traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        if not record.exc_info or record.exc_info[1] is None:
            return
        line = fields.of(record)
        with sentry_sdk.new_scope() as scope:
            for name in TAGS:
                if line.get(name) is not None:
                    scope.set_tag(name, str(line[name]))
            sentry_sdk.capture_exception(record.exc_info[1])


def handler(dsn: str) -> logging.Handler:
    """Sends errors to the project that `dsn` names; nothing else that the library could collect is sent."""
    sentry_sdk.init(
        dsn,
        release=VERSION,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        send_default_pii=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=_without_personal_data,
    )
    return ErrorReports(logging.ERROR)


def _without_personal_data(event: Event, hint: Hint) -> Event:
    """Describe each error as the log does; its own message may quote what was typed."""
    error: BaseException | None = (hint.get("exc_info") or (None, None))[1]
    reasons = _reasons(error)
    for value in event.get("exception", {}).get("values", []):
        value["value"] = reasons.get(value.get("type", ""), "")
    return event


def _reasons(error: BaseException | None) -> dict[Any, str]:
    """What may be said of an error and of those that led to it, by their types."""
    found: dict[Any, str] = {}
    while error is not None and type(error).__name__ not in found:
        found[type(error).__name__] = privacy.reason_of(error)
        error = error.__cause__ or error.__context__
    return found
