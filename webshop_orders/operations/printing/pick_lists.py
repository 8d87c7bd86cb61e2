"""Pick lists: what to fetch for a batch, one row a product, in the sequence of the shelves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webshop_orders.models import Batch, Line, Order, Shipment
from webshop_orders.models.line import NO_SKU
from webshop_orders.operations.orders import bundles
from webshop_orders.operations.printing.selection import SelectedOrder, Selection, units_to_pack
from webshop_orders.text.folding import sort_key


@dataclass(frozen=True)
class Share:
    """The units of a row that one line of a shipment gets, and the box of that shipment."""

    line: Line
    selected: SelectedOrder
    quantity: int

    @property
    def shipment(self) -> Shipment:
        return self.line.shipment

    @property
    def box(self) -> int | None:
        return self.selected.box(self.line.shipment)


@dataclass(frozen=True)
class PickRow:
    """A product to fetch, and for which shipments; without a shelf place or barcode where the catalogue has none."""

    shelf_place: str | None
    sku: str
    name: str
    barcode: str | None
    shares: list[Share]

    @property
    def quantity(self) -> int:
        return sum(share.quantity for share in self.shares)


@dataclass(frozen=True)
class PickList:
    """What to fetch for a batch.

    `singles` are the rows of orders of which one product is left to send, `rows` those of all others. `waiting` has
    the units that stock does not cover, which are in neither. `gone` are orders that have nothing to be picked, since
    they were shipped or cancelled, `held` shipments that are paused and left out, and `edited` the orders that were
    edited since the list was printed.
    """

    batch: Batch
    rows: list[PickRow]
    singles: list[PickRow]
    waiting: list[PickRow]
    gone: list[Order]
    held: list[Shipment]
    edited: list[Order]

    @property
    def units(self) -> int:
        return sum(row.quantity for row in (*self.rows, *self.singles))

    @property
    def shipments(self) -> int:
        return len({share.shipment.id for row in (*self.rows, *self.singles) for share in row.shares})


def of(selection: Selection) -> PickList:
    """The pick list of a batch that is selected."""
    assert selection.batch is not None, "single shipments have no pick list"
    singles: list[SelectedOrder] = []
    others: list[SelectedOrder] = []
    for selected in selection.orders:
        (singles if _is_single(selected) else others).append(selected)
    return PickList(
        batch=selection.batch,
        rows=_rows(_to_fetch(others)),
        singles=_rows(_to_fetch(singles)),
        waiting=_rows(_waiting(selection.orders)),
        gone=[selected.order for selected in selection.orders if not selected.order.open_shipments],
        held=selection.held,
        edited=[selected.order for selected in selection.orders if selected.is_edited],
    )


def _is_single(selected: SelectedOrder) -> bool:
    """Whether one product is all that is left to send of an order, and stock covers it."""
    lines = [line for shipment in selected.order.open_shipments for line in shipment.lines if _is_fetched(line)]
    return len({_article(line) for line in lines}) == 1 and all(units_to_pack(line) == line.quantity for line in lines)


def _to_fetch(orders: Iterable[SelectedOrder]) -> Iterator[Share]:
    for selected in orders:
        for shipment in selected.shipments:
            for line in shipment.lines:
                if _is_fetched(line) and (units := units_to_pack(line)):
                    yield Share(line, selected, units)


def _waiting(orders: Iterable[SelectedOrder]) -> Iterator[Share]:
    for selected in orders:
        for shipment in selected.order.open_shipments:
            for line in [] if shipment.is_held else shipment.lines:
                if _is_fetched(line) and (units := line.quantity - units_to_pack(line)):
                    yield Share(line, selected, units)


def _is_fetched(line: Line) -> bool:
    """A bundle is nothing but its parts, unless it has a shelf place of its own."""
    return not bundles.parts_of(line) or (line.product is not None and line.product.shelf_place is not None)


def _rows(shares: Iterable[Share]) -> list[PickRow]:
    by_article: dict[object, list[Share]] = defaultdict(list)
    for share in shares:
        by_article[_article(share.line)].append(share)
    return sorted(map(_row, by_article.values()), key=_by_place)


def _article(line: Line) -> object:
    return line.product_id or (line.sku, line.name)


def _row(shares: list[Share]) -> PickRow:
    line = shares[0].line
    product = line.product
    return PickRow(
        shelf_place=product.shelf_place if product else None,
        sku="" if line.sku == NO_SKU else line.sku,
        name=line.name,
        barcode=product.barcode if product else None,
        shares=shares,
    )


def _by_place(row: PickRow) -> tuple[bool, str, str]:
    """In natural order, A-2 before A-10; products without a shelf place last."""
    return row.shelf_place is None, sort_key(row.shelf_place or ""), sort_key(row.sku or row.name)
