"""Key rotation: signatures of a former key are valid as long as it is configured, and no longer."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import settings
from tests.test_config import FORMER, STRONG
from tests.web.conftest import Browser, fresh, on_sqlite
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Order, Role, User
from webshop_orders.security import sign_in_links, signing_keys

pytestmark = on_sqlite

WithKeys = Callable[..., Flask]


@pytest.fixture
def with_keys(app: Flask, database: str) -> WithKeys:
    def with_keys(key: str, *former: str) -> Flask:
        keys = {"SECRET_KEY": key, "SECRET_KEY_FALLBACKS": list(former)}
        return create_app(settings(database, **{**keys, "WTF_CSRF_SECRET_KEY": signing_keys.active_keys(keys)}))

    return with_keys


@pytest.fixture
def asa(app: Flask) -> User:
    user = User(email="asa@example.com", name="Åsa", role=Role.STAFF)
    db.session.add(user)
    db.session.commit()
    return user


def link_of(app: Flask, user: User) -> str:
    with app.app_context():
        return f"/login/{sign_in_links.make(user)}"


def moved(browser: Browser, app: Flask) -> Browser:
    """The same browser, now served by another process with other keys."""
    client = app.test_client()
    cookie = browser.client.get_cookie("webshop_orders")
    assert cookie is not None
    client.set_cookie("webshop_orders", cookie.value)
    return Browser(client)


def test_a_session_outlives_a_change_of_the_key_while_the_former_is_named(with_keys: WithKeys, asa: User) -> None:
    before = Browser(with_keys(FORMER).test_client())
    assert before.get(link_of(before.client.application, asa)).status_code == 303
    assert moved(before, with_keys(STRONG, FORMER)).get("/orders").status_code == 200
    assert moved(before, with_keys(STRONG, "other" + STRONG, FORMER)).get("/orders").status_code == 200
    assert moved(before, with_keys(STRONG)).get("/orders").status_code == 303
    assert moved(before, with_keys(STRONG, "other" + STRONG)).get("/orders").status_code == 303


def test_a_link_outlives_a_change_of_the_key_while_the_former_is_named(with_keys: WithKeys, asa: User) -> None:
    link = link_of(with_keys(FORMER), asa)
    assert Browser(with_keys(STRONG, FORMER).test_client()).get(link).location == "/orders"
    assert Browser(with_keys(STRONG).test_client()).get(link).location == "/login"


def test_what_is_signed_anew_is_signed_with_the_present_key(with_keys: WithKeys, asa: User) -> None:
    both = with_keys(STRONG, FORMER)
    assert Browser(with_keys(STRONG).test_client()).get(link_of(both, asa)).location == "/orders"
    assert Browser(with_keys(FORMER).test_client()).get(link_of(both, asa)).location == "/login"


def test_a_form_that_is_half_typed_outlives_a_change_of_the_key(with_keys: WithKeys, asa: User, order: Order) -> None:
    before, url = Browser(with_keys(FORMER).test_client()), f"/orders/{order.number}"
    before.get(link_of(before.client.application, asa))
    typed = {**before.page(url).form(f"{url}/comments").values(), "text": "Hej"}
    after = moved(before, with_keys(STRONG, FORMER))
    assert after.post(f"{url}/comments", typed).status_code == 303
    assert fresh(order).number == order.number
