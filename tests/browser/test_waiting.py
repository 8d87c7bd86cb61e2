"""On a slow line every control shows that it works, and stops showing it once the answer has come."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Complaints
from tests.browser.shop import Desk
from tests.browser.steps import press, says

Find = Callable[[Page], Locator]


class Line:
    """A line to the desk that holds every request but those for files, until it is released."""

    def __init__(self, page: Page) -> None:
        self._page, self._held, self._is_slow = page, list[Route](), True
        page.route("**/*", self._handle)

    def _handle(self, route: Route) -> None:
        if self._is_slow and "/static/" not in route.request.url:
            self._held.append(route)
        else:
            route.continue_()

    def release(self) -> None:
        for _try in range(100):
            if self._held:
                break
            self._page.wait_for_timeout(20)
        assert self._held, "no request was made"
        self._is_slow = False
        for route in self._held:
            route.continue_()


def button(name: str) -> Find:
    return lambda page: page.get_by_role("button", name=name, exact=True)


def link(name: str) -> Find:
    return lambda page: page.get_by_role("link", name=name).first


@pytest.mark.parametrize(
    ("tab", "find"),
    [
        ("", button("Lägg till kommentar")),
        ("", button("Skicka orderbekräftelse på nytt")),
        ("", link("Frakt")),
        ("shipping", button("Lägg till produkt")),
        ("shipping", button("Markera som skickad")),
        ("shipping", button("Radera Linneduk 140 × 250, sand")),
        ("shipping", link("Redigera Stearinljus")),
        ("customer", button("Spara")),
    ],
)
def test_the_control_that_was_used_is_busy_until_the_answer_comes(page: Page, desk: Desk, tab: str, find: Find) -> None:
    page.goto(desk.order("ready", tab))
    slow = Line(page)
    control, bar = find(page), page.locator("#waiting-bar")
    expect(bar).to_be_hidden()
    control.click(no_wait_after=True)
    expect(control).to_have_attribute("aria-busy", "true")
    expect(bar).to_be_visible()
    expect(page.locator("#waiting-words")).to_have_text("Arbetar …")
    slow.release()
    expect(bar).to_be_hidden()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator("#waiting-words")).to_have_text("")


# Playwright waits for a page that is on its way, so the old page has to tell what it shows until then.
TELL_WHAT_IS_BUSY = """() => new MutationObserver(() => {
  const busy = document.querySelector("[aria-busy=true]"), bar = document.getElementById("waiting-bar");
  console.info(`busy: ${busy?.textContent.trim()}, bar: ${bar.checkVisibility()}`);
}).observe(document.body, { attributes: true, subtree: true })"""


@pytest.mark.parametrize("name", ["Ordrar", "Logga ut"])
def test_what_the_browser_follows_itself_is_busy_too(page: Page, desk: Desk, name: str) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(desk.order("ready"))
    page.evaluate(TELL_WHAT_IS_BUSY)
    slow = {"offline": False, "latency": 800, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.get_by_role("banner").get_by_text(name).click(no_wait_after=True)
    expect(page.locator("#order")).to_have_count(0)
    assert f"busy: {name}, bar: true" in told
    expect(page.locator("#waiting-bar")).to_be_hidden()


def test_a_search_while_one_types_shows_that_it_works(page: Page) -> None:
    page.goto("/orders")
    slow = Line(page)
    search = page.get_by_role("searchbox", name="Sök")
    search.fill("örjan")
    expect(search).to_have_attribute("aria-busy", "true")
    expect(page.locator("#waiting-bar")).to_be_visible()
    slow.release()
    expect(page.locator("#waiting-bar")).to_be_hidden()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def test_a_fast_answer_shows_no_bar(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.evaluate(
        """() => new MutationObserver(() => { window.barWasShown = true; })
          .observe(document.getElementById("waiting-bar"), { attributeFilter: ["hidden"] })"""
    )
    page.route("**/comments", lambda route: route.fulfill(status=204))
    page.get_by_label("Kommentar", exact=True).fill("Hej")
    press(page, "Lägg till kommentar")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_timeout(300)
    assert page.evaluate("() => window.barWasShown !== true || document.getElementById('waiting-bar').hidden")


def test_no_contact_ends_the_waiting(page: Page, desk: Desk, complaints: Complaints) -> None:
    complaints.expected += ["ERR_FAILED", "Failed to fetch"]
    page.goto(desk.order("ready"))
    page.route("**/confirmation", lambda route: route.abort())
    press(page, "Skicka orderbekräftelse på nytt")
    says(page, "Ingen kontakt med orderdisken.")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator("#waiting-bar")).to_be_hidden()


def test_a_download_does_not_look_busy_for_ever(page: Page) -> None:
    page.goto("/orders")
    with page.expect_download():
        page.get_by_role("link", name="Export").first.click()
    expect(page.locator("#waiting-bar")).to_be_hidden()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
