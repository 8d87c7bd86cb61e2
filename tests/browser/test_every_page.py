"""Every page fits every width, alone and in a frame, and axe finds nothing on it, in light or dark."""

import re
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Visit
from tests.browser.fitting import FRAME_WIDTHS, MIN_CHARACTERS, WIDTHS, what_does_not_fit
from tests.browser.pages import PLACES, order
from tests.browser.shop import LONG, Desk

# A mail is shown in a frame that runs no script, so axe cannot look into it.
OPTIONS = {"resultTypes": ["violations"], "iframes": False}
# Longer content in the same elements, of which only the width is of interest.
MORE_OF_THE_SAME = {name for name in PLACES if name.endswith(("long names", "long words", "sixty lines"))}


@pytest.mark.parametrize("name", PLACES)
def test_a_page_fits_every_width_and_axe_finds_nothing_in_light_or_dark(visit: Visit, name: str) -> None:
    """One test, since most of its time goes into getting to the page."""
    page = visit(PLACES[name])
    found = {} if name in MORE_OF_THE_SAME else axe_by_scheme(page)
    found["widths"] = what_does_not_fit(page)
    assert {check: complaints for check, complaints in found.items() if complaints} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_would_find_what_is_wrong(visit: Visit, scheme: Literal["light", "dark"]) -> None:
    page = visit(PLACES["sign-in"])
    page.evaluate(AXE_SCRIPT)
    page.emulate_media(color_scheme=scheme)
    page.evaluate("() => { document.querySelector('h1').style.color = '#6b6b6b'; }")
    page.evaluate("() => { document.querySelector('label[for=email]').remove(); }")
    found = {text.partition(":")[0] for text in violations(page)}
    assert "label" in found
    assert ("color-contrast" in found) == (scheme == "dark")


# In how many lines the text of an element stands.
LINES = """element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map((line) => Math.round(line.top))).size;
}"""
# What the page's policy lets a test write: classes and attributes, but no styles.
SPOILT = {
    "page scrolls sideways": ("body", "<table width=400><tr><td>Ljus & Linne</table>"),
    "outside its card": (".card", "<table width=400><tr><td>Stearinljus</table>"),
    "beyond the left edge": ("#order", "<div class=chips><div class=menu><p class=panel>Betalning</p></div></div>"),
    "scrolls sideways": (".card", "<div class=panel><table width=900><tr><td>Stearinljus</table></div>"),
    "cut": (".card", f"<p class=text-truncate>{LONG}</p>"),
    "narrow": (".card", "<div><table><tr><td width=60>Stearinljus, 12-pack</table></div>"),
    "placeholder cut": (".card", f"<textarea placeholder='Skriv en kommentar om {LONG}'></textarea>"),
}


@pytest.mark.parametrize("complaint", SPOILT)
def test_what_does_not_fit_would_be_found(visit: Visit, complaint: str) -> None:
    page = visit(order("long words"))
    place, html = SPOILT[complaint]
    page.locator(place).first.evaluate("(element, html) => element.insertAdjacentHTML('beforeend', html)", html)
    found = what_does_not_fit(page, widths=[320, 1024], framed_widths=[])
    assert complaint in {re.split(r" by |:|, ", text)[0] for text in found}, found


@pytest.mark.parametrize("width", [700, 820, 1024])
def test_a_line_takes_two_rows_where_the_table_does_not_fit(visit: Visit, width: int) -> None:
    page = visit(order("long", "shipping"))
    page.set_viewport_size({"width": width, "height": 900})
    rows = page.locator(".lines tbody tr")
    expect(rows).to_have_count(60)
    line_height = 1.45 * 14
    heights = [box["height"] for box in (row.bounding_box() for row in rows.all()) if box is not None]
    assert max(heights) < 5 * line_height
    assert page.evaluate("() => document.documentElement.scrollHeight") < 60 * 5 * line_height


@pytest.mark.parametrize("role", ["admin", "viewer", "warehouse", None])
def test_every_page_fits_every_width_in_english(open_page: OpenPage, still_desk: Desk, role: str | None) -> None:
    page, found = open_page(still_desk, role, locale="en-GB"), {}
    for name, place in PLACES.items():
        if place.has_address and place.role == role:
            place.go(page, still_desk)
            expect(page.locator("html")).to_have_attribute("lang", "en")
            found[name] = what_does_not_fit(page, WIDTHS[::2], FRAME_WIDTHS[::2])
    assert {name: complaints for name, complaints in found.items() if complaints} == {}
    assert found


@pytest.mark.parametrize("name", ["list", "list, long words", "list, all columns"])
def test_a_customer_can_be_read_in_the_list(visit: Visit, name: str) -> None:
    """In a table from the width of a small laptop on, and never in less than twelve letters."""
    page = visit(PLACES[name])
    letters = "cell => (cell.clientWidth - 2 * parseFloat(getComputedStyle(cell).paddingLeft)) / 7.5"
    for width in WIDTHS[::2]:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator("td.who").first.evaluate(letters) >= MIN_CHARACTERS, width
        for cell in page.get_by_role("cell", name="Jönköpings Hotell").all():
            assert cell.evaluate(LINES) <= 2, width
    page.set_viewport_size({"width": 1024, "height": 900})
    if name != "list, all columns":
        assert page.locator(".orders thead").bounding_box()["height"] > 20  # type: ignore[index]


def axe_by_scheme(page: Page) -> dict[str, list[str]]:
    page.evaluate(AXE_SCRIPT)
    page.emulate_media(color_scheme="dark")
    dark = violations(page, runOnly=["color-contrast", "link-in-text-block"])  # the rest is as in light
    page.emulate_media(color_scheme="light")
    return {"light": violations(page), "dark": dark}


def violations(page: Page, **options: Any) -> list[str]:
    """What axe holds against the page as it stands: the rule, and where it is broken."""
    response = page.evaluate("options => axe.run(options)", {**OPTIONS, **options})
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in response["violations"]
        for node in rule["nodes"]
    ]
