from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.extensions import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the database answers and its migrations are current, or else 503 and the reason."""
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    try:
        applied = MigrationContext.configure(db.session.connection()).get_current_heads()
    except SQLAlchemyError:
        return Response("the database does not answer\n", 503, mimetype="text/plain")
    if set(applied) != set(scripts.get_heads()):
        return Response("the database lacks migrations\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
