"""A list of very many orders is as fast as one of a few: both are paged, filtered and searched in turn."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Complaints, new_context
from tests.browser.shop import Desk, Shop, serving
from tests.conftest import settings
from tests.factories import make_user
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import Role
from webshop_orders.security import sign_in_links

pytestmark = pytest.mark.alone

FEW, MANY = 200, 200_000
# Of an odd number of rounds the median counts, so that one slow round does not.
ROUNDS, ROUNDS_OF_MANY = 3, 5
DAY = date(2026, 11, 23)
# How much slower the long list may be: a factor, and seconds that matter if the short list is very fast.
MAX_RATIO, MAX_EXTRA_SECONDS = 2, 0.15
MAX_SECONDS = 1.0
Step = Callable[[Page], None]
# The link to the export has the filter of the list that is shown, so it tells which response was rendered.
IS_RENDERED_FOR = """([name, value]) => {
  const link = document.querySelector("#orders a[href*='.csv']");
  return link && new URL(link.href).searchParams.get(name) === value;
}"""
HAS_ANOTHER_FIRST_ROW = """before => {
  const first = document.querySelector("#orders tbody .name a");
  return first && first.textContent !== before;
}"""


def _wait_for(page: Page, name: str, value: str) -> None:
    """Wait for the list with this filter; the response to an earlier keystroke does not count."""
    page.wait_for_function(IS_RENDERED_FOR, arg=[name, value])


def _column(page: Page, name: str) -> list[str]:
    return page.locator(f"#orders tbody td.{name}").all_inner_texts()


def _search(words: str, *, has_matches: bool = True) -> Step:
    def step(page: Page) -> None:
        page.get_by_role("searchbox").press_sequentially(words)
        _wait_for(page, "q", words)
        assert bool(_column(page, "name")) is has_matches
        assert page.locator("#orders .empty").is_visible() is not has_matches

    return step


def _follow(page: Page, name: str) -> list[str]:
    """Follow a link to another page; returns the numbers of its orders."""
    before = _column(page, "name")
    page.mouse.wheel(0, 4000)
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_function(HAS_ANOTHER_FIRST_ROW, arg=before[0])
    after = _column(page, "name")
    assert not set(before) & set(after)
    return after


def _scroll_and_page(page: Page) -> None:
    first = _column(page, "name")
    _follow(page, "Nästa")
    _follow(page, "Nästa")
    _follow(page, "Föregående")
    assert _follow(page, "Föregående") == first


def _select_status(page: Page) -> None:
    page.locator("#orders .chips").get_by_role("link", name=re.compile("^Skickade")).click()
    _wait_for(page, "status", "shipped")
    assert set(_column(page, "statuses")) == {"Skickad"}


def _sort(name: str, by: str, column: str, key: Callable[[str], Any]) -> Step:
    def step(page: Page) -> None:
        page.locator("#orders th").get_by_role("link", name=name).click()
        _wait_for(page, "sort", by)
        keys = [key(text) for text in _column(page, column)]
        assert keys == sorted(keys, reverse=by.startswith("-"))

    return step


def _filter(name: str, value: str) -> Step:
    def step(page: Page) -> None:
        page.locator("#filters summary").click()
        control = page.locator(f"#{name}")
        if name == "product":
            control.fill(value)
            control.press("Tab")
        else:
            control.select_option(value)
        _wait_for(page, name, value)
        assert _column(page, "name")

    return step


def _amount(text: str) -> int:
    return int("".join(filter(str.isdigit, text)))


def _first_letter(text: str) -> int:
    return LETTERS.index(text[0].lower())


LETTERS = "abcdefghijklmnopqrstuvwxyzåäö"
STEPS: dict[str, Step] = {
    "three letters are typed": _search("lin"),
    "a name is typed": _search("öberg"),
    "words that nobody has are typed": _search("finns inte", has_matches=False),
    "the list is scrolled and paged": _scroll_and_page,
    "a status is selected": _select_status,
    "the list is sorted by customer": _sort("Kund", "customer", "who", _first_letter),
    "the list is sorted by sum": _sort("Summa", "-total", "total", _amount),
    "a payment is selected": _filter("payment", "klarna"),
    "a carrier is selected": _filter("carrier", "PostNord"),
    "a product is typed": _filter("product", "STEARIN-0001"),
}


@pytest.fixture(scope="module")
def few(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with serving(_fill(migrated_sqlite, tmp_path_factory.mktemp("few") / "few.sqlite3", FEW)) as desk:
        yield desk


@pytest.fixture(scope="module", params=[20_000, pytest.param(MANY, marks=pytest.mark.soak)])
def orders(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def many(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, orders: int) -> Iterator[Desk]:
    with serving(_fill(migrated_sqlite, tmp_path_factory.mktemp("many") / "many.sqlite3", orders)) as desk:
        yield desk


@pytest.fixture(scope="module")
def pages(chromium: Browser, few: Desk, many: Desk) -> Iterator[tuple[Page, Page]]:
    """A page for the short list and one for the long list, in browsers of their own."""
    contexts = [new_context(chromium, desk, "admin") for desk in (few, many)]
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


@pytest.fixture
def lists(pages: tuple[Page, Page], complaints: Complaints) -> Iterator[tuple[Page, Page]]:
    for page in pages:
        complaints.listen(page)
    yield pages
    for page in pages:
        complaints.stop_listening(page)


@pytest.mark.parametrize("name", STEPS)
def test_a_long_list_is_as_fast_as_a_short_one(name: str, lists: tuple[Page, Page], orders: int) -> None:
    short, long = lists
    times: dict[Page, list[float]] = {short: [], long: []}
    for _ in range(ROUNDS_OF_MANY if orders == MANY else ROUNDS):
        for page in (short, long):
            page.goto("/orders")
            expect(page.locator("#orders table")).to_be_visible()
            start = perf_counter()
            STEPS[name](page)
            times[page].append(perf_counter() - start)

    print(f"{orders} orders, {name}: {median(times[short]):.2f} s and {median(times[long]):.2f} s")
    assert median(times[long]) <= MAX_RATIO * median(times[short]) + MAX_EXTRA_SECONDS, times
    if orders == MANY:
        assert median(times[long]) <= MAX_SECONDS, times


def _fill(migrated: Path, path: Path, orders: int) -> Shop:
    shutil.copy(migrated, path)
    app = create_app(settings(f"sqlite:///{path}", INSTANCE=path.parent))
    with app.app_context():
        bulk.generate(orders, DAY, progress=lambda count: None)
        link = f"/login/{sign_in_links.make(make_user(role=Role.ADMIN))}"
        db.session.remove()
        db.engine.dispose()
    return Shop(path, {}, {"admin": link})
