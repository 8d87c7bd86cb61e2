"""The current time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, in UTC: the only clock of the order desk."""
    return datetime.now(UTC)
