"""The browsers that `sign_in` opens are signed in as by a sign-in link, though they never followed one."""

from typing import Any

from flask import Flask

from tests.factories import make_user
from tests.web.conftest import Browser, on_sqlite
from webshop_orders.db.extensions import db
from webshop_orders.models import User
from webshop_orders.security import sign_in_links


def session_of(app: Flask, browser: Browser) -> dict[str, Any]:
    cookie = browser.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return app.session_interface.get_signing_serializer(app).loads(cookie.value)


@on_sqlite
def test_the_session_is_that_of_a_sign_in_link(app: Flask, nobody: Browser, staff: Browser) -> None:
    user = make_user()
    assert nobody.get(f"/login/{sign_in_links.make(user)}").status_code == 303

    by_link, by_fixture = session_of(app, nobody), session_of(app, staff)

    assert by_link.keys() == by_fixture.keys()
    assert by_link["_permanent"] is by_fixture["_permanent"] is True
    assert by_link["user"] != by_fixture["user"]
    db.session.expire_all()
    assert all(user.signed_in_at for user in db.session.query(User))
