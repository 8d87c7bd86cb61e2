"""Address labels: one for each parcel of a shipment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from webshop_orders import shop_settings
from webshop_orders.models import Address, Shipment, TrackingCode
from webshop_orders.operations.printing.selection import SelectedOrder, Selection
from webshop_orders.text import countries


@dataclass(frozen=True)
class Label:
    """What is on the label of parcel `parcel` of `parcels`; `tracking` is None where the parcel has no code yet.

    `recipient` has the lines of the address, the name first. `box` is the shipment's box in its batch.
    """

    shipment: Shipment
    recipient: list[str]
    pickup_point: str | None
    tracking: TrackingCode | None
    parcel: int
    parcels: int
    box: int | None

    @property
    def service(self) -> str | None:
        """The shipping method that the customer chose."""
        return self.shipment.order.shipping_method

    @property
    def carrier(self) -> str | None:
        """The carrier of the parcel, where the name of the service does not say it already."""
        carrier = self.tracking.carrier if self.tracking else None
        is_said = carrier and self.service and self.service.casefold().startswith(carrier.casefold())
        return None if is_said else carrier


def of(selection: Selection) -> list[Label]:
    """The labels of the shipments that are selected."""
    return [label for selected, shipment in selection.shipments for label in _of_shipment(selected, shipment)]


def _of_shipment(selected: SelectedOrder, shipment: Shipment) -> Iterator[Label]:
    address = selected.order.shipping_address
    recipient = address_lines(address, home=countries.of_time_zone(shop_settings.current().time_zone))
    codes: list[TrackingCode | None] = [*shipment.tracking_codes] or [None]
    for number, code in enumerate(codes, start=1):
        yield Label(
            shipment=shipment,
            recipient=recipient,
            pickup_point=address.pickup_point,
            tracking=code,
            parcel=number,
            parcels=len(codes),
            box=selected.box(shipment),
        )


def address_lines(address: Address, *, home: str | None) -> list[str]:
    """An address as the post reads it: from another country than `home`, the country comes last in English capitals.

    As the Universal Postal Union asks for (S42, and its guide to addressing).
    """
    is_abroad = address.country != home
    return [*address.lines, countries.postal_name(address.country)] if is_abroad else address.lines
