"""The order desk with a response header that reports the number of SQL statements."""

from flask import Flask, Response, g, request_started
from sqlalchemy import event

from webshop_orders import create_app
from webshop_orders.cli import database
from webshop_orders.db.extensions import db


def counting(app: Flask) -> Flask:
    with app.app_context():
        database.prepare()  # the data may be of an earlier version
        event.listen(db.engine, "before_cursor_execute", _count)
    request_started.connect(_begin, app)  # before any read of the request
    app.after_request(_report)
    return app


def _begin(app: Flask) -> None:
    g.statements = 0


def _count(*ignored: object) -> None:
    if "statements" in g:
        g.statements += 1


def _report(response: Response) -> Response:
    response.headers["X-Statements"] = str(g.get("statements", 0))
    return response


application = counting(create_app())
