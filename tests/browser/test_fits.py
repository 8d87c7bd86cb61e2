"""Pages fit a phone, a frame and a wide window, hold long names, and do not jump."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Visit
from tests.browser.pages import PLACES, Place
from tests.browser.shop import Desk

WIDTHS = (360, 700, 1280)
FEW_PIXELS = 4

# Whatever lies outside of its card, and text squeezed into a column of single letters. What floats above is let be.
STICKS_OUT = """() => {
  const floats = ".visually-hidden, .found, option, pre";
  const shown = (element) => !element.closest(floats) && element.getClientRects().length;
  const name = (element) => `${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 40)}`;
  const bad = [];
  for (const card of document.querySelectorAll(".card")) {
    const right = card.getBoundingClientRect().right + 1;
    for (const element of card.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      if (!shown(element) || box.width < 2) continue;
      if (box.right > right) bad.push(`outside: ${name(element)}`);
      const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (isText && box.width < 48 && box.height > 160) bad.push(`squeezed: ${name(element)}`);
    }
  }
  return bad;
}"""


@pytest.mark.parametrize("name", [name for name, place in PLACES.items() if place.role != "viewer"])
def test_a_page_fits_every_width(visit: Visit, name: str) -> None:
    page = visit(PLACES[name])
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert scrolls_sideways(page) == 0, f"{width} px"
        assert page.evaluate(STICKS_OUT) == [], f"{width} px"


@pytest.mark.parametrize("action", ["Redigera", "Dela"])
def test_opening_a_row_moves_what_stands_above_and_beside_it_by_a_few_pixels(visit: Visit, action: str) -> None:
    page = visit(_shipping("split"))
    before = places(page)
    page.get_by_role("link", name=f"{action} Linneduk").click()
    expect(page.get_by_role("link", name="Avbryt")).to_be_visible()
    after = places(page)
    assert {name: (before[name], after[name]) for name in before if far(before[name], after[name])} == {}


def test_editing_a_row_moves_no_other_row(visit: Visit) -> None:
    page = visit(_shipping("long"))
    rows = page.locator(".lines tbody tr")
    before = [rows.nth(index).bounding_box() for index in (0, 1, 2, 59)]
    page.get_by_role("link", name="Redigera Lykta i smide nr 2", exact=True).click()
    expect(page.get_by_role("link", name="Avbryt")).to_be_visible()
    after = [rows.nth(index).bounding_box() for index in (0, 1, 2, 59)]
    for one, other in zip(before, after, strict=True):
        assert one is not None
        assert other is not None
        assert abs(one["y"] - other["y"]) <= FEW_PIXELS


def test_the_desk_works_in_a_frame_of_700_pixels(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk)
    host = "<!doctype html><title>Admin</title><iframe src='/orders' width='700' height='800'></iframe>"
    page.route("**/host", lambda route: route.fulfill(body=host, content_type="text/html"))
    page.goto("/host")
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name=f"Redigera {desk.shop.numbers['ready']}").click()
    frame.get_by_role("link", name="Redigera Stearinljus").click()
    quantity = frame.locator(".lines").get_by_label("Antal")
    expect(quantity).to_be_focused()
    quantity.fill("4")
    quantity.press("Enter")
    expect(frame.get_by_role("status")).to_contain_text("antalet är nu 4.")
    inside = page.frames[1]
    assert inside.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.url.endswith("/host")


def _shipping(fate: str) -> Place:
    return Place(lambda page, desk: _go_to_shipping(page, desk, fate))


def _go_to_shipping(page: Page, desk: Desk, fate: str) -> None:
    page.goto(desk.order(fate, "shipping"))
    expect(page.get_by_role("button", name="Lägg till produkt")).to_be_visible()


def scrolls_sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return max(0, int(page.evaluate("() => document.documentElement.scrollWidth - innerWidth")))


def places(page: Page) -> dict[str, tuple[float, float]]:
    """Where the first shipment's head, headings and first row stand."""
    found = page.evaluate(
        """() => Object.fromEntries(
          [...document.querySelectorAll(".add-line, #shipment-1 :is(h2, th, tbody tr:first-child td)")]
            .map((element, index) => [index + element.tagName, element.getBoundingClientRect()])
            .map(([name, box]) => [name, [box.left, box.top]]))"""
    )
    return {name: (left, top) for name, (left, top) in found.items()}


def far(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) > FEW_PIXELS or abs(one[1] - other[1]) > FEW_PIXELS
