"""A batch is started, watched and taken back, with the worker at work."""

import re
from threading import Event

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.shop import Desk, refuse_waiting
from tests.browser.steps import press, says
from tests.browser.test_keyboard import assert_focus_is_kept
from webshop_orders.jobs import batches as job


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a look at the page can come between two orders."""
    monkeypatch.setattr(job, "LEASED_AT_ONCE", 1)


def work(desk: Desk, orders: int | None = None) -> None:
    """What the worker does: the next orders, or all that there are."""
    done = 0
    while (orders is None or done < orders) and desk.ask(lambda: job.carry_out_batches(Event())):
        done += 1


def select(page: Page, *places: int) -> None:
    page.goto("/orders?status=ready")
    for place in places:
        page.locator(".orders tbody [name=order]").nth(place).check()


def figures(page: Page) -> Locator:
    return page.locator("#batch-figures")


def take_along_all(page: Page) -> None:
    expect(page.locator("#batch-start")).to_be_visible()  # it stands after all of them
    for label in page.get_by_label("Ta med").all():
        label.check()
        expect(label).to_be_checked()


def start_shipping(page: Page, *places: int) -> None:
    select(page, *places)
    press(page, "Markera som skickade")
    take_along_all(page)
    expect(page.locator("#batch-start")).to_have_text(f"Skicka {len(places)} ordrar")
    page.locator("#batch-start").click()
    expect(figures(page)).to_be_visible()


def test_progress_is_followed_to_the_end_and_taken_back(page: Page, desk: Desk) -> None:
    start_shipping(page, 0, 1, 2)
    expect(figures(page)).to_have_text("0 av 3 klara, 3 kvar")
    expect(page).to_have_url(re.compile("/batches/1$"))
    work(desk, 1)
    expect(figures(page)).to_have_text("1 av 3 klara, 2 kvar")
    assert page.get_by_role("progressbar").evaluate("bar => [bar.value, bar.max]") == [1, 3]
    page.goto("/orders")  # one can leave, and come back
    work(desk)
    page.get_by_role("link", name="Omgångar").click()
    page.get_by_role("link", name="Omgång 1").click()
    expect(page.get_by_role("heading", name="3 ordrar är skickade.")).to_be_visible()
    press(page, "Ångra")
    expect(figures(page)).to_have_text(re.compile("0 av 3 klara"))
    work(desk)
    says(page, "3 ordrar är som de var.")
    expect(page).to_have_url(re.compile("/batches/1$"))


def test_the_page_tells_by_itself_when_the_work_is_done_and_asks_no_more(page: Page, desk: Desk) -> None:
    start_shipping(page, 0, 1)
    work(desk)
    says(page, "2 ordrar är skickade.")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert [url for url in asked if "was=running" in url] == []


def test_a_page_that_nobody_sees_does_not_ask(page: Page, desk: Desk) -> None:
    start_shipping(page, 0, 1)
    expect(figures(page)).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => window.isAway, configurable: true })")
    page.evaluate("() => { window.isAway = true; }")
    page.wait_for_timeout(2500)
    assert [url for url in asked if "was=running" in url] == []
    page.evaluate("() => { window.isAway = false; document.dispatchEvent(new Event('visibilitychange')); }")
    expect(figures(page)).to_be_visible()
    page.wait_for_timeout(500)
    assert [url for url in asked if "was=running" in url]


def test_what_was_refused_is_tried_again(page: Page, desk: Desk) -> None:
    start_shipping(page, 0, 1)
    work(desk, 1)
    desk.ask(lambda: refuse_waiting("Ordern ändras av någon annan."))
    refused = page.locator("#batch-refused")
    expect(refused).to_contain_text("1 order nekades")
    expect(refused).to_contain_text("Ordern ändras av någon annan.")
    press(page, "Försök igen")
    expect(figures(page)).to_be_visible()
    work(desk)
    says(page, "2 ordrar är skickade.")
    expect(refused).to_have_count(0)


def test_what_is_left_out_is_still_left_out_after_a_reload(page: Page, desk: Desk) -> None:
    start_shipping(page, 0, 1)
    desk.ask(lambda: refuse_waiting("Ordern ändras av någon annan."))
    page.reload()
    boxes = page.locator("#batch-refused [name=order]")
    boxes.nth(1).uncheck()
    page.reload()
    expect(page.get_by_text("Inte sparat: det här skrev du tidigare.")).to_be_visible()
    assert [box.is_checked() for box in boxes.all()] == [True, False]


def test_a_group_is_looked_at_and_taken_alone_by_the_keyboard(page: Page, desk: Desk) -> None:
    select(page, 0, 1, 2)
    press(page, "Markera som skickade")
    link = page.locator(".outcomes a").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".batch-orders a").first).to_be_visible()
    page.get_by_role("link", name="Tillbaka till").focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Ta med").first
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    expect(page.locator("#batch-start")).to_be_enabled()
    expect(box).to_be_focused()
    page.locator("[id^=only-]").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert_focus_is_kept(page)


def test_a_batch_is_named_and_closed(page: Page, desk: Desk) -> None:
    select(page, 0)
    page.locator("#more-actions summary").click()
    press(page, "Spara som omgång")
    page.get_by_text("Byt namn").click()
    page.get_by_label("Namn").fill("Måndag morgon")
    press(page, "Spara")
    expect(page.get_by_role("heading", name="Måndag morgon")).to_be_visible()
    press(page, "Stäng omgången")
    says(page, "är stängd")
    expect(page.get_by_role("link", name="Makulera ordrarna")).to_have_count(0)
    press(page, "Öppna omgången igen")
    expect(page.get_by_role("link", name="Makulera ordrarna")).to_be_visible()


def test_a_double_click_starts_once(page: Page, desk: Desk) -> None:
    select(page, 0, 1)
    press(page, "Markera som skickade")
    take_along_all(page)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.locator("#batch-start").dblclick()
    expect(figures(page)).to_have_text(re.compile("0 av 2 klara"))
    assert len(posts) == 1


def test_without_javascript_a_batch_is_started_and_looked_at_again(desk: Desk, open_page: OpenPage) -> None:
    page = open_page(desk, java_script_enabled=False)
    select(page, 0, 1)
    press(page, "Markera som skickade")
    take_along_all(page)
    press(page, "Räkna om")
    expect(page.locator("#batch-start")).to_have_text("Skicka 2 ordrar")
    page.locator("#batch-start").click()
    expect(figures(page)).to_have_text(re.compile("0 av 2 klara"))
    work(desk)
    page.get_by_role("link", name="Uppdatera").click()
    says(page, "2 ordrar är skickade.")


def test_the_palette_leads_to_the_batches(page: Page) -> None:
    page.goto("/orders")
    page.keyboard.press("Control+k")
    page.locator("#palette-q").fill("omgångar")
    expect(page.locator("#palette-list [aria-selected=true]")).to_have_text("Omgångar")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/batches$"))
