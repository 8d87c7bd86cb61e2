"""Files of tracking codes in a browser: with JavaScript and without, by keyboard, and in a frame."""

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, is_the_same_page, mark, press, says
from tests.connectors.tracking_files.workbooks import workbook
from tests.jobs.batches import work

READY = "RR123456785SE"
OTHER = "RR000000014SE"


def codes_file(desk: Desk) -> dict[str, object]:
    """An export with a right row, a doubtful one, an unknown one and one that comes twice."""
    rows = [
        ["Export ur transportörens system"],
        [],
        ["Kollinr", "Avs. referens", "Tjänst"],
        [READY, desk.shop.numbers["ready"], "PostNord MyPack Collect"],
        [12345678, desk.shop.numbers["mixed"], "DHL Freight"],
        [OTHER, "WS-999999", "PostNord"],
        [READY, desk.shop.numbers["ready"], "PostNord"],
    ]
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "dagens koder.xlsx", "mimeType": kind, "buffer": workbook(rows)}


def row(page: Page | FrameLocator, number: int):  # type: ignore[no-untyped-def]
    return page.locator(f"#row-{number}")


def check_and_carry_out(page: Page | FrameLocator, desk: Desk) -> None:
    """From the list of files to the outcome, as staff do it."""
    page.get_by_label("Fil, CSV eller XLSX").set_input_files(codes_file(desk))  # type: ignore[arg-type]
    press(page, "Läs in")  # type: ignore[arg-type]
    expect(page.get_by_role("heading", name="dagens koder.xlsx")).to_be_visible()
    expect(row(page, 4)).to_contain_text("Koden läggs in.")
    expect(row(page, 5)).to_contain_text("A5 är ett tal, så inledande nollor kan saknas.")
    expect(row(page, 6)).to_contain_text("Det finns ingen order «WS-999999».")
    expect(row(page, 7)).to_contain_text("Samma som rad 4.")
    page.get_by_role("button", name="Ta med rad 5").click()
    expect(row(page, 5)).to_contain_text("Koden läggs in ändå.")
    page.get_by_label("Markera som skickade också").check()
    page.get_by_role("button", name="Lägg in koderna på 2 rader").click()
    expect(row(page, 4)).to_contain_text("Väntar")
    desk.ask(work)


def test_a_file_is_read_checked_and_carried_out_in_place(page: Page, desk: Desk) -> None:
    page.goto("/tracking-files")
    mark(page)
    check_and_carry_out(page, desk)
    expect(row(page, 4)).to_contain_text("Klar")  # the page asks by itself
    assert is_the_same_page(page)
    expect(page).to_have_url(re.compile(r"/tracking-files/\d+$"))
    page.goto(desk.order("ready", "shipping"))
    expect(page.get_by_role("link", name=re.compile(f"^{READY}"))).to_be_visible()
    expect(page.locator(".badge-status.shipped").first).to_be_visible()


def test_the_whole_file_is_taken_back(page: Page, desk: Desk) -> None:
    page.goto("/batches")
    page.get_by_role("link", name="Läs in spårningskoder").click()
    check_and_carry_out(page, desk)
    expect(row(page, 4)).to_contain_text("Klar")
    press(page, "Ta tillbaka hela filen")
    expect(page.get_by_role("heading", name="Koder från dagens koder.xlsx")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/batches/\d+$"))
    desk.ask(work)
    page.goto(desk.order("ready", "shipping"))
    expect(page.get_by_role("button", name="Markera som skickad")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(f"^{READY}"))).to_have_count(0)
    page.goto("/tracking-files")
    page.get_by_role("link", name="dagens koder.xlsx").click()
    expect(row(page, 4)).to_contain_text("Tillbakatagen")


def test_without_javascript_all_of_it_works(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, "warehouse", java_script_enabled=False)
    page.goto("/tracking-files")
    check_and_carry_out(page, desk)
    page.reload()
    expect(row(page, 4)).to_contain_text("Klar")
    press(page, "Ta tillbaka hela filen")
    desk.ask(work)
    page.reload()
    expect(page.get_by_role("heading", name="Koder från dagens koder.xlsx")).to_be_visible()


