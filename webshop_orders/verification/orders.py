"""Checks of whole orders, which are read once for all of them."""

from __future__ import annotations

from collections.abc import Iterator

from webshop_orders import shop_settings
from webshop_orders.models import Order
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import order_columns, order_contents, order_money, reading
from webshop_orders.verification.check import Check, Progress, Violation


def _run(progress: Progress) -> Iterator[Violation]:
    shop = shop_settings.current()
    for orders in reading.in_parts():
        for order in orders:
            yield from _of(order)
            underived = list(order_columns.derived(order))  # which computes them anew in the object
            yield from underived or order_columns.attention(order, shop)
        progress(len(orders))


def _of(order: Order) -> Iterator[Violation]:
    yield from order_contents.shipments(order)
    yield from order_contents.lines(order)
    yield from order_contents.numbers(order)
    yield from order_contents.holds(order)
    yield from order_contents.whole_delivery(order)
    yield from order_contents.returns(order)
    if order.shipments:
        yield from order_money.total(order)
        yield from order_money.charged(order)
        yield from order_money.refunds(order)


CHECKS = (Check(_l("orders: sums, statuses, holds, returns, refunds and derived columns"), _run, size=reading.count),)
