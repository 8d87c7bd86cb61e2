"""The inbox and the page of the day in a real browser: in Swedish, by keyboard, without JavaScript, in a frame."""

from datetime import timedelta

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.fitting import what_does_not_fit
from tests.browser.pages import put_into_inbox
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, is_the_same_page, mark, says
from tests.browser.test_every_page import axe_by_scheme
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import InboxItem, InboxKind
from webshop_orders.operations.orders.loading import get_order

CODE = "RR123456785SE"
VIEWPORTS = {
    "phone": {"width": 360, "height": 740},
    "tablet": {"width": 820, "height": 1180},
    "wide": {"width": 1280, "height": 800},
}


def codes(desk: Desk, fate: str) -> list[str]:
    return desk.ask(
        lambda: [
            code.code for shipment in get_order(desk.shop.numbers[fate]).shipments for code in shipment.tracking_codes
        ]
    )


def put(desk: Desk, kind: InboxKind, fate: str, *, minutes: int = 60) -> int:
    return int(desk.ask(lambda: put_into_inbox(desk.shop.numbers[fate], kind, now() - timedelta(minutes=minutes))))


def row(page: Page | FrameLocator, item: int):
    return page.locator(f"#item-{item}")


def make_only(desk: Desk, *rows: tuple[InboxKind, str]) -> list[int]:
    """An inbox of these rows alone, the oldest first."""

    def clear() -> None:
        for item in db.session.query(InboxItem):
            db.session.delete(item)
        db.session.commit()

    desk.ask(clear)
    return [put(desk, kind, fate, minutes=90 - place) for place, (kind, fate) in enumerate(rows)]


@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_what_needs_a_person_is_mended_where_it_stands(
    open_page: OpenPage, desk: Desk, viewport: dict[str, int]
) -> None:
    first, second = make_only(desk, (InboxKind.HOLD_ENDED, "split"), (InboxKind.TO_REFUND, "paid"))
    page = open_page(desk, viewport=viewport)
    page.goto("/orders")
    page.get_by_role("navigation", name="Huvudmeny").get_by_role("link", name="Inkorgen").click()
    expect(page.locator("#inbox-count")).to_have_text("2 saker behöver dig")
    mark(page)
    row(page, first).get_by_text("Lägg åt sidan …").click()
    row(page, first).get_by_role("button", name="I morgon").click()
    expect(row(page, first)).to_have_count(0)
    expect(row(page, second)).to_be_focused()
    expect(page.locator("#inbox-count")).to_have_text("1 sak behöver dig")
    page.get_by_role("link", name="Åt sidan").click()
    row(page, first).get_by_role("button", name="Ta tillbaka").click()
    says(page, "Det finns i inkorgen igen.")
    expect(page.locator("#inbox-empty")).to_be_focused()
    page.get_by_role("link", name="Behöver dig", exact=True).click()
    expect(row(page, first)).to_be_visible()
    assert is_the_same_page(page)


def test_a_code_is_written_in_the_row_and_a_wrong_one_refused_there(open_page: OpenPage, desk: Desk) -> None:
    [item] = make_only(desk, (InboxKind.SENT_WITHOUT_CODE, "shipped"))
    page = open_page(desk, role="warehouse")
    page.goto("/inbox")
    field = row(page, item).get_by_label("Spårningskod")
    field.fill("<b>")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_value("<b>")
    field.fill(CODE)
    field.press("Enter")
    says(page, CODE)
    assert CODE in codes(desk, "shipped")


def test_the_keyboard_alone_suffices(open_page: OpenPage, desk: Desk) -> None:
    first, second = make_only(desk, (InboxKind.TO_REFUND, "paid"), (InboxKind.TO_CHARGE, "split"))
    page = open_page(desk)
    page.goto("/inbox")
    row(page, first).focus()
    for _ in range(3):  # the order, the link that mends it, and what puts it aside
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    says(page, "ligger det åt sidan")
    expect(row(page, second)).to_be_focused()
    page.keyboard.press("Tab")
    expect(row(page, second).get_by_role("link").first).to_be_focused()


def test_it_works_without_javascript(open_page: OpenPage, desk: Desk) -> None:
    first, second = make_only(desk, (InboxKind.SENT_WITHOUT_CODE, "shipped"), (InboxKind.TO_REFUND, "paid"))
    page = open_page(desk, java_script_enabled=False)
    page.goto("/inbox")
    row(page, first).get_by_label("Spårningskod").fill(CODE)
    row(page, first).get_by_role("button", name="Spara koden").click()
    says(page, CODE)
    assert CODE in codes(desk, "shipped")
    row(page, second).get_by_text("Lägg åt sidan …").click()
    row(page, second).get_by_role("button", name="I morgon").click()
    says(page, "ligger det åt sidan")
    expect(row(page, second)).to_have_count(0)
    page.get_by_role("link", name="Åt sidan").click()
    row(page, second).get_by_role("button", name="Ta tillbaka").click()
    says(page, "Det finns i inkorgen igen.")


@pytest.mark.parametrize("cookies", COOKIES)
def test_it_is_reached_and_mended_in_the_frame(cookies: str, open_host: OpenHost, framed_desk: Desk) -> None:
    [item] = make_only(framed_desk, (InboxKind.TO_REFUND, "paid"))
    frame = frame_of(open_host("/#/orders", cookies=cookies))
    frame.get_by_role("link", name="Inkorgen 1").click()
    row(frame, item).get_by_text("Lägg åt sidan …").click()
    row(frame, item).get_by_role("button", name="I morgon").click()
    says(frame, "ligger det åt sidan")  # type: ignore[arg-type]
    expect(row(frame, item)).to_have_count(0)


def test_an_order_is_opened_from_its_row(open_page: OpenPage, desk: Desk) -> None:
    [item] = make_only(desk, (InboxKind.TO_REFUND, "paid"))
    page = open_page(desk)
    page.goto("/inbox")
    row(page, item).get_by_role("link", name=desk.shop.numbers["paid"]).click()
    expect(page.locator("#order")).to_be_visible()


def test_the_day_leads_to_the_orders_that_wait(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk)
    page.goto("/")
    expect(page.get_by_role("heading", name="I dag")).to_be_visible()
    page.get_by_text("Siffrorna").click()
    expect(page.get_by_role("table", name="Skickat per dag").get_by_role("row")).to_have_count(29)
    page.get_by_role("row", name="I dag").get_by_role("link").click()
    expect(page.get_by_role("list", name="Filter som gäller")).to_contain_text("Väntar")


@pytest.mark.parametrize("path", ["/inbox", "/today"])
def test_it_fits_every_width_and_axe_has_nothing_against_it(open_page: OpenPage, desk: Desk, path: str) -> None:
    for kind in InboxKind:
        put(desk, kind, "long words")
    page = open_page(desk)
    page.goto(path)
    assert axe_by_scheme(page) == {"light": [], "dark": []}
    if path == "/inbox":
        page.locator("details.menu summary").last.click()
    assert what_does_not_fit(page) == []


def test_the_navigation_stays_on_one_line(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk)
    for width in (360, 820, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/inbox")
        if width >= 1024:
            assert page.eval_on_selector(".masthead nav", "nav => nav.scrollWidth <= nav.clientWidth"), width
        tops = page.eval_on_selector_all(".masthead nav a", "links => links.map(link => link.offsetTop)")
        assert len(set(tops)) == 1, width
