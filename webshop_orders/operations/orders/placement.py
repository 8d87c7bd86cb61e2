"""Placing orders, and numbering them."""

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import exists, select

from webshop_orders import mailing, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import FieldError, InvalidDocument, RuleViolation
from webshop_orders.models import (
    Actor,
    Comment,
    CommentKind,
    Order,
    Product,
    Shipment,
)
from webshop_orders.models.event_facts import OrderImported, OrderPlaced, SourceDiffers
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import packing, stated_totals
from webshop_orders.operations.orders.stated_totals import SumDifference
from webshop_orders.operations.stock import reservations


def place(
    new: NewOrder,
    products: Mapping[str, Product],
    *,
    by: Actor,
    imported: bool = False,
    keeps_source_total: bool = False,
    shows_differences: bool = False,
    mails: bool = True,
) -> Order:
    """Place an order: number it, reserve stock for it, and queue the mails that the shop sends automatically.

    `products` are those of the catalogue by SKU; lines without one have untracked stock. Units that stock does not
    cover are backordered even where staff could not add them, since the customer has bought them. What was shipped
    elsewhere is history: it moves no stock, and an order of which nothing is left to ship sends no mails, nor does one
    placed without `mails`. One that keeps the total of its source is never rounded to whole kronor, since its customer
    pays that total, nor is one whose source states a total with öre.

    Where its sums differ from those that its source states, the order is refused with InvalidDocument, or placed and
    shown as different if `shows_differences`. Raises RuleViolation where the number or the external reference is
    taken, or where its shipments have more units than its lines.
    """
    _check_not_taken(new)
    is_total_whole = new.totals.total is None or new.totals.total % 100 == 0
    can_be_rounded = new.currency == "SEK" and not keeps_source_total and is_total_whole
    is_rounded = can_be_rounded and shop_settings.current().rounds_to_whole_kronor
    order = _to_order(new, is_rounded=is_rounded)
    db.session.add(order)
    packing.add_shipments(order, new, products)
    for shipment in order.open_shipments:
        _reserve_stock(shipment)
    differences = _compare_totals(order, new, refuses=not shows_differences)
    order.total = compute_totals(order).total
    if order.total < 0:
        sentence = _("The charges take off more than the order costs.")
        raise InvalidDocument([FieldError("/charges", sentence)], field="charges")
    order.refresh_derived_columns()
    db.session.flush()
    if new.comment:
        db.session.add(
            Comment(order_id=order.id, kind=CommentKind.CUSTOMER, text=new.comment, author=new.customer.name)
        )
    history.record(order, OrderImported(order.total) if imported else OrderPlaced(order.total), by=by)
    if differences:
        order.shop_differences = [difference.as_difference() for difference in differences]
        history.record(order, SourceDiffers(fields=[difference.field for difference in order.shop_differences]), by=by)
    if mails and order.open_shipments and not imported and not order.is_test:
        _queue_mails(order, new, by=by)
    return order


def next_free_numbers(count: int) -> list[str]:
    """The next numbers of the series, except those that imported orders already have."""
    free: list[str] = []
    while len(free) < count:
        numbers = shop_settings.next_numbers(count - len(free))
        taken = _taken_among(numbers)
        free += [number for number in numbers if number not in taken]
    return free


def _check_not_taken(new: NewOrder) -> None:
    if db.session.scalar(select(exists().where(Order.external_reference == new.external_reference))):
        raise RuleViolation(
            _("There already is an order with the reference %(reference)s.", reference=new.external_reference),
            field="external_reference",
        )
    if new.number and _is_taken(new.number):
        raise RuleViolation(_("There already is an order %(number)s.", number=new.number), field="number")


def _is_taken(number: str) -> bool:
    return bool(_taken_among([number]))


def _taken_among(numbers: list[str]) -> set[str]:
    return set(db.session.scalars(select(Order.number).where(Order.number.in_(numbers))))


def _to_order(new: NewOrder, *, is_rounded: bool) -> Order:
    return Order(
        number=new.number or next_free_numbers(1)[0],
        external_reference=new.external_reference,
        **new.columns(),
        rounds_to_whole_kronor=is_rounded,
        vat_corrections={},
        version=0,
        last_seq=0,
        event_count=0,
        message_count=0,
        shipments=[],
    )


def _compare_totals(order: Order, new: NewOrder, *, refuses: bool) -> list[SumDifference]:
    stated_totals.take_over_vat(order, new.totals)
    differences = stated_totals.differences(order, new.totals)
    if differences and refuses:
        raise stated_totals.refusal(order, differences)
    return differences


def _reserve_stock(shipment: Shipment) -> None:
    reservations.lock(line.product for line in shipment.lines)
    for line in shipment.lines:
        reservations.reserve(line)
    shipment.refresh_status()


def _queue_mails(order: Order, new: NewOrder, *, by: Actor) -> None:
    shop = shop_settings.current()
    if new.send_confirmation and order.customer.email:
        mailing.queue_order_confirmation(order, order.customer.email, by=by, automatic=True)
    if shop.notification_email:
        mailing.queue_shop_notification(order, shop.notification_email, by=by)
