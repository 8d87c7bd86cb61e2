"""Comments on an order over the API."""

from flask import Blueprint, Response

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, body_fields, json_response
from webshop_orders.documents.order import MAX_TEXT, format_timestamp
from webshop_orders.errors import AlreadyDone
from webshop_orders.models import Comment, CommentKind, Scope
from webshop_orders.operations.orders import comments
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("comments", __name__, url_prefix="/orders/<number:number>/comments")


@blueprint.post("")
@requires(Scope.ORDERS_WRITE)
def add(number: str) -> Response:
    given = body_fields()
    kind = given.matching("kind", "|".join(CommentKind), example="internal") or CommentKind.INTERNAL.value
    text = given.required_text("text", most=MAX_TEXT, lines=True)
    mail = given.flag("mail") or False
    given.finish()
    try:
        with editing(number, None, actor()) as order:
            comment = comments.add(order, CommentKind(kind), text, mail=mail, by=actor())
    except AlreadyDone:
        return json_response({"kind": kind, "text": text, "mailed": mail}, 200)
    return json_response(_to_json(comment), 201)


def _to_json(comment: Comment) -> dict[str, object]:
    return {
        "kind": comment.kind.value,
        "text": comment.text,
        "author": comment.author,
        "mailed": comment.mailed,
        "written_at": format_timestamp(comment.written_at),
    }
