"""What one test leaves behind in the application and the database that all share is gone before the next."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories import make_order, make_product, reshape_shop
from tests.shared_app import SharedApp, empty
from webshop_orders.db.extensions import db
from webshop_orders.outbox.mail.smtp import mail

pytestmark = pytest.mark.own_app


def contents() -> dict[str, Any]:
    """All rows of all tables, and what the search index finds."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    found = text(
        "SELECT rowid FROM order_search WHERE order_search MATCH '\"oberg\"'"
        if is_sqlite
        else "SELECT * FROM order_search"
    )
    with db.engine.connect() as connection:
        rows = {table.name: connection.execute(table.select()).all() for table in db.metadata.sorted_tables}
        return {**rows, "order_search": connection.execute(found).all()}


def test_an_emptied_database_is_as_a_new_one(app: Flask) -> None:
    new = contents()
    make_product("LJUS-12")
    make_order(("LJUS-12", 1))
    reshape_shop(name="Ljus & Linne")
    filled = contents()
    assert all(filled[table] != new[table] for table in ("orders", "products", "shop", "order_search", "order_counts"))
    db.session.remove()

    empty(db.engine)

    assert contents() == new


def test_what_a_test_sets_in_the_application_is_taken_back(app: Flask, database: str) -> None:
    shared = SharedApp(app, database)
    mail_before = app.extensions["mail"]
    app.config.update(MAIL_SERVER="127.0.0.1", ONLY_OF_A_TEST=True)
    app.extensions.setdefault("mail_sources", {})[1] = None
    app.jinja_env.globals["only_of_a_test"] = True
    mail.init_app(app)
    hooks, view = list(app.before_request_funcs[None]), app.view_functions["products.search"]
    app.before_request_funcs[None].insert(0, lambda: None)
    app.view_functions["products.search"] = lambda: ""

    shared.restore()

    assert app.config["MAIL_SERVER"] is None
    assert "ONLY_OF_A_TEST" not in app.config
    assert "mail_sources" not in app.extensions
    assert "only_of_a_test" not in app.jinja_env.globals
    assert app.extensions["mail"] is mail_before
    assert app.before_request_funcs[None] == hooks
    assert app.view_functions["products.search"] is view


def test_a_route_that_a_test_adds_is_no_way_to_share(app: Flask, database: str) -> None:
    shared = SharedApp(app, database)
    app.add_url_rule("/only-of-a-test", "only_of_a_test", lambda: "")

    with pytest.raises(AssertionError, match="own_app"):
        shared.restore()
