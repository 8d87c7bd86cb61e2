"""What the issue says that staff do, section by section, in a browser as theirs: Swedish, with JavaScript."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Complaints, OpenPage
from tests.browser.shop import PASSWORD, Desk
from tests.browser.steps import is_the_same_page, line, mark, open_tab, press, refuses, says, shipment, tab_link

# 1. The list


def test_an_order_opens_by_its_number_and_by_redigera(page: Page, desk: Desk) -> None:
    number = desk.shop.numbers["mixed"]
    page.goto("/orders")
    page.get_by_role("link", name=number, exact=True).click()
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    expect(page.get_by_role("link", name="Sammanfattning")).to_have_attribute("aria-current", "page")
    page.go_back()
    page.get_by_role("link", name=f"Redigera {number}").click()
    expect(page).to_have_url(desk.order("mixed", "shipping"))
    expect(page.get_by_role("button", name="Lägg till produkt")).to_be_visible()


def test_a_click_on_its_row_opens_an_order(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.get_by_role("cell", name="Örjan Ström").click()
    expect(page).to_have_url(desk.order("mixed"))


@pytest.mark.parametrize(
    ("words", "fate"),
    [
        ("örjan", "mixed"),
        ("ELODIE@example.com", "waiting"),
        ("byggnadsvård", "company"),
        ("00370712345678905555", "shipped"),
        ("LANG-1", "wide"),
    ],
)
def test_the_list_is_searched_as_one_types(page: Page, desk: Desk, words: str, fate: str) -> None:
    page.goto("/orders")
    mark(page)
    page.get_by_role("searchbox", name="Sök").press_sequentially(words)
    expect(page.locator(".orders tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name=desk.shop.numbers[fate], exact=True)).to_be_visible()
    expect(page.get_by_role("searchbox", name="Sök")).to_be_focused()
    expect(page.get_by_role("searchbox", name="Sök")).to_have_value(words)
    assert "q=" in page.url
    assert is_the_same_page(page)


def test_the_list_is_filtered_by_status_and_paged(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    mark(page)
    statuses = page.get_by_role("navigation", name="Orderstatus")
    rows = page.locator(".orders tbody tr")
    listed = rows.locator("td:first-child a")
    of_fates = desk.shop.numbers
    for chip, numbers in [
        ("Makulerade", [of_fates["cancelled"]]),
        ("Skickade", [of_fates["returned"], of_fates["shipped"]]),
    ]:
        statuses.get_by_role("link", name=re.compile(f"^{chip}")).click()
        expect(listed).to_have_text(numbers)
    page.go_back()
    expect(listed).to_have_text([of_fates["cancelled"]])
    statuses.get_by_role("link", name="Alla").click()
    expect(rows).to_have_count(25)
    page.get_by_role("link", name="Nästa").click()
    expect(rows).to_have_count(desk.shop.on_second_page)
    page.get_by_role("link", name="Till första sidan").click()
    expect(rows).to_have_count(25)
    page.get_by_label("Sök", exact=True).fill("finns inte")
    expect(page.get_by_text("Inga ordrar stämmer med det du frågade efter.")).to_be_visible()
    page.get_by_role("link", name="Visa alla ordrar").click()
    expect(rows).to_have_count(25)
    assert is_the_same_page(page)


# 2. The order


def test_tabs_swap_in_place_and_back_and_forward_work(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split"))
    mark(page)
    for tab, path, shows in [
        ("Frakt", "shipping", "Lägg till produkt"),
        ("Kund", "customer", "Fakturaadress"),
        ("Utskick", "messages", "Orderbekräftelse WS-"),
        ("Historik", "history", "Ordern lades"),
    ]:
        open_tab(page, tab)
        expect(page).to_have_url(desk.order("split", path))
        expect(page.locator("#order")).to_contain_text(shows)
    page.go_back()
    expect(page).to_have_url(desk.order("split", "messages"))
    expect(page.get_by_role("link", name="Utskick")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.get_by_role("group", name="Fakturaadress")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("link", name="Utskick")).to_have_attribute("aria-current", "page")
    assert is_the_same_page(page)


# 3. Sammanfattning


def test_comments_are_internal_or_for_the_customer_and_mailed_only_on_request(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    mark(page)
    text, comments = page.get_by_label("Kommentar", exact=True), page.locator(".comment")
    expect(page.get_by_label("Intern")).to_be_checked()
    expect(page.get_by_label("Mejla kunden")).not_to_be_checked()

    text.fill("Väntar på besked från lagret.")
    press(page, "Lägg till kommentar")
    says(page, "Kommentaren är sparad.")
    expect(comments.first).to_contain_text("Intern Anna Lind")
    expect(text).to_have_value("")

    text.fill("Hej Åsa! Vi återkommer <b>snart</b>.")
    page.get_by_label("Till kund").check()
    press(page, "Lägg till kommentar")
    expect(comments.first).to_contain_text("Till kund Anna Lind")
    expect(comments.first).to_contain_text("<b>snart</b>")
    expect(comments.first).to_contain_text("inte mejlad, så ingen får den")

    text.fill("Nu är paketet packat.")
    page.get_by_label("Till kund").check()
    page.get_by_label("Mejla kunden").check()
    press(page, "Lägg till kommentar")
    says(page, "Kommentaren är sparad. Mejlet går till asa@example.com.")
    expect(comments.first).to_contain_text("mejl till asa@example.com: köad")
    expect(page.get_by_label("Mejla kunden")).not_to_be_checked()
    expect(page.get_by_label("Intern")).to_be_checked()
    assert is_the_same_page(page)


def test_an_internal_comment_is_not_mailed_and_stays_typed(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.get_by_label("Kommentar", exact=True).fill("Bara för oss")
    page.get_by_label("Mejla kunden").check()
    press(page, "Lägg till kommentar")
    refuses(page, "En intern kommentar mejlas inte.")
    expect(page.get_by_label("Kommentar", exact=True)).to_have_value("Bara för oss")
    expect(page.get_by_label("Mejla kunden")).to_be_checked()


def test_the_confirmation_is_sent_again_to_the_customer_or_a_typed_address(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    recipient = page.locator("#confirmation-form").get_by_label("E-post")
    expect(recipient).to_have_value("asa@example.com")
    press(page, "Skicka orderbekräftelse på nytt")
    says(page, "Orderbekräftelsen går till asa@example.com.")
    recipient.fill("ingen adress")
    press(page, "Skicka orderbekräftelse på nytt")
    refuses(page, "Inget ändrades: se det som är markerat nedan.")
    expect(page.get_by_text("Ange en e-postadress som namn@example.com.")).to_be_visible()
    expect(recipient).to_have_value("ingen adress")
    expect(recipient).to_be_focused()
    recipient.fill("ekonomi@example.com")
    press(page, "Skicka orderbekräftelse på nytt")
    refuses(page, "Samma mejl till asa@example.com skrevs för")
    expect(recipient).to_have_value("ekonomi@example.com")
    press(page, "Skicka ändå")
    says(page, "Orderbekräftelsen går till ekonomi@example.com.")
    expect(page.locator(".mail-state")).to_contain_text("till ekonomi@example.com")
    expect(page.get_by_role("link", name="Utskick")).to_contain_text("3")


def test_totals_and_what_is_owed_follow_a_change_of_a_paid_order(page: Page, desk: Desk) -> None:
    page.goto(desk.order("paid", "shipping"))
    row = line(shipment(page, 1), "Linneduk")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("3")
    press(row, "Spara")
    refuses(page, re.compile("En order betald med klarna kan bli billigare men inte dyrare", re.IGNORECASE))
    row.get_by_label("Antal").fill("1")
    press(row, "Spara")
    says(page, "antalet är nu 1")
    expect(page.locator(".order-head")).to_contain_text("649,00 kr att återbetala")
    open_tab(page, "Sammanfattning")
    expect(page.locator(".totals")).to_contain_text(re.compile(r"Att återbetala\s*649,00"))


def test_an_order_is_cancelled(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.get_by_text("Makulera ordern").click()
    press(page, f"Makulera {desk.shop.numbers['ready']}")
    says(page, "är makulerad.")
    expect(page.locator(".order-head")).to_contain_text("Makulerad")
    open_tab(page, "Frakt")
    expect(page.get_by_role("button", name="Lägg till produkt")).to_have_count(0)


# 4. Frakt


def test_a_product_is_found_as_one_types_and_added_with_the_mouse(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "shipping"))
    mark(page)
    page.get_by_label("Lägg till produkt").press_sequentially("lyk-4")
    found = page.get_by_role("listbox", name="Hittade produkter")
    expect(found.get_by_role("option")).to_have_count(10)
    expect(found).to_contain_text("99 i lager")
    found.get_by_text("Lykta i smide nr 42").click()
    expect(found).to_be_hidden()
    expect(page.get_by_label("Lägg till produkt")).to_have_value("Lykta i smide nr 42 LYK-42")
    expect(page.locator("#add-line").get_by_label("Antal")).to_be_focused()
    page.locator("#add-line").get_by_label("Antal").fill("2")
    page.locator("#add-line").get_by_label("Försändelse").select_option(label=f"{desk.shop.numbers['split']}-2")
    press(page, "Lägg till produkt")
    says(page, "2 × Lykta i smide nr 42 är tillagd i")
    expect(line(shipment(page, 2), "Lykta i smide nr 42")).to_contain_text("2 st")
    expect(page.get_by_label("Lägg till produkt")).to_have_value("")
    expect(page.locator("#add-line").get_by_label("Antal")).to_have_value("1")
    expect(found).to_have_count(0)
    assert is_the_same_page(page)


def test_words_typed_before_the_scripts_have_started_are_searched_for(page: Page, desk: Desk) -> None:
    held: list[Route] = []
    page.route("**/htmx-*.js*", lambda route: held.append(route))
    page.goto(desk.order("ready", "shipping"), wait_until="commit")
    page.get_by_label("Lägg till produkt").press_sequentially("mässing")
    held[0].continue_()
    expect(page.get_by_role("listbox", name="Hittade produkter")).to_be_visible()


def test_the_only_product_found_is_added_by_enter(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Lägg till produkt").press_sequentially("mässing hög")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    says(page, "1 × Ljusstake i mässing, hög är tillagd")
    expect(line(shipment(page, 1), "mässing, hög")).to_contain_text("0 täckta, 1 rest")
    expect(shipment(page, 1).get_by_text("Restnoterad", exact=True)).to_be_visible()
    expect(page.get_by_label("Lägg till produkt")).to_be_focused()


def test_enter_before_the_search_has_answered_adds_nothing_that_was_not_asked_for(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Lägg till produkt").fill("mässing")
    expect(page.get_by_role("listbox").get_by_role("option", name="Ljusstake i mässing, hög")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.route("**/products?*", lambda route: None)
    page.get_by_label("Lägg till produkt").fill("lyk-07")
    page.keyboard.press("Enter")
    says(page, "1 × Lykta i smide nr 7 är tillagd")


def test_more_than_stock_of_what_cannot_be_backordered_is_refused_at_its_field(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Lägg till produkt").fill("SPETS-1")
    page.get_by_role("listbox").get_by_role("option", name="Handvirkad spets").click()
    page.locator("#add-line").get_by_label("Antal").fill("5")
    press(page, "Lägg till produkt")
    refuses(page, "Handvirkad spets, unik kan inte restnoteras: högst 1 finns att sälja.")
    expect(page.locator("#add-line").get_by_label("Antal")).to_have_value("5")
    expect(page.get_by_label("Lägg till produkt")).to_have_value("Handvirkad spets, unik SPETS-1")


def test_a_quantity_is_changed_in_its_row_and_left_by_avbryt(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    mark(page)
    row = line(shipment(page, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    expect(row.get_by_label("Antal")).to_be_focused()
    row.get_by_label("Antal").fill("7")
    row.get_by_role("link", name="Avbryt").click()
    expect(row).to_contain_text("3 st")
    row.get_by_role("link", name="Redigera").click()
    expect(row.get_by_label("Antal")).to_have_value("3")
    row.get_by_label("Antal").fill("100000")
    press(row, "Spara")
    expect(row).to_contain_text("Ange ett heltal från 1 till")
    expect(row.get_by_label("Antal")).to_have_value("100000")
    row.get_by_label("Antal").fill("7")
    press(row, "Spara")
    says(page, "Stearinljus, 12-pack, vita: antalet är nu 7.")
    expect(row).to_contain_text("7 st")
    expect(row).to_contain_text("1 393,00")
    assert is_the_same_page(page)


def test_a_line_is_removed_but_not_the_last_one(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    press(page, "Radera Linneduk 140 × 250, sand")
    says(page, "2 × Linneduk 140 × 250, sand är raderad.")
    press(page, "Radera Stearinljus, 12-pack, vita")
    refuses(page, "En order behöver minst en produkt. Makulera ordern i stället")
    expect(line(shipment(page, 1), "Stearinljus")).to_be_visible()


def test_a_line_is_split_to_a_new_shipment_and_joined_again(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    mark(page)
    line(shipment(page, 1), "Stearinljus").get_by_role("link", name="Dela").click()
    expect(page.get_by_label("ny försändelse")).to_be_checked()
    page.get_by_label("Dela", exact=True).fill("9")
    press(page, "Dela")
    expect(page.get_by_text("Det finns bara 3 att flytta.").first).to_be_visible()
    page.get_by_label("Dela", exact=True).fill("2")
    press(page, "Dela")
    says(page, "2 × Stearinljus, 12-pack, vita är flyttad till")
    expect(line(shipment(page, 1), "Stearinljus")).to_contain_text("1 st")
    expect(line(shipment(page, 2), "Stearinljus")).to_contain_text("2 st")
    expect(tab_link(page, "Frakt")).to_contain_text("2")

    line(shipment(page, 2), "Stearinljus").get_by_role("link", name="Dela").click()
    page.get_by_role("radio", name=f"{desk.shop.numbers['ready']}-1").check()
    press(page, "Dela")
    expect(shipment(page, 2)).to_have_count(0)
    expect(line(shipment(page, 1), "Stearinljus")).to_contain_text("3 st")
    assert is_the_same_page(page)


def test_what_waits_for_stock_is_split_off_in_one_click(page: Page, desk: Desk) -> None:
    page.goto(desk.order("mixed", "shipping"))
    expect(shipment(page, 1)).to_contain_text("2 av 6 st väntar på lager")
    press(page, "Dela av restnoterat")
    says(page, "Det som väntar på lager är flyttat till")
    expect(shipment(page, 1).get_by_text("Redo", exact=True)).to_be_visible()
    expect(shipment(page, 2).get_by_text("Restnoterad", exact=True)).to_be_visible()
    expect(shipment(page, 2)).to_contain_text("0 täckta, 2 rest")


def test_tracking_codes_are_typed_with_a_carrier_or_pasted_as_a_link(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    code, save = page.get_by_label("Spårningskod"), shipment(page, 1).get_by_role("button", name="Spara", exact=True)
    code.fill("JJD000390007882")
    page.get_by_label("Transportör").select_option("DHL")
    save.click()
    says(page, "JJD000390007882 är tillagd på")
    code.fill("https://tracking.bring.se/tracking/ABC123")
    save.click()
    link = page.get_by_role("link", name="ABC123")
    expect(link).to_have_attribute("href", "https://tracking.bring.se/tracking/ABC123")
    expect(page.locator(".tracking .code").nth(1)).to_contain_text(re.compile(r"Bring\s+ABC123"))
    expect(page.get_by_role("link", name="JJD000390007882")).to_have_attribute("href", re.compile("dhl.com.*JJD0003"))
    code.fill("javascript:alert(1)")
    save.click()
    refuses(page, "En spårningskod har bara bokstäver")
    expect(code).to_have_value("javascript:alert(1)")
    press(page, "Ta bort ABC123")
    says(page, "En spårningskod togs bort")
    expect(link).to_have_count(0)


def test_the_delivery_status_is_set_by_hand_shipped_and_taken_back(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    mark(page)
    press(page, "Sätt till Restnoterad")
    says(page, "-1: Restnoterad")
    expect(page.locator(".order-head")).to_contain_text("Restnoterad")
    press(page, "Markera som skickad")
    refuses(page, "har ingen spårningskod")
    press(page, "Markera som skickad ändå")
    says(page, "är skickad, och en leveransbekräftelse går till asa@example.com om 30 s.")
    expect(page.locator(".order-head")).to_contain_text("Skickad")
    expect(page.get_by_role("link", name="Redigera Stearinljus")).to_have_count(0)
    expect(page.get_by_role("link", name="Utskick")).to_contain_text("2")
    press(page, "Ångra skickad")
    says(page, "-1: Redo")
    expect(page.get_by_role("link", name="Redigera Stearinljus")).to_be_visible()
    expect(page.get_by_role("link", name="Utskick")).to_contain_text("2")
    assert is_the_same_page(page)


def test_a_code_is_typed_and_its_shipment_shipped_in_one_go(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    mark(page)
    expect(page.get_by_label("Transportör")).to_have_value("PostNord")
    page.get_by_label("Spårningskod").fill("00370730254698741239")
    press(page, "Markera som skickad")
    says(page, "är skickad, och en leveransbekräftelse går till asa@example.com om 30 s.")
    expect(page.get_by_role("link", name="00370730254698741239")).to_be_visible()
    expect(page.get_by_label("Spårningskod")).to_have_value("")
    page.get_by_label("Spårningskod").fill("SEN-1")
    page.get_by_label("Transportör").select_option("Transportör …")
    expect(page.get_by_text("Utan transportör får mejlet ingen länk, om inte koden känns igen.")).to_be_visible()
    page.get_by_label("Spårningskod").press("Enter")
    says(page, "Utan transportör får mejlet ingen länk.")
    press(page, "Skicka leveransbekräftelsen på nytt")
    says(page, "Leveransbekräftelsen för")
    expect(page.get_by_role("button", name="Skicka leveransbekräftelsen på nytt")).to_have_count(0)
    expect(page.get_by_role("button", name="Ångra skickad")).to_be_visible()
    assert is_the_same_page(page)


def test_what_waits_is_asked_about_and_split_off_with_the_typed_code_kept(page: Page, desk: Desk) -> None:
    page.goto(desk.order("mixed", "shipping"))
    card = shipment(page, 1)
    card.get_by_label("Spårningskod").fill("00370730254698741239")
    press(card, "Markera som skickad")
    refuses(page, "2 av 6 st väntar på lager. Skicka allt ändå, eller dela av restnoterat?")
    expect(card.get_by_label("Spårningskod")).to_have_value("00370730254698741239")
    press(card, "Dela av restnoterat")
    says(page, "Det som väntar på lager är flyttat till")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(card.get_by_role("link", name="00370730254698741239")).to_be_visible()
    expect(card.get_by_label("Spårningskod")).to_have_value("")
    press(card, "Markera som skickad")
    says(page, "är skickad")
    rest = shipment(page, 2)
    rest.get_by_label("Spårningskod").fill("REST-2")
    press(rest, "Markera som skickad")
    press(rest, "Skicka allt ändå")
    expect(rest.get_by_role("link", name="REST-2")).to_be_visible()
    expect(rest.get_by_label("Spårningskod")).to_have_value("")
    expect(rest).to_contain_text("2 av 2 st fanns inte i lager")
    page.reload()
    expect(card.get_by_label("Spårningskod")).to_have_value("")
    expect(rest.get_by_label("Spårningskod")).to_have_value("")


def test_a_code_typed_in_answer_to_the_question_is_saved_by_enter(page: Page, desk: Desk) -> None:
    page.goto(desk.order("mixed", "shipping"))
    card = shipment(page, 1)
    press(card, "Markera som skickad")
    refuses(page, "har ingen spårningskod")
    card.get_by_label("Spårningskod").fill("ABC123")
    card.get_by_label("Spårningskod").press("Enter")
    says(page, "ABC123 är tillagd på")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(card.get_by_label("Spårningskod")).to_have_value("")
    expect(card.get_by_role("button", name="Markera som skickad")).to_be_visible()


# 5. Kund


def test_customer_and_addresses_are_changed(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "customer"))
    customer = page.get_by_role("group", name="Kund", exact=True)
    goes_to = page.get_by_role("group", name="Leveransadress")
    customer.get_by_label("E-post").fill("inte en adress")
    expect(goes_to.get_by_label("Gata", exact=True)).to_be_hidden()
    goes_to.get_by_label("Samma som fakturaadress").uncheck()
    goes_to.get_by_label("Gata", exact=True).fill("Skeppsbron 12")
    press(page, "Spara")
    refuses(page, "Inget ändrades")
    expect(customer.get_by_label("E-post")).to_have_value("inte en adress")
    expect(goes_to.get_by_label("Gata", exact=True)).to_have_value("Skeppsbron 12")
    customer.get_by_label("E-post").fill("åsa@example.com")
    press(page, "Spara")
    says(page, "Kund och adresser är sparade.")
    open_tab(page, "Sammanfattning")
    expect(page.locator("#order")).to_contain_text("Skeppsbron 12")
    expect(page.get_by_role("link", name="åsa@example.com")).to_be_visible()


# 6. Utskick and Historik


def test_a_mail_is_shown_as_it_was_sent_in_a_frame_that_can_do_nothing(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped"))
    open_tab(page, "Utskick")
    mail = page.get_by_role("link", name="Leveransbekräftelse WS-")
    expect(mail).to_have_attribute("aria-expanded", "false")
    mail.click()
    expect(mail).to_have_attribute("aria-expanded", "true")
    frame = page.locator("iframe.mail")
    expect(frame).to_have_attribute("sandbox", "")
    expect(frame.content_frame.locator("body")).to_contain_text("Stearinljus, 12-pack, vita")
    expect(frame.content_frame.locator("body")).to_contain_text("00370712345678905555")
    expect(page.get_by_text("ej skickad: ingen e-postserver inställd").first).to_be_visible()
    page.get_by_text("Som ren text").click()
    expect(page.locator("pre")).to_contain_text("Stearinljus, 12-pack, vita")
    mail.click()
    expect(frame).to_have_count(0)
    press(page, "Skicka på nytt")
    says(page, "Leveransbekräftelsen för")
    expect(page.locator("article.message")).to_have_count(3)


def test_the_history_tells_each_change_in_a_sentence(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_role("link", name="Redigera Stearinljus").click()
    page.get_by_label("Antal").nth(1).fill("4")
    page.keyboard.press("Enter")
    says(page, "antalet är nu 4")
    press(page, "Sätt till Restnoterad")
    says(page, "-1: Restnoterad")
    open_tab(page, "Historik")
    events = page.get_by_role("listitem")
    expect(events.nth(0)).to_contain_text("sattes till Restnoterad för hand.")
    expect(events.nth(0)).to_contain_text("Anna Lind")
    expect(events.nth(0)).to_contain_text(re.compile(r"status:\s*Redo\s*→\s*Restnoterad"))
    expect(events.nth(1)).to_contain_text("från 3 till 4.")
    expect(events.nth(1)).to_contain_text(re.compile(r"summa:\s*1.944,00\s*→\s*2.143,00"))
    expect(events.nth(2)).to_contain_text("En intern kommentar: «Kunden ringde")
    expect(events.nth(3)).to_contain_text("Ordern lades, 1 944,00 kr.")


# 7. Konfiguration


def test_what_is_changed_in_konfiguration_takes_effect(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.get_by_role("link", name="Konfiguration").click()
    page.get_by_label("Butikens namn").fill("Ljus & Lin i Luleå")
    page.get_by_label("Siffror i ordernummer").fill("99")
    press(page, "Spara")
    expect(page.get_by_text("Ange ett heltal från 3 till 12.")).to_be_visible()
    expect(page.get_by_label("Butikens namn")).to_have_value("Ljus & Lin i Luleå")
    page.get_by_label("Siffror i ordernummer").fill("7")
    page.get_by_label("Säkerhetsmarginal i lager").fill("240")
    press(page, "Spara")
    says(page, "Inställningarna är sparade.")
    expect(page.get_by_label("Siffror i ordernummer")).to_have_value("7")
    mark(page)  # the page was loaded anew, since the shop's name and language stand around what was changed

    page.get_by_role("link", name="E-post", exact=True).click()
    page.get_by_label("Mejla leveransbekräftelser när försändelser skickas").uncheck()
    press(page, "Spara")
    says(page, "Inställningarna är sparade.")

    page.get_by_role("link", name="Transportörer").click()
    page.get_by_label("Transportör", exact=True).fill("Cykelbudet")
    page.get_by_label("Spårningssidans adress").fill("https://cykelbudet.example/{code}")
    press(page, "Lägg till transportör")
    says(page, "Cykelbudet är sparad.")
    page.get_by_role("link", name="Redigera Airmee").click()
    expect(page.get_by_label("Transportör", exact=True)).to_have_value("Airmee")
    page.get_by_role("link", name="Avbryt").click()
    press(page, "Radera Airmee")
    says(page, "Airmee är borttagen.")
    assert is_the_same_page(page)

    page.goto(desk.order("ready", "shipping"))
    expect(page.locator(".masthead")).to_contain_text("Ljus & Lin i Luleå")
    page.get_by_label("Lägg till produkt").fill("LJUS-12")
    expect(page.get_by_role("listbox", name="Hittade produkter")).to_contain_text("0 i lager")
    page.get_by_label("Spårningskod").fill("C-77")
    page.get_by_label("Transportör").select_option("Cykelbudet")
    press(shipment(page, 1), "Spara")
    expect(page.get_by_role("link", name="C-77")).to_have_attribute("href", "https://cykelbudet.example/C-77")
    press(page, "Markera som skickad")
    says(page, "är skickad. Leveransbekräftelsen väntar under Utskick tills någon skickar den.")


def test_the_language_of_the_shop_goes_before_the_browsers(page: Page) -> None:
    page.goto("/settings/shop")
    page.get_by_label("Språk", exact=True).select_option("English")
    press(page, "Spara")
    says(page, "Inställningarna är sparade.")
    page.goto("/orders")
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()


# Signing in


def test_one_signs_in_with_a_password_and_comes_where_one_was_going(
    open_page: OpenPage, desk: Desk, complaints: Complaints
) -> None:
    page = open_page(desk, role=None)
    page.goto(desk.order("ready", "shipping"))
    expect(page.get_by_label("E-post")).to_be_focused()
    page.get_by_label("E-post").fill("anna@example.com")
    page.get_by_label("Lösenord").fill("fel")
    press(page, "Logga in")
    refuses(page, "E-post och lösenord hör inte ihop.")
    expect(page.get_by_label("E-post")).to_have_value("anna@example.com")
    page.get_by_label("Lösenord").fill(PASSWORD)
    press(page, "Logga in")
    expect(page).to_have_url(desk.order("ready", "shipping"))
    press(page, "Logga ut")
    expect(page.get_by_role("heading", name="Logga in")).to_be_visible()


def test_a_viewer_sees_everything_of_an_order_and_no_controls(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, role="viewer")
    page.goto(desk.order("split"))
    for tab in ("Frakt", "Kund", "Utskick", "Historik", "Sammanfattning"):
        open_tab(page, tab)
        expect(page.locator("main").get_by_role("button")).to_have_text(["Skriv ut"])
    expect(page.get_by_role("link", name="Konfiguration")).to_have_count(0)


# Several at once, and things that go wrong


def test_half_typed_text_in_another_form_survives_a_change(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "shipping"))
    page.locator("#tracking-2-code").fill("halvskriv")
    page.locator("#add-line").get_by_label("Antal").fill("12")
    press(page, "Radera Linneduk 140 × 250, sand")
    says(page, "är raderad.")
    expect(page.locator("#tracking-2-code")).to_have_value("halvskriv")
    expect(page.locator("#add-line").get_by_label("Antal")).to_have_value("12")
    open_tab(page, "Sammanfattning")
    page.get_by_label("Kommentar", exact=True).fill("Jag höll just på att")
    page.get_by_label("Till kund").check()
    press(page, "Skicka orderbekräftelse på nytt")
    says(page, "Orderbekräftelsen går till")
    expect(page.get_by_label("Kommentar", exact=True)).to_have_value("Jag höll just på att")
    expect(page.get_by_label("Till kund")).to_be_checked()


def test_a_double_click_makes_one_change(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.get_by_label("Kommentar", exact=True).fill("En gång räcker")
    page.get_by_role("button", name="Lägg till kommentar").dblclick()
    says(page, "Kommentaren är sparad.")
    page.reload()
    expect(page.locator(".comment").filter(has_text="En gång räcker")).to_have_count(1)
    open_tab(page, "Frakt")
    page.get_by_label("Lägg till produkt").fill("LYK-07")
    expect(page.get_by_role("listbox").get_by_role("option", name="Lykta i smide nr 7")).to_be_visible()
    page.get_by_role("button", name="Lägg till produkt").dblclick()
    says(page, "1 × Lykta i smide nr 7 är tillagd")
    page.reload()
    expect(line(shipment(page, 1), "Lykta i smide nr 7")).to_contain_text("1 st")


@pytest.mark.parametrize("pause", [0, 300])
def test_a_double_click_ships_and_does_not_take_it_back(page: Page, desk: Desk, pause: int) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Spårningskod").fill("ABC123")
    press(shipment(page, 1), "Spara")
    says(page, "ABC123 är tillagd på")
    box = page.get_by_role("button", name="Markera som skickad").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y)
    page.wait_for_timeout(pause)  # as long as a slow double click, in which the next button has come under the mouse
    page.mouse.move(x, y)
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    says(page, "är skickad, och en leveransbekräftelse går till")
    page.reload()
    expect(page.get_by_role("button", name="Ångra skickad")).to_be_visible()
    open_tab(page, "Historik")
    expect(page.get_by_role("listitem").first).to_contain_text("skickades; en leveransbekräftelse till")


def test_a_form_is_saved_beside_what_changed_elsewhere_and_says_so(page: Page, open_page: OpenPage, desk: Desk) -> None:
    page.goto(desk.order("ready", "customer"))
    other = open_page(desk, role="staff")
    other.goto(desk.order("ready", "shipping"))
    other.get_by_role("link", name="Redigera Stearinljus").click()
    other.get_by_label("Antal").nth(1).fill("9")
    other.keyboard.press("Enter")
    says(other, "antalet är nu 9")

    phone = page.get_by_role("group", name="Kund", exact=True).get_by_label("Telefon")
    phone.fill("0920-123 45")
    press(page, "Spara")
    says(page, "Kund och adresser är sparade.")
    says(page, re.compile(r"Under tiden: Erik Holm: Stearinljus, .*: från 3 till 9\. Båda är sparade\."))
    expect(page.locator(".order-total")).to_contain_text("3 138,00 kr")
    expect(phone).to_have_value("0920-123 45")


def test_a_desk_that_is_down_keeps_what_was_typed_and_says_so(page: Page, desk: Desk, complaints: Complaints) -> None:
    complaints.expected += ["ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "Failed to fetch"]
    page.goto(desk.order("ready"))
    page.get_by_label("Kommentar", exact=True).fill("Viktigt")
    desk.stop()
    press(page, "Lägg till kommentar")
    says(page, "Ingen kontakt med orderdisken. Det du skrev finns kvar; försök igen.")
    expect(page.get_by_label("Kommentar", exact=True)).to_have_value("Viktigt")


def test_an_expired_session_leads_to_signing_in_and_back(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.context.clear_cookies()
    press(page, "Radera Linneduk 140 × 250, sand")
    expect(page.get_by_role("heading", name="Logga in")).to_be_visible()
    page.get_by_label("E-post").fill("anna@example.com")
    page.get_by_label("Lösenord").fill(PASSWORD)
    press(page, "Logga in")
    expect(page).to_have_url(desk.order("ready", "shipping"))
    expect(page.get_by_role("button", name="Radera Linneduk")).to_be_visible()
