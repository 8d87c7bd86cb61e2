"""Changes of an order's lines and shipping as JSON; what is absent stays as it is."""

from dataclasses import dataclass
from typing import Annotated, Any

from flask_babel import gettext as _

from webshop_orders.documents.fields import Amount, Name, ProductName, Quantity, Sku, Sum, VatRate
from webshop_orders.models.price_change import MAX_REASON_LENGTH
from webshop_orders.validation.document import UNSET, Document
from webshop_orders.validation.rules import Description, Fault, Text

TERMS = {"name", "unit_price", "vat_rate"}


@dataclass(frozen=True)
class LineChange(Document):
    """A change of a line. A price needs a reason; a discount that is not given follows the quantity."""

    quantity: Quantity | None = None
    unit_price: Annotated[Amount | None, Description("In öre")] = None
    discount: Annotated[Sum | None, Description("Taken off the line as a whole; at most what it costs")] = None
    reason: Annotated[str, Text(MAX_REASON_LENGTH)] | None = None


@dataclass(frozen=True)
class AddedLine(Document):
    """A line to add: a product by its SKU, or else something without one, by name, price and VAT rate."""

    quantity: Quantity
    sku: Annotated[Sku | None, Description("A product, at its present price")] = None
    name: Annotated[ProductName | None, Description("Of what is no product")] = None
    unit_price: Annotated[Amount | None, Description("Of what is no product, in öre")] = None
    vat_rate: Annotated[VatRate | None, Description("Of what is no product")] = None
    shipment: Annotated[Name | None, Description("An open shipment; the first one if absent")] = None

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        given = TERMS & values.keys()
        if given if "sku" in values else given != TERMS:
            values["sku"] = Fault(
                lambda _field: _("Name either a product by its sku, or name, unit_price and vat_rate.")
            )


@dataclass(frozen=True)
class ShippingChange(Document):
    """How an order is sent, and what that costs, with VAT where its prices have it."""

    method: Name | None = UNSET
    price: Amount | None = None
    vat_rate: VatRate | None = None


@dataclass(frozen=True)
class OrderChange(Document):
    """A change of an order."""

    shipping: ShippingChange
