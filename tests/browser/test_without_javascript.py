"""The same walk with JavaScript turned off: plain links, forms and redirects do all of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.shop import PASSWORD, Desk
from tests.browser.steps import line, open_tab, press, refuses, says, shipment


@pytest.fixture
def page(open_page: OpenPage, desk: Desk) -> Page:
    return open_page(desk, java_script_enabled=False)


def test_signing_in_leads_on_to_where_one_was_going(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, role=None, java_script_enabled=False)
    page.goto(desk.order("ready", "shipping"))
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


def test_the_list_is_searched_filtered_and_paged(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    rows = page.locator(".orders tbody tr")
    page.get_by_role("searchbox", name="Sök").fill("örjan")
    press(page, "Sök")
    expect(page).to_have_url(desk.order("mixed"))
    page.goto("/orders?q=örjan")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name=f"Redigera {desk.shop.numbers['mixed']}").click()
    expect(page).to_have_url(desk.order("mixed", "shipping"))
    page.get_by_role("link", name="Ordrar", exact=True).click()
    page.get_by_role("navigation", name="Orderstatus").get_by_role("link", name="Makulerade").click()
    expect(rows).to_have_count(1)
    page.get_by_role("navigation", name="Orderstatus").get_by_role("link", name="Alla").click()
    page.get_by_role("link", name="Nästa").click()
    expect(rows).to_have_count(desk.shop.on_second_page)
    page.get_by_role("link", name="Till första sidan").click()
    page.get_by_role("link", name=desk.shop.numbers["split"], exact=True).click()
    for tab in ("Frakt", "Kund", "Utskick", "Historik", "Sammanfattning"):
        open_tab(page, tab)
    page.go_back()
    expect(page.get_by_text("Ordern lades, 2 777,00 kr.")).to_be_visible()


def test_comments_and_confirmations_are_written_and_refused_ones_kept(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    text = page.get_by_label("Kommentar", exact=True)
    text.fill("Hej Åsa!")
    page.get_by_label("Mejla kunden").check()
    press(page, "Lägg till kommentar")
    refuses(page, "En intern kommentar mejlas inte.")
    expect(text).to_have_value("Hej Åsa!")
    expect(page.get_by_label("Mejla kunden")).to_be_checked()
    page.get_by_label("Till kund").check()
    press(page, "Lägg till kommentar")
    says(page, "Kommentaren är sparad. Mejlet går till asa@example.com.")
    expect(page.locator(".comment").first).to_contain_text(re.compile(r"Till kund\s+Anna Lind .* mejl till"))
    expect(text).to_have_value("")

    recipient = page.locator("#confirmation-form").get_by_label("E-post")
    recipient.fill("ekonomi@")
    press(page, "Skicka orderbekräftelse på nytt")
    expect(page.get_by_text("Ange en e-postadress som namn@example.com.")).to_be_visible()
    expect(recipient).to_have_value("ekonomi@")
    recipient.fill("ekonomi@example.com")
    press(page, "Skicka orderbekräftelse på nytt")
    says(page, "Orderbekräftelsen går till ekonomi@example.com.")
    expect(page).to_have_url(re.compile(f"/orders/{desk.shop.numbers['ready']}(/summary)?$"))


def test_a_product_is_searched_for_chosen_and_added(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Lägg till produkt").fill("mässing")
    page.locator("#add-line").get_by_label("Antal").fill("2")
    press(page, "Lägg till produkt")
    refuses(page, "Flera produkter stämmer. Välj en av dem.")
    expect(page.get_by_label("Lägg till produkt")).to_have_value("mässing")
    expect(page.locator("#add-line").get_by_label("Antal")).to_have_value("2")
    page.get_by_role("radio", name="Ljusstake i mässing, låg").check()
    press(page, "Lägg till produkt")
    says(page, "2 × Ljusstake i mässing, låg är tillagd i")
    expect(line(shipment(page, 1), "mässing, låg")).to_contain_text("0 täckta, 2 rest")
    page.get_by_label("Lägg till produkt").fill("lyk-07")
    press(page, "Lägg till produkt")
    says(page, "1 × Lykta i smide nr 7 är tillagd i")
    page.get_by_label("Lägg till produkt").fill("finns inte")
    press(page, "Lägg till produkt")
    refuses(page, "Välj en produkt: sök på namn eller artikelnummer.")
    expect(page.get_by_label("Lägg till produkt")).to_have_value("finns inte")


def test_a_quantity_is_changed_and_lines_removed(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    row = line(shipment(page, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("٣")
    press(row, "Spara")
    expect(row).to_contain_text("Ange ett heltal från 1 till")
    expect(row.get_by_label("Antal")).to_have_value("٣")
    row.get_by_role("link", name="Avbryt").click()
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("8")
    press(row, "Spara")
    says(page, "antalet är nu 8.")
    expect(row).to_contain_text("8 st")
    press(page, "Radera Linneduk 140 × 250, sand")
    says(page, "är raderad.")
    press(page, "Radera Stearinljus, 12-pack, vita")
    refuses(page, "Makulera ordern i stället")


def test_lines_are_split_joined_and_backorders_split_off(page: Page, desk: Desk) -> None:
    page.goto(desk.order("mixed", "shipping"))
    press(page, "Dela av restnoterat")
    says(page, "Det som väntar på lager är flyttat till")
    line(shipment(page, 1), "Stearinljus").get_by_role("link", name="Dela").click()
    page.get_by_label("Dela", exact=True).fill("5")
    press(page, "Dela")
    expect(page.get_by_text("Det finns bara 3 att flytta.").first).to_be_visible()
    expect(page.get_by_label("Dela", exact=True)).to_have_value("5")
    page.get_by_label("Dela", exact=True).fill("1")
    press(page, "Dela")
    expect(line(shipment(page, 3), "Stearinljus")).to_contain_text("1 st")
    line(shipment(page, 3), "Stearinljus").get_by_role("link", name="Dela").click()
    page.get_by_role("radio", name=f"{desk.shop.numbers['mixed']}-1").check()
    press(page, "Dela")
    says(page, "är flyttad till")
    expect(shipment(page, 3)).to_have_count(0)
    expect(line(shipment(page, 1), "Stearinljus")).to_contain_text("3 st")


def test_tracking_and_delivery_status_are_set_and_taken_back(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Spårningskod").fill("<script>")
    page.get_by_label("Spårningskod").press("Enter")
    refuses(page, "En spårningskod har bara bokstäver")
    expect(page.get_by_label("Spårningskod")).to_have_value("<script>")
    page.get_by_label("Spårningskod").fill("00370712345678901234")
    page.get_by_label("Transportör").select_option("PostNord")
    press(shipment(page, 1), "Spara")
    expect(page.get_by_role("link", name="00370712345678901234")).to_be_visible()
    press(page, "Sätt till Restnoterad")
    says(page, "-1: Restnoterad")
    press(page, "Markera som skickad")
    says(page, "är skickad, och en leveransbekräftelse går till asa@example.com om 30 s.")
    open_tab(page, "Utskick")
    page.get_by_role("link", name="Leveransbekräftelse WS-").click()
    body = page.locator("iframe.mail").content_frame.locator("body")
    expect(body).to_contain_text("00370712345678901234")
    open_tab(page, "Frakt")
    press(page, "Ångra skickad")
    says(page, "-1: Redo")
    open_tab(page, "Historik")
    expect(page.get_by_role("listitem").first).to_contain_text("togs tillbaka från skickad.")


def test_the_customer_is_changed_and_a_stale_form_keeps_its_input(page: Page, open_page: OpenPage, desk: Desk) -> None:
    page.goto(desk.order("ready", "customer"))
    other = open_page(desk, role="staff", java_script_enabled=False)
    other.goto(desk.order("ready", "customer"))
    other.locator("#customer-phone").fill("0920-11 11")
    press(other, "Spara")
    says(other, "Kund och adresser är sparade.")
    phone = page.locator("#customer-phone")
    phone.fill("0920-123 45")
    press(page, "Spara")
    refuses(page, "Erik Holm: Kund eller adresser ändrades.")
    expect(phone).to_have_value("0920-123 45")
    press(page, "Spara")
    says(page, "Kund och adresser är sparade.")


def test_konfiguration_is_changed(page: Page, desk: Desk) -> None:
    page.goto("/settings/shop")
    page.get_by_label("Tidszon").fill("Luleå")
    press(page, "Spara")
    expect(page.get_by_text("Ange en tidszon, till exempel Europe/Stockholm.")).to_be_visible()
    expect(page.get_by_label("Tidszon")).to_have_value("Luleå")
    page.get_by_label("Tidszon").fill("Europe/Helsinki")
    press(page, "Spara")
    says(page, "Inställningarna är sparade.")
    page.get_by_role("link", name="Transportörer").click()
    page.get_by_role("link", name="Redigera DHL").click()
    page.get_by_label("Transportör", exact=True).fill("DHL Freight")
    press(page, "Spara")
    says(page, "DHL Freight är sparad.")
    press(page, "Radera Airmee")
    says(page, "Airmee är borttagen.")


def test_an_order_is_cancelled(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.get_by_text("Makulera ordern").click()
    press(page, f"Makulera {desk.shop.numbers['ready']}")
    says(page, "är makulerad.")
    expect(page.locator(".order-head")).to_contain_text("Makulerad")
