from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.db import migrations

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the database answers and its migrations are current, or else 503 and the reason."""
    try:
        is_current = migrations.is_current()
    except SQLAlchemyError:
        return Response("the database does not answer\n", 503, mimetype="text/plain")
    if not is_current:
        return Response("the database lacks migrations\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
