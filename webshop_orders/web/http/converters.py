"""URL converters. Werkzeug's own `<int>` accepts digits of other scripts, and numbers of any length.

None of them matches a slash. Werkzeug takes the slash in a pattern for one that does, and would try the pattern of
each address in turn instead of going through an address part by part.
"""

from typing import Any

from werkzeug.routing import BaseConverter

from webshop_orders.text.patterns import without_direction_marks


class OrderNumber(BaseConverter):
    part_isolating = True
    regex = r"[^/\x00-\x1f\x7f]{1,64}"


class Id(BaseConverter):
    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: Any) -> str:
        return str(value)


class ShipmentReference(BaseConverter):
    """A shipment reference such as WS-100234-1, as the order's number and the shipment's sequence number."""

    part_isolating = True
    regex = r"[^/\x00-\x1f\x7f]{1,64}-[1-9][0-9]{0,5}"

    def to_python(self, value: str) -> tuple[str, int]:
        number, _dash, seq = value.rpartition("-")
        return number, int(seq)

    def to_url(self, value: Any) -> str:
        return str(super().to_url("-".join(str(part) for part in value)))


class Sku(BaseConverter):
    """An article number, read as it is in a document: without direction marks and spaces around it."""

    part_isolating = True
    regex = r"[^/\x00-\x1f\x7f]{1,100}"

    def to_python(self, value: str) -> str:
        return without_direction_marks(value).strip(" ")


class SkuPath(Sku):
    """An article number that may have slashes in it."""

    part_isolating = False
    regex = r"[^\x00-\x1f\x7f]{1,100}"


CONVERTERS: dict[str, type[BaseConverter]] = {
    "number": OrderNumber,
    "id": Id,
    "shipment": ShipmentReference,
    "sku": Sku,
    "sku_path": SkuPath,
}
