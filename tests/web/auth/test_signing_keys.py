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


def with_cookie_of(browser: Browser, app: Flask) -> Browser:
    """A browser with the same session cookie, served by a process with other keys."""
    client = app.test_client()
    cookie = browser.client.get_cookie("webshop_orders")
    assert cookie is not None
    client.set_cookie("webshop_orders", cookie.value)
    return Browser(client)


def test_a_session_survives_a_key_change_while_the_former_key_is_configured(with_keys: WithKeys, asa: User) -> None:
    browser = Browser(with_keys(FORMER).test_client())
    assert browser.get(link_of(browser.client.application, asa)).status_code == 303
    assert with_cookie_of(browser, with_keys(STRONG, FORMER)).get("/orders").status_code == 200
    assert with_cookie_of(browser, with_keys(STRONG, "other" + STRONG, FORMER)).get("/orders").status_code == 200
    assert with_cookie_of(browser, with_keys(STRONG)).get("/orders").status_code == 303
    assert with_cookie_of(browser, with_keys(STRONG, "other" + STRONG)).get("/orders").status_code == 303


def test_a_link_survives_a_key_change_while_the_former_key_is_configured(with_keys: WithKeys, asa: User) -> None:
    link = link_of(with_keys(FORMER), asa)
    assert Browser(with_keys(STRONG, FORMER).test_client()).get(link).location == "/today"
    assert Browser(with_keys(STRONG).test_client()).get(link).location == "/login"


def test_new_links_are_signed_with_the_current_key(with_keys: WithKeys, asa: User) -> None:
    app = with_keys(STRONG, FORMER)
    assert Browser(with_keys(STRONG).test_client()).get(link_of(app, asa)).location == "/today"
    assert Browser(with_keys(FORMER).test_client()).get(link_of(app, asa)).location == "/login"


def test_a_form_opened_before_a_key_change_can_be_submitted(with_keys: WithKeys, asa: User, order: Order) -> None:
    before, url = Browser(with_keys(FORMER).test_client()), f"/orders/{order.number}"
    before.get(link_of(before.client.application, asa))
    typed = {**before.page(url).form(f"{url}/comments").values(), "text": "Hej"}
    after = with_cookie_of(before, with_keys(STRONG, FORMER))
    assert after.post(f"{url}/comments", typed).status_code == 303
    assert fresh(order).number == order.number
