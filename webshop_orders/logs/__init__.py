"""The log: one line for each request, event and error, for people or as JSON, without personal data."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from webshop_orders.logs.text_lines import TextFormatter

OURS = "webshop_orders"
LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
# For `logging.config`: what the server itself has to say becomes lines of this log too.
SERVER_LOGGERS: dict[str, Any] = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}


class LogHandler(logging.StreamHandler[TextIO]):
    """Writes to what is the process's standard error at the time of each line."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        pass


def configure(settings: Mapping[str, Any]) -> None:
    """Have this process log, and the processes that it forks, as LOG_FORMAT, LOG_LEVEL and SENTRY_DSN say.

    Libraries are heard from warnings on. Can be called again, with other settings.
    """
    handlers: list[logging.Handler] = [LogHandler()]
    handlers[0].setFormatter(_formatter(settings["LOG_FORMAT"]))
    if settings["SENTRY_DSN"]:
        from webshop_orders.logs import error_reports

        handlers.append(error_reports.handler(settings["SENTRY_DSN"]))
    root = logging.getLogger()
    others = [handler for handler in root.handlers if not getattr(handler, "is_of_log", False)]
    for handler in handlers:
        handler.is_of_log = True  # type: ignore[attr-defined]
    root.handlers = [*others, *handlers]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(LEVELS[settings["LOG_LEVEL"]])
    logging.captureWarnings(True)


def _formatter(log_format: str) -> logging.Formatter:
    if log_format == "text":
        return TextFormatter()
    from webshop_orders.logs import json_lines  # structlog takes 33 ms of a start

    return json_lines.formatter()
