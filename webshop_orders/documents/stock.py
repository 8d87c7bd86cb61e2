"""Changes of stock as JSON: movements, those that people make, and counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from webshop_orders.documents.fields import MAX_ID
from webshop_orders.documents.queries import DEFAULT_PAGE_SIZE, PageSize
from webshop_orders.models import MAX_QUANTITY, MovementReason, StockMovement
from webshop_orders.models.stock_movement import BY_HAND
from webshop_orders.validation import writing
from webshop_orders.validation.document import Document, Source
from webshop_orders.validation.rules import Choice, Description, Integer, Pattern, Text

MAX_NOTE_LENGTH = 200
MAX_COUNTED = 9_999_999

Note = Annotated[str, Text(MAX_NOTE_LENGTH)]
StockVersion = Annotated[int, Integer(0, MAX_ID)]


@dataclass(frozen=True)
class NewStockMovement(Document):
    """A change of stock by so many units, with its reason."""

    quantity: Annotated[
        int,
        Integer(-MAX_QUANTITY, MAX_QUANTITY),
        Description("Below zero takes units off, as `waste`, `damaged` and `own_use` do; `received` adds"),
    ]
    reason: Annotated[MovementReason, Choice(BY_HAND, example=MovementReason.WASTE)]
    note: Annotated[Note | None, Description("Required with `correction` and `other`")] = None


@dataclass(frozen=True)
class NewStockCount(Document):
    """How many units were counted, and the `stock_version` that the product had then; null where that is now."""

    counted: Annotated[int, Integer(0, MAX_COUNTED)]
    stock_version: Annotated[
        StockVersion | None, Description("What moved since is kept; without it, the count is of now")
    ] = None
    note: Note | None = None


@dataclass(frozen=True)
class StockMovementsQuery(Document):
    """Which movements are listed."""

    limit: PageSize = DEFAULT_PAGE_SIZE
    cursor: Annotated[str, Pattern(pattern="[1-9][0-9]{0,17}", example="42")] | None = None


def _order_number(movement: StockMovement) -> str | None:
    """Known from elsewhere: a movement has the id alone."""
    return None


@dataclass(frozen=True)
class StockMovementDocument:
    """A change of the stock of a product, and the stock and its version after it; null where it is not tracked."""

    version: int
    at: datetime
    by: Annotated[str, Source("actor_name")]
    reason: Annotated[MovementReason, Choice(MovementReason, example=MovementReason.SHIPPED)]
    quantity: int
    stock: int | None
    note: str | None
    order: Annotated[str | None, Source(_order_number), Description("The number of the order")]
    reference: Annotated[str | None, Description("The shipment or the return of the order")]
    incoming_delivery: Annotated[int | None, Source("incoming_delivery_id")]


@dataclass(frozen=True)
class StockMovementPage:
    """Movements of a product, the latest first."""

    movements: list[StockMovementDocument]
    next_cursor: str | None


@dataclass(frozen=True)
class StockCountDocument:
    """What a count came to: its movement, what was expected, and what moved since the version that was counted on."""

    movement: StockMovementDocument
    expected: Annotated[int | None, Description("Null where stock was not tracked")]
    moved_since: Annotated[int, Description("Other counts apart")]


def to_json(movement: StockMovement, order_number: str | None = None) -> dict[str, Any]:
    """A movement as plain JSON values."""
    return {**writing.write(StockMovementDocument, movement), "order": order_number}