def test_by_keyboard_alone_a_table_is_pasted_and_carried_out(page: Page, desk: Desk) -> None:
    page.goto("/tracking-files")
    page.get_by_label("Eller klistra in tabellen").focus()
    page.keyboard.insert_text(f"{desk.shop.numbers['ready']}\t{READY}\n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Lägg in koden på 1 rad")
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    says(page, "1 rad i filen genomförs.")


def test_columns_are_chosen_in_place_and_a_filter_shows_its_rows(page: Page, desk: Desk) -> None:
    page.goto("/tracking-files")
    page.get_by_label("Eller klistra in tabellen").fill(
        f"Alfa;Beta\n{READY};{desk.shop.numbers['ready']}\n{OTHER};WS-9"
    )
    press(page, "Läs in")
    page.locator("#file-columns > summary").click()
    page.get_by_label("Ordernummer").select_option(label=f"Beta ({desk.shop.numbers['ready']})")
    page.get_by_label("Spårningskod", exact=True).select_option(label=f"Alfa ({READY})")
    press(page, "Använd kolumnerna")
    says(page, "Kolumnerna är valda")
    page.get_by_role("navigation", name="Rader att visa").get_by_role("link", name="Okända").click()
    expect(page.locator(".file-rows tbody tr")).to_have_count(1)


def test_a_file_that_is_too_large_is_told_before_it_is_sent(page: Page, desk: Desk) -> None:
    page.goto("/tracking-files")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    field = page.get_by_label("Fil, CSV eller XLSX")
    field.set_input_files({"name": "allt.csv", "mimeType": "text/csv", "buffer": b"x" * 20_000_000})
    expect(page.get_by_text("Filen är större än 2 MB.")).to_be_visible()
    press(page, "Läs in")
    expect(field).to_be_focused()
    assert "POST" not in sent
    field.set_input_files({"name": "koder.csv", "mimeType": "text/csv", "buffer": b"Ordernr;Kollinr\n"})
    expect(page.get_by_text("Filen är större än 2 MB.")).to_be_hidden()
    press(page, "Läs in")
    expect(page.get_by_role("alert")).to_contain_text("Det finns bara rubriker i tabellen.")


def test_without_javascript_20_mb_are_answered_in_words(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto("/tracking-files")
    too_large = {"name": "allt.csv", "mimeType": "text/csv", "buffer": b"x" * 20_000_000}
    page.get_by_label("Fil, CSV eller XLSX").set_input_files(too_large)  # type: ignore[arg-type]
    press(page, "Läs in")
    expect(page.get_by_text("En fil får ha högst 2 MB.")).to_be_visible()


def test_a_file_is_dropped_on_the_form(page: Page, desk: Desk) -> None:
    page.goto("/tracking-files")
    dropped = page.evaluate_handle(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "släppt.csv", { type: "text/csv" }));
          return data;
        }""",
        f"Ordernr;Kollinr\n{desk.shop.numbers['ready']};{READY}\n",
    )
    zone = page.locator("[data-drop-zone]")
    zone.dispatch_event("dragover", {"dataTransfer": dropped})
    expect(zone).to_have_attribute("data-over", "")
    zone.dispatch_event("drop", {"dataTransfer": dropped})
    expect(zone).not_to_have_attribute("data-over", "")
    press(page, "Läs in")
    expect(page.get_by_role("heading", name="släppt.csv")).to_be_visible()


@pytest.mark.parametrize("cookies", COOKIES)
def test_in_a_frame_a_file_is_carried_out_whatever_the_browser_does_with_cookies(
    cookies: str, open_host: OpenHost, framed_desk: Desk
) -> None:
    page = open_host(cookies=cookies)
    frame = frame_of(page)
    expect(frame.get_by_role("heading", name="Ordrar")).to_be_visible()
    frame.get_by_role("button", name="Sök eller gör").click()
    page.keyboard.type("läs in spårning")
    frame.get_by_role("dialog").get_by_text("Läs in spårningskoder").click()
    check_and_carry_out(frame, framed_desk)
    expect(row(frame, 4)).to_contain_text("Klar")
