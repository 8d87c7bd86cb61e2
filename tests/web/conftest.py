"""Browsers of each role, which check every page that they are given."""

import re
from collections.abc import Callable
from contextvars import Context

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import make_order, make_product
from tests.web.pages import Page, check
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Order, Role, User
from webshop_orders.operations.orders import shipments, splits, tracking
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.auth.sessions import begin_session

# The database makes no difference to what such a test tells.
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
REDIRECTS = {301, 302, 303, 308}
SWEDISH = {"Accept-Language": "sv-SE,sv;q=0.9,en;q=0.5"}


class Browser:
    """A person's browser: it reads the form on a page, fills it in and sends it, with or without htmx."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, *, htmx: bool = False, **more: object) -> TestResponse:
        return self._open("GET", path, htmx=htmx, **more)

    def page(self, path: str) -> Page:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return Page(answer.text)

    def send(self, page: str, action: str, *, htmx: bool = False, **typed: object) -> TestResponse:
        """Open a page, fill in its form to `action`, and send it."""
        return self.post(action or page, {**self.page(page).form(action).values(), **typed}, htmx=htmx)

    def fill_in(self, page: str, **typed: object) -> TestResponse:
        """Open a page whose form goes to the page itself, fill it in, and send it."""
        return self.send(page, "", **typed)

    def post(self, path: str, values: dict[str, object], *, htmx: bool = False) -> TestResponse:
        data = {name: value for name, value in values.items() if value is not None}
        return self._open("POST", path, htmx=htmx, data=data)

    def token(self) -> str:
        """Proof of origin for a request made by hand."""
        return self.page("/orders").forms[0].values()["csrf_token"]

    def _open(self, method: str, path: str, *, htmx: bool, **more: object) -> TestResponse:
        headers = {**SWEDISH, **(HTMX if htmx else {})}
        # In a context of its own: within the test's, a request would share its session and whatever `g` holds.
        answer = Context().run(self.client.open, path, method=method, headers=headers, **more)
        answer.request.environ["wsgi.input"].close()  # a large body is a temporary file, which the client leaves open
        return self._checked(answer, htmx=htmx)

    def _checked(self, answer: TestResponse, *, htmx: bool) -> TestResponse:
        assert answer.status_code < 500 or answer.status_code == 501, answer.text
        check_headers(answer)
        is_mail = answer.headers["Content-Security-Policy"].startswith("sandbox;")
        is_page = answer.mimetype == "text/html" and answer.data and answer.status_code not in REDIRECTS
        if is_page and not is_mail:
            check(Page(answer.text), whole="<!doctype" in answer.text.lower())
            if htmx:
                assert "<html" not in answer.text
        return answer


def check_headers(answer: TestResponse) -> None:
    """See that browsers are told what they may do with an answer, whatever it is."""
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy or policy.startswith("sandbox;"), policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    camera = "camera=(self)" if re.match("/pack(/|$)", answer.request.path) else "camera=()"
    assert {camera, "geolocation=()", "usb=()"} <= set(answer.headers["Permissions-Policy"].split(", "))
    assert ("Strict-Transport-Security" in answer.headers) is answer.request.is_secure
    assert answer.headers["Cache-Control"] == "no-store"
    if answer.status_code in {429, 503}:
        assert 1 <= int(answer.headers["Retry-After"]) <= 900
    assert {"HX-Request-Type", "Cookie", "Accept-Language"} <= set(answer.vary)


def session_cookie(app: Flask, user: User) -> str:
    with app.test_request_context():
        begin_session(user)
        return app.session_interface.get_signing_serializer(app).dumps(dict(session))


SignIn = Callable[[Role | None], Browser]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """Open a browser signed in with a role, or with none.

    The session is the one that signing in begins, but without the request: most tests need it, and few are about it.
    """

    def sign_in(role: Role | None) -> Browser:
        browser = Browser(app.test_client())
        if role is not None:
            name = f"{role.value.title()} Berg"
            user = User(email=f"{role.value}@example.com", name=name, role=role, signed_in_at=now())
            db.session.add(user)
            db.session.commit()
            cookie = Context().run(session_cookie, app, user)
            browser.client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
        return browser

    return sign_in


@pytest.fixture
def staff(sign_in: SignIn) -> Browser:
    return sign_in(Role.STAFF)


@pytest.fixture
def viewer(sign_in: SignIn) -> Browser:
    return sign_in(Role.VIEWER)


@pytest.fixture
def warehouse(sign_in: SignIn) -> Browser:
    return sign_in(Role.WAREHOUSE)


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(Role.ADMIN)


@pytest.fixture
def nobody(sign_in: SignIn) -> Browser:
    return sign_in(None)


@pytest.fixture
def mail_server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server is set up, so that mails are queued rather than held."""
    monkeypatch.setitem(app.config, "MAIL_SERVER", "mail.example.com")


@pytest.fixture
def parts(app: Flask, anna: Actor) -> Order:
    return order_in_parts(anna)


def order_in_parts(by: Actor, *, more: int = 0) -> Order:
    """An order in three shipments: one that waits for stock in part, one that is ready, and one that has shipped.

    It has 4 lines, and `more` in the first shipment that wait for stock in part.
    """
    make_product("LJUS-12", name="Stearinljus, 12-pack", stock=24, price=19_900)
    make_product("KAN-02", name="Ljusstake i mässing", stock=1, price=29_900)
    make_product("DUK-7", name="Linneduk", stock=10, price=49_900)
    for turn in range(more):
        make_product(f"P-{turn}", stock=1)
    order = make_order(("LJUS-12", 4), ("KAN-02", 3), ("DUK-7", 2), *((f"P-{turn}", 2) for turn in range(more)))
    with editing(order.number, None, by) as present:
        candles, _, cloth, *_ = present.lines
        splits.split(candles, 1, to=None, by=by)
        target = splits.split(cloth, 2, to=None, by=by)
        tracking.add(target, "ABC-1", "PostNord", None, by=by)
        shipments.ship(target, by=by)
    return order


@pytest.fixture
def order(app: Flask) -> Order:
    """An order of two candles and three candlesticks, one of which stock covers."""
    make_product("LJUS-12", name="Stearinljus, 12-pack", stock=24, price=19_900)
    make_product("KAN-02", name="Ljusstake i mässing", stock=1, price=29_900)
    return make_order(("LJUS-12", 2), ("KAN-02", 3))


def fresh(order: Order) -> Order:
    """The order as the database has it now."""
    number = order.number
    db.session.rollback()
    db.session.expire_all()
    return get_order(number)
