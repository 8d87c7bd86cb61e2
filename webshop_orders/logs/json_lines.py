"""Lines of the log for programs: one JSON object each, made by structlog."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

from structlog.processors import JSONRenderer
from structlog.stdlib import ProcessorFormatter

from webshop_orders.logs import fields


def formatter() -> logging.Formatter:
    return ProcessorFormatter(
        foreign_pre_chain=[_fields],
        processors=[ProcessorFormatter.remove_processors_meta, JSONRenderer(ensure_ascii=False)],
    )


def _fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The fields of our own, beside those that structlog needs to finish a line."""
    return {**fields.of(event["_record"]), "_record": event["_record"], "_from_structlog": False}
