"""A working mail server for the tests of the outbox."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories import reshape_shop
from tests.outbox.servers import Post, mail_server
from webshop_orders.outbox.mail.smtp import mail


@pytest.fixture
def post(app: Flask) -> Iterator[Post]:
    """A mail server that accepts everything, with the application configured to send to it."""
    post = Post()
    with mail_server(post) as port:
        use_mail_server(app, port)
        yield post


def use_mail_server(app: Flask, port: int, *, seconds: float = 10, **settings: object) -> None:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_TIMEOUT=seconds, **settings)
    mail.init_app(app)


@pytest.fixture(autouse=True)
def no_grace(request: pytest.FixtureRequest) -> None:
    """Confirmations go at once, unless a test says otherwise."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app")
        reshape_shop(mail_grace_seconds=0)
