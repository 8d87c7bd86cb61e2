"""The main jobs with the keyboard alone: all is reached, focus is seen, and it is never lost."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Complaints, OpenPage
from tests.browser.shop import PASSWORD, Desk
from tests.browser.steps import line, press, refuses, says, shipment, tab_link

MOST_STOPS = 80
SEARCH_DELAY_SECONDS = 0.25


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has focus; every stop on the way shows where it is."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert_focus_is_seen(page)
        if target.count() and target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{target} is not reached by {MOST_STOPS} presses of Tab")


def assert_focus_is_seen(page: Page) -> None:
    found = page.evaluate(
        """() => {
          const element = document.activeElement, box = element.getBoundingClientRect();
          const style = getComputedStyle(element);
          return [element.tagName, style.outlineStyle, parseFloat(style.outlineWidth), box.width, box.right];
        }"""
    )
    name, outline, outline_width, box_width, right = found
    assert name != "BODY"
    assert outline != "none", found
    assert outline_width >= 2, found
    assert box_width > 0, found
    assert right > 0, found


def assert_focus_is_kept(page: Page) -> None:
    assert page.evaluate("() => document.activeElement.tagName") not in ("BODY", "HTML")


def test_the_skip_link_leads_past_the_navigation(page: Page) -> None:
    page.goto("/orders")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Hoppa till innehållet")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert_focus_is_seen(page)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)


def test_an_order_is_searched_for_and_opened(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Sök")).to_be_focused()
    page.keyboard.type("örjan")
    expect(page.locator(".orders tbody tr")).to_have_count(1)
    tab_to(page, page.get_by_role("link", name=desk.shop.numbers["mixed"], exact=True))
    page.keyboard.press("Enter")
    expect(page).to_have_url(desk.order("mixed"))
    tab_to(page, tab_link(page, "Frakt"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Lägg till produkt")).to_be_visible()
    expect(tab_link(page, "Frakt")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Lägg till produkt")).to_be_focused()


def test_enter_on_a_whole_number_opens_its_order_however_fast_it_was_typed(page: Page, desk: Desk) -> None:
    def answer_late(route: Route) -> None:
        time.sleep(SEARCH_DELAY_SECONDS + 0.4)  # the search that waits for the next key would be sent meanwhile
        route.continue_()

    page.route("**/orders?*open=1*", answer_late)
    number = desk.shop.numbers["mixed"]
    for typed, delay in ((number, 0), (number.lower(), 30), (number.removeprefix("WS-"), 300)):
        page.goto("/orders")
        page.keyboard.press("/")
        page.keyboard.type(typed, delay=delay)
        page.keyboard.press("Enter")
        expect(page).to_have_url(desk.order("mixed"))
    page.goto("/orders")
    page.keyboard.press("/")
    page.keyboard.type("stearin")
    page.keyboard.press("Enter")
    expect(page.locator("#result-count")).to_contain_text("Sökning: stearin.")
    expect(page).to_have_url(f"{desk.url}/orders?q=stearin")
    page.wait_for_timeout(400)
    expect(page.get_by_role("searchbox", name="Sök")).to_have_value("stearin")


def test_the_status_filter_and_older_orders_keep_focus(page: Page) -> None:
    page.goto("/orders")
    chip = page.get_by_role("navigation", name="Orderstatus").get_by_role("link", name="Redo")
    tab_to(page, chip)
    page.keyboard.press("Enter")
    expect(chip).to_have_attribute("aria-current", "true")
    expect(chip).to_be_focused()
    older = page.get_by_role("link", name="Nästa")
    older.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Till första sidan")).to_be_visible()
    assert_focus_is_kept(page)


def test_a_quantity_is_changed_with_enter_and_left_with_escape(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    row = line(shipment(page, 1), "Stearinljus")
    edit = row.get_by_role("link", name="Redigera")
    tab_to(page, edit)
    page.keyboard.press("Enter")
    expect(row.get_by_label("Antal")).to_be_focused()
    page.keyboard.type("5")  # over what was there
    page.keyboard.press("Enter")
    says(page, "antalet är nu 5.")
    expect(edit).to_be_focused()

    page.keyboard.press("Enter")
    expect(row.get_by_label("Antal")).to_be_focused()
    page.keyboard.type("77")
    page.keyboard.press("Escape")
    expect(row).to_contain_text("5 st")
    expect(edit).to_be_focused()

    page.keyboard.press("Enter")
    expect(row.get_by_label("Antal")).to_be_focused()
    tab_to(page, row.get_by_role("button", name="Spara"))
    page.keyboard.press("Escape")
    expect(edit).to_be_focused()


def test_a_refused_quantity_keeps_focus_in_its_field(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    row = line(shipment(page, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").focus()
    page.keyboard.press("Enter")
    expect(row.get_by_label("Antal")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("0")
    page.keyboard.press("Enter")
    refuses(page, "Inget ändrades")
    expect(row.get_by_label("Antal")).to_be_focused()
    expect(row.get_by_label("Antal")).to_have_accessible_description("Ange ett heltal från 1 till 99999.")


def test_a_line_is_split_and_joined(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    split = line(shipment(page, 1), "Stearinljus").get_by_role("link", name="Dela")
    tab_to(page, split)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Dela", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(split).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Dela", exact=True)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    says(page, "2 × Stearinljus, 12-pack, vita är flyttad till")
    expect(split).to_be_focused()

    tab_to(page, line(shipment(page, 2), "Stearinljus").get_by_role("link", name="Dela"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Dela", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=f"{desk.shop.numbers['ready']}-1")).to_be_checked()
    page.keyboard.press("Enter")
    expect(shipment(page, 2)).to_have_count(0)
    assert_focus_is_kept(page)


def test_a_product_is_found_chosen_by_arrow_and_added(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.keyboard.press("/")
    page.keyboard.type("ljusstake kan-")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox").get_by_role("option", name="Ljusstake i mässing, låg")).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    expect(page.locator("#add-line").get_by_label("Antal")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "1 × Ljusstake i mässing, låg är tillagd")
    expect(page.get_by_label("Lägg till produkt")).to_be_focused()


def test_a_line_is_removed_and_focus_is_kept(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    tab_to(page, page.get_by_role("button", name="Radera Stearinljus"))
    page.keyboard.press("Enter")
    says(page, "är raderad.")
    assert_focus_is_kept(page)
    tab_to(page, page.get_by_role("link", name="Redigera Linneduk"))


def test_a_shipment_is_tracked_shipped_and_taken_back(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    code = page.get_by_label("Spårningskod")
    tab_to(page, code)
    page.keyboard.type("https://tracking.bring.se/tracking/ABC123")
    page.keyboard.press("Enter")
    says(page, "ABC123 är tillagd på")
    expect(code).to_be_focused()
    remove = page.get_by_role("button", name="Ta bort ABC123")
    remove.focus()
    page.keyboard.press("Enter")
    says(page, "En spårningskod togs bort")
    assert_focus_is_kept(page)

    tab_to(page, page.get_by_role("button", name="Sätt till Restnoterad"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Sätt till Restnoterad")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "-1: Restnoterad")
    expect(page.get_by_role("button", name="Sätt till Redo")).to_be_focused()

    tab_to(page, page.get_by_role("button", name="Markera som skickad"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Markera som skickad ändå"))
    page.keyboard.press("Enter")
    says(page, "är skickad, och en leveransbekräftelse går till")
    assert_focus_is_kept(page)
    tab_to(page, page.get_by_role("button", name="Ångra skickad"))
    page.keyboard.press("Enter")
    says(page, "-1: Redo")
    assert_focus_is_kept(page)


def test_a_comment_is_written_and_a_confirmation_sent(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    tab_to(page, page.get_by_label("Kommentar", exact=True))
    page.keyboard.type("Ring på porten")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Till kund")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Mejla kunden")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Lägg till kommentar"))
    page.keyboard.press("Enter")
    says(page, "Kommentaren är sparad. Mejlet går till asa@example.com.")
    expect(page.get_by_role("button", name="Lägg till kommentar")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Skicka orderbekräftelse på nytt"))
    page.keyboard.press("Enter")
    says(page, "Orderbekräftelsen går till asa@example.com.")
    expect(page.get_by_role("button", name="Skicka orderbekräftelse på nytt")).to_be_focused()


def test_a_mail_is_opened_and_closed(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped", "messages"))
    mail = page.get_by_role("link", name="Leveransbekräftelse WS-")
    tab_to(page, mail)
    for expanded in ("true", "false"):
        page.keyboard.press("Enter")
        expect(mail).to_have_attribute("aria-expanded", expanded)
        expect(mail).to_be_focused()


def test_a_carrier_is_changed(page: Page) -> None:
    page.goto("/settings/carriers")
    tab_to(page, page.get_by_role("link", name="Redigera DB Schenker"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Transportör", exact=True)).to_have_value("DB Schenker")
    expect(page.get_by_label("Transportör", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Lägg till transportör")).to_be_visible()
    assert_focus_is_kept(page)


def test_an_order_is_cancelled(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    tab_to(page, page.locator("#cancel summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Makulera WS-"))
    page.keyboard.press("Enter")
    says(page, "är makulerad.")
    assert_focus_is_kept(page)


def test_a_stale_form_puts_focus_on_what_changed(page: Page, open_page: OpenPage, desk: Desk) -> None:
    page.goto(desk.order("ready", "customer"))
    other = open_page(desk, role="staff")
    other.goto(desk.order("ready", "customer"))
    other.locator("#customer-phone").fill("0920-11 11")
    press(other, "Spara")
    says(other, "Kund och adresser är sparade.")
    page.locator("#customer-phone").fill("0920-22 22")
    page.keyboard.press("Enter")
    refuses(page, "Ordern ändrades medan du arbetade med den.")
    expect(page.get_by_role("alert")).to_be_focused()
    page.locator("#customer-phone").press("Enter")  # which saves, and takes nobody else's value
    says(page, "Kund och adresser är sparade.")
    expect(page.locator("#customer-phone")).to_have_value("0920-22 22")


def test_one_signs_in(open_page: OpenPage, desk: Desk, complaints: Complaints) -> None:
    page = open_page(desk, role=None)
    page.goto("/orders")
    expect(page.get_by_label("E-post")).to_be_focused()
    page.keyboard.type("erik@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ordrar")).to_be_visible()


def test_j_and_k_go_through_the_rows_of_the_list(page: Page) -> None:
    page.goto("/orders")
    rows = page.locator(".orders tbody tr")
    for key, row in [("j", 0), ("j", 1), ("j", 2), ("k", 1)]:
        page.keyboard.press(key)
        expect(rows.nth(row).locator("td a").first).to_be_focused()
        assert_focus_is_seen(page)
    number = rows.nth(1).locator("td a").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=number)).to_be_visible()


def test_j_and_k_go_through_the_orders_on_one_tab(page: Page, desk: Desk) -> None:
    page.goto("/orders?sort=number")
    numbers = [link.inner_text() for link in page.locator(".orders tbody td:first-child a").all()[:3]]
    page.goto(f"/orders/{numbers[0]}/shipping")
    for key, number in [("j", numbers[1]), ("j", numbers[2]), ("k", numbers[1]), ("k", numbers[0])]:
        page.keyboard.press(key)
        expect(page).to_have_url(f"{desk.url}/orders/{number}/shipping")
        page.wait_for_load_state()  # until then its scripts hear no key
    page.keyboard.press("k")
    says(page, "Det här är den första ordern i listan.")
    page.get_by_role("link", name="Alla ordrar").click()
    expect(page).to_have_url(f"{desk.url}/orders?sort=number")


def test_single_keys_are_letters_where_one_types(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    comment = page.get_by_label("Kommentar", exact=True)
    comment.focus()
    page.keyboard.type("jk/?")
    expect(comment).to_have_value("jk/?")
    expect(page).to_have_url(desk.order("ready"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    tab_link(page, "Frakt").focus()
    for modified in ("Control+j", "Alt+j", "Meta+j"):
        page.keyboard.press(modified)
    page.wait_for_timeout(200)
    expect(page).to_have_url(desk.order("ready"))


def test_a_question_mark_lists_the_keys_which_can_be_switched_off(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Kortkommandon")
    expect(keys).to_be_visible()
    for key in ("/", "j", "k", "?", "Esc", "Enter"):
        expect(keys.get_by_text(key, exact=True)).to_be_visible()
    page.keyboard.press("j")
    expect(page).to_have_url(desk.order("ready"))
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    page.get_by_role("button", name="Kortkommandon").click()
    keys.get_by_role("checkbox").uncheck()
    keys.get_by_role("button", name="Stäng").click()
    for _load in range(2):
        page.keyboard.press("j")
        page.keyboard.press("?")
        page.wait_for_timeout(200)
        expect(page).to_have_url(desk.order("ready"))
        expect(keys).to_have_count(0)
        page.reload()


def test_enter_opens_the_only_match_and_after_shipping_goes_on_to_the_next_order(page: Page, desk: Desk) -> None:
    number = desk.shop.numbers["company"]
    page.goto("/orders?status=ready&sort=-number")
    shown = page.locator("#orders tbody .number").all_inner_texts()
    following = shown[shown.index(number) + 1]
    page.keyboard.press("/")
    page.keyboard.type("byggnadsvård")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=number, level=1)).to_be_visible()
    tab_to(page, tab_link(page, "Frakt"))
    page.keyboard.press("Enter")
    page.get_by_label("Spårningskod").fill("RR123456785SE")
    tab_to(page, page.get_by_role("button", name="Markera som skickad"))
    page.keyboard.press("Enter")
    says(page, "är skickad")
    expect(page.get_by_role("link", name="Nästa order")).to_be_visible()
    expect(page.locator("#next-order")).to_be_focused()
    assert_focus_is_seen(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=following, level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Markera som skickad").first).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name=following, level=1)).to_have_count(0)
    expect(page.get_by_role("heading", name=number, level=1)).to_have_count(0)  # it is not ready any more
    expect(page.get_by_role("button", name="Markera som skickad").first).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name=following, level=1)).to_be_visible()


def test_a_view_is_pinned_moved_and_opened(page: Page) -> None:
    for name, status in (("Att packa", "ready"), ("Väntar", "backordered")):
        page.goto(f"/orders?status={status}")
        tab_to(page, page.locator("#views > summary"))
        page.keyboard.press("Enter")
        tab_to(page, page.locator("#new-view-name"))
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("är sparad")
    chips = page.get_by_role("navigation", name="Fästa vyer").get_by_role("link")
    page.locator("#views > summary").focus()
    page.keyboard.press("Enter")
    for number, name in enumerate(("Att packa", "Väntar"), 1):
        pin = page.get_by_role("button", name=f"Fäst {name} ovanför listan")
        tab_to(page, pin)
        page.keyboard.press("Enter")
        expect(chips).to_have_count(number)
        expect(pin).to_be_focused()  # in the menu, which stays open
        expect(pin).to_have_attribute("aria-pressed", "true")
        expect(chips.last.locator(".count")).to_have_text(re.compile("^[0-9]+$"))
    earlier = page.get_by_role("button", name="Flytta Väntar åt vänster")
    tab_to(page, earlier)
    page.keyboard.press("Enter")
    expect(chips.first).to_contain_text("Väntar")
    expect(earlier).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#views > summary")).to_be_focused()
    count = chips.last.locator(".count").inner_text()
    chips.last.focus()
    page.keyboard.press("Enter")
    expect(chips.last).to_have_attribute("aria-current", "true")
    expect(chips.last).to_be_focused()
    expect(chips.last.locator(".count")).to_have_text(count)
    expect(page.get_by_role("navigation", name="Orderstatus").get_by_role("link", name="Redo")).to_contain_text(count)
