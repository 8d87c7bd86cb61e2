"""Packing slips: what lies in one shipment, and what comes later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webshop_orders import shop_settings
from webshop_orders.db.plain_objects import plain
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import Comment, DeliveryStatus, Line, Order, Shipment
from webshop_orders.money.totals import Totals, of_shipment
from webshop_orders.operations.orders import bundles
from webshop_orders.operations.printing.selection import SelectedOrder, Selection, units_to_pack


@dataclass(frozen=True)
class SlipRow:
    """A product in the shipment; `total` in öre, after its discount."""

    line: Line
    quantity: int
    total: int


@dataclass(frozen=True)
class LaterRow:
    """Units of an order that are not in this shipment and have not left."""

    name: str
    quantity: int


@dataclass(frozen=True)
class PackingSlip:
    """What is on the slip of a shipment, in the language of its customer.

    `box` is its box in the batch that it is packed in. `totals` are None where the slip has no prices.
    """

    order: Order
    shipment: Shipment
    language: str
    rows: list[SlipRow]
    later: list[LaterRow]
    comments: list[Comment]
    box: int | None
    is_edited: bool
    totals: Totals | None

    @property
    def units(self) -> int:
        """Units in the parcel; a bundle is its parts."""
        return sum(row.quantity for row in self.rows if not bundles.parts_of(row.line))


def of(selection: Selection) -> list[PackingSlip]:
    """The slips of the shipments that are selected."""
    return [_slip(selected, shipment) for selected, shipment in selection.shipments]


def _slip(selected: SelectedOrder, shipment: Shipment) -> PackingSlip:
    order, shop = selected.order, shop_settings.current()
    rows = [_row(line, units) for line in shipment.lines_by_bundle if (units := _units(line))]
    shows_prices = shop.slip_shows_prices and not order.is_gift
    return PackingSlip(
        order=order,
        shipment=shipment,
        language=mail_language(order.language, shop),
        rows=rows,
        later=_later(order, shipment),
        comments=selected.comments,
        box=selected.box(shipment),
        is_edited=selected.is_edited,
        totals=of_shipment(order, _packed(rows)) if shows_prices else None,
    )


def _units(line: Line) -> int:
    """Units of a line in the parcel; of a bundle, those that all parts are there for."""
    if line.shipment.status is DeliveryStatus.BACKORDERED and bundles.parts_of(line):
        return line.quantity - bundles.backordered_of(line)
    return units_to_pack(line)


def _row(line: Line, units: int) -> SlipRow:
    discount = line.discount * units // line.quantity
    return SlipRow(line, units, units * line.unit_price - discount)


def _packed(rows: Iterable[SlipRow]) -> list[Line]:
    """The units of the rows as lines of their own, which their sums are computed from."""
    return [
        plain(Line)(
            quantity=row.quantity,
            unit_price=row.line.unit_price,
            discount=row.quantity * row.line.unit_price - row.total,
            vat_rate=row.line.vat_rate,
        )
        for row in rows
    ]


def _later(order: Order, shipment: Shipment) -> list[LaterRow]:
    later: dict[object, LaterRow] = {}
    for line, units in _left_behind(order, shipment):
        before = later.get(line.article)
        later[line.article] = LaterRow(line.name, units + (before.quantity if before else 0))
    return list(later.values())


def _left_behind(order: Order, shipment: Shipment) -> Iterator[tuple[Line, int]]:
    """Lines of an order with units that leave in another shipment, the parts of bundles left out."""
    for other in order.shipments:
        for line in other.lines_by_bundle if other.is_open else []:
            if line.bundle_line is None:
                units = line.quantity if other is not shipment else line.quantity - _units(line)
                if units:
                    yield line, units
