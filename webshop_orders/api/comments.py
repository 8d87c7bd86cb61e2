"""Comments on an order over the API."""

from flask import Blueprint, Response

from webshop_orders.api.entrance import needs
from webshop_orders.api.exchange import actor, answer, fields
from webshop_orders.errors import AlreadyDone
from webshop_orders.models import Comment, CommentKind, Scope
from webshop_orders.operations import comments
from webshop_orders.order_document import MOST_WORDS, moment_to_json
from webshop_orders.unit_of_work import editing

blueprint = Blueprint("comments", __name__, url_prefix="/orders/<number:number>/comments")


@blueprint.post("")
@needs(Scope.ORDERS_WRITE)
def add(number: str) -> Response:
    given = fields()
    kind = given.matching("kind", "|".join(CommentKind), example="internal") or CommentKind.INTERNAL.value
    text = given.required_text("text", most=MOST_WORDS, lines=True)
    mail = given.flag("mail") or False
    given.finish()
    try:
        with editing(number, None, actor()) as order:
            comment = comments.add(order, CommentKind(kind), text, mail=mail, by=actor())
    except AlreadyDone:
        return answer({"kind": kind, "text": text, "mailed": mail}, 200)
    return answer(_to_json(comment), 201)


def _to_json(comment: Comment) -> dict[str, object]:
    return {
        "kind": comment.kind.value,
        "text": comment.text,
        "author": comment.author,
        "mailed": comment.mailed,
        "written_at": moment_to_json(comment.written_at),
    }
