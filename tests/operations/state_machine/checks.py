"""The rules, each checked against the model of an order."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import floor

from tests.operations.state_machine.model import (
    AUTOMATIC,
    ExpectedOrder,
    ExpectedReturns,
    contents,
    holds_of,
    units_back,
)
from webshop_orders.models import (
    DeliveryStatus,
    Event,
    EventKind,
    Message,
    MessageKind,
    Order,
    OrderStatus,
    Product,
    StockMovement,
)
from webshop_orders.money import captures, crediting
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import withdrawals


def check_units(expected: ExpectedOrder, order: Order) -> None:
    """Rules 1, 2 and 3: units are neither made nor lost, and lines without tracked stock are covered."""
    sums: Counter[str] = Counter()
    for line in order.lines:
        assert 1 <= line.quantity <= 99_999
        assert 0 <= line.reserved <= line.quantity
        assert line.is_tracked or line.reserved == line.quantity or not line.shipment.is_open
        sums[line.sku] += line.quantity
    assert sums == +expected.sums


def check_captures(order: Order) -> None:
    """Rule 30: what is to be charged for the shipments adds up, and is kept for those that have left."""
    found = captures.of_order(order)
    assert all((shipment.capture is not None) is shipment.is_shipped for shipment in order.shipments)
    assert sum(capture.amount for capture in found.values()) == (0 if order.is_cancelled else order.total)
    assert all(capture.amount >= 0 for capture in found.values())


def check_statuses(expected: ExpectedOrder, order: Order) -> None:
    """Rule 5, and the status of the order that follows from those of its shipments."""
    if expected.cancelled:
        assert order.status is OrderStatus.CANCELLED
        return
    for shipment in order.shipments:
        if shipment.seq in expected.shipped:
            status = DeliveryStatus.SHIPPED
        elif any(line.reserved < line.quantity for line in shipment.lines):
            status = expected.by_hand.get(shipment.seq, DeliveryStatus.BACKORDERED)
        else:
            status = expected.by_hand.get(shipment.seq, DeliveryStatus.READY)
        assert shipment.status is status
    assert order.status is status_of({shipment.status for shipment in order.shipments})


def check_shipments(expected: ExpectedOrder, order: Order) -> None:
    """Rules 6, 7, 11 and 15: shipped ones stay unchanged, none is empty, and no new one has a number that was used."""
    assert {s.seq: contents(s) for s in order.shipments if s.is_shipped} == expected.shipped
    assert order.shipments
    assert all(shipment.lines for shipment in order.shipments)
    new = {shipment.seq for shipment in order.shipments} - expected.seqs
    assert all(seq > expected.last_seq for seq in new)
    expected.last_seq = max({expected.last_seq, *new})
    expected.seqs = {shipment.seq for shipment in order.shipments}
    assert order.last_seq == expected.last_seq


def check_holds(expected: ExpectedOrder, order: Order) -> None:
    """Rule 28: only what was released is gone, and each is of something that is there."""
    assert holds_of(order) == sorted(expected.holds)
    assert {seq for _id, seq in expected.holds} <= {None, *(shipment.seq for shipment in order.shipments)}
    assert order.is_held is any(
        seq in (None, shipment.seq) for shipment in order.open_shipments for _id, seq in expected.holds
    )
    assert all(shipment.gives_stock is (shipment.is_open and not shipment.keeps_stock) for shipment in order.shipments)


def check_terms(expected: ExpectedOrder, order: Order) -> None:
    """Rule 35: an order is put first by hand alone, and queries are told so."""
    assert (order.priority.reason if order.priority else None) == expected.priority
    assert order.is_prioritised is (expected.priority is not None)
    assert order.ships_whole is expected.whole


def check_whole(order: Order, free: dict[str, int]) -> None:
    """Rule 34: one that ships whole holds all that it needs or nothing, and all where that is there."""
    kept = [shipment for shipment in order.open_shipments if shipment.keeps_stock]
    needed = [line for shipment in kept for line in shipment.lines if line.is_tracked]
    if not order.ships_whole or all(line.reserved == line.quantity for line in needed):
        return
    assert all(line.reserved == 0 for line in needed)
    units: Counter[str] = Counter()
    for line in needed:
        units[line.sku] += line.quantity
    assert any(units[sku] > free[sku] for sku in units), "all of it is there, and it waits"


def check_movements(product: Product, movements: list[StockMovement]) -> None:
    """Rule 31: movements add up to the stock, and none is missing or recorded twice."""
    assert [movement.version for movement in movements] == list(range(1, product.stock_version + 1))
    assert sum(movement.quantity for movement in movements) == (product.stock or 0)
    assert not movements or movements[-1].stock == product.stock


def check_totals(expected: ExpectedOrder, order: Order) -> None:
    """Rule 16: the stored total is the one recomputed here, to the öre."""
    assert order.units == sum(line.quantity for line in order.lines)
    by_rate: Counter[int] = Counter({order.shipping_vat_rate: order.shipping_price})
    for line in order.lines:
        by_rate[line.vat_rate] += line.quantity * line.unit_price - line.discount
    exact = sum(by_rate.values())
    if not order.prices_include_vat:
        exact += sum(half_up(Fraction(amount * rate, 10_000)) for rate, amount in by_rate.items())
        exact += sum(order.vat_corrections.values())  # of an öre where a rate was refunded whole
        assert not order.vat_corrections or order.refunds
    assert order.total == (100 * half_up(Fraction(exact, 100)) if expected.rounds else exact)


def check_money(order: Order) -> None:
    """Rule 29: never more is refunded than was paid, or charged of a rate, a line or the order."""
    taken, totals = crediting.credited(order), compute_totals(order)
    assert order.paid + order.refunded == sum(payment.amount for payment in order.registered_payments)
    assert 0 <= order.pending_refunds <= order.paid
    assert 0 <= order.credited == taken.total <= order.total
    for rate, left in crediting.left_by_rate(order).items():
        assert 0 <= taken.vat[rate] <= totals.vat.get(rate, 0)
        assert left >= 0
        assert left or taken.vat[rate] == totals.vat.get(rate, 0)
    for line_id, units in taken.units.items():
        line = order.find_line(line_id)
        assert line is not None
        assert units <= line.quantity


def check_returns(expected: ExpectedOrder, order: Order) -> None:
    """Rule 29: the returns are those of the model, of lines that have shipped, and no more came back than left."""
    stored: ExpectedReturns = {
        a_return.id: {line.line_id: (line.quantity, line.received) for line in a_return.lines}
        for a_return in order.returns
    }
    assert stored == expected.returns
    back: Counter[int] = Counter()
    for lines in stored.values():
        for line_id, units in lines.items():
            back[line_id] += units_back(units)
    left = {line.id: line.quantity for line in order.lines if line.shipment.is_shipped}
    assert all(units <= left.get(line_id, 0) for line_id, units in back.items())


def check_withdrawals(expected: ExpectedOrder, order: Order, messages: list[Message]) -> None:
    """Rule 33: no statement is lost, and each has one receipt."""
    stored = withdrawals.of_order(order)
    assert [statement.id for statement in stored] == expected.withdrawals
    receipts = [mail.id for mail in messages if mail.kind is MessageKind.WITHDRAWAL_RECEIPT]
    assert [statement.receipt_id for statement in stored] == receipts


def check_events_and_mails(expected: ExpectedOrder, order: Order, events: list[Event], messages: list[Message]) -> None:
    """Rules 18, 21 and 22: one event for each change, one version if it makes forms stale, one mail if it mails."""
    assert order.event_count == len(events)
    assert sum(event.kind not in AUTOMATIC for event in events) == expected.events
    assert order.version == expected.version == sum(event.kind.bumps_version for event in events)
    assert order.message_count == len(messages) == expected.messages
    deliveries = sum(mail.kind is MessageKind.DELIVERY_CONFIRMATION for mail in messages)
    assert deliveries == sum(event.kind is EventKind.SHIPMENT_SHIPPED for event in events)


def status_of(statuses: set[DeliveryStatus]) -> OrderStatus:
    if statuses == {DeliveryStatus.SHIPPED}:
        return OrderStatus.SHIPPED
    if DeliveryStatus.SHIPPED in statuses:
        return OrderStatus.PARTLY_SHIPPED
    return OrderStatus.BACKORDERED if DeliveryStatus.BACKORDERED in statuses else OrderStatus.READY


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))
