"""What stands behind the question mark of an address."""

import re

from flask import request

from webshop_orders.web.http.converters import Id

MOST = 200
LONGEST_CURSOR = 2_000
ID = re.compile(Id.regex)


def text_arg(name: str) -> str:
    """An argument, empty where it is not given, without NUL, which PostgreSQL takes in no text."""
    return request.args.get(name, "").replace("\0", "")[:MOST].strip()


def cursor_arg(name: str) -> str | None:
    """The place in a list that an argument names, as we wrote it; names that lists are sorted by are long at times."""
    return request.args.get(name, "").replace("\0", "")[:LONGEST_CURSOR] or None
