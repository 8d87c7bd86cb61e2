from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.models import Comment, CommentKind, Order
from webshop_orders.operations.orders import comments
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.comments import CommentForm
from webshop_orders.web.orders.mail_sentences import comment_goes_or_is_held
from webshop_orders.web.orders.page import render_done

blueprint = Blueprint("comments", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/comments")
def add(number: str) -> Response:
    form = CommentForm()
    with edit_order(number, form) as order:
        comment = comments.add(order, CommentKind(form.about.data), form.text.data, mail=form.mail.data, by=form.actor)
    return render_done(order, "summary", _sentence(order, comment))


def _sentence(order: Order, comment: Comment) -> str:
    saved = _("The comment is saved.")
    if comment.mailed and order.customer.email:
        return f"{saved} {comment_goes_or_is_held(order.customer.email)}"
    if comment.kind is CommentKind.CUSTOMER:
        return _("The comment is saved, but nobody gets it: it was not mailed.")
    return saved
