"""Below a path of a host name that other pages have too: each address is below it, whatever the proxy does to paths."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from werkzeug.test import TestResponse

from tests.conftest import settings
from tests.web.conftest import HTMX, SWEDISH, Browser, SignIn, on_sqlite
from tests.web.http.test_unavailable import failing
from tests.web.pages import Page
from webshop_orders import create_app, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.mailing import context
from webshop_orders.models import AccountMailKind, Order, Role, User
from webshop_orders.security import password_links
from webshop_orders.web.http import url_prefix

pytestmark = on_sqlite

PREFIX = "/desk"
ADDRESSES = {"href", "src", "action", "formaction", "poster", "srcset", "hx-get", "hx-post", "hx-put", "hx-delete"}
HEADERS = ("Location", "HX-Redirect", "HX-Location", "HX-Replace-Url", "HX-Push-Url")
VARIABLE = re.compile(r"[A-Z]+-?\d[\w-]*|\d+|(?<=/products/)[^/]+")


@pytest.fixture
def below(app: Flask) -> Iterator[Flask]:
    inner = app.wsgi_app
    app.config.update(URL_PREFIX=PREFIX)
    app.wsgi_app = url_prefix.middleware(PREFIX, inner)  # type: ignore[method-assign]
    yield app
    app.wsgi_app = inner  # type: ignore[method-assign]


def addresses_of(page: Page) -> list[str]:
    return [value for element in page.root.iter() for value in _addresses_in(element)]


def _addresses_in(element: HtmlElement) -> list[str]:
    if not isinstance(element.tag, str):
        return []
    attributes = element.attrib.items()
    return [value for name, value in attributes if name in ADDRESSES or (name[:5] == "data-" and value[:1] == "/")]


def is_elsewhere(address: str) -> bool:
    """Whether it leads to this host, and not to the order desk."""
    parts = urlsplit(address)
    is_of_host = (not parts.scheme and not parts.netloc) or parts.netloc == "localhost"
    return is_of_host and parts.path.startswith("/") and not (f"{parts.path}/").startswith(f"{PREFIX}/")


def check_response(response: TestResponse, path: str) -> Page | None:
    for name in HEADERS:
        if value := response.headers.get(name):
            target = json.loads(value)["path"] if value.startswith("{") else value
            assert not is_elsewhere(target), (path, name, target)
    if response.mimetype != "text/html" or not response.data:
        return None
    page = Page(response.text)
    assert [each for each in addresses_of(page) if is_elsewhere(each)] == [], path
    return page


@pytest.mark.parametrize("path", ["/orders", "/login", "/finns-inte", "/settings/shop", "/", "/withdrawal"])
def test_whether_or_not_the_proxy_takes_the_path_off_the_page_is_the_same(below: Flask, path: str) -> None:
    client = below.test_client()
    kept, taken = (client.get(f"{before}{path}", headers=SWEDISH) for before in (PREFIX, ""))
    assert (kept.status_code, kept.headers.get("Location")) == (taken.status_code, taken.headers.get("Location"))
    check_response(kept, path)
    check_response(taken, path)


def test_the_path_alone_is_the_first_page(below: Flask, staff: Browser) -> None:
    for path in (PREFIX, f"{PREFIX}/"):
        assert staff.client.get(path, headers=SWEDISH).headers["Location"] == "/desk/today"


def test_a_path_that_only_begins_like_it_is_not_taken_for_it(below: Flask, staff: Browser) -> None:
    assert staff.client.get("/desktop/orders").status_code == 404
    assert staff.client.get("/desk/desk/orders").status_code == 404


def test_every_address_on_every_page_is_below_the_path(below: Flask, sign_in: SignIn, order: Order) -> None:
    client, waiting, seen = sign_in(Role.ADMIN).client, [f"{PREFIX}/today", f"{PREFIX}/orders"], set[str]()
    visited = 0
    while waiting:
        path = waiting.pop()
        # Addresses are carried on as a page has them, so a path that lost its beginning fails above, as elsewhere.
        kind = VARIABLE.sub("…", urlsplit(path).path)
        if kind in seen or "/static/" in kind or "/logout" in kind:
            continue
        seen.add(kind)
        for headers in (SWEDISH, {**SWEDISH, **HTMX}):
            response = client.get(path, headers=headers)
            assert response.status_code < 500 or response.status_code == 501, path
            page = check_response(response, path)
            if page is not None:
                waiting += [link for link in page.links if link.startswith(f"{PREFIX}/")]
        visited += 1
    assert visited > 40


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Current-URL": "http://localhost/desk/orders?q=a"}])
def test_who_signs_in_comes_back_to_the_page(below: Flask, headers: dict[str, str]) -> None:
    response = below.test_client().get(f"{PREFIX}/orders?q=a", headers={**SWEDISH, **headers})
    target = response.headers.get("Location") or response.headers["HX-Redirect"]
    assert target == "/desk/login?next=/desk/orders?q%3Da"


@pytest.mark.parametrize(
    ("wanted", "comes_to"),
    [
        ("/desk/orders?q=a", "/desk/orders?q=a"),
        ("/account", "/desk/today"),
        ("/desktop", "/desk/today"),
        ("/desk/../account", "/desk/today"),
        ("/desk/%2e%2e/account", "/desk/today"),
        ("//evil.example/desk/", "/desk/today"),
    ],
)
def test_after_signing_in_nobody_is_sent_to_other_pages_of_the_host(
    below: Flask, staff: Browser, wanted: str, comes_to: str
) -> None:
    response = staff.client.get(f"{PREFIX}/login", query_string={"next": wanted}, headers=SWEDISH)
    assert response.headers["Location"] == comes_to


def test_the_cookie_is_for_the_whole_host_as_its_name_demands(database: str) -> None:
    app = create_app(
        settings(
            database,
            BASE_URL="https://shop.example/desk",
            URL_PREFIX=PREFIX,
            OWN_HOSTS=("shop.example",),
            SESSION_COOKIE_NAME="__Host-webshop_orders",
            SESSION_COOKIE_SECURE=True,
        )
    )
    response = app.test_client().get("/desk/login", base_url="https://shop.example", headers=SWEDISH)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-webshop_orders=")
    assert "Path=/;" in f"{cookie};"
    # That the shop's own pages are reached over TLS alone is not ours to say.
    assert "Strict-Transport-Security" not in response.headers
    assert check_response(response, "/desk/login") is not None


def test_programs_get_problems_and_addresses_below_the_path(below: Flask) -> None:
    client: FlaskClient = below.test_client()
    for before in (PREFIX, ""):
        refused = client.get(f"{before}/api/v1/orders")
        assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
        described = client.get(f"{before}/api/v1/openapi.json", base_url="http://localhost").json
        assert described is not None
        assert described["servers"] == [{"url": "http://localhost/desk/api/v1"}]


def test_what_was_typed_while_the_database_was_gone_is_sent_again_below_the_path(
    below: Flask, staff: Browser, order: Order
) -> None:
    page, action = f"{PREFIX}/orders/{order.number}", f"{PREFIX}/orders/{order.number}/comments"
    values = {**staff.page(page).form(action).values(), "text": "Ring först"}
    with failing("disk I/O error", only=("INSERT", "UPDATE")):
        response = staff.client.post(action, data=values, headers=SWEDISH)
    assert response.status_code == 503
    assert "resend" in response.text
    check_response(response, action)


def test_what_others_were_faster_with_is_chosen_below_the_path(
    below: Flask, staff: Browser, admin: Browser, order: Order
) -> None:
    page, action = f"{PREFIX}/orders/{order.number}/shipping", f"{PREFIX}/orders/{order.number}/shipments/1/status"
    values = {**staff.page(page).form(action).values(), "status": "backordered"}
    line = f"{PREFIX}/orders/{order.number}/lines/{order.shipments[0].lines[0].id}"
    admin.send(line, line, quantity=1)
    response = staff.client.post(action, data=values, headers=SWEDISH)
    assert "conflict-form" in response.text
    check_response(response, action)


def test_the_link_in_an_invitation_opens_below_the_path(below: Flask, nobody: Browser) -> None:
    below.config["BASE_URL"] = "http://localhost/desk"
    user = User(email="ny@example.com", name="Ny", role=Role.STAFF)
    db.session.add(user)
    db.session.commit()
    link = password_links.make(user, AccountMailKind.INVITATION)
    assert link.startswith("http://localhost/desk/password/")
    response = nobody.client.get(urlsplit(link).path, headers=SWEDISH)
    assert response.status_code == 200
    assert [form.action for form in Page(response.text).forms if "/password/" in form.action or not form.action] != []
    check_response(response, link)


def test_a_mail_about_an_order_leads_to_it_below_the_path(below: Flask, order: Order) -> None:
    below.config["BASE_URL"] = "https://shop.example/desk"
    written = context.order_context(order, shop_settings.current(), "sv")
    assert written["order"]["url"] == f"https://shop.example/desk/orders/{order.number}"
