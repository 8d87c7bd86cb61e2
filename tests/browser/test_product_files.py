"""Products as a file in a browser: with JavaScript and without, by keyboard, and in a frame."""

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, is_the_same_page, mark, press, says

TABLE = "Artikelnr;Lager;Lagerplats;Aktiv\nLJUS-12;250;A-1-1;Ja\nKAN-02;x;;\nNEJ;1;;\nSPETS-1;2;;\n"


def row(page: Page | FrameLocator, sku: str):  # type: ignore[no-untyped-def]
    return page.locator(".import-rows tbody tr").filter(has_text=sku)


def check_and_carry_out(page: Page | FrameLocator) -> None:
    """From the form to the preview and on, as staff do it."""
    file = {"name": "produkter.csv", "mimeType": "text/csv", "buffer": TABLE.encode("cp1252")}
    page.get_by_label("Fil, CSV eller XLSX").set_input_files(file)  # type: ignore[arg-type]
    press(page, "Visa vad den ändrar")  # type: ignore[arg-type]
    expect(row(page, "LJUS-12")).to_contain_text("→ 250")
    expect(row(page, "KAN-02")).to_contain_text("Ange ett heltal från 0")
    expect(row(page, "NEJ")).to_contain_text("Det finns ingen produkt NEJ")
    press(page, "Genomför")  # type: ignore[arg-type]
    expect(page.get_by_label("Fil, CSV eller XLSX")).to_be_visible()


def test_a_file_is_shown_and_carried_out_in_place(page: Page, desk: Desk) -> None:
    page.goto("/stock")
    page.get_by_role("link", name="Läs in produkter").click()
    expect(page.get_by_role("heading", name="Läs in produkter")).to_be_visible()
    mark(page)
    check_and_carry_out(page)
    says(page, "1 produkt är ändrad.")
    assert is_the_same_page(page)
    page.goto("/products/LJUS-12")
    expect(page.get_by_text("A-1-1").first).to_be_visible()


def test_the_export_is_downloaded(page: Page, desk: Desk) -> None:
    page.goto("/stock?q=linneduk+sand")
    with page.expect_download() as download:
        page.get_by_role("link", name="Exportera produkter").click()
    assert download.value.suggested_filename.startswith("produkter-")
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("DUK-250-S;")


def test_without_javascript_all_of_it_works(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, "staff", java_script_enabled=False)
    page.goto("/stock/import")
    check_and_carry_out(page)


def test_by_keyboard_alone_a_table_is_pasted_and_carried_out(page: Page, desk: Desk) -> None:
    page.goto("/stock/import")
    page.get_by_label("Eller klistra in tabellen").focus()
    page.keyboard.insert_text("Artikelnr\tLager\nLJUS-12\t7\n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Genomför")
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    says(page, "1 produkt är ändrad.")


@pytest.mark.parametrize("cookies", COOKIES)
def test_in_a_frame_a_file_is_carried_out_whatever_the_browser_does_with_cookies(
    cookies: str, open_host: OpenHost, framed_desk: Desk
) -> None:
    page = open_host(cookies=cookies)
    frame = frame_of(page)
    expect(frame.get_by_role("heading", name="Ordrar")).to_be_visible()
    frame.get_by_role("button", name="Sök eller gör").click()
    page.keyboard.type("läs in produkter")
    frame.get_by_role("dialog").get_by_text("Läs in produkter").click()
    check_and_carry_out(frame)
