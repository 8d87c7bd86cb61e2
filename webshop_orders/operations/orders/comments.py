"""Comments on an order: added, answered, read, and listed a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import mailing
from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import NestedPages, PlainRows
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Comment, CommentKind, Message, MessageKind, Order
from webshop_orders.models.event_facts import CommentAdded, CommentRead
from webshop_orders.operations.audit import history

COMMENT, MESSAGE = PlainRows(Comment), PlainRows(Message, without=["text", "html", "search_text"])
COMMENT_END = len(COMMENT.columns)
COMMENTS, MESSAGES, ORDERS = Comment.__table__, Message.__table__, Order.__table__
COMMENTS_OF_ORDER = NestedPages(
    select(*COMMENT.columns, *MESSAGE.columns)
    .outerjoin_from(COMMENTS, MESSAGES, MESSAGES.c.id == COMMENTS.c.message_id)
    .where(COMMENTS.c.order_id == ORDERS.c.id),
    COMMENTS.c.id,
    ORDERS,
)


@dataclass(frozen=True)
class ListedComment:
    """A comment, to be read only, and the mail that took it to the customer, where it was mailed."""

    comment: Comment
    message: Message | None


@dataclass(frozen=True)
class CommentPage:
    """The latest comments, or those before a cursor; `next_before` is the cursor of the page that follows."""

    comments: list[ListedComment]
    next_before: int | None


def add(
    order: Order, kind: CommentKind, text: str, *, mail: bool = False, quoted: str | None = None, by: Actor
) -> Comment:
    """Add a comment; one to the customer can be mailed to them as well, which answers what they wrote.

    The mail shows what is `quoted`. Raises RuleViolation where an internal comment is to be mailed, or the customer has
    no e-mail address.
    """
    if mail and kind is CommentKind.INTERNAL:
        raise RuleViolation(_("An internal comment is not mailed. Choose «To customer» to mail it."), field="mail")
    mail_to = order.customer.email if mail else None
    if mail and mail_to is None:
        raise RuleViolation(_("The customer has no e-mail address. Add one under Customer."), field="mail")
    held_because = mailing.hold_reason(MessageKind.COMMENT, automatic=False) if mail_to else None
    history.record(order, CommentAdded(comment_kind=kind, text=text, mailed_to=mail_to, held=held_because), by=by)
    comment = Comment(
        order_id=order.id,
        kind=kind,
        text=text,
        author=by.name,
        from_customer=False,
        mailed=mail,
        written_at=now(),
    )
    if mail_to:
        message = mailing.queue_comment(order, comment, mail_to, quoted=quoted, by=by)
        order.has_unread_comment = False
        db.session.flush()  # which gives the mail its id
        comment.message_id = message.id
    db.session.add(comment)
    return comment


def answer(order: Order, text: str, *, by: Actor) -> Comment:
    """Mail the customer an answer to what they wrote with the order, which it quotes.

    Raises RuleViolation where they wrote nothing, or have no e-mail address.
    """
    quoted = _check_commented(order)
    return add(order, CommentKind.CUSTOMER, text, mail=True, quoted=quoted, by=by)


def set_read(order: Order, *, is_read: bool, by: Actor) -> None:
    """Mark what the customer wrote with the order as read, or as unread again.

    Raises RuleViolation where they wrote nothing, NoChange where it is marked so already.
    """
    _check_commented(order)
    if order.has_unread_comment is not is_read:
        raise NoChange(_("The comment is read already.") if is_read else _("The comment is unread already."))
    order.has_unread_comment = not is_read
    history.record(order, CommentRead(is_read=is_read), by=by)


def _check_commented(order: Order) -> str:
    if not order.customer_comment:
        raise RuleViolation(_("The customer wrote no comment with %(number)s.", number=order.number))
    return order.customer_comment


def page(rows: list[list[Any]]) -> CommentPage:
    """The page of the comments on an order that the rows of `COMMENTS_OF_ORDER` are."""
    listed = [ListedComment(COMMENT.make(row[:COMMENT_END]), _mail(row[COMMENT_END:])) for row in rows]
    return CommentPage(*paging.split_page(listed, lambda entry: entry.comment.id))


def _mail(values: Sequence[Any]) -> Message | None:
    mail = MESSAGE.make(values)
    return mail if mail.id is not None else None
