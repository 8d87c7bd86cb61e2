"""The web pages never wait for the mail server: they do not even connect to one that never answers."""

import threading

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.outbox.conftest import use_mail_server
from tests.outbox.servers import BlackHole
from tests.web.conftest import (
    Browser,
    SignIn,
    sign_in,  # noqa: F401
)
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageState, Role
from webshop_orders.outbox.mail.delivery import deliver_batch


@pytest.fixture
def staff(sign_in: SignIn) -> Browser:  # noqa: F811
    return sign_in(Role.STAFF)


def ship(staff: Browser, number: str) -> int:
    here = f"/orders/{number}"
    action = f"{here}/shipments/1/status"
    return staff.send(f"{here}/shipping", action, htmx=True, status="shipped", agreed="no-code").status_code


def test_no_page_and_no_change_speaks_to_the_mail_server(app: Flask, staff: Browser) -> None:
    with BlackHole() as hole:
        use_mail_server(app, hole.port)
        make_product("LJUS-12")
        order = make_order(("LJUS-12", 1))
        here = f"/orders/{order.number}"
        for path in ("/orders", here, f"{here}/shipping", f"{here}/messages", "/settings/messages"):
            assert staff.get(path).status_code == 200
        assert ship(staff, order.number) == 200
        sent = staff.send(here, f"{here}/confirmation", htmx=True, recipient="x@example.com", agreed="just-sent")
        assert sent.status_code == 200
        said = staff.send(here, f"{here}/comments", htmx=True, text="Hej", about="customer", mail="yes")
        assert said.status_code == 200

        assert hole.connections == 0

    db.session.rollback()
    assert {message.state for message in db.session.query(Message)} == {MessageState.QUEUED}
    assert db.session.query(Message).count() == 4


def test_a_worker_that_hangs_on_the_mail_server_holds_up_nobody(app: Flask, staff: Browser) -> None:
    make_product("LJUS-12")
    with BlackHole() as hole:
        use_mail_server(app, hole.port, seconds=30)
        order = make_order(("LJUS-12", 1))

        def deliver() -> None:
            with app.app_context():
                deliver_batch(threading.Event())
                db.session.remove()

        worker = threading.Thread(target=deliver)
        worker.start()
        assert hole.connected.wait(10)

        assert ship(staff, order.number) == 200
        assert worker.is_alive(), "the worker still hung while the change went through"
        hole.hang_up()
        worker.join(10)
    assert not worker.is_alive()
