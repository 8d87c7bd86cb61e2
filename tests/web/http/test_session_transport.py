"""The session of a cookie: its signature is verified once, and all else at each request."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, session

from tests.web.conftest import on_sqlite
from webshop_orders.clock import now

pytestmark = on_sqlite

VALUES = {"notes": ["seen"], "pair": ("a", 1), "frame": {"host": "admin"}}


@pytest.fixture
def cookie(app: Flask) -> str:
    with time_machine.travel(now(), tick=False), app.app_context():
        return str(app.session_interface.get_signing_serializer(app).dumps(VALUES))


def opened(app: Flask, cookie: str, *, add: str | None = None) -> dict[str, Any]:
    with app.test_request_context(headers={"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={cookie}"}):
        values = dict(session)
        if add:
            session["notes"].append(add)
            session["frame"]["host"] = add
        return values


def test_the_values_of_a_session_are_those_that_were_stored(app: Flask, cookie: str) -> None:
    assert opened(app, cookie) == opened(app, cookie) == VALUES


def test_what_a_request_changes_is_not_in_the_session_of_the_next_with_the_same_cookie(app: Flask, cookie: str) -> None:
    opened(app, cookie, add="changed")
    assert opened(app, cookie) == VALUES


def test_a_session_that_was_opened_before_is_too_old_after_its_lifetime(app: Flask) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        with app.app_context():
            cookie = app.session_interface.get_signing_serializer(app).dumps(VALUES)
        assert opened(app, cookie) == VALUES
        clock.shift(app.permanent_session_lifetime)
        assert opened(app, cookie) == VALUES
        clock.shift(timedelta(seconds=1))
        assert opened(app, cookie) == {}


@pytest.mark.parametrize("forged", ["", "x", "eyJ1c2VyIjoxfQ", "{cookie}x", "x{cookie}"])
def test_a_session_with_another_signature_is_empty(app: Flask, cookie: str, forged: str) -> None:
    assert opened(app, cookie) == VALUES
    assert opened(app, forged.format(cookie=cookie)) == {}
