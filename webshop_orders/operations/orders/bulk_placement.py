"""Placing many imported orders at once: the same orders as `placement` makes, written without the session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from webshop_orders import shop_settings
from webshop_orders.db import bulk_writing
from webshop_orders.db.bulk_rows import BulkRows
from webshop_orders.db.plain_objects import plain
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Comment, Event, Line, Order, Shipment, TrackingCode
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import hold_rules, placement
from webshop_orders.operations.orders.placement import AssembledOrder
from webshop_orders.operations.stock import products, reservations


@dataclass
class BulkOutcome:
    """What became of new orders, each by its place among them; `existing` were placed before."""

    placed: list[int] = field(default_factory=list)
    existing: list[int] = field(default_factory=list)
    refused: list[tuple[int, RuleViolation]] = field(default_factory=list)


@dataclass(frozen=True)
class Unplaceable:
    """An order that cannot be placed, and why."""

    new: NewOrder
    violation: RuleViolation


Assembled = AssembledOrder | Unplaceable


def place_imported(news: Sequence[NewOrder], *, by: Actor, keeps_source_total: bool = False) -> BulkOutcome:
    """Place those orders that do not exist yet, as `placement.place` does with `imported`, which mails nobody.

    An order that breaks a rule is refused by itself. Raises IntegrityError where others place one of them meanwhile.
    """
    shop_settings.lock_bulk_placement()
    outcome = BulkOutcome()
    taken = placement.taken_references(new.external_reference for new in news)
    missing = {place: new for place, new in enumerate(news) if new.external_reference not in taken}
    outcome.existing = [place for place in range(len(news)) if place not in missing]
    numbered = _number(_assemble(missing, keeps_source_total=keeps_source_total), outcome)
    _reserve_stock(numbered, by)
    _write(numbered, by)
    return outcome


def _assemble(missing: dict[int, NewOrder], *, keeps_source_total: bool) -> list[tuple[int, Assembled]]:
    """The orders by their places, or why they are refused."""
    catalogue = products.matching(line.sku for new in missing.values() for line in new.lines)
    assembled: list[tuple[int, Assembled]] = []
    for place, new in missing.items():
        try:
            item = placement.assemble(new, catalogue, keeps_source_total=keeps_source_total, make=plain)
        except RuleViolation as violation:
            assembled.append((place, Unplaceable(new, violation)))
        else:
            assembled.append((place, item))
    return assembled


def _number(assembled: list[tuple[int, Assembled]], outcome: BulkOutcome) -> list[AssembledOrder]:
    """Those that can be placed, each with the number that it brings, or else the next free one of the series."""
    news = [item.new for _place, item in assembled]
    references, numbers = set(), placement.taken_numbers(new.number for new in news if new.number)
    are_distinct = len({new.external_reference for new in news}) == len(news)
    unnumbered = sum(isinstance(item, AssembledOrder) and not item.new.number for _place, item in assembled)
    free = _free_numbers(unnumbered if are_distinct else 0)
    numbered = []
    for place, item in assembled:
        if item.new.external_reference in references:
            outcome.existing.append(place)
            continue
        try:
            placement.check_number_is_free(item.new, numbers)
            if isinstance(item, Unplaceable):
                raise item.violation
        except RuleViolation as violation:
            outcome.refused.append((place, violation))
            continue
        item.order.number = item.new.number or next(number for number in free if number not in numbers)
        references.add(item.new.external_reference)
        numbers.add(item.order.number)
        outcome.placed.append(place)
        numbered.append(item)
    return numbered


def _free_numbers(count: int) -> Iterator[str]:
    """So many numbers of the series at once, and after them more, one by one: none may be left over."""
    if count:
        yield from placement.next_free_numbers(count)
    while True:
        yield from placement.next_free_numbers(1)


def _reserve_stock(numbered: list[AssembledOrder], by: Actor) -> None:
    open_lines = (line for item in numbered for shipment in item.order.open_shipments for line in shipment.lines)
    reservations.lock(line.product for line in open_lines)
    for item in numbered:
        hold_rules.apply(item.order, item.new, by=by)
        placement.reserve_stock(item.order)


def _write(numbered: list[AssembledOrder], by: Actor) -> None:
    """Insert the rows; only orders and shipments need to know their ids before."""
    shipment_count = sum(len(item.order.shipments) for item in numbered)
    order_ids = bulk_writing.reserve_ids(Order, len(numbered))
    shipment_ids = bulk_writing.reserve_ids(Shipment, shipment_count)
    orders, shipments, lines = BulkRows(Order), BulkRows(Shipment), BulkRows(Line, has_ids=False)
    codes, comments, events = (BulkRows(table, has_ids=False) for table in (TrackingCode, Comment, Event))
    for item in numbered:
        order = item.order
        order.id = next(order_ids)
        for facts in item.facts(imported=True):  # which count in the order's row
            events.add(history.make_event(order, facts, by=by, make=plain))
        orders.add(order)
        for shipment in order.shipments:
            shipment_id = next(shipment_ids)
            shipments.add(shipment, id=shipment_id, order_id=order.id)
            for line in shipment.lines:
                lines.add(line, shipment_id=shipment_id, order_id=order.id, placed_at=order.placed_at)
            for code in shipment.tracking_codes:
                codes.add(code, shipment_id=shipment_id, order_id=order.id, placed_at=order.placed_at)
        for comment in item.comments(plain):
            comments.add(comment)
    for rows in (orders, shipments, lines, codes, comments, events):  # those that others refer to first
        rows.write()
