"""A real browser that looks at a real order desk, and fails the test for whatever its console complains of."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Error,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.browser.pages import Place
from tests.browser.shop import Desk, Shop, fill, serving
from tests.logs.captured import capturing, leaks, personal_data
from tests.web.embed.host import Host, hosting

HERE = Path(__file__).parent
HOW_TO_GET_ONE = "There is no Chromium here: run `apt-get install chromium` or `playwright install chromium`."
# Chromium heeds the last such flag alone, so ours repeats those of playwright (chromiumSwitches.ts) for Linux.
DISABLED_FEATURES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    # The suggestions of the address bar: each window would start a renderer for them, in a third of a second.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
)
FLAGS = [
    "--no-sandbox",  # which containers do not allow
    "--disable-dev-shm-usage",
    # One process draws all pages; a new one for each would take most of the time.
    "--disable-gpu",
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
    f"--disable-features={','.join(DISABLED_FEATURES)}",
]
WIDE: ViewportSize = {"width": 1280, "height": 900}
# The browser's own line for every answer of 400 to 499, which is how a refusal is told.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")

# How a browser is set up: to keep all cookies, to keep apart those of frames, or to keep none at all.
COOKIES: dict[str, Any] = {
    "kept": {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}},
    "kept apart": {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}},
    "blocked": {"profile": {"default_content_setting_values": {"cookies": 2}}},
}

expect.set_options(timeout=10_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of this folder one after the other, in their random order, so that browsers are started once."""
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


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


@pytest.fixture(scope="package")
def personal(shop: Shop) -> set[str]:
    """What the shop has of its customers and staff."""
    with serving(shop) as desk:
        found: set[str] = desk.ask(personal_data)
    assert {"Örjan Ström", "Holm", "asa@example.com"} <= found
    return found


@pytest.fixture(autouse=True)
def _no_personal_data_in_the_log(personal: set[str]) -> Iterator[None]:
    """Whatever a test does in the browser, nothing of those whom the shop knows is in the log of it."""
    with capturing() as log:
        yield
    assert leaks(log.text, personal) == set()


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
        page.on("console", self._hear_console)
        page.on("pageerror", self._hear_error)
        return page

    def stop_listening(self, page: Page) -> None:
        page.remove_listener("console", self._hear_console)
        page.remove_listener("pageerror", self._hear_error)

    def _hear_error(self, error: Error) -> None:
        self.heard.append(f"page error: {error}")

    def _hear_console(self, message: ConsoleMessage) -> None:
        # A page asks by itself who else is there, also while its desk is being stopped at the end of a test.
        asks_for_presence = "/presence" in message.location.get("url", "")
        if message.type in ("error", "warning") and not REFUSED.match(message.text) and not asks_for_presence:
            self.heard.append(f"console {message.type}: {message.text}")

    def unexpected(self) -> list[str]:
        return [text for text in self.heard if not any(re.search(known, text) for known in self.expected)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []


OpenPage = Callable[..., Page]
OpenHost = Callable[..., Page]
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
    opened: list[Page] = []

    def open_one(desk: Desk, role: str | None = "admin", **options: Any) -> Page:
        page = new_context(chromium, desk, role, **options).new_page()
        opened.append(page)
        return complaints.listen(page)

    yield open_one
    for page in opened:
        complaints.stop_listening(page)  # requests that a test holds back fail when their page is closed
        page.context.close()


@pytest.fixture(scope="package")
def browser_with_cookies(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, bool], BrowserContext]]:
    """Finds a browser that treats cookies in one of the ways there are, with JavaScript or without.

    Each is started when a test first asks for it. Its first page stays open and empty, so its renderer stays too.
    """
    kind, started = chromium.browser_type, ExitStack()

    @cache
    def start(cookies: str, java_script_enabled: bool) -> BrowserContext:
        profile = tmp_path_factory.mktemp("profile")
        (profile / "Default").mkdir()
        (profile / "Default" / "Preferences").write_text(json.dumps(COOKIES[cookies]))
        context = kind.launch_persistent_context(
            profile,
            executable_path=find_chromium(kind),
            args=FLAGS,
            locale="sv-SE",
            viewport=WIDE,
            java_script_enabled=java_script_enabled,
        )
        started.callback(context.close)
        return context

    with started:
        yield start


@pytest.fixture
def open_with_cookies(
    browser_with_cookies: Callable[[str, bool], BrowserContext], complaints: Complaints
) -> Iterator[OpenPage]:
    """Opens an empty page in a browser that treats cookies in some way and has none yet."""
    opened: list[Page] = []

    def open_one(cookies: str, *, viewport: ViewportSize = WIDE, java_script_enabled: bool = True) -> Page:
        context = browser_with_cookies(cookies, java_script_enabled)
        context.clear_cookies()
        page = complaints.listen(context.new_page())
        page.set_viewport_size(viewport)
        opened.append(page)
        return page

    yield open_one
    for page in opened:
        complaints.stop_listening(page)
        page.close()


@pytest.fixture
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


@pytest.fixture
def framed_desk(shop: Shop, host: Host, tmp_path: Path) -> Iterator[Desk]:
    """The desk of its own for a test that changes things, which the host may have in a frame."""
    database = tmp_path / "framed.sqlite3"
    shutil.copy(shop.database, database)
    with serving(Shop(database, shop.numbers, shop.links), EMBED_HOSTS=(host.as_known_to_the_desk,)) as desk:
        host.desk = desk.url
        yield desk


@pytest.fixture
def open_host(host: Host, framed_desk: Desk, open_with_cookies: OpenPage, complaints: Complaints) -> OpenHost:
    """Opens the page of the host that has the desk in a frame, in a browser that treats cookies in some way."""
    complaints.expected.append("Blocked autofocusing")

    def open_one(path: str = "/", *, cookies: str = "kept", **options: Any) -> Page:
        page = open_with_cookies(cookies, **options)
        page.goto(f"{host.origin}{path}")
        return page

    return open_one


@pytest.fixture
def page(desk: Desk, open_page: OpenPage) -> Page:
    """A wide window with JavaScript, signed in as the shop's administrator."""
    return open_page(desk)


@pytest.fixture(scope="package")
def looking(chromium: Browser, still_desk: Desk) -> Iterator[dict[str | None, Page]]:
    """Pages for all tests that only look: one of each role that sees something else, and one of nobody signed in."""
    contexts = {role: new_context(chromium, still_desk, role) for role in ("admin", "warehouse", "viewer", None)}
    yield {role: context.new_page() for role, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture
def visit(looking: dict[str | None, Page], still_desk: Desk, complaints: Complaints) -> Iterator[Visit]:
    """Opens a place of the order desk and gives the page that shows it."""
    complaints.expected += ["ERR_FAILED", "Failed to fetch"]  # of the place whose request never arrives
    visited: list[Page] = []

    def open_place(place: Place) -> Page:
        page = complaints.listen(looking[place.role])
        visited.append(page)
        place.go(page, still_desk)
        return page

    yield open_place
    for page in visited:
        complaints.stop_listening(page)
        make_as_new(page)


def make_as_new(page: Page) -> None:
    """Leave nothing in a page that the next test could see."""
    page.mouse.move(-1, -1)
    page.evaluate(
        "() => { try { sessionStorage.clear() } catch { /* a page without storage */ } }"
    )  # what is half typed
    page.goto("about:blank")
    page.unroute_all()
    page.emulate_media(color_scheme="null")
    page.set_viewport_size(WIDE)
