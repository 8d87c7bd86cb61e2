from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.db import migrations, write_check

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the database can be read and written and its migrations are current, or else 503 and the reason."""
    try:
        is_current = migrations.is_current()
    except SQLAlchemyError:
        return Response("the database does not answer\n", 503, mimetype="text/plain")
    try:
        write_check.check_writing()
    except SQLAlchemyError:
        return Response("the database cannot be written\n", 503, mimetype="text/plain")
    if not is_current:
        return Response("the database lacks migrations\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
