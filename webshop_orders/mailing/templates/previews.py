"""Contexts of real orders to preview a mail template with."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webshop_orders import expected_days, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing.changes import since_last_notified
from webshop_orders.mailing.context import (
    Context,
    backorder_notice_context,
    change_context,
    comment_context,
    new_order_context,
    order_context,
    return_context,
    shipment_context,
    withdrawal_context,
)
from webshop_orders.mailing.credit_notes import credit_note_context
from webshop_orders.mailing.templates import samples
from webshop_orders.models import Comment, CommentKind, Line, MessageKind, Order, OrderStatus, Shipment, TrackingCode

RECENT_ORDERS = 20
EVERYTHING_SHOWN = joinedload(Order.shipments).options(
    joinedload(Shipment.lines).joinedload(Line.product), joinedload(Shipment.tracking_codes)
)


def preview_context(kind: MessageKind, language: str, order: Order | None, shipment: Shipment | None = None) -> Context:
    """The context of a kind of mail about an order; that of a sample order for None."""
    shop = shop_settings.current()
    if order is None:
        return samples.full(kind, language, shop)
    if kind is MessageKind.DELIVERY_CONFIRMATION:
        return shipment_context(shipment or _first_shipment(order), shop, language)
    if kind is MessageKind.ORDER_CHANGED:
        return change_context(order, since_last_notified(order), shop, language)
    if kind is MessageKind.COMMENT:
        text, author = _latest_comment(order)
        return comment_context(order, text, author, shop, language)
    if kind is MessageKind.SHOP_NOTIFICATION:
        return new_order_context(order, shop, language)
    if kind is MessageKind.WITHDRAWAL_RECEIPT:
        return withdrawal_context(samples.withdrawal_of(order), shop, language)
    if kind is MessageKind.CREDIT_NOTE:
        refund = order.refunds[-1] if order.refunds else samples.refund_of_everything(order)
        return credit_note_context(order, refund, shop, language)
    if kind is MessageKind.BACKORDER_NOTICE:
        context = backorder_notice_context(order, expected_days.of_lines([order]), shop, language)
        return context if context["waiting"] else {**context, "waiting": samples.full(kind, language, shop)["waiting"]}
    if kind is MessageKind.RETURN_REGISTERED:
        a_return = order.returns[-1] if order.returns else samples.return_of_everything(order)
        return return_context(order, a_return, shop, language)
    return order_context(order, shop, language)


def recent_orders() -> list[str]:
    """The numbers of the orders placed last, newest first."""
    return list(
        db.session.scalars(select(Order.number).order_by(Order.placed_at.desc(), Order.id.desc()).limit(RECENT_ORDERS))
    )


def order_to_show(kind: MessageKind, number: str | None) -> Order | None:
    """The order with a number, or else the newest that suits the kind; None in a shop without orders.

    Raises RuleViolation for a number that no order has.
    """
    if number:
        order = find_order(number)
        if order is None:
            raise RuleViolation(_("There is no order %(number)s.", number=number), field="order")
        return order
    newest = (Order.placed_at.desc(), Order.id.desc())
    latest = select(Order.number).order_by(*newest)
    if kind is MessageKind.DELIVERY_CONFIRMATION:
        tracked = select(Order.number).join(Shipment).join(TrackingCode).order_by(*newest)
        first = db.session.scalar(tracked.limit(1)) or db.session.scalar(latest.limit(1))
    elif kind is MessageKind.BACKORDER_NOTICE:
        waiting = latest.where(Order.status == OrderStatus.BACKORDERED)
        first = db.session.scalar(waiting.limit(1)) or db.session.scalar(latest.limit(1))
    else:
        first = db.session.scalar(latest.limit(1))
    return find_order(first) if first else None


def find_order(number: str) -> Order | None:
    """An order, loaded with everything that a mail can show; None for a number that no order has."""
    return (
        db.session.scalars(select(Order).options(EVERYTHING_SHOWN).where(Order.number == number)).unique().one_or_none()
    )


def shipment_to_show(order: Order, seq: str | None) -> Shipment | None:
    """The shipment of an order with a sequence number; None where there is none."""
    return next((shipment for shipment in order.shipments if str(shipment.seq) == seq), None)


def _first_shipment(order: Order) -> Shipment:
    """The shipment to show by default: one that can be tracked, if any."""
    return next((shipment for shipment in order.shipments if shipment.tracking_codes), order.shipments[0])


def _latest_comment(order: Order) -> tuple[str, str | None]:
    """The text and author of the last comment mailed to the customer, or an example."""
    mailed = select(Comment).where(Comment.order_id == order.id, Comment.kind == CommentKind.CUSTOMER, Comment.mailed)
    comment = db.session.scalars(mailed.order_by(Comment.id.desc()).limit(1)).one_or_none()
    if comment is None:
        return _("Your order leaves us tomorrow."), None
    return comment.text, comment.author
