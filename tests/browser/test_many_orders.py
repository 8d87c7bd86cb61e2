"""A list of very many orders feels as one of a few does: scrolled, filtered and searched beside each other."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.shop import Desk, Shop, serving
from tests.conftest import settings
from tests.factories import make_user
from webshop_orders import create_app, sign_in_links
from webshop_orders.demo import bulk
from webshop_orders.extensions import db
from webshop_orders.models import Role

FEW, ROUNDS = 200, 5
DAY = date(2026, 11, 23)
# What nobody notices, and what may come on top of it where the few are very fast.
TWICE, GRACE = 2, 0.15
Step = Callable[[Page], None]


def _search(words: str) -> Step:
    def step(page: Page) -> None:
        with page.expect_response(lambda answer: "q=" in answer.url):
            page.get_by_role("searchbox").press_sequentially(words)
        expect(page.locator("#orders table, #orders .empty").first).to_be_visible()

    return step


def _follow(name: str) -> Step:
    def step(page: Page) -> None:
        with page.expect_response("**/orders?*"):
            page.get_by_role("link", name=name).first.click()
        expect(page.locator("#orders table")).to_be_visible()

    return step


def _scroll(page: Page) -> None:
    page.mouse.wheel(0, 4000)
    _follow("Nästa")(page)
    page.mouse.wheel(0, 4000)
    _follow("Nästa")(page)
    _follow("Föregående")(page)


STEPS: dict[str, Step] = {
    "three letters are typed": _search("lin"),
    "a name is typed": _search("åsa öberg"),
    "words that nobody has are typed": _search("finns inte"),
    "the list is scrolled and paged": _scroll,
    "a status is chosen": _follow("Skickade"),
    "the list is sorted by customer": _follow("Kund"),
    "the list is sorted by sum": _follow("Summa"),
}


@pytest.fixture(scope="module")
def few(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with serving(_fill(migrated_sqlite, tmp_path_factory.mktemp("few") / "few.sqlite3", FEW)) as desk:
        yield desk


@pytest.fixture(scope="module", params=[20_000, pytest.param(200_000, marks=pytest.mark.soak)])
def many(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    with serving(_fill(migrated_sqlite, tmp_path_factory.mktemp("many") / "many.sqlite3", request.param)) as desk:
        yield desk


@pytest.mark.parametrize("name", STEPS)
def test_a_long_list_keeps_nobody_waiting(name: str, few: Desk, many: Desk, open_page: OpenPage) -> None:
    short, long = open_page(few), open_page(many)
    times: dict[Page, list[float]] = {short: [], long: []}
    for _ in range(ROUNDS):
        for page in (short, long):
            page.goto("/orders")
            expect(page.locator("#orders table")).to_be_visible()
            began = perf_counter()
            STEPS[name](page)
            times[page].append(perf_counter() - began)

    assert median(times[long]) <= TWICE * median(times[short]) + GRACE, times


def _fill(migrated: Path, path: Path, orders: int) -> Shop:
    shutil.copy(migrated, path)
    app = create_app(settings(f"sqlite:///{path}", INSTANCE=path.parent))
    with app.app_context():
        bulk.generate(orders, DAY, progress=lambda count: None)
        link = f"/login/{sign_in_links.make(make_user(role=Role.ADMIN))}"
        db.session.remove()
        db.engine.dispose()
    return Shop(path, {}, {"admin": link})
