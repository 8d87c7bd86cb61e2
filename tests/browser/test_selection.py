"""Orders are selected in the list: by mouse and keys, across pages and searches, in a frame, without JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenHost, OpenPage
from tests.browser.fitting import what_does_not_fit
from tests.browser.shop import Desk
from tests.browser.steps import frame_of


def boxes(page: Page) -> Locator:
    return page.locator(".orders tbody [name=order]")


def count(page: Page) -> Locator:
    return page.locator("#selection-count")


def ship(page: Page) -> Locator:
    return page.get_by_role("button", name="Markera som skickade", exact=True)


def numbers_of_batch(page: Page) -> int:
    expect(page).to_have_url(re.compile(r"/batches/[0-9]+\?do=ship$"))
    return int(re.search(r"([0-9]+) ord", page.locator(".batch-head").inner_text())[1])  # type: ignore[index]


def test_the_bar_comes_with_the_first_selection_and_stays_in_sight(page: Page) -> None:
    page.goto("/orders")
    expect(ship(page)).to_be_hidden()
    boxes(page).first.check()
    expect(page).to_have_url(re.compile("/orders$"))  # a click on a checkbox opens no order
    expect(count(page)).to_have_text("1 vald")
    page.evaluate("() => scrollTo(0, 0)")
    expect(ship(page)).to_be_in_viewport()
    boxes(page).first.uncheck()
    expect(ship(page)).to_be_hidden()
    page.locator(".orders td.who").first.click()
    expect(page).to_have_url(re.compile("/orders/WS-"))


def test_what_is_ticked_before_the_script_has_come_is_selected(page: Page) -> None:
    script: list[Route] = []
    page.route("**/selection.js*", lambda route: script.append(route))
    page.goto("/orders", wait_until="commit")
    boxes(page).first.check()
    expect(count(page)).to_be_empty()
    script[0].continue_()
    expect(count(page)).to_have_text("1 vald")
    expect(boxes(page).first).to_be_checked()


def test_shift_selects_a_range_in_either_direction_and_takes_it_back(page: Page) -> None:
    page.goto("/orders")
    boxes(page).nth(6).click()
    boxes(page).nth(2).click(modifiers=["Shift"])
    expect(count(page)).to_have_text("5 valda")
    assert [box.is_checked() for box in boxes(page).all()[:8]] == [False, False, *[True] * 5, False]
    boxes(page).nth(4).click(modifiers=["Shift"])
    expect(count(page)).to_have_text("2 valda")


def test_the_page_is_selected_by_its_head_and_cleared_by_the_bar(page: Page) -> None:
    page.goto("/orders")
    head = page.get_by_label("Välj alla på sidan")
    head.check()
    expect(count(page)).to_have_text("25 valda")
    boxes(page).first.uncheck()
    assert head.evaluate("box => box.indeterminate")
    page.get_by_role("button", name="Rensa").click()
    expect(ship(page)).to_be_hidden()
    assert not any(box.is_checked() for box in boxes(page).all())


def test_a_selection_outlives_paging_sorting_searching_and_reloading(page: Page) -> None:
    page.goto("/orders")
    number = boxes(page).nth(1).get_attribute("value") or ""
    boxes(page).nth(1).check()
    page.get_by_role("link", name="Nästa").click()
    expect(count(page)).to_have_text(re.compile("varav 1 på andra sidor"))
    boxes(page).first.check()
    expect(count(page)).to_have_text("2 valda, varav 1 på andra sidor")
    page.get_by_role("searchbox").fill(number)
    expect(page.locator(".orders tbody tr")).to_have_count(1)
    expect(boxes(page)).to_be_checked()
    page.get_by_role("searchbox").fill("finns inte")
    expect(page.get_by_text("Inga ordrar stämmer").first).to_be_visible()
    expect(count(page)).to_have_text("2 valda, varav 2 på andra sidor")
    page.reload()
    expect(count(page)).to_have_text("2 valda, varav 2 på andra sidor")
    ship(page).click()
    assert numbers_of_batch(page) == 2
    page.goto("/orders")
    expect(ship(page)).to_be_hidden()  # the batch has them now
    expect(page.locator("#toasts .toast-line")).to_have_count(0)  # nor does a draft bring them back


def test_all_that_match_are_those_of_the_list_as_it_is_now(page: Page) -> None:
    page.goto("/orders")
    boxes(page).first.check()
    everything = page.get_by_label("Alla som matchar")
    everything.check()
    expect(count(page)).to_have_text("Alla som matchar är valda")
    page.get_by_role("link", name="Nästa").click()
    expect(boxes(page).first).to_be_checked()
    page.get_by_role("link", name="Makulerade").click()
    expect(everything).not_to_be_checked()  # it was said of another list
    expect(page.locator("#matching-count")).to_have_text("(1)")
    everything.check()
    ship(page).click()
    assert numbers_of_batch(page) == 1


def test_orders_are_selected_and_worked_on_by_the_keyboard_alone(page: Page) -> None:
    page.goto("/orders")
    page.keyboard.type("jxjjx", delay=120)  # as a person types, and no scanner
    expect(count(page)).to_have_text("2 valda")
    boxes(page).nth(4).focus()
    page.keyboard.press("Space")
    expect(count(page)).to_have_text("3 valda")
    page.keyboard.press("Space")
    expect(count(page)).to_have_text("2 valda")
    ship(page).focus()
    page.keyboard.press("Enter")
    assert numbers_of_batch(page) == 2


def test_the_selected_orders_are_exported_as_a_file(page: Page) -> None:
    page.goto("/orders")
    boxes(page).nth(2).check()
    page.get_by_role("link", name="Nästa").click()
    expect(count(page)).to_have_text(re.compile("varav 1"))
    boxes(page).nth(0).check()
    page.locator("#more-actions summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Exportera").click()
    assert len(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 3
    expect(count(page)).to_have_text("2 valda, varav 1 på andra sidor")


def test_a_refused_selection_says_so_and_keeps_it(page: Page) -> None:
    page.goto("/orders")
    boxes(page).nth(2).check()
    page.locator("#selection [name=do][value=ship]").evaluate("button => { button.value = 'x'; }")
    ship(page).click()
    expect(page.get_by_role("alert")).to_contain_text("Välj vad som ska göras")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(count(page)).to_have_text("1 vald")


def test_without_javascript_the_bar_is_always_there(desk: Desk, open_page: OpenPage) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto("/orders")
    ship(page).click()
    expect(page.get_by_role("alert")).to_contain_text("minst en order")
    boxes(page).nth(0).check()
    boxes(page).nth(3).check()
    ship(page).click()
    assert numbers_of_batch(page) == 2
    page.goto("/orders?status=cancelled")
    page.get_by_label("Alla som matchar").check()
    ship(page).click()
    assert numbers_of_batch(page) == 1


@pytest.mark.parametrize("cookies", ["kept apart", "blocked"])
def test_orders_are_selected_and_exported_in_the_frame(cookies: str, open_host: OpenHost) -> None:
    page = open_host(cookies=cookies)
    frame = frame_of(page)
    rows = frame.locator(".orders tbody [name=order]")
    rows.nth(0).check()
    expect(frame.locator("#selection-count")).to_have_text("1 vald")
    frame.get_by_role("link", name="Nästa").click()
    expect(frame.locator("#selection-count")).to_have_text(re.compile("varav 1"))
    rows.nth(1).check()
    expect(frame.locator("#selection-count")).to_have_text("2 valda, varav 1 på andra sidor")
    frame.locator("#more-actions summary").click()
    with page.expect_download() as download:
        frame.get_by_role("button", name="Exportera").click()
    assert len(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 3
    frame.get_by_role("button", name="Markera som skickade", exact=True).click()
    expect(frame.locator(".batch-head")).to_contain_text("2 ordrar")
    for label in frame.get_by_label("Ta med").all():
        label.check()
        expect(label).to_be_checked()
    frame.get_by_role("button", name=re.compile("^Skicka [12] ord")).click()
    expect(frame.get_by_role("progressbar")).to_be_visible()
    frame.get_by_role("link", name="Alla omgångar").click()
    expect(frame.locator(".batches tbody tr")).to_have_count(1)


def test_a_selection_fits_every_width_in_english(desk: Desk, open_page: OpenPage) -> None:
    page = open_page(desk, locale="en-GB")
    page.goto("/orders")
    boxes(page).first.check()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#selection-count")).to_have_text("1 selected, of which 1 on other pages")
    boxes(page).first.check()
    expect(page.locator("#selection-count")).to_have_text("2 selected, of which 1 on other pages")
    assert what_does_not_fit(page) == []
