"""Every page fits a phone, a frame and a wide window, and axe finds nothing on it, in light or dark."""

from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.pages import PLACES

WIDTHS = (360, 700, 1280)
# A mail is shown in a frame that runs no script, so axe cannot look into it.
OPTIONS = {"resultTypes": ["violations"], "iframes": False}
# Longer content in the same elements, of which only the width is of interest.
MORE_OF_THE_SAME = {name for name in PLACES if name.endswith(("long names", "sixty lines"))}

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


@pytest.mark.parametrize("name", PLACES)
def test_a_page_fits_every_width_and_axe_finds_nothing_in_light_or_dark(visit: Visit, name: str) -> None:
    """One test, since most of its time goes into getting to the page."""
    page = visit(PLACES[name])
    found = {} if name in MORE_OF_THE_SAME else axe_by_scheme(page)
    found |= {f"{width} px": what_does_not_fit(page, width) for width in WIDTHS}
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


def test_what_does_not_fit_would_be_found(visit: Visit) -> None:
    page = visit(PLACES["sign-in"])
    page.evaluate("() => { document.querySelector('.card h1').style.width = '500px'; }")
    assert [text.partition(":")[0] for text in what_does_not_fit(page, 360)] == ["scrolls sideways", "outside"]
    page.evaluate("() => { document.querySelector('.card h1').style.width = ''; }")
    assert what_does_not_fit(page, 360) == []


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


def what_does_not_fit(page: Page, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 800})
    excess = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    sideways = [f"scrolls sideways: by {excess} px"] if excess > 0 else []
    return [*sideways, *page.evaluate(STICKS_OUT)]
