"""The story of a mail template: changed by someone who has never seen it, caught by the guard, mended, tried, found."""

import re

from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Complaints
from tests.browser.shop import Desk
from tests.browser.steps import is_the_same_page, mark, press, refuses, says, shipment
from webshop_orders.db.extensions import db
from webshop_orders.models import MailTemplate, Message

NO_CODE = "Mallen visar ingen spårningskod, så kunden kan inte spåra sin försändelse."


def mail(page: Page) -> FrameLocator:
    """The mail as it will look, in its frame."""
    return page.frame_locator("iframe.mail:not(.coming)")


def test_a_delivery_confirmation_is_changed_guarded_mended_tried_and_found(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.get_by_role("link", name="Konfiguration").click()
    page.get_by_role("link", name="Utskicksmallar").click()
    page.get_by_role("row", name="Leveransbekräftelse").get_by_role("link", name="på svenska").click()
    expect(mail(page).locator("body")).to_contain_text("Dina varor är på väg!")
    mark(page)

    # Something friendlier is typed, and the tracking is lost on the way.
    html = page.get_by_label("HTML", exact=True)
    html.fill("<h1>Hurra, nu kommer ditt paket!</h1>\n<p>Hej!</p>\n{{ blocks.rows }}")
    expect(mail(page).locator("body")).to_contain_text("Hurra, nu kommer ditt paket!")
    expect(page.get_by_label("Vad mejlet säger")).to_contain_text(NO_CODE)

    # It is told again when it is saved, and one click puts the tracking in.
    press(page, "Spara")
    refuses(page, NO_CODE)
    expect(page.get_by_role("button", name="Spara ändå")).to_be_visible()
    page.get_by_label("Vad mejlet säger").get_by_role("button", name="Infoga").click()
    expect(html).to_have_value(
        "<h1>Hurra, nu kommer ditt paket!</h1>\n<p>Hej!</p>\n{{ blocks.rows }}\n{{ blocks.tracking }}"
    )
    expect(mail(page).locator("body")).to_contain_text("Spåra försändelsen")
    expect(page.get_by_label("Vad mejlet säger")).not_to_contain_text(NO_CODE)

    # A variable is put in where the caret is, and a slip of the pen is told with its line.
    html.evaluate("field => field.setSelectionRange(44, 44)")
    html.focus()
    page.get_by_role("button", name="customer.first_name").click()
    assert "<p>Hej{{ customer.first_name }}!</p>" in html.input_value()
    expect(mail(page).locator("body")).to_contain_text(re.compile(r"Hej[^!]+!"))
    subject = page.get_by_label("Ämne")
    subject.fill("{{ shipment.referens }} är på väg")
    expect(page.get_by_label("Vad mejlet säger")).to_contain_text(
        "shipment.referens finns inte. Menade du shipment.ref"
    )
    subject.fill("{{ shipment.reference }} är på väg")

    # It is seen with a real shipment, tried, and saved.
    number = desk.shop.numbers["shipped"]
    page.get_by_label("Visa med order").fill(number)
    expect(page.get_by_label("Vad mejlet säger")).to_contain_text(f"{number}-1 är på väg")
    page.get_by_label("Skicka test till").fill("anna@example.com")
    press(page, "Skicka test")
    says(page, "Ett test går till anna@example.com.")
    press(page, "Spara")
    says(page, "Mallen är sparad och används från och med nu.")
    assert is_the_same_page(page)

    # And the test is in the log, as it looked.
    parts = page.get_by_role("navigation", name="Konfigurationens delar")
    parts.get_by_role("link", name="Utskick", exact=True).click()
    page.get_by_role("link", name="Tester").click()
    page.get_by_role("link", name=f"[Test] {number}-1 är på väg").click()
    expect(mail(page).locator("body")).to_contain_text("Hurra, nu kommer ditt paket!")
    expect(mail(page).locator("body")).to_contain_text("Spåra försändelsen")
    saved = desk.ask(lambda: db.session.query(MailTemplate).one().source)
    assert saved is not None
    assert saved.subject == "{{ shipment.reference }} är på väg"
    assert desk.ask(lambda: db.session.query(Message).filter_by(is_test=True).count()) == 1


def test_back_from_the_editor_leads_to_the_list_however_much_was_typed(page: Page, desk: Desk) -> None:
    page.goto("/settings/templates")
    page.get_by_role("row", name="Orderbekräftelse").get_by_role("link", name="på svenska").click()
    page.wait_for_url("**/settings/templates/*/sv")  # loaded: what is typed before the script runs updates no preview
    html = page.get_by_label("HTML", exact=True)
    for word in ("Ett", "Två", "Tre"):
        html.fill(f"<p>{word}</p>{{{{ blocks.rows }}}}{{{{ order.number }}}}")
        expect(mail(page).locator("body")).to_contain_text(word)
    page.go_back()
    expect(page).to_have_url(f"{desk.url}/settings/templates")


def test_a_fault_keeps_the_last_good_mail_in_sight_and_leads_to_its_line(page: Page, desk: Desk) -> None:
    page.goto("/settings/templates/delivery_confirmation/sv")
    expect(mail(page).locator("body")).to_contain_text("Dina varor är på väg!")
    html = page.get_by_label("HTML", exact=True)
    html.fill("<p>Rad ett</p>\n<p>{{ customer.namn }}</p>\n<p>Rad tre</p>")
    findings = page.get_by_label("Vad mejlet säger")
    expect(findings).to_contain_text("Rad 2: customer.namn finns inte. Menade du customer.name?")
    expect(mail(page).locator("body")).to_contain_text("Dina varor är på väg!")
    findings.get_by_role("button", name="Visa").click()
    expect(html).to_be_focused()
    chosen = html.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert chosen == "<p>{{ customer.namn }}</p>"


def test_an_earlier_version_is_brought_back(page: Page, desk: Desk) -> None:
    page.goto("/settings/templates/comment/sv")
    shipped = page.get_by_label("Ämne").input_value()
    assert shipped.startswith("Angående din order {{ order.number }}")
    page.get_by_label("Ämne").fill("Vårt svar om {{ order.number }}")
    press(page, "Spara")
    says(page, "Mallen är sparad")
    press(page, "Återställ")
    says(page, "Den medföljande mallen används igen.")
    expect(page.get_by_label("Ämne")).to_have_value(shipped)
    page.get_by_text("Tidigare versioner", exact=True).click()
    page.get_by_role("link", name="Hämta tillbaka").nth(1).click()
    expect(page.get_by_label("Ämne")).to_have_value("Vårt svar om {{ order.number }}")


def test_the_preview_fetches_nothing(page: Page, desk: Desk, complaints: Complaints) -> None:
    complaints.expected.append("violates the following Content Security Policy directive")
    asked: list[str] = []
    page.on("response", lambda response: asked.append(response.url))
    page.goto("/settings/templates/delivery_confirmation/sv")
    page.get_by_label("HTML", exact=True).fill('<p>Bild</p><img src="https://tracker.example/x.png">{{ blocks.rows }}')
    expect(mail(page).locator("body")).to_contain_text("Bild")
    assert not [url for url in asked if "tracker.example" in url]


def test_before_a_shipment_goes_without_its_code_staff_are_asked_and_can_mend_it(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    mark(page)
    card = shipment(page, 1)
    press(card, "Markera som skickad")
    refuses(page, "har ingen spårningskod, så kunden kan inte spåra sin försändelse.")
    expect(page.locator(".order-head")).to_contain_text("Redo")
    card.get_by_label("Spårningskod").fill("ABC123")
    card.get_by_label("Spårningskod").press("Enter")
    says(page, "ABC123 är tillagd på")
    expect(page.get_by_role("alert")).to_have_count(0)
    press(card, "Markera som skickad")
    says(page, "är skickad, och en leveransbekräftelse går till asa@example.com om 30 s.")
    assert is_the_same_page(page)


def test_a_template_without_the_code_is_told_before_the_customer_misses_it(page: Page, desk: Desk) -> None:
    page.goto("/settings/templates/delivery_confirmation/sv")
    page.get_by_label("Text", exact=True).fill("Hej!\n{{ blocks.rows }}")
    press(page, "Spara")
    refuses(page, NO_CODE)
    press(page, "Spara ändå")
    says(page, "Mallen är sparad")
    page.goto(desk.order("ready", "shipping"))
    card = shipment(page, 1)
    card.get_by_label("Spårningskod").fill("ABC123")
    press(card, "Markera som skickad")
    refuses(page, "Utskicksmallen visar ingen spårningskod")
    expect(card.get_by_role("link", name="Ändra utskicksmallen")).to_be_visible()
    press(card, "Markera som skickad ändå")
    says(page, "är skickad, och en leveransbekräftelse går till asa@example.com om 30 s.")
