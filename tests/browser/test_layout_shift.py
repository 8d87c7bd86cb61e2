"""Opening a row for editing does not make the rest of the page jump."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import Place, at
from tests.browser.shop import Desk
from tests.browser.steps import open_tab

FEW_PIXELS = 4
PHONE, WIDE = 390, 1280
OLD_DATE = "27 nov. 2026 20:56"


@pytest.mark.parametrize("action", ["Redigera", "Dela"])
def test_opening_a_row_moves_what_stands_above_and_beside_it_by_a_few_pixels(visit: Visit, action: str) -> None:
    page = visit(_shipping("split"))
    before = places(page)
    page.get_by_role("link", name=f"{action} Linneduk").click()
    expect(page.get_by_role("link", name="Avbryt")).to_be_visible()
    after = places(page)
    assert {name: (before[name], after[name]) for name in before if far(before[name], after[name])} == {}


def test_editing_a_row_moves_none_above_it_and_typing_moves_none_at_all(visit: Visit) -> None:
    page = visit(_shipping("long"))
    rows = page.locator(".lines tbody tr")
    before = [rows.nth(index).bounding_box() for index in (0, 1, 2, 59)]
    page.get_by_role("link", name="Redigera Lykta i smide nr 2", exact=True).click()
    expect(page.get_by_role("link", name="Avbryt")).to_be_visible()
    after = [rows.nth(index).bounding_box() for index in (0, 1, 2, 59)]
    for typed in ("30", "", "4"):
        page.get_by_label("Antal").last.fill(typed)
        expect(page.locator("#receipt")).to_contain_text("Ordersumma" if typed else "Ange ett heltal")
        expect(page.locator("#receipt .was")).to_have_count(3 if typed else 0)
        typed_into = [rows.nth(index).bounding_box() for index in (0, 1, 2, 59)]
        assert all(
            abs(one["y"] - other["y"]) < 1 for one, other in zip(after, typed_into, strict=True) if one and other
        )
    moved = [other["y"] - one["y"] for one, other in zip(before, after, strict=True) if one and other]
    assert moved[0] == moved[1] == 0
    assert moved[2] == moved[3]


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_opening_a_tab_moves_no_tab(visit: Visit, width: int) -> None:
    page = visit(_shipping("ready"))
    page.set_viewport_size({"width": width, "height": 900})
    tabs = page.get_by_role("navigation", name="Orderns delar").get_by_role("link")
    places_by_open_tab = {}
    for name in ("Sammanfattning", "Frakt", "Historik"):
        open_tab(page, name)
        places_by_open_tab[name] = tabs.evaluate_all("links => links.map((link) => [link.offsetLeft, link.offsetTop])")
    assert places_by_open_tab["Sammanfattning"] == places_by_open_tab["Frakt"] == places_by_open_tab["Historik"]


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_an_older_date_makes_no_row_of_the_list_higher(visit: Visit, width: int) -> None:
    page = visit(at("/orders"))
    page.set_viewport_size({"width": width, "height": 900})
    before, after = page.evaluate(
        """(date) => {
          const times = [...document.querySelectorAll(".orders td.placed time")];
          const heights = () => times.map((time) => time.closest("tr").offsetHeight);
          const before = heights();
          for (const time of times) time.textContent = date;
          return [before, heights()];
        }""",
        OLD_DATE,
    )
    assert before
    assert before == after


def _shipping(fate: str) -> Place:
    return Place(lambda page, desk: _go_to_shipping(page, desk, fate))


def _go_to_shipping(page: Page, desk: Desk, fate: str) -> None:
    page.goto(desk.order(fate, "shipping"))
    expect(page.get_by_role("button", name="Lägg till produkt")).to_be_visible()


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
