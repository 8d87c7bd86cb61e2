"""Lines of the log for people: time, level, event, then the fields as `name=value`."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from webshop_orders.logs import fields

PLAIN = re.compile(r"[^\s\"=]+")


class TextFormatter(logging.Formatter):
    """One line a record; the traceback of an error follows, indented."""

    def format(self, record: logging.LogRecord) -> str:
        line = fields.of(record)
        time, level, event = line.pop("time"), line.pop("level"), line.pop("event")
        traceback = line.pop("traceback", "")
        line.pop("logger")
        text = " ".join([time, f"{level.upper():7}", event, *(f"{name}={_value(line[name])}" for name in line)])
        return "\n    ".join([text, *traceback.splitlines()])


def _value(value: Any) -> str:
    text = str(value)
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
