"""A real browser that looks at a real order desk, and fails the test for whatever its console complains of."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.pages import Place
from tests.browser.shop import Desk, Shop, fill, serving

HOW_TO_GET_ONE = "There is no Chromium here: run `apt-get install chromium` or `playwright install chromium`."
FLAGS = [
    "--no-sandbox",  # which containers do not allow
    "--disable-dev-shm-usage",
    # One process draws all pages; a new one for each would take most of the time.
    "--disable-gpu",
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
]
WIDE = {"width": 1280, "height": 900}
# The browser's own line for every answer of 400 to 499, which is how a refusal is told.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")

# How a browser is set up: to keep all cookies, to keep apart those of frames, or to keep none at all.
COOKIES: dict[str, Any] = {
    "kept": {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}},
    "kept apart": {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}},
    "blocked": {"profile": {"default_content_setting_values": {"cookies": 2}}},
}

expect.set_options(timeout=10_000)


def find_chromium(kind: BrowserType) -> str:
    """The browser to drive: the system's, or else playwright's own where one is installed."""
    ours = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if ours is not None:
        return ours
    theirs = kind.executable_path
    if Path(theirs).exists():
        return theirs
    if "CI" in os.environ:
        pytest.fail(HOW_TO_GET_ONE)
    pytest.skip(HOW_TO_GET_ONE)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shop(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    database = tmp_path_factory.mktemp("browser") / "shop.sqlite3"
    shutil.copy(migrated_sqlite, database)
    return fill(database)


@pytest.fixture
def desk(shop: Shop, tmp_path: Path) -> Iterator[Desk]:
    """An order desk of the test's own."""
    database = tmp_path / "shop.sqlite3"
    shutil.copy(shop.database, database)
    with serving(Shop(database, shop.numbers, shop.links)) as desk:
        yield desk


@pytest.fixture(scope="package")
def still_desk(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An order desk for all tests that only look."""
    database = tmp_path_factory.mktemp("still") / "shop.sqlite3"
    shutil.copy(shop.database, database)
    with serving(Shop(database, shop.numbers, shop.links)) as desk:
        yield desk


@dataclass
class Complaints:
    """What browsers complained of; `expected` are patterns of what the test provokes."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> Page:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.heard.append(f"page error: {error}"))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not REFUSED.match(message.text):
            self.heard.append(f"console {message.type}: {message.text}")

    def unexpected(self) -> list[str]:
        return [text for text in self.heard if not any(re.search(known, text) for known in self.expected)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []


OpenPage = Callable[..., Page]
Visit = Callable[[Place], Page]


def new_context(chromium: Browser, desk: Desk, role: str | None, **options: Any) -> BrowserContext:
    """A browser of its own for someone who is signed in, Swedish as a shop's staff have it."""
    filled = {"locale": "sv-SE", "timezone_id": "Europe/Stockholm", "viewport": WIDE, **options}
    context = chromium.new_context(base_url=desk.url, **filled)
    if role is not None:
        context.request.get(desk.shop.links[role], max_redirects=0)
    return context


@pytest.fixture
def open_page(chromium: Browser, complaints: Complaints) -> Iterator[OpenPage]:
    """Opens a page in a browser of its own."""
    opened: list[BrowserContext] = []

    def open_one(desk: Desk, role: str | None = "admin", **options: Any) -> Page:
        context = new_context(chromium, desk, role, **options)
        opened.append(context)
        return complaints.listen(context.new_page())

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def open_with_cookies(chromium: Browser, complaints: Complaints, tmp_path: Path) -> Iterator[OpenPage]:
    """Opens an empty page in a browser that treats cookies in one of the ways there are."""
    opened: list[BrowserContext] = []

    def open_one(cookies: str, **options: Any) -> Page:
        profile = tmp_path / f"profile-{len(opened)}"
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(COOKIES[cookies]))
        kind = chromium.browser_type
        settings = {"executable_path": find_chromium(kind), "args": FLAGS, "locale": "sv-SE", "viewport": WIDE}
        context = kind.launch_persistent_context(profile, **{**settings, **options})
        opened.append(context)
        return complaints.listen(context.new_page())

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def page(open_page: OpenPage, desk: Desk) -> Page:
    """A wide window with JavaScript, signed in as the shop's administrator."""
    return open_page(desk)


@pytest.fixture(scope="package")
def looking(chromium: Browser, still_desk: Desk) -> Iterator[dict[str | None, BrowserContext]]:
    """Browsers for all tests that only look: one of each role that sees something else, and one not signed in."""
    contexts = {role: new_context(chromium, still_desk, role) for role in ("admin", "warehouse", "viewer", None)}
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture
def visit(looking: dict[str | None, BrowserContext], still_desk: Desk, complaints: Complaints) -> Iterator[Visit]:
    """Opens a place of the order desk and gives the page that shows it."""
    complaints.expected += ["ERR_FAILED", "Failed to fetch"]  # of the place whose request never arrives
    pages: list[Page] = []

    def open_place(place: Place) -> Page:
        page = complaints.listen(looking[place.role].new_page())
        pages.append(page)
        place.go(page, still_desk)
        return page

    yield open_place
    for page in pages:
        page.close()
