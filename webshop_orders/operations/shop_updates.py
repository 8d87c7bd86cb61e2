"""What the shop that an order came from says of it later: taken over where nobody changed it here, shown where
someone did."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict

from flask_babel import gettext as _

from webshop_orders import history
from webshop_orders.errors import NothingToChange, Refused
from webshop_orders.models import Actor, Difference, EventKind, Order
from webshop_orders.operations import customers, orders
from webshop_orders.operations.orders import NewOrder

PARTS = ("customer", "billing_address", "shipping_address")
CANCELLED = "cancelled"


def follow(order: Order, before: NewOrder | None, now: NewOrder, *, is_cancelled: bool, by: Actor) -> None:
    """Take over what the shop changed since it last told of the order, and note what differs for good.

    `before` is what it told last. A part that was changed here is left as it is; lines and shipping are never
    changed by the shop once the order is here, since what was picked and packed went by them.
    """
    if before is not None and not order.is_cancelled:
        _take_over_customer(order, before, now, by=by)
        _take_over_payment(order, before, now, by=by)
    if is_cancelled and _can_be_cancelled(order, before):
        orders.cancel(order, by=by)
    _note_differences(order, now, is_cancelled=is_cancelled, by=by)


def settle(order: Order, *, by: Actor) -> None:
    """Lay aside what the shop says otherwise; raises NothingToChange where it says nothing."""
    if not order.shop_differences:
        raise NothingToChange(_("The shop and the order desk agree."))
    order.shop_differences = []
    history.record(order, EventKind.SHOP_SETTLED, by=by)


def _can_be_cancelled(order: Order, before: NewOrder | None) -> bool:
    """Whether nobody has worked on the order, so that it goes when its shop takes it back."""
    is_untouched = before is not None and _lines_of(before) == _lines_here(order)
    return is_untouched and not order.is_cancelled and not any(one.is_shipped for one in order.shipments)


def _take_over_customer(order: Order, before: NewOrder, now: NewOrder, *, by: Actor) -> None:
    wanted = {
        part: getattr(now, part) if getattr(order, part) == getattr(before, part) else getattr(order, part)
        for part in PARTS
    }
    try:
        customers.change(order, wanted["customer"], wanted["billing_address"], wanted["shipping_address"], by=by)
    except (NothingToChange, Refused):
        return


def _take_over_payment(order: Order, before: NewOrder, now: NewOrder, *, by: Actor) -> None:
    if order.paid == before.paid and order.paid != now.paid:
        change = {"before": order.paid, "after": now.paid}
        order.paid = now.paid
        history.record(order, EventKind.PAYMENT_CHANGED, by=by, paid=change)


def _note_differences(order: Order, now: NewOrder, *, is_cancelled: bool, by: Actor) -> None:
    found = _differences(order, now, is_cancelled=is_cancelled)
    if found == order.shop_differences:
        return
    order.shop_differences = found
    if found:
        history.record(order, EventKind.SHOP_DIFFERS, by=by, fields=[one.field for one in found])


def _differences(order: Order, now: NewOrder, *, is_cancelled: bool) -> list[Difference]:
    found = []
    if is_cancelled != order.is_cancelled:
        found.append(Difference(CANCELLED, _flag(order.is_cancelled), _flag(is_cancelled)))
    for part in PARTS:
        here, shop = asdict(getattr(order, part)), asdict(getattr(now, part))
        found += [Difference(f"{part}.{name}", here[name], shop[name]) for name in here if here[name] != shop[name]]
    if order.paid != now.paid:
        found.append(Difference("payment.paid", str(order.paid), str(now.paid)))
    if order.shipping_price != now.shipping_price:
        found.append(Difference("shipping.price", str(order.shipping_price), str(now.shipping_price)))
    return found + _differing_lines(order, now)


def _differing_lines(order: Order, now: NewOrder) -> list[Difference]:
    here, shop = _lines_here(order), _lines_of(now)
    skus = sorted({*here, *shop})
    return [Difference(f"lines.{sku}", str(here[sku]), str(shop[sku])) for sku in skus if here[sku] != shop[sku]]


def _lines_here(order: Order) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in order.lines:
        counted[line.sku] += line.quantity
    return counted


def _lines_of(new: NewOrder) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in new.lines:
        counted[line.sku] += line.quantity
    return counted


def _flag(value: bool) -> str:
    return json.dumps(value)
