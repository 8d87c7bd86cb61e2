"""What this worker fails at, each time it tries: its jobs, and to reach the mail server."""

from datetime import timedelta
from time import monotonic

MAIL_SERVER = "the mail server"

_failed_since: dict[str, float] = {}


def note(name: str, *, failed: bool) -> None:
    """Note that a try failed, or that one succeeded."""
    if failed:
        _failed_since.setdefault(name, monotonic())
    else:
        _failed_since.pop(name, None)


def for_longer_than(duration: timedelta) -> list[str]:
    """The names of what has failed at each try for so long, which was tried at least once more since."""
    before = monotonic() - duration.total_seconds()
    return sorted(name for name, since in list(_failed_since.items()) if since < before)
