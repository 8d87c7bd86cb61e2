"""Checks that the recipes of CONTRIBUTING.md work, each run in a copy of the checkout that its diff was applied to.

Run from that copy, as `python -m tests.structure.recipe_checks «heading» …`; prints the headings whose check passes.
"""

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from flask import Flask

import webshop_orders
from tests.api.conftest import Integration, new_key, order_document
from tests.conftest import settings
from tests.factories import make_order, make_user
from tests.web.conftest import Browser
from webshop_orders import create_app, shop_settings
from webshop_orders.cli import database
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, Event, EventKind, Message, Order, Role
from webshop_orders.operations.orders import cancellation, tracking
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.security import sign_in_links
from webshop_orders.transactions.unit_of_work import editing

_numbers = count(1)
ANNA = Actor(ActorKind.STAFF, "Anna Lind")


@contextmanager
def new_shop() -> Iterator[Flask]:
    """An application of the copy, on a database of its own that its migrations made."""
    here = Path.cwd()
    assert Path(webshop_orders.__file__).is_relative_to(here), webshop_orders.__file__
    app = create_app(settings(f"sqlite:///{here / 'check.sqlite3'}", INSTANCE=here))
    with app.app_context():
        database.prepare()
        yield app
        db.session.remove()
        db.engine.dispose()


def sign_in(app: Flask) -> Browser:
    browser = Browser(app.test_client())
    user = make_user(f"{next(_numbers)}@example.com", Role.STAFF)
    browser.get(f"/login/{sign_in_links.make(user)}")
    return browser


def add_codes(order: Order, *codes: str, carrier: str | None = None) -> None:
    with editing(order.number, None, ANNA) as current:
        for code in codes:
            tracking.add(current.shipments[0], code, carrier, None, by=ANNA)


def a_tab(app: Flask) -> None:
    order = make_order(("CANDLE", 3))

    page = sign_in(app).page(f"/orders/{order.number}/picking")

    assert "3 × CANDLE" in page.text
    assert f"/orders/{order.number}/picking" in page.links


def an_action_on_an_order(app: Flask) -> None:
    order = make_order(("CANDLE", 1))
    assert order.paid == 0

    response = sign_in(app).send(f"/orders/{order.number}", f"/orders/{order.number}/full-payment")

    assert response.status_code == 303
    db.session.rollback()
    db.session.expire_all()
    assert get_order(order.number).paid == 10_000
    assert db.session.query(Event).filter(Event.kind == EventKind.PAYMENT_CHANGED).count() == 1


def a_field_of_the_api(app: Flask) -> None:
    integration = Integration(app.test_client(), new_key())

    placed = integration.post("/orders", {**order_document(), "gift_wrapped": True})

    assert placed.status_code == 201, placed.text
    assert placed.json is not None
    read = integration.get(f"/orders/{placed.json['number']}").json
    assert read is not None
    assert read["gift_wrapped"] is True
    assert integration.post("/orders", {**order_document(), "gift_wrapped": "yes"}).status_code == 422
    assert '"gift_wrapped"' in integration.get("/openapi.json").text


def a_carrier(app: Flask) -> None:
    order = make_order(("CANDLE", 1))
    add_codes(order, "A 1", carrier="Example Parcel")

    page = sign_in(app).page(f"/orders/{order.number}/shipping")

    assert "Example Parcel" in [carrier.name for carrier in shop_settings.current().carriers]
    assert "https://track.example.com/A%201" in page.links


def a_kind_of_mail(app: Flask) -> None:
    order = make_order(("CANDLE", 1))

    with editing(order.number, None, ANNA) as current:
        cancellation.cancel(current, by=ANNA)

    newest = db.session.query(Message).order_by(Message.id.desc()).first()
    assert newest is not None
    assert (newest.kind.value, newest.subject) == ("order_cancelled", f"Order {order.number} är makulerad")
    assert newest.recipient == "asa@example.com"


CHECKS: dict[str, Callable[[Flask], None]] = {
    "A tab": a_tab,
    "An action on an order": an_action_on_an_order,
    "A field of the API": a_field_of_the_api,
    "A carrier": a_carrier,
    "A kind of mail": a_kind_of_mail,
}

if __name__ == "__main__":
    with new_shop() as new_app:
        for heading in sys.argv[1:]:
            try:
                CHECKS[heading](new_app)
            except Exception:
                traceback.print_exc()
            else:
                print(heading)
            db.session.remove()
