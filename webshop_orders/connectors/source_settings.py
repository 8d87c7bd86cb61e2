"""How the orders of a connected shop, or of a file, are read: what differs from one shop to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum


class StatusMeaning(StrEnum):
    """What an order of a status in its shop becomes here; ASK waits for a person."""

    PLACED = "placed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    LEFT_OUT = "left_out"
    ASK = "ask"


@dataclass(frozen=True)
class SourceSettings:
    """The settings of a source of orders.

    `prefix` begins the external references of its orders, `zone` is that of its times that have none, and `statuses`
    has the meanings that differ from the usual ones of its system.
    """

    prefix: str
    zone: tzinfo
    statuses: Mapping[str, StatusMeaning] = field(default_factory=dict)

    def meaning(self, status: str, usual: Mapping[str, StatusMeaning]) -> StatusMeaning:
        """What a status means here: by the settings, or else the usual; ASK for one that nobody knows."""
        return self.statuses.get(status) or usual.get(status, StatusMeaning.ASK)
