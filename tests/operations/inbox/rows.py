"""Rows of the inbox that no order, mail or call stands behind."""

from datetime import datetime
from typing import Any

from webshop_orders.models import InboxKind
from webshop_orders.operations.inbox import items
from webshop_orders.operations.inbox.items import Wanted


def put(kind: InboxKind, subject: str, *, since: datetime, facts: dict[str, Any], order_id: int | None = None) -> None:
    """Put a row into the inbox, in the transaction of the caller."""
    items.make(kind, subject, lambda: Wanted(since, facts, order_id))
