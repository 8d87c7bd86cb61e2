"""The morning: fifty ready orders are picked, packed and shipped, and their customers told, in few clicks.

The clicks are those of docs/clicks.md. A real worker carries out what is started, and a real mail server takes mails.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests.browser.conftest import OpenPage
from tests.browser.shop import Desk, Shop, person, serving
from tests.conftest import settings
from tests.factories import make_order, make_product, make_user, reshape_shop
from tests.outbox.servers import Post, mail_server
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Order, OrderStatus, Role
from webshop_orders.security import sign_in_links

ORDERS = 50
MAX_CLICKS = 25
DOCUMENT = Path(__file__).parents[2] / "docs" / "clicks.md"
TABLE = re.compile(r"^\| *\d+ *\| (.+?) +\|", re.MULTILINE)
# The browser's own count of what was pressed, by whatever way.
PRESSES = """() => addEventListener("pointerdown", (event) => {
  if (event.isTrusted) window.countPress();
}, true)"""
S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class Hand:
    """The hand on the mouse, which notes each of its clicks, in the page or in a dialog of the system."""

    def __init__(self, page: Page) -> None:
        self.clicks: list[str] = []
        self.in_dialogs = 0
        self.presses = 0
        page.expose_function("countPress", self._count_press)
        page.add_init_script(f"({PRESSES})()")

    def click(self, target: Locator, what: str) -> None:
        self.clicks.append(what)
        target.click()

    def click_in_dialog(self, what: str) -> None:
        """A click in a window that is not the page's: no test can make it, but it costs staff the same."""
        self.clicks.append(what)
        self.in_dialogs += 1

    def _count_press(self) -> None:
        self.presses += 1


def code_of(number: int) -> str:
    """A parcel's code of the post with its check digit (UPU S10)."""
    digits = f"{47_000_000 + number:08}"
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, S10_WEIGHTS, strict=True)) % 11
    return f"RR{digits}{ {10: 0, 11: 5}.get(rest, rest) }SE"


def fill(database: Path) -> Shop:
    """Fifty ready orders of one to three products, and a few that are not ready."""
    app = create_app(settings(f"sqlite:///{database}", INSTANCE=database.parent, MAIL_SERVER="mail.example.com"))
    with app.test_request_context():
        reshape_shop(name="Ljus & Linne", language="sv", mail_grace_seconds=0)
        user = make_user("lars@example.com", name="Lars Ek", role=Role.WAREHOUSE)
        for number in range(8):
            make_product(f"LJUS-{number}", name=f"Stearinljus nr {number}", stock=1_000, shelf_place=f"A-{number + 1}")
        make_product("SLUT", name="Slutsåld lykta", stock=0)
        numbers = {}
        for index in range(ORDERS):
            lines = [(f"LJUS-{(index + step) % 8}", 1 + index % 2) for step in range(1 + index % 3)]
            customer = person(f"Kund {index}", email=f"kund{index}@example.com")
            order = make_order(*lines, customer=customer, send_confirmation=False)
            numbers[f"ready {index}"] = order.number
        for index in range(5):
            numbers[f"waiting {index}"] = make_order(("SLUT", 1), send_confirmation=False).number
        link = f"/login/{sign_in_links.make(user)}"
        db.session.remove()
        db.engine.dispose()
    return Shop(database, numbers, {"warehouse": link})


