"""A hand scanner in the field of tracking codes: 10 ms a key, Enter, the next label before the answer has come."""

import re

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from tests.browser.conftest import Complaints
from tests.browser.shop import Desk
from tests.browser.steps import says, shipment

KEY_MILLISECONDS = 10
SERVER_MILLISECONDS = 150
RUNS = 5


def slow_down(page: Page) -> None:
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"latency": SERVER_MILLISECONDS, "downloadThroughput": -1, "uploadThroughput": -1, "offline": False}
    session.send("Network.emulateNetworkConditions", conditions)


def scan(page: Page, code: str) -> None:
    page.keyboard.type(code, delay=KEY_MILLISECONDS)
    page.keyboard.press("Enter")


def codes(page: Page) -> list[str]:
    """As they are stored, whatever the page showed."""
    page.reload()
    return page.locator(".tracking .code strong").all_inner_texts()


def labels(run: int, prefix: str = "S") -> list[str]:
    return [f"{prefix}{run}{number}{'7' * 9}" for number in (1, 2, 3)]


def scan_all(page: Page, scanned: list[str]) -> None:
    page.get_by_label("Spårningskod", exact=True).focus()
    for code in scanned:
        scan(page, code)
    page.wait_for_timeout(6 * SERVER_MILLISECONDS)


@pytest.mark.parametrize("run", range(RUNS))
@pytest.mark.parametrize("fate", ["ready", "shipped"])
def test_three_scans_in_a_row_are_three_codes(page: Page, desk: Desk, fate: str, run: int) -> None:
    page.goto(desk.order(fate, "shipping"))
    before = codes(page)
    slow_down(page)

    scan_all(page, labels(run))

    expect(page.get_by_label("Spårningskod", exact=True)).to_be_focused()
    expect(page.get_by_label("Spårningskod", exact=True)).to_have_value("")
    assert codes(page) == [*before, *labels(run)]
    if fate == "ready":
        expect(shipment(page, 1).get_by_role("button", name="Markera som skickad")).to_be_visible()


def test_the_usual_form_loses_some_of_them(page: Page, desk: Desk) -> None:
    """The negative control: the same scans where the field is one of any form, whose answer swaps it."""

    def without_script(route: Route) -> None:
        route.fulfill(body="", content_type="text/javascript")

    page.route(re.compile("/tracking_codes.js"), without_script)
    page.goto(desk.order("shipped", "shipping"))
    before = codes(page)
    slow_down(page)

    scan_all(page, labels(9))

    assert codes(page) != [*before, *labels(9)]


def test_a_scan_comes_after_what_was_typed_and_enter_by_hand_ships(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    field = page.get_by_label("Spårningskod", exact=True)
    field.fill("AB17")
    page.wait_for_timeout(300)
    scan(page, "SCAN88888888")
    says(page, "AB17, SCAN88888888")

    field.press_sequentially("HAND1234", delay=90)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")

    says(page, "är skickad")
    expect(shipment(page, 1)).to_contain_text("HAND1234")


def test_a_scan_that_did_not_arrive_is_still_in_the_field(page: Page, desk: Desk, complaints: Complaints) -> None:
    complaints.expected += ["ERR_FAILED", "Failed to fetch"]
    page.goto(desk.order("shipped", "shipping"))
    page.route("**/tracking", lambda route: route.abort())
    page.get_by_label("Spårningskod", exact=True).focus()
    scan(page, "LOST12345678")
    expect(page.get_by_label("Spårningskod", exact=True)).to_have_value("LOST12345678")
    page.unroute("**/tracking")
    page.keyboard.press("Enter")
    says(page, "LOST12345678 är tillagd på")


def test_a_label_that_is_scanned_twice_says_so_and_is_not_in_the_way_of_the_next(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped", "shipping"))
    page.get_by_label("Spårningskod", exact=True).focus()
    for code in ("TWICE1234567", "TWICE1234567"):
        scan(page, code)
        page.wait_for_timeout(3 * SERVER_MILLISECONDS)
    expect(page.get_by_text("har redan koden TWICE1234567")).to_be_visible()
    scan(page, "AFTER1234567")
    says(page, "AFTER1234567 är tillagd på")


def test_what_is_typed_is_read_as_one_types(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    field = page.get_by_label("Spårningskod", exact=True)
    field.press_sequentially("]C1 RR123456785SE, RR123456784SE", delay=50)
    read = page.locator(".understood")
    expect(read.get_by_role("link", name="RR123456785SE")).to_have_attribute(
        "href", re.compile("postnord.*RR123456785SE")
    )
    expect(read).to_contain_text("kontrollsiffran stämmer inte")
    field.fill("")
    expect(read).not_to_contain_text("RR123456785SE")
    field.fill("00370712345678905555")  # of the shipped order
    expect(read).to_contain_text("står redan på")
    read.get_by_role("link", name=desk.shop.numbers["shipped"]).click()
    expect(page).to_have_url(desk.order("shipped", "shipping"))
