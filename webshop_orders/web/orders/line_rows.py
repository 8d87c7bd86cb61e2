"""The lines of a shipment as the tabs of its order show them."""

from typing import NamedTuple

from webshop_orders.models import DeliveryStatus, Line, Shipment


class LineRow(NamedTuple):
    """A line with what follows from its shipment: its units that wait for stock, and its own delivery status."""

    line: Line
    quantity: int
    backordered: int
    status: DeliveryStatus


def line_rows(shipment: Shipment) -> list[LineRow]:
    """The lines of a shipment, each bundle followed by its parts.

    The status of a line is by its own cover, while its shipment waits for others or was set by hand.
    """
    is_shipped, is_open = shipment.is_shipped, shipment.is_open
    rows = []
    for line in shipment.lines_by_bundle:
        quantity = line.quantity
        backordered = quantity - line.reserved if is_open else 0
        status = DeliveryStatus.BACKORDERED if backordered else DeliveryStatus.READY
        rows.append(LineRow(line, quantity, backordered, DeliveryStatus.SHIPPED if is_shipped else status))
    return rows
