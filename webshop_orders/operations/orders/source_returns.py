"""Goods that came back to the source of an order, kept as returns: each unit once, however often the source tells.

The source counts them in its own stock, so that none comes into stock here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from webshop_orders.clock import now
from webshop_orders.documents.order import NewOrder
from webshop_orders.documents.source_order import SourceRefund, refunds_of
from webshop_orders.models import Actor, Line, Order, Return, ReturnKind, ReturnLine, ReturnReason, ReturnState
from webshop_orders.models.event_facts import ReturnReceived, ReturnRegistered
from webshop_orders.models.goods_return import MAX_RETURNS
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import source_shipments
from webshop_orders.text.folding import sku_key


def apply(order: Order, current: NewOrder, *, by: Actor) -> None:
    """Keep what came back with the refunds that the source tells of, as far as it left here and is not back yet.

    Goods that staff registered as coming back are the same ones. What was not shipped here may be attributed later,
    once the source has told of that too.
    """
    told = [refund for refund in refunds_of(current) if refund.returned]
    if not told:
        return
    registered_here = _registered_here(order)
    for refund in told:
        before = _kept(order, refund)
        missing = _told(refund) - _units_of(before.lines if before else [], order)
        same = missing & registered_here
        registered_here -= same
        came = list(_attributed(order, missing - same, _room(order, current)))
        if came and (before or len(order.returns) < MAX_RETURNS):
            _keep(order, refund, before, came, by=by)


def _keep(
    order: Order, refund: SourceRefund, before: Return | None, came: list[tuple[Line, int]], *, by: Actor
) -> None:
    at = (refund.at or now()).isoformat()
    a_return = before or Return(
        id=order.next_id("return"),
        kind=ReturnKind.RETURN,
        state=ReturnState.CLOSED,
        lines=[],
        registered_by=by.name,
        registered_at=at,
        received_at=at,
        closed_at=at,
        external_reference=refund.external_reference,
    )
    lines = {line.line_id: line for line in a_return.lines}
    for line, count in came:
        units = count + (lines[line.id].units if line.id in lines else 0)
        lines[line.id] = _return_line(line, units)
    a_return = replace(a_return, lines=list(lines.values()))
    order.returns = [*(known for known in order.returns if known.id != a_return.id), a_return]
    order.refunds = [
        replace(known, return_id=known.return_id or a_return.id)
        if known.external_reference == refund.external_reference
        else known
        for known in order.refunds
    ]
    reference, products = a_return.reference(order.number), list(dict.fromkeys(line.name for line, _count in came))
    quantity = sum(count for _line, count in came)
    if before is None:
        history.record(order, ReturnRegistered(reference, a_return.kind, products, quantity), by=by)
    history.record(order, ReturnReceived(reference, products, quantity, restocked=0), by=by)


def _return_line(line: Line, units: int) -> ReturnLine:
    return ReturnLine(
        line_id=line.id,
        shipment=line.shipment.seq,
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
        quantity=units,
        reason=ReturnReason.NOT_STATED,
        received=units,
    )


def _attributed(order: Order, missing: Counter[str], room: Counter[str]) -> Iterator[tuple[Line, int]]:
    """The shipped lines that units came back of, with how many of each."""
    left = missing & room
    for line in _shipped_lines(order):
        count = min(left[sku_key(line.sku)], line.quantity - order.units_returned(line.id))
        if count > 0:
            left[sku_key(line.sku)] -= count
            yield line, count


def _room(order: Order, current: NewOrder) -> Counter[str]:
    """The units that left here, and are neither back nor with the customer by what the source tells.

    What came back is still in the shipments of a source that has not told of the order itself since.
    """
    shipped, returned, still_there = Counter[str](), Counter[str](), Counter[str]()
    for line in _shipped_lines(order):
        shipped[sku_key(line.sku)] += line.quantity
        returned[sku_key(line.sku)] += order.units_returned(line.id)
    for sku, count in source_shipments.sent_units(current).items():
        still_there[sku_key(sku)] += count
    for refund in refunds_of(current):
        still_there -= _told(refund, is_left_out=False)
    return shipped - still_there - returned


def _registered_here(order: Order) -> Counter[str]:
    """The units that staff registered as coming back, or received."""
    own = [found for found in order.returns if found.external_reference is None and found.expects_goods]
    return _units_of((line for found in own for line in found.lines), order)


def _units_of(lines: Iterable[ReturnLine], order: Order) -> Counter[str]:
    skus = {line.id: line.sku for line in order.lines}
    units: Counter[str] = Counter()
    for line in lines:
        units[sku_key(skus.get(line.line_id, line.sku))] += line.units
    return units


def _told(refund: SourceRefund, *, is_left_out: bool | None = None) -> Counter[str]:
    """The units that came back with a refund, by SKU: all, or those that the lines of its order have or lack."""
    units: Counter[str] = Counter()
    for goods in refund.returned:
        if is_left_out is None or goods.is_left_out is is_left_out:
            units[sku_key(goods.sku)] += goods.quantity
    return units


def _kept(order: Order, refund: SourceRefund) -> Return | None:
    return next((found for found in order.returns if found.external_reference == refund.external_reference), None)


def _shipped_lines(order: Order) -> list[Line]:
    return [line for shipment in order.shipments if shipment.is_shipped for line in shipment.lines]
