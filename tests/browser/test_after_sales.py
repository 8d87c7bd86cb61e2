"""Goods come back and money goes back, on every screen, in a frame, without JavaScript and with the keyboard alone."""

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.conftest import COOKIES, Complaints, OpenHost, OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, open_tab, press, refuses, says, shipment
from tests.browser.test_keyboard import assert_focus_is_kept, tab_to

SCREENS = {
    "wide": {},
    "tablet": {"viewport": {"width": 820, "height": 1180}, "has_touch": True},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
    "no JavaScript": {"java_script_enabled": False},
}


def row_of(form: Locator, product: str) -> Locator:
    return form.get_by_role("row").filter(has_text=product)


def send_goods_and_money_back(desk_page: Page | FrameLocator, number: str) -> None:
    """From the card of a shipment that has left to a return that is closed."""
    open_tab(desk_page, "Frakt")
    shipment(desk_page, 1).get_by_role("link", name="Registrera retur").click()
    form = desk_page.locator("#return-form")
    candles = row_of(form, "Stearinljus")
    candles.get_by_role("textbox").fill("2")
    candles.get_by_label("Orsak").select_option("reklamation")
    form.get_by_label("Mejla kunden").uncheck()
    press(form, "Registrera retur")
    refuses(desk_page, "1 st av Stearinljus, 12-pack, vita är kvar att returnera.")
    expect(candles.get_by_role("textbox")).to_have_value("2")
    candles.get_by_role("textbox").fill("1")
    press(form, "Registrera retur")
    says(desk_page, f"{number}-R1 är registrerad.")

    returned = desk_page.locator("#return-1")
    expect(returned).to_contain_text("anmäld")
    returned.get_by_role("link", name="Ta emot").click()
    press(desk_page.locator("#receipt-form"), "Ta emot")
    says(desk_page, f"1 st av {number}-R1 kom tillbaka")

    returned.get_by_role("link", name="Återbetala").click()
    refund = desk_page.locator("#refund-form")
    expect(row_of(refund, "Stearinljus").get_by_role("textbox")).to_have_value("1")
    expect(refund.locator(".refund-rows .sum")).to_contain_text(re.compile(r"\d+,00.kr"))
    refund.get_by_label("Avgår returfrakt").fill("49,00")


def confirm_and_carry_out(desk_page: Page | FrameLocator, number: str) -> None:
    """Confirm the sum that is shown, and say that the money has gone."""
    press(desk_page.locator("#refund-form"), "Registrera återbetalning")
    says(desk_page, f"krediterades, {number}-K1.")
    desk_page.get_by_role("link", name="Registrera betalning").click()
    payment = desk_page.locator("#payment-form")
    payment.get_by_label("Belopp").fill("0")
    press(payment, "Registrera betalning")
    refuses(desk_page, "kontrollera beloppet")
    payment.get_by_label("Belopp").fill("49,00")
    press(payment, "Registrera betalning")
    says(desk_page, "En betalning på 49,00")
    press(desk_page.locator("#return-1"), "Avsluta")
    says(desk_page, f"{number}-R1 är avslutad.")
    expect(desk_page.locator("#refund-1")).to_contain_text("utförd")
    expect(desk_page.locator(".totals")).to_contain_text("Krediterat")


@pytest.mark.parametrize("screen", SCREENS)
def test_goods_come_back_and_money_goes_back(open_page: OpenPage, desk: Desk, screen: str) -> None:
    page, number = open_page(desk, "staff", **SCREENS[screen]), desk.shop.numbers["shipped"]
    page.goto(desk.order("shipped"))

    send_goods_and_money_back(page, number)
    if screen == "no JavaScript":
        press(page.locator("#refund-form"), "Räkna")
    expect(page.locator(".refund-rows")).to_contain_text("Returfrakt")
    confirm_and_carry_out(page, number)

    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("cookies", COOKIES)
def test_goods_come_back_and_money_goes_back_in_a_frame(cookies: str, open_host: OpenHost, framed_desk: Desk) -> None:
    number = framed_desk.shop.numbers["shipped"]
    frame = frame_of(open_host(f"/#/orders/{number}", cookies=cookies))

    send_goods_and_money_back(frame, number)
    expect(frame.locator(".refund-rows")).to_contain_text("Returfrakt")
    confirm_and_carry_out(frame, number)


def test_the_keyboard_alone_registers_receives_and_refunds(open_page: OpenPage, desk: Desk) -> None:
    page, number = open_page(desk, "staff"), desk.shop.numbers["shipped"]
    page.goto(desk.order("shipped"))
    tab_to(page, page.locator("#register-return"))
    page.keyboard.press("Enter")
    expect(page.locator("#return-form .quantity")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#register-return")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#return-form .quantity")).to_be_focused()
    page.keyboard.type("1")
    tab_to(page, page.get_by_label("Mejla kunden"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    says(page, f"{number}-R1 är registrerad.")
    assert_focus_is_kept(page)
    tab_to(page, page.locator("#receive-1"))
    page.keyboard.press("Enter")
    expect(page.locator("#receipt-form .quantity").first).to_be_focused()
    page.keyboard.press("Enter")
    says(page, f"1 st av {number}-R1 kom tillbaka")
    tab_to(page, page.locator("#refund-return-1"))
    page.keyboard.press("Enter")
    expect(page.locator("#refund-form .quantity")).to_be_focused()
    expect(page.locator(".refund-rows .sum")).to_be_visible()
    page.keyboard.press("Enter")
    says(page, f"krediterades, {number}-K1.")


def test_an_exchange_proposes_products_and_shows_the_difference(open_page: OpenPage, desk: Desk) -> None:
    page, number = open_page(desk, "staff"), desk.shop.numbers["shipped"]
    page.goto(desk.order("shipped", "returns?all=yes"))
    instead = page.get_by_label("Produkt", exact=True).first
    expect(instead).to_be_hidden()
    page.get_by_label("Byte", exact=True).check()
    instead.fill("linneduk 140")
    expect(page.locator("#return-products option")).to_have_attribute("value", "DUK-250-S")
    expect(page.locator("#return-receipt .balance")).to_contain_text("450,00")
    page.get_by_label("Mejla kunden").uncheck()
    press(page, "Registrera retur")
    says(page, f"{number}-R1 är registrerad, och {number}-2 skickas i stället.")
    page.get_by_role("link", name="Registrera betalning").click()
    expect(page.get_by_label("Belopp")).to_have_value(re.compile("[0-9]"))


def test_a_refund_that_was_sent_before_its_sum_came_is_asked_about(
    open_page: OpenPage, desk: Desk, complaints: Complaints
) -> None:
    complaints.expected += ["ERR_FAILED", "Failed to fetch"]
    page, number = open_page(desk, "staff"), desk.shop.numbers["paid"]
    page.goto(desk.order("paid", "refunds"))
    page.route("**/refunds/preview", lambda route: route.abort())
    page.locator("#refund-form .quantity").first.fill("1")
    press(page, "Registrera återbetalning")
    refuses(page, "649,00 kr går tillbaka till kunden. Stämmer det?")
    press(page, "Registrera återbetalning")
    says(page, f"En återbetalning på 649,00 kr begärdes, {number}-K1.")
    pending = page.locator("#refund-1")
    pending.get_by_label("Återbetalningens referens").fill("re_123")
    press(pending, "Pengarna är tillbaka")
    says(page, "649,00 kr återbetalades")
    expect(pending).to_contain_text("re_123")
    press(page.get_by_role("status"), "Ångra")
    says(page, "Ångrat: ")
    expect(pending).to_contain_text("begärd")
