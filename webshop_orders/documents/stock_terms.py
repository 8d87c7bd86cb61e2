"""How an order waits for stock, as JSON: whether until all of it is there, and whether before older ones."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from webshop_orders.documents.fields import Flag
from webshop_orders.models.priority import MAX_REASON_LENGTH
from webshop_orders.validation.document import Document, Source
from webshop_orders.validation.rules import Description, Text


@dataclass(frozen=True)
class WholeDelivery(Document):
    """Whether an order gets stock only once that covers all of it."""

    ships_whole: Flag


@dataclass(frozen=True)
class NewPriority(Document):
    """That an order gets stock before older ones, and why; none where `reason` is null."""

    reason: Annotated[str, Text(MAX_REASON_LENGTH)] | None


@dataclass(frozen=True)
class PriorityDocument:
    """Who put an order before older ones that wait for the same products, when, and why."""

    by: str
    at: Annotated[datetime, Source("since")]
    reason: Annotated[str, Description("As it was written")]
