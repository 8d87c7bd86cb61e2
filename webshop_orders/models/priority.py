"""Why an order gets stock before older ones: a value, replaced as a whole."""

from dataclasses import dataclass
from datetime import datetime

MAX_REASON_LENGTH = 200


@dataclass(frozen=True)
class Priority:
    """Who put an order before older ones that wait for the same products, when (ISO 8601, UTC), and why."""

    by: str
    at: str
    reason: str

    @property
    def since(self) -> datetime:
        """When it was put first, in UTC."""
        return datetime.fromisoformat(self.at)
