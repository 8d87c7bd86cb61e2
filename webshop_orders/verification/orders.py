"""Checks of whole orders, which are read once for all of them."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.models import Order
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import inbox, mends, order_columns, order_contents, order_money, reading
from webshop_orders.verification.check import Check, Progress, Violation


def _run(progress: Progress) -> Iterator[Violation]:
    for read in reading.in_parts():
        orders = [order for order in read if not isinstance(order, str)]
        for number in read:
            if isinstance(number, str):
                sentence = _("Order %(number)s cannot be read: what is stored of it is not whole.", number=number)
                yield Violation(sentence, mends.restore())
        yield from inbox.of_orders(orders)
        for order in orders:
            yield from _of(order)
            underived = list(order_columns.derived(order))  # which computes them anew in the object
            yield from underived or order_columns.attention(order, shop_settings.current())
        progress(len(read))


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


NAME = _l("orders: sums, statuses, holds, returns, refunds, derived columns, and what they need")
CHECKS = (Check(NAME, _run, size=reading.count),)
