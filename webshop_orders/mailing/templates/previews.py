"""Mails as a template would make them of a real order, for whoever writes the template."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing import changes, context
from webshop_orders.mailing.templates import samples
from webshop_orders.models import Comment, CommentKind, MessageKind, Order, Shipment, TrackingCode

RECENT = 20
WITH_ALL = joinedload(Order.shipments).options(joinedload(Shipment.lines), joinedload(Shipment.tracking_codes))


def facts(kind: MessageKind, language: str, order: Order | None, shipment: Shipment | None = None) -> context.Context:
    """The facts of an order that a mail of a kind would be written from; a made-up one's where there is none yet."""
    shop = shop_settings.current()
    if order is None:
        return samples.full(kind, language, shop)
    if kind is MessageKind.DELIVERY_CONFIRMATION:
        return context.about_shipment(shipment or _first_shipment(order), shop, language)
    if kind is MessageKind.ORDER_CHANGED:
        return context.about_change(order, changes.since_last_notified(order), shop, language)
    if kind is MessageKind.COMMENT:
        text, author = _latest_comment(order)
        return context.about_comment(order, text, author, shop, language)
    if kind is MessageKind.SHOP_NOTIFICATION:
        return context.about_new_order(order, shop, language)
    return context.about_order(order, shop, language)


def recent_orders() -> list[str]:
    """The numbers of the orders placed last."""
    return list(
        db.session.scalars(select(Order.number).order_by(Order.placed_at.desc(), Order.id.desc()).limit(RECENT))
    )


def order_to_show(kind: MessageKind, number: str | None) -> Order | None:
    """The order that was chosen, or else the latest that suits the kind; None in a shop without orders.

    Raises Refused where there is no order of that number.
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
    else:
        first = db.session.scalar(latest.limit(1))
    return find_order(first) if first else None


def find_order(number: str) -> Order | None:
    """An order with all that a mail can show; None where there is none of that number."""
    return db.session.scalars(select(Order).options(WITH_ALL).where(Order.number == number)).unique().one_or_none()


def shipment_to_show(order: Order, seq: str | None) -> Shipment | None:
    """The shipment that was chosen; None where none was, or the order has no such one."""
    return next((shipment for shipment in order.shipments if str(shipment.seq) == seq), None)


def _first_shipment(order: Order) -> Shipment:
    """The shipment to show where none was chosen: rather one that can be tracked."""
    return next((shipment for shipment in order.shipments if shipment.tracking_codes), order.shipments[0])


def _latest_comment(order: Order) -> tuple[str, str | None]:
    """What was last written to the customer, or else what might be."""
    written = select(Comment).where(Comment.order_id == order.id, Comment.kind == CommentKind.CUSTOMER, Comment.mailed)
    comment = db.session.scalars(written.order_by(Comment.id.desc()).limit(1)).one_or_none()
    if comment is None:
        return _("Your order leaves us tomorrow."), None
    return comment.text, comment.author
