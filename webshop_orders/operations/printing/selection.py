"""What is printed: the shipments of a batch's orders, or single ones, each with its box in the batch."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import NestedRows, PlainRows
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Batch, BatchOrder, Comment, CommentKind, DeliveryStatus, Line, Order, Shipment
from webshop_orders.operations.batches import selection as batches
from webshop_orders.operations.orders import order_rows
from webshop_orders.operations.orders.order_rows import Parts

MAX_SHIPMENTS = 500  # that are printed at once
REFERENCE = re.compile(r"[^/\x00-\x1f\x7f\ud800-\udfff]{1,64}-[1-9][0-9]{0,5}")

COMMENT, LISTING = PlainRows(Comment), PlainRows(BatchOrder)
ORDERS, COMMENTS, LISTINGS = Order.__table__, Comment.__table__, BatchOrder.__table__
TO_CUSTOMER = NestedRows(
    select(*COMMENT.columns).where(COMMENTS.c.order_id == ORDERS.c.id, COMMENTS.c.kind == CommentKind.CUSTOMER.value),
    ORDERS,
)
OF_BATCH = LISTINGS.c.batch_id == bindparam("batch_id")
LISTINGS_OF_BATCH = select(*LISTING.columns).where(OF_BATCH).order_by(LISTINGS.c.position)
IN_BATCH = ORDERS.c.id.in_(select(LISTINGS.c.order_id).where(OF_BATCH))
WITH_NUMBERS = ORDERS.c.number.in_(bindparam("numbers", expanding=True))


@dataclass(frozen=True)
class SelectedOrder:
    """An order that is printed, with the shipments of it that are, and the comments that its customer may read.

    `boxes` has the box of each shipment in the batch, by its number in the order. `printed_version` is the order's
    version on the pick list that was printed last.
    """

    order: Order
    shipments: list[Shipment]
    comments: list[Comment]
    boxes: Mapping[int, int]
    printed_version: int | None = None

    @property
    def is_edited(self) -> bool:
        """Whether the order was edited since its pick list was printed."""
        return self.printed_version is not None and self.order.version > self.printed_version

    def box(self, shipment: Shipment) -> int | None:
        return self.boxes.get(shipment.seq)


@dataclass(frozen=True)
class Selection:
    """Orders that are printed together, in the sequence of their batch; without one, by `references` of shipments."""

    orders: list[SelectedOrder]
    batch: Batch | None = None
    references: Sequence[str] = ()

    @property
    def shipments(self) -> Iterator[tuple[SelectedOrder, Shipment]]:
        return ((selected, shipment) for selected in self.orders for shipment in selected.shipments)

    @property
    def held(self) -> list[Shipment]:
        """What is paused: of a batch it is left out, a single shipment is printed since it was asked for."""
        if self.batch is None:
            return [shipment for _selected, shipment in self.shipments if shipment.is_open and shipment.is_held]
        return [each for selected in self.orders for each in selected.order.open_shipments if each.is_held]


def units_to_pack(line: Line) -> int:
    """The units of a line that leave now: those that stock covers, or all where staff set the shipment to ready."""
    is_there = line.shipment.status is not DeliveryStatus.BACKORDERED
    return line.quantity if is_there else line.reserved


def of_batch(batch_id: int) -> Selection:
    """The shipments of a batch that have something to pack and are not held.

    Raises NotFound, and RuleViolation for too many.
    """
    batch = batches.get(batch_id)
    listings = [LISTING.make(row) for row in db.session.execute(LISTINGS_OF_BATCH, {"batch_id": batch_id})]
    _check_number(len(listings))
    found = order_rows.read_many(IN_BATCH, Parts.ALL, (TO_CUSTOMER,), batch_id=batch_id)
    orders = {order.id: (order, _comments(along)) for order, along in found}
    selected, last_box = [], max((box for listing in listings for box in listing.boxes.values()), default=0)
    for listing in listings:
        order, comments = orders[listing.order_id]
        shipments = [shipment for shipment in order.open_shipments if _is_packed(shipment)]
        boxes = {int(seq): box for seq, box in listing.boxes.items()}
        for shipment in shipments:
            if shipment.seq not in boxes:
                boxes[shipment.seq] = last_box = last_box + 1
        selected.append(SelectedOrder(order, shipments, comments, boxes, listing.printed_version))
    _check_number(sum(len(one.shipments) for one in selected))
    return Selection(selected, batch)


def _is_packed(shipment: Shipment) -> bool:
    return not shipment.is_held and any(map(units_to_pack, shipment.lines))


def of_references(references: Iterable[str]) -> Selection:
    """Single shipments by their references; raises NotFound, and RuleViolation for none, too many or cancelled ones."""
    wanted: dict[str, list[str]] = defaultdict(list)
    asked = list(dict.fromkeys(references))
    for reference in asked:
        if not REFERENCE.fullmatch(reference):
            raise _no_shipment(reference)
        wanted[reference.rpartition("-")[0]].append(reference)
    if not wanted:
        raise RuleViolation(_("Choose at least one shipment."))
    _check_number(sum(map(len, wanted.values())))
    found = order_rows.read_many(WITH_NUMBERS, Parts.ALL, (TO_CUSTOMER,), numbers=list(wanted))
    shipments = {shipment.reference: shipment for order, _along in found for shipment in order.shipments}
    missing = [reference for references in wanted.values() for reference in references if reference not in shipments]
    if missing:
        raise _no_shipment(missing[0])
    orders = {order.number: (order, _comments(along)) for order, along in found}
    selected = []
    for number, references in wanted.items():
        order, comments = orders[number]
        order.check_not_cancelled()
        selected.append(SelectedOrder(order, [shipments[reference] for reference in references], comments, boxes={}))
    return Selection(selected, references=asked)


def _no_shipment(reference: str) -> NotFound:
    return NotFound(_("There is no shipment %(reference)s.", reference=reference[:100]))


def _check_number(count: int) -> None:
    if count > MAX_SHIPMENTS:
        raise RuleViolation(
            _("At most %(most)s shipments are printed at once. Select fewer orders.", most=MAX_SHIPMENTS)
        )


def _comments(along: list[list[list[Any]]]) -> list[Comment]:
    return [COMMENT.make(row) for row in along[0]]
