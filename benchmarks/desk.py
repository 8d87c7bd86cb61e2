"""The order desk, telling in a header of each answer how many statements it took."""

from flask import Flask, Response, g, request_started
from sqlalchemy import event

from webshop_orders import create_app
from webshop_orders.cli import database
from webshop_orders.db.extensions import db


def counting(app: Flask) -> Flask:
    with app.app_context():
        database.prepare()  # what was filled in may be of an earlier time
        event.listen(db.engine, "before_cursor_execute", _count)
    request_started.connect(_begin, app)  # before anything is read for the request
    app.after_request(_tell)
    return app


def _begin(app: Flask) -> None:
    g.statements = 0


def _count(*ignored: object) -> None:
    if "statements" in g:
        g.statements += 1


def _tell(answer: Response) -> Response:
    answer.headers["X-Statements"] = str(g.get("statements", 0))
    return answer


application = counting(create_app())
