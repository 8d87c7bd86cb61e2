"""What a module about another shop system offers, so that its orders can be read from webhooks and files alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning

Payload = dict[str, Any]


class Adapter(Protocol):
    """The orders of one shop system, as our order documents."""

    name: str
    prefix: str
    statuses: Mapping[str, StatusMeaning]  # the usual meanings of its statuses

    def recognises(self, payload: Any) -> bool:
        """Whether a payload is one of its orders."""

    def orders(self, payload: Any) -> list[Payload]:
        """The orders of a file: one alone, a list, or a list inside what the system wraps it in."""

    def reference(self, payload: Payload, prefix: str) -> str:
        """The external reference of an order; raises RuleViolation without an id."""

    def meaning(self, payload: Payload, settings: SourceSettings) -> StatusMeaning:
        """What the order's status there means here."""

    def changed_at(self, payload: Payload, settings: SourceSettings) -> datetime | None:
        """When the order last changed there, in UTC."""

    def document(self, payload: Payload, settings: SourceSettings) -> dict[str, Any]:
        """Our order document, also of a cancelled order; raises RuleViolation for what is malformed."""
