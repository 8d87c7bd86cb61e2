"""Pages fit a phone, a frame and a wide window, hold long names, and do not jump."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
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
