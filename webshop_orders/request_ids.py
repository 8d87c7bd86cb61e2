"""The id of the request, or of the job, that the current thread works on: what ties its log lines, events and mails."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MAX_LENGTH = 64
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")  # what a proxy may give; anything else could forge a line of the log

_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def current() -> str | None:
    """The id; None outside of requests and jobs."""
    return _current.get()


def begin(given: str | None = None) -> str:
    """Begin with the id that was given from outside, or with a new one if none was given or it is not an id.

    Threads are used again, so that each request begins with its own.
    """
    request_id = given if given and GIVEN.fullmatch(given) else os.urandom(16).hex()
    _current.set(request_id)
    return request_id


def resume(request_id: str | None) -> None:
    """Go on with a request that was begun elsewhere; None ends it."""
    _current.set(request_id)


@contextmanager
def resumed(request_id: str | None) -> Iterator[None]:
    """Go on for a while with what an earlier request began, such as the delivery of its mail, if it had an id."""
    token = _current.set(request_id or current())
    try:
        yield
    finally:
        _current.reset(token)
