"""Reading files as `webshop-orders import` does, up to the documents that it places."""

from pathlib import Path

from webshop_orders.connectors import export_files
from webshop_orders.connectors.export_files import Format
from webshop_orders.documents import source_order
from webshop_orders.documents.order import NewOrder


def read_orders(path: Path, *, zone: str | None = None) -> list[NewOrder]:
    """The orders of a file; raises RuleViolation for the file or its first order that is refused."""
    kind = export_files.recognise(path, Format.AUTO)
    return [source_order.read(make()) for make in export_files.documents(path, kind, zone=zone)]
