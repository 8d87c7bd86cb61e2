from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.models import CommentKind
from webshop_orders.operations.orders import comments
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.comments import CommentForm
from webshop_orders.web.orders.page import render_change

blueprint = Blueprint("comments", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/comments")
def add(number: str) -> Response:
    form = CommentForm()
    with edit_order(number, form) as order:
        comments.add(order, CommentKind(form.about.data), form.text.data, mail=form.mail.data, by=form.actor)
    sentence = _("The comment is saved and mailed.") if form.mail.data else _("The comment is saved.")
    return render_change(order, "summary", sentence)
