"""Comments on an order: adding one, answering what the customer wrote with it, and marking that as read."""

import secrets

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webshop_orders.models import Comment, CommentKind, Order
from webshop_orders.operations.orders import comments
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.http.responses import ToastAction
from webshop_orders.web.orders import page
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.comments import CommentForm, CommentReadForm, ReplyForm
from webshop_orders.web.orders.mail_sentences import comment_goes_or_is_held
from webshop_orders.web.orders.page import render_done

blueprint = Blueprint("comments", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/comments")
def add(number: str) -> Response:
    form = CommentForm()
    with edit_order(number, form) as order:
        comment = comments.add(order, CommentKind(form.about.data), form.text.data, mail=form.mail.data, by=form.actor)
    return render_done(order, "summary", _sentence(order, comment))


@blueprint.get("/comments/reply")
def show_reply(number: str) -> Response:
    """The form by which the customer is answered, below what they wrote, on the tab that it is opened from."""
    tab = "shipping" if text_arg("tab") == "shipping" else "summary"
    return page.show(number, tab, lambda order: ReplyForm.opened() if order.customer_comment else None)


@blueprint.post("/comments/reply")
def reply(number: str) -> Response:
    form = ReplyForm()
    with edit_order(number, form) as order:
        if form.is_mailed:
            comment = comments.answer(order, form.text.data, by=form.actor)
        else:
            comment = comments.add(order, CommentKind.INTERNAL, form.text.data, by=form.actor)
    return render_done(order, form.tab, _sentence(order, comment))


@blueprint.post("/comment-read")
def mark_read(number: str) -> Response:
    form = CommentReadForm()
    with edit_order(number, form) as order:
        comments.set_read(order, is_read=True, by=form.actor)
    return render_done(order, form.tab, _("The comment is marked as read."), actions=[_unread_action(order, form.tab)])


@blueprint.post("/comment-unread")
def mark_unread(number: str) -> Response:
    form = CommentReadForm()
    with edit_order(number, form) as order:
        comments.set_read(order, is_read=False, by=form.actor)
    return render_done(order, form.tab, _("The comment is marked as unread."))


def _unread_action(order: Order, tab: str) -> ToastAction:
    fields = {"request_key": secrets.token_urlsafe(12), "tab": tab}
    return ToastAction("unread", _("Mark as unread"), url_for("comments.mark_unread", number=order.number), fields)


def _sentence(order: Order, comment: Comment) -> str:
    saved = _("The comment is saved.")
    if comment.mailed and order.customer.email:
        return f"{saved} {comment_goes_or_is_held(order.customer.email)}"
    if comment.kind is CommentKind.CUSTOMER:
        return _("The comment is saved, but nobody gets it: it was not mailed.")
    return saved
