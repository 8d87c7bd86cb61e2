"""Deliveries, tracking codes and changes of shipments as JSON, from ERPs and shipping systems."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from flask_babel import gettext as _

from webshop_orders.documents.fields import Flag, Quantity, RowId, ShipmentStatus, Sku
from webshop_orders.documents.order import MAX_LINES, OrderDocument, WrittenOrder, with_days
from webshop_orders.documents.tracking import TrackingCodes
from webshop_orders.models import MAX_QUANTITY, Delivery, Order
from webshop_orders.validation.document import Document, Source
from webshop_orders.validation.rules import Description, Fault, Integer, Items, Text, Timestamp

MAX_PLANNED_SHIPMENTS = 20
ShipmentReference = Annotated[str, Text(80)]


@dataclass(frozen=True)
class DeliveredLine(Document):
    """Delivered units of a product, named by its SKU or by the id of one of the order's lines."""

    quantity: Quantity
    sku: Annotated[Sku | None, Description("Either this or `line`")] = None
    line: Annotated[RowId | None, Description("The id of one of the order's lines")] = None

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        if ("sku" in values) == ("line" in values):
            values["sku"] = Fault(lambda _field: _("Name either the SKU or the line."))


@dataclass(frozen=True)
class NewDelivery(Document):
    """A delivery as an ERP reports it; `id` is the ERP's own."""

    id: Annotated[str, Text(100)]
    lines: Annotated[list[DeliveredLine], Items(MAX_LINES, minimum=1)]
    tracking: TrackingCodes = field(default_factory=list)
    sent_at: Annotated[datetime, Timestamp()] | None = None
    send_confirmation: Flag = True


@dataclass(frozen=True)
class ReportedDelivery:
    """A delivery that was reported, with its order."""

    delivery: Delivery
    order: Order

    @property
    def shipment(self) -> str:
        return f"{self.order.number}-{self.delivery.shipment_seq}"

    @property
    def written_order(self) -> WrittenOrder:
        (order,) = with_days([self.order])
        return order


@dataclass(frozen=True)
class DeliveryDocument:
    """A delivery as it is written, with its order as it is now."""

    id: Annotated[str, Source("delivery.reference")]
    shipment: str
    reported_at: Annotated[datetime, Source("delivery.reported_at")]
    order: Annotated[OrderDocument, Source("written_order")]


@dataclass(frozen=True)
class ShipmentChange(Document):
    """A change of a shipment: the complete list of its tracking codes, its delivery status, and what became of it."""

    tracking: TrackingCodes | None = None
    status: ShipmentStatus | None = None
    delivered_at: Annotated[datetime, Timestamp()] | None = None
    uncollected_at: Annotated[datetime, Timestamp()] | None = None
    sent_back_at: Annotated[datetime, Timestamp()] | None = None


@dataclass(frozen=True)
class MovedLine(Document):
    """Units of a line that move to another shipment."""

    id: RowId
    quantity: Quantity


@dataclass(frozen=True)
class NewSplit(Document):
    """Units that move to the shipment `to`, or to a new one."""

    lines: Annotated[list[MovedLine], Items(MAX_LINES, minimum=1)]
    to: ShipmentReference | None = None
    takes_codes: Annotated[
        Flag, Description("Whether the tracking codes go along, where nothing is left in the shipment")
    ] = False


@dataclass(frozen=True)
class PlannedLine(Document):
    """Units that a shipment is to have of a line's article; a bundle has its parts along."""

    id: Annotated[RowId, Description("The id of any line that sells the article in one of the open shipments")]
    quantity: Annotated[int, Integer(0, MAX_QUANTITY)]


@dataclass(frozen=True)
class PlannedShipment(Document):
    """What an open shipment, or a new one, is to have of the lines that the plan names."""

    lines: Annotated[list[PlannedLine], Items(MAX_LINES, minimum=1)]
    reference: Annotated[ShipmentReference | None, Description("Of an open shipment; without it, a new one")] = None
    takes_codes_of: Annotated[
        list[ShipmentReference],
        Items(MAX_PLANNED_SHIPMENTS),
        Description("The shipments whose tracking codes it gets, where nothing is left in them"),
    ] = field(default_factory=list)


@dataclass(frozen=True)
class NewPlan(Document):
    """How the units of an order's open shipments are shared among these and new ones; other lines stay."""

    shipments: Annotated[list[PlannedShipment], Items(MAX_PLANNED_SHIPMENTS, minimum=1)]


def digest(value: Any) -> str:
    """The hash of a report, which differs for another report of a delivery under the same id."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
