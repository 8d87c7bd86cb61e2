"""Query parameters."""

import re

from flask import request

from webshop_orders.text.patterns import without_direction_marks
from webshop_orders.web.http.converters import Id

MAX_LENGTH = 200
MAX_CURSOR_LENGTH = 2_000  # it contains a value of the sort column, and customers' names can be long
ID = re.compile(Id.regex)


def text_arg(name: str, max_length: int = MAX_LENGTH) -> str:
    """A parameter, or an empty string, without direction marks, and NUL, which PostgreSQL accepts in no text."""
    return without_direction_marks(_arg(name))[:max_length].strip()


def id_arg(name: str) -> int | None:
    """A parameter that is an id, such as the cursor in a list by ids; None where it is none."""
    return read_id(text_arg(name))


def read_id(text: str) -> int | None:
    """The id that a text is; None for anything else."""
    return int(text) if ID.fullmatch(text) else None


def cursor_arg(name: str) -> str | None:
    """A cursor in a list, exactly as we wrote it."""
    return _arg(name)[:MAX_CURSOR_LENGTH] or None


def _arg(name: str) -> str:
    arguments = request.args
    # Not by `get`, for which Werkzeug makes an HTTP error where there is none.
    return arguments[name].replace("\0", "") if name in arguments else ""
