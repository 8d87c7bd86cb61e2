"""Comments on an order."""

from flask_babel import gettext as _

from webshop_orders import mailing
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Comment, CommentKind, Order
from webshop_orders.models.event_facts import CommentAdded
from webshop_orders.operations.audit import history


def add(order: Order, kind: CommentKind, text: str, *, mail: bool = False, by: Actor) -> Comment:
    """Add a comment; one to the customer can be mailed to them as well.

    Raises RuleViolation where an internal comment is to be mailed, or the customer has no e-mail address.
    """
    if mail and kind is CommentKind.INTERNAL:
        raise RuleViolation(_("An internal comment is not mailed. Choose «To customer» to mail it."), field="mail")
    mail_to = order.customer.email if mail else None
    if mail and mail_to is None:
        raise RuleViolation(_("The customer has no e-mail address. Add one under Customer."), field="mail")
    comment = Comment(order_id=order.id, kind=kind, text=text, author=by.name, mailed=mail)
    db.session.add(comment)
    history.record(order, CommentAdded(comment_kind=kind, text=text, mailed_to=mail_to), by=by)
    if mail_to:
        mailing.queue_comment(order, comment, mail_to, by=by)
    return comment
