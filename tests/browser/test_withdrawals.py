"""Withdrawing from a purchase in a real browser, both steps in Swedish, and what staff do about it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from flask import Flask
from playwright.sync_api import FrameLocator, Page, expect
from sqlalchemy import select

from tests.browser.conftest import COOKIES, OpenPage
from tests.browser.fitting import WIDTHS, what_does_not_fit
from tests.browser.shop import Desk
from tests.browser.steps import press, says
from tests.browser.test_every_page import axe_by_scheme
from tests.wsgi_server import WsgiServer
from webshop_orders.db.extensions import db
from webshop_orders.jobs.withdrawals import match_withdrawals
from webshop_orders.models import Withdrawal

VIEWPORTS = {"phone": {"width": 360, "height": 740}, "tablet": {"width": 820, "height": 1180}}


def fill_in(page: Page | FrameLocator, number: str, product: str | None = None) -> None:
    page.get_by_label("Ordernummer").fill(number)
    page.get_by_label("Ditt namn").fill("Åsa Öberg")
    page.get_by_label("E-post för kvittot").fill("asa@example.com")
    if product is not None:
        page.get_by_label("Vissa produkter").check()
        page.get_by_label("Produkt", exact=True).first.fill(product)
        page.get_by_label("Antal", exact=True).first.fill("1")


def stated(desk: Desk) -> list[tuple[str, int]]:
    """The numbers of the statements that are kept, and how many products each names."""
    return [
        (withdrawal.number, len(withdrawal.lines))
        for withdrawal in desk.ask(lambda: list(db.session.scalars(select(Withdrawal).order_by(Withdrawal.id))))
    ]


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("viewport", VIEWPORTS.values(), ids=VIEWPORTS)
def test_a_customer_withdraws_in_two_steps(
    open_page: OpenPage, desk: Desk, java_script_enabled: bool, viewport: dict[str, int]
) -> None:
    number = desk.shop.numbers["shipped"]
    page = open_page(desk, role=None, java_script_enabled=java_script_enabled, viewport=viewport)
    page.goto("/withdrawal")
    expect(page.get_by_role("heading", name="Ångra avtalet här")).to_be_visible()
    press(page, "Fortsätt")
    expect(page.get_by_text("Det här kan inte vara tomt.").first).to_be_visible()
    fill_in(page, number, "Stearinljus")
    press(page, "Fler produkter")
    expect(page.get_by_label("Produkt", exact=True)).to_have_count(8)
    press(page, "Fortsätt")
    expect(page.get_by_text("Stearinljus: 1 st")).to_be_visible()
    press(page, "Ändra")
    expect(page.get_by_label("Ordernummer")).to_have_value(number)
    press(page, "Fortsätt")
    press(page, "Bekräfta ånger")
    expect(page.get_by_role("heading", name="Ditt meddelande har kommit fram")).to_be_visible()
    expect(page.locator("#received")).to_contain_text(re.compile(r"Det kom in \d+ \w+\.? \d{4} \d\d:\d\d"))
    page.reload()
    assert stated(desk) == [(number, 1)]


def test_the_keyboard_alone_suffices(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, role=None)
    page.goto("/withdrawal/sv")
    for words in (None, desk.shop.numbers["ready"], "Åsa Öberg", "asa@example.com"):
        page.keyboard.press("Tab")
        if words:
            page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Bekräfta ånger")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Bekräfta ånger")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ditt meddelande har kommit fram")).to_be_visible()
    assert len(stated(desk)) == 1


def test_a_double_click_is_one_statement(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, role=None)
    page.goto("/withdrawal/sv")
    fill_in(page, "WS-1")
    press(page, "Fortsätt")
    page.get_by_role("button", name="Bekräfta ånger").dblclick()
    expect(page.get_by_role("heading", name="Ditt meddelande har kommit fram")).to_be_visible()
    assert len(stated(desk)) == 1


def test_the_form_is_in_english_too(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, role=None)
    page.goto("/withdrawal")
    page.get_by_role("link", name="In English").click()
    expect(page.get_by_role("heading", name="Withdraw from contract here")).to_be_visible()
    page.get_by_label("Order number").fill("WS-1")
    page.get_by_label("Your name").fill("Åsa Öberg")
    page.get_by_label("E-mail for the receipt").fill("asa@example.com")
    press(page, "Continue")
    press(page, "Confirm withdrawal")
    expect(page.get_by_role("heading", name="Your statement has arrived")).to_be_visible()


@contextmanager
def shop_page(address: str) -> Iterator[str]:
    """A page of the shop's own, on another site, with the form in a frame."""
    app = Flask("shop")
    frame = f'<iframe src="{address}" title="Ångra avtalet här" width="100%" height="1100"></iframe>'
    app.add_url_rule("/", "page", view_func=lambda: f"<!doctype html><title>Butik</title><h1>Butik</h1>{frame}")
    server = WsgiServer(app)
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.stop()


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("cookies", COOKIES)
def test_a_customer_withdraws_in_a_frame_of_the_shop_however_cookies_are_treated(
    open_with_cookies: OpenPage, desk: Desk, cookies: str, java_script_enabled: bool
) -> None:
    with shop_page(f"{desk.url}/withdrawal/sv") as origin:
        desk.app.config["WITHDRAWAL_ORIGINS"] = (origin,)
        page = open_with_cookies(cookies, java_script_enabled=java_script_enabled)
        page.goto(origin)
        frame = page.frame_locator("iframe")
        fill_in(frame, "WS-1")
        press(frame, "Fortsätt")
        press(frame, "Bekräfta ånger")
        expect(frame.get_by_role("heading", name="Ditt meddelande har kommit fram")).to_be_visible()
    assert len(stated(desk)) == 1


