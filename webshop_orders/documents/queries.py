"""The query parameters of the API, declared as documents whose values are all text."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from webshop_orders.documents.fields import Name, Sku
from webshop_orders.models import OrderStatus
from webshop_orders.validation.document import Document
from webshop_orders.validation.rules import Choice, Description, Pattern, Schema, Timestamp

MAX_PAGE_SIZE = 200
DEFAULT_PAGE_SIZE = 50


class PageSizeRule(Pattern):
    """How many items a page has, as text."""

    def read(self, value: Any) -> Any:
        return int(super().read(value))

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE}


PageSize = Annotated[int, PageSizeRule(pattern="[1-9][0-9]?|1[0-9]{2}|200", example="200")]


class Balance(StrEnum):
    """What there is to settle."""

    REFUND = "refund"


class Held(StrEnum):
    """Whether something of an order is held."""

    YES = "true"
    NO = "false"


@dataclass(frozen=True)
class OrdersQuery(Document):
    """Which orders are listed, `limit` a page; `cursor` is that of the page before."""

    status: Annotated[OrderStatus, Choice(OrderStatus, example=OrderStatus.READY)] | None = None
    balance: (
        Annotated[Balance, Choice(Balance, example=Balance.REFUND), Description("Paid more than they cost")] | None
    ) = None
    held: (
        Annotated[Held, Choice(Held, example=Held.YES), Description("With a shipment that must not leave, or none")]
        | None
    ) = None
    updated_since: Annotated[datetime, Timestamp()] | None = None
    external_reference: Name | None = None
    limit: PageSize = DEFAULT_PAGE_SIZE
    cursor: Name | None = None


@dataclass(frozen=True)
class ProductsQuery(Document):
    """Which products are listed."""

    limit: PageSize = DEFAULT_PAGE_SIZE
    cursor: Sku | None = None