@contextmanager
def working(desk: Desk, port: int) -> Iterator[None]:
    """A worker in a process of its own, as `webshop-orders serve` starts it."""
    environment = {
        **os.environ,
        "WEBSHOP_ORDERS_DATABASE_URL": f"sqlite:///{desk.shop.database}",
        "WEBSHOP_ORDERS_INSTANCE": str(desk.shop.database.parent),
        "WEBSHOP_ORDERS_SECRET_KEY": secrets.token_urlsafe(48),
        "WEBSHOP_ORDERS_MAIL_SERVER": "127.0.0.1",
        "WEBSHOP_ORDERS_MAIL_PORT": str(port),
        "WEBSHOP_ORDERS_MAIL_USE_TLS": "false",
        "WEBSHOP_ORDERS_MAIL_DEFAULT_SENDER": "butiken@example.com",
    }
    process = subprocess.Popen([sys.executable, "-m", "webshop_orders", "worker"], env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def morning(migrated_sqlite: Path, tmp_path: Path, post: Post) -> Iterator[Desk]:
    """The desk of a shop whose worker and mail server run."""
    database = tmp_path / "shop.sqlite3"
    shutil.copy(migrated_sqlite, database)
    shop = fill(database)
    with (
        mail_server(post) as port,
        serving(shop, MAIL_SERVER="127.0.0.1", MAIL_PORT=port) as desk,
        working(desk, port),
    ):
        yield desk


def test_fifty_orders_are_picked_packed_shipped_and_told_in_few_clicks(
    open_page: OpenPage, morning: Desk, post: Post, tmp_path: Path
) -> None:
    page = open_page(morning, role="warehouse")
    hand = Hand(page)
    ready = [number for fate, number in morning.shop.numbers.items() if fate.startswith("ready")]
    codes = {number: code_of(index) for index, number in enumerate(ready)}
    page.goto("/orders")

    hand.click(page.get_by_role("navigation", name="Orderstatus").get_by_role("link", name="Redo"), "«Redo»")
    hand.click(page.get_by_role("columnheader").get_by_role("checkbox"), "the box above the rows: all on the page")
    hand.click(page.get_by_label("Alla som matchar"), "«Alla som matchar (50)»")
    hand.click(page.get_by_role("button", name="Skriv ut plocklista"), "«Skriv ut plocklista»: the orders are a batch")
    expect(page.get_by_role("heading", name="Plocklista")).to_be_visible()
    expect(page.locator(".pick-list")).to_contain_text("50 försändelser")
    hand.click(page.get_by_role("button", name="Skriv ut", exact=True), "«Skriv ut»")
    hand.click_in_dialog("the browser's print dialog: Print")
    expect(page.locator("#print[type=button]")).to_be_visible()  # it is noted

    hand.click(page.get_by_role("link", name="Packsedlar"), "«Packsedlar»")
    expect(page.locator(".slip")).to_have_count(ORDERS)
    hand.click(page.get_by_role("button", name="Skriv ut", exact=True), "«Skriv ut»")
    hand.click_in_dialog("the browser's print dialog: Print")
    expect(page.locator("#print[type=button]")).to_be_visible()

    hand.click(page.get_by_role("link", name="Till omgången"), "back to the batch")
    hand.click(page.get_by_role("link", name="Läs in spårningskoder"), "«Läs in spårningskoder»")
    export = tmp_path / "postnord.csv"
    rows = [f"{number};{code};MyPack Collect" for number, code in codes.items()]
    export.write_text("\n".join(["Avs. referens;Kollinr;Tjänst", *rows]), "utf-8")
    with page.expect_file_chooser() as choosing:
        hand.click(page.get_by_label("Fil, CSV eller XLSX"), "«Fil»")
    hand.click_in_dialog("the file in the system's dialog")
    hand.click_in_dialog("Open")
    choosing.value.set_files(export)
    hand.click(page.get_by_role("button", name="Läs in", exact=True), "«Läs in»")
    expect(page.get_by_role("heading", name="postnord.csv")).to_be_visible()
    hand.click(page.get_by_label("Markera som skickade också"), "«Markera som skickade också»")
    hand.click(page.get_by_role("button", name="Lägg in koderna på 50 rader"), "«Lägg in koderna på 50 rader»")
    expect(page.get_by_text("50 ordrar")).to_be_visible(timeout=60_000)

    assert len(hand.clicks) <= MAX_CLICKS
    assert hand.presses == len(hand.clicks) - hand.in_dialogs
    assert TABLE.findall(DOCUMENT.read_text("utf-8")) == hand.clicks
    expect_all_sent(page, post, ORDERS)
    assert morning.ask(shipped_numbers) == set(ready)
    assert len(post.mails) == ORDERS
    assert {str(mail["To"]): code_in(mail) for mail in post.mails} == {
        f"kund{index}@example.com": codes[number] for index, number in enumerate(ready)
    }


def test_a_click_that_is_not_counted_would_be_found(open_page: OpenPage, morning: Desk) -> None:
    page = open_page(morning, role="warehouse")
    hand = Hand(page)
    page.goto("/orders")
    hand.click(page.get_by_role("link", name="Redo"), "«Redo»")
    page.get_by_role("link", name="Alla", exact=True).click()
    expect(page).to_have_url(re.compile("/orders$"))
    assert (len(hand.clicks), hand.presses) == (1, 2)


def expect_all_sent(page: Page, post: Post, count: int) -> None:
    for _attempt in range(300):
        if len(post.mails) >= count:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{len(post.mails)} mails of {count} were sent")


def shipped_numbers() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Order.number).where(Order.status == OrderStatus.SHIPPED)))


def code_in(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (code,) = set(re.findall(r"RR\d{9}SE", text))
    return str(code)
