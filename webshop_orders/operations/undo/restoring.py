"""Giving an order the rows of another state back, with cover from stock as it is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, DeliveryStatus, Line, Order, Product, Shipment, TrackingCode
from webshop_orders.operations.stock import reservations, returned_units, whole_orders
from webshop_orders.operations.stock.returned_units import ReturnedUnits
from webshop_orders.operations.undo import order_state
from webshop_orders.operations.undo.order_state import Rows, Values


@dataclass(frozen=True)
class _Target:
    """The values that rows are to have, by their ids; None for a row that is to go."""

    order: Values
    shipments: dict[int, Values | None]
    lines: dict[int, Values | None]
    codes: dict[int, Values | None]

    @classmethod
    def read(cls, rows: Rows) -> _Target:
        tables: dict[str, dict[int, Any]] = {table: {} for table in order_state.FIELDS}
        for key, values in rows.items():
            table = order_state.table_of(key)
            read = order_state.FIELDS[table].from_json(values) if values is not None else None
            tables[table][order_state.id_of(key)] = read
        order: Values = next(iter(tables[order_state.ORDER].values()), {})
        return cls(order, tables[order_state.SHIPMENT], tables[order_state.LINE], tables[order_state.CODE])


def restore(order: Order, rows: Rows, *, by: Actor) -> int:
    """Give a locked order the values that `rows` of another state have; returns how many units have lost their cover.

    Few rules are checked: what was comes back, backordered where stock is gone. Products are locked, and rows that come
    back keep their ids. Raises RuleViolation where units that customers sent back were reserved for others since, and
    where a shipment would be open again of which something came back.
    """
    target = _Target.read(rows)
    products = _products(order, target)
    reservations.lock(products.values())
    come, go = _returned(order, target, products)
    with db.session.no_autoflush:
        cancelled_at = target.order.get("cancelled_at", order.cancelled_at)
        was_cancelled = order.is_cancelled
        had_left = {shipment.id for shipment in order.shipments if shipment.is_shipped}
        by_hand = {shipment.id for shipment in order.shipments if shipment.is_set_by_hand}
        returned_units.restock(order, come, by=by)
        _open(order, target, by)
        _set(order, target.order, without={"cancelled_at", "shop_differences"})
        _add_shipments(order, target)
        touched = _restore_lines(order, target, products)
        _restore_codes(order, target)
        _remove_shipments(order, target)
        open_lines = [line for shipment in order.open_shipments for line in shipment.lines]
        lost = returned_units.take_out(order, go, open_lines, by=by)
        gave = reservations.give_to_others(order) + whole_orders.settle_locked(order)
        uncovered = sum(max(0, values["reserved"] - line.reserved) for line, values in touched.items())
        _refresh_statuses(order, target, order.lines if was_cancelled else [*touched, *lost, *gave], by_hand)
        _ship(order, target, by)
        for shipment in order.open_shipments:
            if shipment.id in had_left:
                shipment.check_can_reopen()
        if cancelled_at is not None:
            for line in order.lines:
                reservations.release(line)
            order.cancelled_at = cancelled_at
        if order.is_cancelled is not was_cancelled:
            _restore_difference(order, target)
    return uncovered


def _restore_difference(order: Order, target: _Target) -> None:
    """Show that only one of the order and its source is cancelled where it was shown; its others stay as they are."""
    others = [difference for difference in order.shop_differences if difference.field != "cancelled"]
    shown = [difference for difference in target.order.get("shop_differences", []) if difference.field == "cancelled"]
    order.shop_differences = [*others, *shown]


def _products(order: Order, target: _Target) -> dict[int, Product]:
    """The products of all lines, those that come back too."""
    products = {line.product.id: line.product for line in order.lines if line.product is not None}
    missing = {values["product_id"] for values in target.lines.values() if values} - {None, *products}
    if missing:
        products |= {found.id: found for found in db.session.scalars(select(Product).where(Product.id.in_(missing)))}
    return products


def _returned(
    order: Order, target: _Target, products: dict[int, Product]
) -> tuple[list[ReturnedUnits], list[ReturnedUnits]]:
    """Units that come into stock, and those that go out of it, since other goods came back in that state."""
    units: Counter[Product] = Counter()
    references: dict[Product, str] = {}
    for returns, sign in ((target.order.get("returns", order.returns), 1), (order.returns, -1)):
        for goods in returns:
            for line in (line for line in goods.lines if line.restocked):
                if product := products.get(line.product_id or 0):
                    units[product] += sign * line.restocked
                    references[product] = goods.reference(order.number)
    come, go = (
        [ReturnedUnits(product, quantity, references[product]) for product, quantity in part.items()]
        for part in (+units, -units)
    )
    return come, go


def _open(order: Order, target: _Target, by: Actor) -> None:
    """Take back that the order is cancelled, and that shipments have left whose lines are to change."""
    if order.is_cancelled:
        order.cancelled_at = None
        for line in order.lines:
            reservations.reserve(line)
    for shipment in order.shipments:
        if shipment.is_shipped and _is_to_open(shipment, target):
            for line in shipment.lines:
                reservations.restock(line, by=by)
            shipment.status, shipment.shipped_at = DeliveryStatus.READY, None


def _is_to_open(shipment: Shipment, target: _Target) -> bool:
    if shipment.id not in target.shipments:
        return False
    values = target.shipments[shipment.id]
    if values is None or values["status"] is not DeliveryStatus.SHIPPED:
        return True
    comes = any(line["shipment_id"] == shipment.id for line in target.lines.values() if line)
    return comes or any(line.id in target.lines for line in shipment.lines)


def _add_shipments(order: Order, target: _Target) -> None:
    existing = {shipment.id for shipment in order.shipments}
    for shipment_id, values in target.shipments.items():
        if values is not None and shipment_id not in existing:
            order.shipments.append(_new_shipment(shipment_id, values["seq"]))
    order.shipments.sort(key=lambda shipment: shipment.seq)


def _new_shipment(shipment_id: int, seq: int) -> Shipment:
    return Shipment(id=shipment_id, seq=seq, status=DeliveryStatus.READY, lines=[], tracking_codes=[], former_codes=[])


def _remove_shipments(order: Order, target: _Target) -> None:
    for shipment in list(order.shipments):
        if target.shipments.get(shipment.id, {}) is None:
            order.shipments.remove(shipment)


def _restore_lines(order: Order, target: _Target, products: dict[int, Product]) -> dict[Line, Values]:
    """Restore lines and their cover; returns those that the order has again, with their values.

    All of them give their units up before the first is covered, so that they do not lose them to each other, and none
    loses units that the order had to the shop's safety margin.
    """
    existing = {line.id: line for line in order.lines}
    shipments = {shipment.id: shipment for shipment in order.shipments}
    given_up: Counter[int | None] = Counter()
    restored: dict[Line, Values] = {}
    for line_id, values in target.lines.items():
        line = existing.get(line_id)
        if line is not None:
            given_up[line.product_id] += line.reserved
            reservations.release(line)
        if values is None:
            if line is not None:
                line.shipment.lines.remove(line)
            continue
        told = {"promised_on"} if line is not None else set()  # since then, perhaps
        line = line or Line(id=line_id, reserved=0, product=products.get(values["product_id"]))
        _move(line, shipments[values["shipment_id"]])
        _set(line, values, without={"shipment_id", "reserved"} | told)
        restored[line] = values
    for line, values in restored.items():
        units = min(values["reserved"], given_up[line.product_id])
        given_up[line.product_id] -= units
        reservations.reserve_again(line, units)
    for line in restored:
        if line.product is not None and line.product.is_tracked:
            before = line.reserved
            reservations.cover(line.product, [line], besides=given_up[line.product_id])
            given_up[line.product_id] -= min(given_up[line.product_id], line.reserved - before)
    return restored


def _move(line: Line, shipment: Shipment) -> None:
    if line.shipment is shipment:
        return
    if line.shipment is not None:
        line.shipment.lines.remove(line)
    shipment.lines.append(line)
    shipment.lines.sort(key=lambda other: other.id)


def _restore_codes(order: Order, target: _Target) -> None:
    shipments = {shipment.id: shipment for shipment in order.shipments}
    for shipment_id, was in target.shipments.items():
        if was is not None and "former_codes" in was:
            shipments[shipment_id].former_codes = was["former_codes"]
    existing = {code.id: code for shipment in order.shipments for code in shipment.tracking_codes}
    gone = [existing[code_id] for code_id, values in target.codes.items() if values is None and code_id in existing]
    for code in gone:
        code.shipment.tracking_codes.remove(code)
    if gone:
        db.session.flush()  # deletes before inserts: a code is unique in its shipment
    for code_id, values in target.codes.items():
        if values is None:
            continue
        code = existing.get(code_id) or TrackingCode(id=code_id)
        shipment = shipments[values["shipment_id"]]
        if code.shipment is not shipment:
            if code.shipment is not None:
                code.shipment.tracking_codes.remove(code)
            shipment.tracking_codes.append(code)
            shipment.tracking_codes.sort(key=lambda other: other.id)
        _set(code, values, without={"shipment_id"})


def _refresh_statuses(order: Order, target: _Target, changed: Iterable[Line], by_hand: set[int]) -> None:
    """A status that was set by hand comes back, any other follows from the cover that the lines have now.

    What is not to change keeps one that was set `by_hand`: the steps had left it too.
    """
    touched = ({line.shipment.id for line in changed} - by_hand) | target.shipments.keys()
    for shipment in order.open_shipments:
        values = target.shipments.get(shipment.id)
        if values is not None and values["is_set_by_hand"]:
            shipment.status = values["status"]
        elif shipment.id in touched:
            shipment.status = shipment.computed_status
        if values is not None and "ready_since" in values:
            shipment.ready_since = values["ready_since"]


def _ship(order: Order, target: _Target, by: Actor) -> None:
    """Let shipments leave that had left, and note when they were shipped, delivered and sent back."""
    for shipment in order.shipments:
        values = target.shipments.get(shipment.id)
        if values is None:
            continue
        if values["status"] is DeliveryStatus.SHIPPED and shipment.is_open:
            for line in shipment.lines:
                reservations.deduct(line, by=by)
            shipment.status = DeliveryStatus.SHIPPED
        shipment.shipped_at, shipment.delivered_at = values["shipped_at"], values["delivered_at"]
        # What was stored before there were these has none.
        shipment.uncollected_at, shipment.sent_back_at = values.get("uncollected_at"), values.get("sent_back_at")
        shipment.capture = values.get("capture")


def _set(row: Any, values: Values, without: Iterable[str] = ()) -> None:
    for name, value in values.items():
        if name not in without:
            setattr(row, name, value)
