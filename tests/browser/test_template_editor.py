"""The editor of mail templates under the fingers: nothing is saved by accident, and nothing jumps or falls back."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.shop import Desk
from tests.browser.steps import press, says
from tests.browser.test_templates import mail
from webshop_orders.db.extensions import db
from webshop_orders.models import MailTemplate, Message

HERE = "/settings/templates/delivery_confirmation/sv"
GOOD = "<h1>Hurra!</h1>\n{{ blocks.tracking }}\n{{ blocks.rows }}"


def opened(page: Page) -> Page:
    page.goto(HERE)
    expect(mail(page).locator("body")).to_contain_text("Dina varor är på väg!")
    return page


def versions(desk: Desk) -> int:
    return int(desk.ask(lambda: db.session.query(MailTemplate).count()))


def test_enter_in_the_order_field_shows_the_order_and_saves_nothing(page: Page, desk: Desk) -> None:
    opened(page).get_by_label("HTML", exact=True).fill(GOOD)
    page.get_by_label("Visa med order").fill(desk.shop.numbers["shipped"])
    page.get_by_label("Visa med order").press("Enter")
    expect(page.get_by_label("Vad mejlet säger")).to_contain_text(f"{desk.shop.numbers['shipped']}-1")
    expect(page.locator(".owner")).to_have_text("medföljande")
    assert versions(desk) == 0


@pytest.mark.parametrize("script", ["htmx-*.js*", "editor*.js*"])
def test_what_is_typed_before_the_scripts_have_started_is_previewed(page: Page, script: str) -> None:
    held: list[Route] = []
    page.route(f"**/{script}", lambda route: held.append(route))
    page.goto(HERE, wait_until="commit")
    page.locator("#template-html").fill("<p>Så här blir det</p>")
    held[0].continue_()
    expect(page.frame_locator("iframe.mail").last.locator("body")).to_contain_text("Så här blir det")


def test_enter_in_the_address_sends_the_test_and_saves_nothing(page: Page, desk: Desk) -> None:
    opened(page).get_by_label("Skicka test till").fill("anna@example.com")
    page.get_by_label("Skicka test till").press("Enter")
    says(page, "Ett test går till anna@example.com.")
    assert versions(desk) == 0
    assert desk.ask(lambda: db.session.query(Message).filter_by(is_test=True).count()) == 1


def test_enter_in_the_subject_saves(page: Page, desk: Desk) -> None:
    opened(page).get_by_label("Ämne").fill("Paketet {{ shipment.reference }} är på väg")
    page.get_by_label("Ämne").press("Enter")
    says(page, "Mallen är sparad")


def test_a_refused_save_keeps_the_last_good_mail_in_sight(page: Page, desk: Desk) -> None:
    html = opened(page).get_by_label("HTML", exact=True)
    html.fill(GOOD)
    expect(mail(page).locator("h1")).to_have_text("Hurra!")
    html.fill("{{ nothing }}")
    press(page, "Spara")
    expect(html).to_have_attribute("aria-invalid", "true")
    expect(mail(page).locator("h1")).to_have_text("Hurra!")


def test_what_was_refused_stays_told_until_it_is_mended(page: Page, desk: Desk) -> None:
    html = opened(page).get_by_label("HTML", exact=True)
    html.fill("{{ nothing }}")
    press(page, "Spara")
    expect(page.locator("#template-html-reason")).to_contain_text("nothing finns inte.")
    html.fill(GOOD)
    expect(page.locator("#template-html-reason")).to_have_text("")
    expect(html).to_have_attribute("aria-invalid", "false")


def test_going_back_to_the_shipped_template_leaves_nothing_of_what_was_typed(page: Page, desk: Desk) -> None:
    opened(page).get_by_label("HTML", exact=True).fill(GOOD)
    press(page, "Spara")
    says(page, "Mallen är sparad")
    page.get_by_label("Ämne").fill("Aldrig sparat")
    press(page, "Återställ")
    says(page, "Den medföljande mallen används igen.")
    expect(page.get_by_label("Ämne")).to_have_value("Leveransbekräftelse {{ shipment.reference }} från {{ shop.name }}")
    expect(mail(page).locator("h1")).to_have_text("Dina varor är på väg!")


def test_saving_again_and_again_is_no_step_for_back(page: Page, desk: Desk) -> None:
    page.goto("/settings/templates")
    page.get_by_role("row", name="Leveransbekräftelse").get_by_role("link", name="på svenska").click()
    expect(mail(page).locator("body")).to_contain_text("Dina varor är på väg!")
    for turn in ("Ett", "Två"):
        page.get_by_label("HTML", exact=True).fill(f"<h1>{turn}</h1>{GOOD}")
        press(page, "Spara")
        says(page, "Mallen är sparad")
        expect(mail(page).locator("h1").first).to_have_text(turn)
    page.go_back()
    expect(page).to_have_url(f"{desk.url}/settings/templates")


def test_what_was_unfolded_stays_so_while_typing(page: Page, desk: Desk) -> None:
    opened(page).get_by_text("Som ren text").click()
    page.get_by_label("Text", exact=True).fill("Hej hopp!\n{{ blocks.tracking }}\n{{ blocks.rows }}")
    expect(page.locator("#template-findings pre")).to_contain_text("Hej hopp!")
    expect(page.locator("#template-findings pre")).to_be_visible()


def test_what_is_put_in_can_be_undone_from_the_keyboard(page: Page, desk: Desk) -> None:
    html = opened(page).get_by_label("HTML", exact=True)
    before = html.input_value()
    html.focus()
    page.get_by_role("button", name="customer.name", exact=False).click()
    assert "{{ customer.name }}" in html.input_value()
    page.keyboard.press("Control+z")
    assert html.input_value() == before
