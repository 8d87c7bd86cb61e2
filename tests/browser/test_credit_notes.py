"""A refund of a paid order is registered with its credit note, which is then sent once more and kept as a PDF."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.fitting import what_does_not_fit
from tests.browser.shop import Desk
from tests.browser.steps import says
from tests.factories import SHOP
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def refunded(desk: Desk) -> str:
    """The address of a paid order, one unit of which is being refunded."""

    def request() -> int:
        with editing(desk.shop.numbers["paid"], None, SHOP) as order:
            line = next(iter(order.lines))
            return refunds.request(order, RequestedRefund(lines={line.id: 1}), by=SHOP).id

    return f"{desk.order('paid')}#refund-{desk.ask(request)}"


@pytest.mark.parametrize("scripted", [True, False], ids=["htmx", "no JavaScript"])
def test_a_credit_note_is_sent_by_keyboard_and_kept(
    open_page: OpenPage, desk: Desk, refunded: str, scripted: bool
) -> None:
    page = open_page(desk, java_script_enabled=scripted)
    page.goto(refunded)
    card = page.locator(f"#{refunded.rpartition('#')[2]}")
    with page.expect_download() as downloading:
        card.get_by_role("link", name="Kreditnota (PDF)").click()
    assert downloading.value.suggested_filename.startswith("kreditnota-")
    summary = card.locator("summary", has_text="Skicka kreditnota")
    summary.focus()
    page.keyboard.press("Enter")
    recipient = card.get_by_label("E-post")
    recipient.fill("ekonomi@example.com")
    page.keyboard.press("Enter")
    says(page, "Kreditnotan går till ekonomi@example.com")
    page.goto(desk.order("paid", "messages"))
    expect(page.get_by_text("Kreditnota").first).to_be_visible()


def test_what_is_charged_and_the_credit_note_fit_at_any_width(page: Page, desk: Desk, refunded: str) -> None:
    page.goto(refunded)
    for closed in page.locator("details.give-up").all():
        closed.evaluate("element => element.open = true")
    assert what_does_not_fit(page) == []
    page.goto(f"{desk.order('mixed')}/shipments/1/capture")
    expect(page.get_by_text("Att debitera").first).to_be_visible()
    assert what_does_not_fit(page) == []


def test_what_is_charged_opens_in_its_place(page: Page, desk: Desk) -> None:
    page.goto(desk.order("mixed", "shipping"))
    link = page.locator("#capture-1")
    link.focus()
    page.keyboard.press("Enter")
    expect(link).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#shipment-1 dl.totals")).to_contain_text("Varor")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#shipment-1 dl.totals")).to_have_count(0)
