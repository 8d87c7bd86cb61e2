"""What is half typed survives other tabs, a reload, a lost session and a lost connection, for its own user alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Complaints, OpenPage
from tests.browser.shop import PASSWORD, Desk
from tests.browser.steps import line, open_tab, press, refuses, says, shipment, tab_link

NOTE = "Inte sparat: det här skrev du tidigare."
KEPT = "Det du höll på att skriva finns kvar."
OFFER = "Det du skrev finns kvar, men här har något ändrats sedan dess."


def comment(page: Page) -> Locator:
    return page.get_by_label("Kommentar", exact=True)


def sign_in(page: Page, email: str = "anna@example.com") -> None:
    page.get_by_label("E-post").fill(email)
    page.get_by_label("Lösenord").fill(PASSWORD)
    press(page, "Logga in")
    expect(page.get_by_role("heading", name="Logga in")).to_have_count(0)


def stored(page: Page) -> str:
    return str(page.evaluate("() => JSON.stringify({ ...sessionStorage, ...localStorage })"))


def type_a_comment(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    comment(page).fill("Halvvägs\ngenom en mening")
    page.get_by_label("Till kund").check()


def expect_the_comment(page: Page) -> None:
    expect(comment(page)).to_have_value("Halvvägs\ngenom en mening")
    expect(page.get_by_label("Till kund")).to_be_checked()
    expect(page.locator("#comment-form")).to_contain_text(NOTE)


def test_other_tabs_of_the_order(page: Page, desk: Desk) -> None:
    type_a_comment(page, desk)
    open_tab(page, "Frakt")
    page.locator("#add-line").get_by_label("Antal").fill("12")
    open_tab(page, "Kund")
    phone = page.get_by_role("group", name="Kund", exact=True).get_by_label("Telefon")
    phone.fill("0920-123 45")
    open_tab(page, "Sammanfattning")
    expect_the_comment(page)
    open_tab(page, "Frakt")
    expect(page.locator("#add-line").get_by_label("Antal")).to_have_value("12")
    open_tab(page, "Kund")
    expect(phone).to_have_value("0920-123 45")


def test_a_reload_and_another_order(page: Page, desk: Desk) -> None:
    type_a_comment(page, desk)
    page.goto(desk.order("split"))
    expect(comment(page)).to_have_value("")
    page.goto(desk.order("ready"))
    expect_the_comment(page)
    says(page, KEPT)
    page.reload()
    expect_the_comment(page)


def test_a_form_in_the_place_of_the_summary_opens_again_on_its_own_order_alone(page: Page, desk: Desk) -> None:
    page.goto(desk.order("returned", "returns"))
    page.get_by_label("Anteckning").fill("Hör av sig")
    page.goto(desk.order("shipped"))
    page.wait_for_load_state("networkidle")
    expect(page.locator("#register-return")).to_be_visible()
    expect(page.locator("#return-form")).to_have_count(0)
    page.goto(desk.order("returned", "refunds"))
    page.wait_for_load_state("networkidle")
    expect(page.locator("#refund-form")).to_be_visible()
    page.goto(desk.order("returned"))
    expect(page.get_by_label("Anteckning")).to_have_value("Hör av sig")


@pytest.mark.parametrize("by", ["a change", "a link"])
def test_a_lost_session(page: Page, desk: Desk, by: str) -> None:
    type_a_comment(page, desk)
    page.context.clear_cookies()
    if by == "a change":
        press(page, "Lägg till kommentar")
    else:
        tab_link(page, "Frakt").click()
    expect(page.get_by_text("Det du höll på att skriva finns kvar när du har loggat in.")).to_be_visible()
    sign_in(page)
    page.goto(desk.order("ready"))
    says(page, KEPT)
    expect_the_comment(page)
    press(page, "Lägg till kommentar")
    says(page, "Kommentaren är sparad")
    page.reload()
    expect(comment(page)).to_have_value("")
    expect(page.get_by_text(NOTE)).to_have_count(0)
    expect(page.locator(".comment").filter(has_text="Halvvägs")).to_have_count(1)


def test_a_row_that_was_open_when_the_session_was_lost(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    row = line(shipment(page, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("7")
    page.context.clear_cookies()
    press(row, "Spara")
    sign_in(page)
    expect(page).to_have_url(desk.order("ready", "shipping"))
    expect(row.get_by_label("Antal")).to_have_value("7")
    row.get_by_role("link", name="Avbryt").click()
    expect(row).to_contain_text("3 st")
    page.reload()
    expect(row).to_contain_text("3 st")
    row.get_by_role("link", name="Redigera").click()
    expect(row.get_by_label("Antal")).to_have_value("3")


def test_a_lost_connection(page: Page, desk: Desk, complaints: Complaints) -> None:
    complaints.expected += ["ERR_FAILED", "ERR_INTERNET_DISCONNECTED", "Failed to fetch"]
    type_a_comment(page, desk)
    page.context.set_offline(True)
    press(page, "Lägg till kommentar")
    says(page, "Ingen kontakt med orderdisken. Det du skrev finns kvar; försök igen.")
    expect(comment(page)).to_have_value("Halvvägs\ngenom en mening")
    page.context.set_offline(False)
    page.reload()
    expect_the_comment(page)


def test_an_answer_that_is_lost_makes_no_second_change(page: Page, desk: Desk, complaints: Complaints) -> None:
    complaints.expected += ["ERR_FAILED", "Failed to fetch"]
    type_a_comment(page, desk)
    page.route("**/comments", lambda route: (route.fetch(), route.abort())[1])
    press(page, "Lägg till kommentar")
    says(page, "Ingen kontakt med orderdisken.")
    page.unroute_all()
    page.reload()
    expect_the_comment(page)
    press(page, "Lägg till kommentar")
    expect(comment(page)).to_have_value("")
    page.reload()
    expect(page.locator(".comment").filter(has_text="Halvvägs")).to_have_count(1)
    expect(comment(page)).to_have_value("")


def test_a_saved_or_discarded_draft_is_gone(page: Page, desk: Desk) -> None:
    type_a_comment(page, desk)
    press(page, "Lägg till kommentar")
    says(page, "Kommentaren är sparad")
    assert "Halvvägs" not in stored(page)
    comment(page).fill("Igen")
    page.reload()
    page.locator("#comment-form").get_by_role("button", name="Släng").click()
    expect(comment(page)).to_have_value("")
    expect(comment(page)).to_be_focused()
    expect(page.get_by_text(NOTE)).to_have_count(0)
    page.reload()
    expect(comment(page)).to_have_value("")


def test_text_that_was_taken_away_again_is_no_draft(page: Page, desk: Desk) -> None:
    type_a_comment(page, desk)
    comment(page).fill("")
    page.get_by_label("Intern").check()
    assert "comment" not in stored(page)


def test_a_field_that_others_changed_meanwhile_is_not_written_over_unseen(
    page: Page, open_page: OpenPage, desk: Desk
) -> None:
    phones = []
    for window in (page, open_page(desk, role="staff")):
        window.goto(desk.order("ready", "customer"))
        phones.append(window.get_by_role("group", name="Kund", exact=True).get_by_role("textbox", name="Telefon"))
    phones[0].fill("0920-123 45")
    phones[1].fill("08-11 22 33")
    press(phones[1].page, "Spara")
    says(phones[1].page, "Kund och adresser är sparade.")
    page.reload()
    expect(phones[0]).to_have_value("08-11 22 33")
    press(page, "Återställ")
    expect(phones[0]).to_have_value("0920-123 45")
    press(page, "Spara")
    refuses(page, "Ordern ändrades medan du arbetade med den.")
    expect(phones[0]).to_have_value("0920-123 45")
    press(page, "Spara")
    says(page, "Kund och adresser är sparade.")


def type_a_code(page: Page) -> Locator:
    return page.get_by_label("Spårningskod")


def type_a_split(page: Page) -> Locator:
    page.get_by_role("link", name="Dela Stearinljus").click()
    return page.get_by_label("Dela", exact=True)


def type_a_quantity(page: Page) -> Locator:
    page.get_by_role("link", name="Redigera Stearinljus").click()
    return line(shipment(page, 1), "Stearinljus").get_by_label("Antal")


def type_a_product(page: Page) -> Locator:
    return page.get_by_label("Lägg till produkt")


@pytest.mark.parametrize("open_form", [type_a_code, type_a_split, type_a_quantity, type_a_product])
def test_each_form_of_a_shipment_survives_other_tabs_and_a_reload(
    page: Page, desk: Desk, open_form: Callable[[Page], Locator]
) -> None:
    page.goto(desk.order("ready", "shipping"))
    field = open_form(page)
    field.fill("2")
    open_tab(page, "Kund")
    open_tab(page, "Frakt")
    expect(field).to_have_value("2")
    page.reload()
    expect(field).to_have_value("2")
    assert page.evaluate("() => localStorage.length") == 0


@pytest.mark.parametrize("choice", ["Återställ", "Släng"])
@pytest.mark.parametrize("open_form", [type_a_code, type_a_split, type_a_quantity, type_a_product])
def test_what_was_typed_is_offered_where_the_order_has_changed(
    page: Page, open_page: OpenPage, desk: Desk, open_form: Callable[[Page], Locator], choice: str
) -> None:
    page.goto(desk.order("ready", "shipping"))
    field = open_form(page)
    field.fill("2")
    untouched = {type_a_split: "3", type_a_quantity: "3"}.get(open_form, "")
    open_tab(page, "Kund")
    other = open_page(desk, role="staff")
    other.goto(desk.order("ready", "shipping"))
    press(other, "Radera Linneduk 140 × 250, sand")
    says(other, "är raderad.")
    open_tab(page, "Frakt")
    expect(field).to_have_value(untouched)
    note = page.locator("main").get_by_text(OFFER)
    expect(note).to_be_visible()
    press(page, choice)
    expect(note).to_have_count(0)
    expect(field).to_have_value("2" if choice == "Återställ" else untouched)
    page.reload()
    expect(page.locator("main").get_by_text(OFFER)).to_have_count(0)
    if choice == "Återställ":
        expect(field).to_have_value("2")


def test_a_change_of_ones_own_is_not_asked_about(page: Page, desk: Desk) -> None:
    type_a_comment(page, desk)
    open_tab(page, "Frakt")
    press(page, "Radera Linneduk 140 × 250, sand")
    says(page, "är raderad.")
    open_tab(page, "Sammanfattning")
    expect_the_comment(page)
    press(page, "Lägg till kommentar")
    says(page, "Kommentaren är sparad")


def test_another_user_sees_nothing_of_it(page: Page, desk: Desk) -> None:
    type_a_comment(page, desk)
    page.context.clear_cookies()
    page.goto(desk.order("ready"))
    sign_in(page, "erik@example.com")
    expect(comment(page)).to_have_value("")
    assert "Halvvägs" not in stored(page)


def test_signing_out_takes_drafts_away(page: Page, desk: Desk) -> None:
    type_a_comment(page, desk)
    press(page, "Logga ut")
    expect(page.get_by_role("heading", name="Logga in")).to_be_visible()
    assert "Halvvägs" not in stored(page)
    expect(page.get_by_text("finns kvar")).to_be_hidden()


@pytest.mark.parametrize(
    ("path", "field"), [("/account", "Nuvarande lösenord"), ("/settings/integrations", re.compile("[Hh]emlighet"))]
)
def test_secrets_are_never_kept(page: Page, path: str, field: str | re.Pattern[str]) -> None:
    page.goto(path)
    page.get_by_label(field).first.fill("mycket hemligt")
    page.reload()
    assert "hemligt" not in stored(page)
    expect(page.get_by_label(field).first).to_have_value("")


@pytest.mark.parametrize("path", ["/settings/shop", "/settings/templates/order_confirmation/sv"])
def test_konfiguration_keeps_what_was_typed(page: Page, path: str) -> None:
    page.goto(path)
    field = page.locator("main form[method=post] input[type=text]:visible").first
    field.fill("Nytt värde")
    page.reload()
    expect(field).to_have_value("Nytt värde")
    says(page, KEPT)


MISSING_STORAGE = """Object.defineProperty(window, "sessionStorage", {
  get() { throw new DOMException("denied", "SecurityError"); },
});"""


def test_a_frame_without_storage_works_as_before(page: Page, desk: Desk) -> None:
    page.add_init_script(MISSING_STORAGE)
    page.goto(desk.order("ready"))
    comment(page).fill("Utan lagring")
    press(page, "Lägg till kommentar")
    says(page, "Kommentaren är sparad")