def test_each_step_fits_every_width_and_axe_finds_nothing(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, role=None)
    page.goto("/withdrawal/sv")
    press(page, "Fortsätt")
    looked_at(page)
    fill_in(page, "WS-1", "Skeppsbroljusfabriksarbetareföreningenshantverksstearinljusmedveckadmanschett")
    press(page, "Fortsätt")
    looked_at(page)
    press(page, "Bekräfta ånger")
    looked_at(page)


def looked_at(page: Page) -> None:
    found = {**axe_by_scheme(page), "widths": what_does_not_fit(page)}
    assert {check: complaints for check, complaints in found.items() if complaints} == {}
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["scripts", "no-scripts"])
def test_staff_find_the_statement_deal_with_the_goods_and_mark_it(
    open_page: OpenPage, desk: Desk, java_script_enabled: bool
) -> None:
    number = desk.shop.numbers["ready"]
    customer = open_page(desk, role=None)
    customer.goto("/withdrawal/sv")
    fill_in(customer, number)
    press(customer, "Fortsätt")
    press(customer, "Bekräfta ånger")
    expect(customer.get_by_role("heading", name="Ditt meddelande har kommit fram")).to_be_visible()
    desk.ask(lambda: match_withdrawals(Event()))

    page = open_page(desk, role="staff", java_script_enabled=java_script_enabled)
    page.goto("/orders")
    page.get_by_role("navigation", name="Huvudmeny").get_by_role("link", name="Inkorgen").click()
    page.get_by_role("listitem").filter(has_text=number).get_by_role("link", name="Hantera ångern").click()
    expect(page.get_by_role("heading", name=f"Ånger av {number}")).to_be_visible()
    press(page, "Genomför")
    says(page, f"Order {number} är makulerad.")
    page.get_by_role("link", name=f"Öppna {number}").click()
    expect(page.locator("#withdrawals")).to_contain_text("Hela köpet ångrat")
    page.locator("#withdrawals a").click()
    press(page, "Markera som hanterad")
    says(page, "Ångern är hanterad.")
    expect(page.get_by_text("Hanterad av Erik Holm")).to_be_visible()
