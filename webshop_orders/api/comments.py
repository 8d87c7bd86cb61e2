"""Comments on an order over the API."""

from flask import Blueprint, Response

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, json_response, read_body
from webshop_orders.documents.order import CommentDocument, NewComment
from webshop_orders.errors import AlreadyDone
from webshop_orders.models import Scope
from webshop_orders.operations.orders import comments
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.validation.writing import write

blueprint = Blueprint("comments", __name__, url_prefix="/orders/<number:number>/comments")


@blueprint.post("")
@requires(Scope.ORDERS_WRITE)
def add(number: str) -> Response:
    new = read_body(NewComment)
    try:
        with editing(number, None, actor()) as order:
            comment = comments.add(order, new.kind, new.text, mail=new.mail, by=actor())
    except AlreadyDone:
        return json_response({"kind": new.kind.value, "text": new.text, "mailed": new.mail}, 200)
    return json_response(write(CommentDocument, comment), 201)
