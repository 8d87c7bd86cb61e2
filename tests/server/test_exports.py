"""Exports at the server as it runs in production: whole, or a page in words, and never a file that only looks whole."""

import http.client
import io
import secrets
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.test_serve import Served, serving
from tests.conftest import settings
from tests.factories import make_order, make_user
from tests.web.orders.test_export import copy_order
from webshop_orders import create_app
from webshop_orders.cli import database
from webshop_orders.db.extensions import db
from webshop_orders.db.sqlite import driver
from webshop_orders.models import Role
from webshop_orders.security import sign_in_links
from webshop_orders.web.orders import export

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.own_app,
]

SECRET = secrets.token_urlsafe(48)
PARTS = 2
URLS = ["/orders.csv", "/orders.xlsx", "/orders.xlsx?rows=lines"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str, Path]]:
    """A served shop with more orders than an export reads at once, the cookie of a user, and its database."""
    folder = tmp_path_factory.mktemp("exports")
    path = folder / "shop.sqlite3"
    app = create_app(settings(f"sqlite:///{path}", SECRET_KEY=SECRET, INSTANCE=folder))
    with app.app_context():
        database.prepare()
        copy_order(make_order(("LJUS-12", 1)), PARTS * export.PAGE_SIZE)
        user = make_user("anna@example.com", Role.STAFF)
        sign_in = sign_in_links.make(user)
        db.session.remove()
        db.engine.dispose()
    with serving(folder, "serve", "--no-worker", DATABASE_URL=f"sqlite:///{path}", SECRET_KEY=SECRET) as served:
        served.line()
        response, _body = get(served, f"/login/{sign_in}", {})
        yield served, response.getheader("Set-Cookie", "").partition(";")[0], path


def answer(shop: tuple[Served, str, Path], url: str) -> tuple[http.client.HTTPResponse, bytes]:
    served, cookie, _path = shop
    return get(served, url, {"Cookie": cookie, "Accept-Language": "sv"})


def get(served: Served, url: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)) as connection:
        connection.request("GET", url, headers=headers)
        response = connection.getresponse()
        return response, response.read()


@contextmanager
def order_of_second_part_unreadable(path: Path) -> Iterator[None]:
    """Make the oldest order's last change such that no release could have stored it."""
    with closing(driver().connect(path)) as connection:
        query = "select updated_at from orders where number = 'WS-200000'"
        (updated_at,) = connection.execute(query).fetchone()
        change = "update orders set updated_at = ? where number = 'WS-200000'"
        connection.execute(change, ["yesterday"])
        connection.commit()
        try:
            yield
        finally:
            connection.execute(change, [updated_at])
            connection.commit()


@pytest.mark.parametrize("url", URLS)
def test_a_file_has_its_length_and_all_orders(shop: tuple[Served, str, Path], url: str) -> None:
    response, body = answer(shop, url)
    assert response.status == 200
    assert int(response.getheader("Content-Length", "")) == len(body)
    if url == "/orders.csv":
        assert body.count(b"\n") == 1 + PARTS * export.PAGE_SIZE + 1
    elif url == "/orders.xlsx":
        assert load_workbook(io.BytesIO(body)).active.max_row == 1 + PARTS * export.PAGE_SIZE + 1


@pytest.mark.parametrize("url", URLS)
def test_a_failure_in_the_second_part_is_a_page_in_words(shop: tuple[Served, str, Path], url: str) -> None:
    with order_of_second_part_unreadable(shop[2]):
        response, body = answer(shop, url)
    assert response.status == 500
    assert response.getheader("Content-Disposition") is None
    assert "Något gick fel" in body.decode()
    assert "WS-200" not in body.decode()
    assert answer(shop, url)[0].status == 200
