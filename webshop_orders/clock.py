"""TODO clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC: the only clock of the order desk."""
    return datetime.now(UTC)
