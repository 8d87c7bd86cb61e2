"""The whole machine: everything that can happen to a shop, what is always true of it, and how it is played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.operations.state_machine.checks import (
    check_captures,
    check_events_and_mails,
    check_holds,
    check_money,
    check_movements,
    check_returns,
    check_shipments,
    check_statuses,
    check_terms,
    check_totals,
    check_units,
    check_whole,
    check_withdrawals,
)
from tests.operations.state_machine.commenting import PlaysOtherChanges
from tests.operations.state_machine.holding import PlaysHolds
from tests.operations.state_machine.inbox_checks import check_inbox
from tests.operations.state_machine.model import ExpectedOrder, Snapshot, gone, states_of_lines
from tests.operations.state_machine.ordering import PlaysOrdering
from tests.operations.state_machine.paying import PlaysMoney
from tests.operations.state_machine.queueing import PlaysQueue
from tests.operations.state_machine.refusing import PlaysRefusedRequests
from tests.operations.state_machine.returning import PlaysReturns
from tests.operations.state_machine.splitting import PlaysSplits
from tests.operations.state_machine.stocking import PlaysStock
from tests.operations.state_machine.undoing import PlaysUndo
from tests.operations.state_machine.withdrawing import PlaysWithdrawals
from webshop_orders.models import Order


class Shop(
    PlaysOrdering,
    PlaysSplits,
    PlaysHolds,
    PlaysQueue,
    PlaysReturns,
    PlaysMoney,
    PlaysWithdrawals,
    PlaysUndo,
    PlaysStock,
    PlaysOtherChanges,
    PlaysRefusedRequests,
):
    """Staff, customers, stock and the ERP act in any sequence."""

    @invariant()
    def every_rule_holds(self) -> None:
        snapshot = self.read()
        assert {order.number for order in snapshot.orders} == set(self.orders)
        for order in snapshot.orders:
            expected = self.orders[order.number]
            check_units(expected, order)
            self.forget_recomputed_statuses(expected, order)
            check_statuses(expected, order)
            check_shipments(expected, order)
            check_holds(expected, order)
            check_totals(expected, order)
            check_terms(expected, order)
            check_money(order)
            check_captures(order)
            check_returns(expected, order)
            check_withdrawals(expected, order, snapshot.messages[order.id])
            check_events_and_mails(expected, order, snapshot.events[order.id], snapshot.messages[order.id])
        check_inbox(snapshot.orders)
        self.check_stock(snapshot)
        self.check_that_stock_adds_up(snapshot)
        self.before, self.counters_before = snapshot.as_values(), snapshot.counters()

    def check_stock(self, snapshot: Snapshot) -> None:
        """Rules 4 and 8: the counters of products are right, and no line waits for units that are free."""
        held: Counter[str] = Counter()
        waiting: Counter[str] = Counter()
        waiting_for_release: Counter[str] = Counter()  # or for all else of their order
        for line in snapshot.open_lines():
            if line.is_tracked:
                held[line.sku] += line.reserved
                waiting[line.sku] += line.quantity - line.reserved
            if line.is_tracked and not line.shipment.keeps_stock:
                assert line.reserved == 0
                waiting_for_release[line.sku] += line.quantity
            elif line.is_tracked and line.shipment.order.ships_whole:
                waiting_for_release[line.sku] += line.backordered
        free = {product.sku: product.available(0) for product in snapshot.products}
        for order in snapshot.orders:
            check_whole(order, free)
        for product in snapshot.products:
            check_movements(product, snapshot.movements[product.id])
            assert (product.reserved, product.backordered) == (held[product.sku], waiting[product.sku])
            if product.stock is not None and product.sku not in self.oversold:
                assert product.reserved <= product.stock
            in_line = product.backordered - waiting_for_release[product.sku]
            assert not (in_line and product.available(0)), "units are free while an order waits"

    def check_that_stock_adds_up(self, snapshot: Snapshot) -> None:
        """What is in stock, with what has left and not come back into it, is the same until stock is counted."""
        units_gone = gone(snapshot.orders)
        for product in snapshot.products:
            if product.stock is not None:
                owned = product.stock + units_gone[product.sku]
                assert self.owned.setdefault(product.sku, owned) == owned

    def forget_recomputed_statuses(self, expected: ExpectedOrder, order: Order) -> None:
        """Rule 5: a change of its lines or reservations overrides a status that was set by hand."""
        for shipment in order.shipments:
            current_lines = states_of_lines(shipment)
            before = self.previous_lines.get((expected.number, shipment.seq))
            if before != current_lines or shipment.is_shipped:
                expected.by_hand.pop(shipment.seq, None)
            self.previous_lines[expected.number, shipment.seq] = current_lines


def play(app: Flask, **how: Any) -> None:
    Shop.app = app
    Shop.accepted.clear()
    run_state_machine_as_test(
        Shop, settings=settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), **how)
    )


def walk(app: Flask, acts: list[Callable[[Shop], object]]) -> None:
    """Let these things happen to a shop, and check every rule after each."""
    Shop.app = app
    shop = Shop()
    shop.open_shop([12, 12], may_wait=True, rounds=False, orders=[[(1, 2, 0)]], prices_include_vat=True)
    shop.every_rule_holds()
    for act in acts:
        act(shop)
        shop.every_rule_holds()
    shop.teardown()
