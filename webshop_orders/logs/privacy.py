"""What keeps personal data out of the log: names, addresses, telephone numbers and tokens stand in none of its lines.

Whoever logs names what is meant by its number: an order, a user, a mail. What other programs say of an error may still
repeat what they were given, so it is cut down here.
"""

from __future__ import annotations

import builtins
import os
import re
import traceback
from collections.abc import Iterator

ELLIPSIS = "…"
EMAIL = re.compile(r"[^\s<>,;:\"'()]+@[^\s<>,;\"'()]+")
PHONE = re.compile(r"(?<![\w.:-])(?:\+|0)\d(?:[ -]?\d){6,}(?![\w])")
# Errors whose messages speak of the program. Those of any other, such as ValueError, may quote what was typed.
OF_THE_PROGRAM = (AttributeError, ImportError, NameError, NotImplementedError, RecursionError)
QUOTED = re.compile(r"'([^']*)'")
DRIVERS = {"psycopg", "sqlite3"}
DATA_ERRORS = "22"  # the class of SQLSTATE whose messages quote values


def masked(text: str) -> str:
    """The text in one line, without what looks like a mail address or a telephone number."""
    return PHONE.sub(ELLIPSIS, EMAIL.sub(ELLIPSIS, " ".join(text.split())))


def describe(error: BaseException) -> str:
    """The kind of an error, and its message where that has no personal data."""
    reason = reason_of(error)
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__


def traceback_of(error: BaseException) -> str:
    """The traceback of an error and of those that led to it, with source lines, but described as `describe` does."""
    return "\n".join(_parts(error, set()))


def _parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and id(earlier) not in seen:
        yield from _parts(earlier, seen)
        yield "which led to:"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield describe(error)


def reason_of(error: BaseException) -> str:
    """The message of an error where that has no personal data, or else an empty string."""
    led_to_it = getattr(error, "orig", None)  # of SQLAlchemy's errors, which quote the parameters of the statement
    if isinstance(led_to_it, BaseException):
        return describe(led_to_it)
    if type(error).__module__.partition(".")[0] in DRIVERS:
        return _of_driver(error)
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else ""
    if isinstance(error, TypeError):
        return QUOTED.sub(_if_builtin, masked(str(error)))
    return masked(str(error)) if isinstance(error, OF_THE_PROGRAM) else ""


def _if_builtin(quoted: re.Match[str]) -> str:
    """What is quoted, if it is the name of a type of Python's own; anything else may be a value."""
    return quoted[0] if hasattr(builtins, quoted[1]) or quoted[1] == "NoneType" else f"'{ELLIPSIS}'"


def _of_driver(error: BaseException) -> str:
    """What the database says, without the row or value that it says it of."""
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith(DATA_ERRORS):
        return f"SQLSTATE {state}"
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    return masked(primary or str(error))
