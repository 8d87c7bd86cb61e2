"""What staff do on any page, in the words that they see, whether or not the page has JavaScript."""

import re

from playwright.sync_api import FrameLocator, Locator, Page, expect


def says(page: Page, sentence: str | re.Pattern[str]) -> None:
    """The desk tells, where screen readers listen, what was done."""
    expect(page.get_by_role("status")).to_contain_text(sentence)


def refuses(page: Page, sentence: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("alert")).to_contain_text(sentence)


def tab_link(page: Page, name: str) -> Locator:
    """The link of a part of the order; the part may have links of a like name."""
    return page.get_by_role("navigation", name="Orderns delar").get_by_role("link", name=name)


def open_tab(page: Page, name: str) -> None:
    tab_link(page, name).click()
    expect(tab_link(page, name)).to_have_attribute("aria-current", "page")


def shipment(page: Page, seq: int) -> Locator:
    """The card of a shipment, by the end of its reference."""
    return page.get_by_role("region", name=re.compile(rf"^Försändelse .*-{seq}$"))


def line(card: Locator, product: str) -> Locator:
    """The row of a product, to be read or being edited."""
    return card.get_by_role("row").filter(has_text=product)


def press(where: Page | Locator, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).click()


def mark(page: Page) -> None:
    """Leave a mark in the page that a page load would wipe away."""
    page.evaluate("() => { window.walkedHere = true; }")


def is_the_same_page(page: Page) -> bool:
    return bool(page.evaluate("() => window.walkedHere === true"))


def frame_of(page: Page) -> FrameLocator:
    """The desk in the page of its host."""
    return page.frame_locator("iframe")
