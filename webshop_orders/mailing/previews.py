"""Mails as a template would make them of a real order, for whoever writes the template."""

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.errors import Refused
from webshop_orders.extensions import db
from webshop_orders.mailing import changes, data, samples
from webshop_orders.models import Comment, CommentKind, MessageKind, Order, Shipment


def facts(kind: MessageKind, language: str, order: Order | None, shipment: Shipment | None = None) -> data.Plain:
    """The facts of an order that a mail of a kind would be written from; a made-up one where there is none yet.

    Raises Refused where the mail is about a shipment, and the order has none.
    """
    shop = shop_settings.current()
    if order is None:
        return samples.full(kind, language, shop)
    if kind is MessageKind.DELIVERY_CONFIRMATION:
        return data.about_shipment(shipment or _first_shipment(order), shop, language)
    if kind is MessageKind.ORDER_CHANGED:
        return data.about_change(order, changes.since_last_told(order), shop, language)
    if kind is MessageKind.COMMENT:
        text, author = _latest_comment(order)
        return data.about_comment(order, text, author, shop, language)
    if kind is MessageKind.SHOP_NOTIFICATION:
        return data.about_new_order(order, shop, language)
    return data.about_order(order, shop, language)


def _first_shipment(order: Order) -> Shipment:
    """The shipment to show where none was chosen: rather one that has shipped, since it is complete."""
    if not order.shipments:
        raise Refused(_("Order %(number)s has no shipment.", number=order.number), field="order")
    return next((shipment for shipment in order.shipments if shipment.is_shipped), order.shipments[0])


def _latest_comment(order: Order) -> tuple[str, str | None]:
    """What was last written to the customer, or else what might be."""
    written = select(Comment).where(Comment.order_id == order.id, Comment.kind == CommentKind.CUSTOMER, Comment.mailed)
    comment = db.session.scalars(written.order_by(Comment.id.desc()).limit(1)).one_or_none()
    if comment is None:
        return _("Your order leaves us tomorrow."), None
    return comment.text, comment.author
