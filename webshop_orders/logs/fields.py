"""What a line of the log says, as names and values."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from webshop_orders import request_ids
from webshop_orders.logs import privacy

# What every record has; anything else on it was given as `extra`.
OF_RECORDS = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


def of(record: logging.LogRecord) -> dict[str, Any]:
    """Time (UTC), level, event, request id and further fields of a record; None is left out.

    The time has milliseconds. Texts are masked.
    """
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    further = {name: value for name, value in vars(record).items() if name not in OF_RECORDS and value is not None}
    request_id = further.pop("request_id", None) or request_ids.current()
    line: dict[str, Any] = {"time": at, "level": record.levelname.lower(), "event": privacy.masked(record.getMessage())}
    line |= {name: privacy.masked(value) if isinstance(value, str) else value for name, value in further.items()}
    if request_id:
        line["request_id"] = request_id
    line["logger"] = record.name
    if record.exc_info and record.exc_info[1]:
        line["error"] = privacy.describe(record.exc_info[1])
        line["traceback"] = privacy.traceback_of(record.exc_info[1])
    return line
