"""Axe finds nothing on any page, in light or dark."""

from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.pages import PLACES

# A mail is shown in a frame that runs no script, so axe cannot look into it.
OPTIONS = {"resultTypes": ["violations"], "iframes": False}
# Longer content in the same elements; whether it fits is for test_fits.
MORE_OF_THE_SAME = {name for name in PLACES if name.endswith(("long names", "sixty lines"))}


@pytest.mark.parametrize("name", [name for name in PLACES if name not in MORE_OF_THE_SAME])
def test_axe_finds_nothing_in_light_or_dark(visit: Visit, name: str) -> None:
    page = visit(PLACES[name])
    page.evaluate(AXE_SCRIPT)
    page.emulate_media(color_scheme="light")
    found = {"light": violations(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = violations(page, runOnly=["color-contrast", "link-in-text-block"])  # the rest is as in light
    assert found == {"light": [], "dark": []}


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


def violations(page: Page, **options: Any) -> list[str]:
    """What axe holds against the page as it stands: the rule, and where it is broken."""
    response = page.evaluate("options => axe.run(options)", {**OPTIONS, **options})
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in response["violations"]
        for node in rule["nodes"]
    ]
