from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from webshop_orders.models.attribute import Attribute
from webshop_orders.models.price_change import PriceChange


@dataclass(frozen=True)
class RemovedUnits:
    """Units that were taken off an order, as they were sold: they come back at the same price and discount.

    `line_id` is the line that they were taken off, which may have been removed as a whole. `discount` in öre is what
    all of them had. A bundle that was removed as a whole comes back with its `parts`; what `is_bundled` was taken off a
    bundle that stays, or off a part of it.
    """

    line_id: int | None
    product_id: int | None
    sku: str
    name: str
    unit_price: int
    vat_rate: int
    quantity: int
    discount: int
    properties: list[Attribute] = field(default_factory=list)
    is_bundled: bool = False
    bundle: str | None = None
    units_per_bundle: int | None = None
    parts: list[RemovedUnits] = field(default_factory=list)
    price_change: PriceChange | None = None

    def __post_init__(self) -> None:
        stored: list[Any] = self.properties
        properties = [Attribute(**item) if isinstance(item, dict) else item for item in stored]
        object.__setattr__(self, "properties", properties)
        stored = self.parts
        parts = [RemovedUnits(**item) if isinstance(item, dict) else item for item in stored]
        object.__setattr__(self, "parts", parts)
        change: Any = self.price_change
        if isinstance(change, dict):
            object.__setattr__(self, "price_change", PriceChange(**change))
