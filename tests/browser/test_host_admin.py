"""The desk in the frame of examples/host_admin, which is another site to the browser."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from app import make_admin
from desk import Desk as HostsDesk
from playwright.sync_api import FrameLocator, Page, expect

from tests.api.conftest import new_key
from tests.browser.conftest import COOKIES, Complaints, OpenPage
from tests.browser.shop import COMPILED, Desk, Shop
from tests.browser.steps import press
from tests.outbox.servers import free_port
from tests.wsgi_server import WsgiServer
from webshop_orders import create_app
from webshop_orders.config import from_environment
from webshop_orders.db.extensions import db
from webshop_orders.models import Scope

SECRET = "thirty-two-characters-or-more-for-tests"


@dataclass
class Host:
    """The shop admin at `url`, and the desk that it embeds."""

    url: str
    desk: Desk

    def number(self, fate: str) -> str:
        return self.desk.shop.numbers[fate]


@pytest.fixture
def host(shop: Shop, tmp_path: Path) -> Iterator[Host]:
    database, port = tmp_path / "shop.sqlite3", free_port()
    shutil.copy(shop.database, database)
    url = f"http://localhost:{port}"
    given = {
        "INSTANCE": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": "forty-two characters that only tests know!",
        "EMBED_ORIGINS": url,
        "EMBED_SECRET": SECRET,
    }
    app = create_app(from_environment({f"WEBSHOP_ORDERS_{name}": value for name, value in given.items()}))
    app.jinja_env.bytecode_cache = COMPILED
    desk = Desk(app, Shop(database, shop.numbers, shop.links))
    key = desk.ask(lambda: new_key("Nordljus admin", (Scope.ORDERS_READ,)))
    admin = make_admin(HostsDesk(desk.url, SECRET, key), origin=url, secret_key="only for tests")
    server = WsgiServer(admin, port)
    yield Host(url, desk)
    server.stop()
    desk.stop()
    with app.app_context():
        db.engine.dispose()


Open = Callable[..., Page]


@pytest.fixture
def open_host(host: Host, open_with_cookies: OpenPage, complaints: Complaints) -> Open:
    # A field that opens in its row is then focused by script, which the browser does not mind.
    complaints.expected.append("Blocked autofocusing .* in a cross-origin subframe")

    def open_it(path: str = "/orders", *, cookies: str = "kept", **options: object) -> Page:
        page = open_with_cookies(cookies, **options)
        page.goto(host.url + path)
        if options.get("java_script_enabled", True):
            expect(page).to_have_url(re.compile("#/orders"))  # the desk has told where it is
        return page

    return open_it


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("#desk iframe")


def says(page: Page, sentence: str) -> None:
    expect(frame(page).get_by_role("status")).to_contain_text(sentence)


@pytest.mark.parametrize("cookies", COOKIES)
def test_an_order_is_edited_split_and_shipped_in_the_frame_and_the_host_shows_it_at_once(
    cookies: str, open_host: Open, host: Host
) -> None:
    page, number = open_host(cookies=cookies), host.number("ready")
    desk = frame(page)
    page.locator(f"#order-{number} a").click()
    expect(desk.get_by_role("heading", name=number)).to_be_visible()
    expect(page.locator(f"#order-{number} a")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(rf"/orders#/orders/{number}"))

    desk.get_by_role("navigation", name="Orderns delar").get_by_role("link", name="Frakt").click()
    expect(page).to_have_url(f"{host.url}/orders#/orders/{number}/shipping")
    first = desk.get_by_role("region", name=re.compile(r"^Försändelse .*-1$"))
    candles = first.get_by_role("row").filter(has_text="Stearinljus")
    candles.get_by_role("link", name="Redigera").click()
    candles.get_by_label("Antal").fill("7")
    candles.get_by_role("button", name="Spara", exact=True).click()
    says(page, "antalet är nu 7.")

    candles.get_by_role("link", name="Dela").click()
    desk.get_by_label("Dela", exact=True).fill("2")
    desk.get_by_role("button", name="Dela", exact=True).click()
    says(page, "är flyttad till")

    for answer in ("Markera som skickad", "Markera som skickad ändå"):
        first.get_by_role("button", name=answer, exact=True).click()
    expect(page.locator(f"#order-{number} .status")).to_have_text("Delvis skickad")
    expect(page.locator(f"#order-{number} a")).to_have_attribute("aria-current", "true")


def test_back_and_forward_of_the_host_steer_the_desk(open_host: Open, host: Host) -> None:
    page, (one, other) = open_host(), (host.number("ready"), host.number("shipped"))
    heading = frame(page).get_by_role("heading", level=1)
    for number in (one, other):
        page.locator(f"#order-{number} a").click()
        expect(heading).to_contain_text(number)
        expect(page).to_have_url(re.compile(f"#/orders/{number}"))
    page.go_back()
    expect(heading).to_contain_text(one)
    page.go_forward()
    expect(heading).to_contain_text(other)
    page.reload()
    expect(heading).to_contain_text(other)


def test_the_desk_follows_the_hosts_theme_and_language_and_person(open_host: Open, host: Host) -> None:
    page, number = open_host(), host.number("ready")
    page.locator(f"#order-{number} a").click()
    expect(frame(page).get_by_role("link", name="Frakt")).to_be_visible()
    press(page, "Mörkt")
    expect(frame(page).locator("html")).to_have_attribute("data-theme", "dark")
    press(page, "English")
    expect(frame(page).get_by_role("link", name="Shipping")).to_be_visible()
    page.get_by_label("Signed in as").select_option("viewer")
    press(page, "Switch")
    expect(frame(page).get_by_role("heading", name=number)).to_be_visible()
    expect(frame(page).get_by_role("button", name="Add comment")).to_have_count(0)


def test_without_javascript_an_order_opens_in_a_plain_frame(open_host: Open, host: Host) -> None:
    page, number = open_host(java_script_enabled=False), host.number("ready")
    page.locator(f"#order-{number} a").click()
    plain = page.frame_locator("noscript iframe, section.desk iframe")
    expect(plain.get_by_role("heading", name=number)).to_be_visible()
    plain.get_by_role("link", name="Frakt").click()
    expect(plain.get_by_role("button", name="Lägg till produkt")).to_be_visible()
