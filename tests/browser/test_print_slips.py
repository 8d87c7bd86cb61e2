"""Pick lists and packing slips as they come out on paper, read from it again, and the ways to print them."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.barcodes import pixels
from tests.browser.conftest import OpenPage
from tests.browser.shop import BO, Desk, place
from tests.browser.steps import press, says
from tests.browser.test_print import _text_of
from tests.factories import make_product, reshape_shop
from tests.operations.printing.lists import batch_of
from tests.operations.settings.test_logo import picture
from tests.operations.steps import kinds_of, read
from webshop_orders.models import CommentKind, EventKind, Order
from webshop_orders.operations.orders import comments, lines
from webshop_orders.operations.orders.loading import load_order
from webshop_orders.operations.settings import logo
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import editing, writing

LONG_NAME = "Tvåarmad väggljusstake i borstad mässing med droppskålar, Örebro Konsthantverk nr"
A4 = (594.96, 841.92)
HEADINGS = ("Lagerplats", "Produkt", "Antal", "För")


def printed(page: Page) -> pypdfium2.PdfDocument:
    """What the browser prints of a page, on the paper that its style sheet asks for."""
    return pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))


def texts(document: Any) -> list[str]:
    return [_text_of(document, number) for number in range(len(document))]


def make_batch(desk: Desk, *make: Callable[[], Order]) -> tuple[int, list[str]]:
    """A batch of new orders: its id and their numbers."""

    def made() -> tuple[int, list[str]]:
        orders = [one() for one in make]
        return batch_of(*orders).id, [order.number for order in orders]

    found: tuple[int, list[str]] = desk.ask(made)
    return found


def thirty_long_lines() -> Order:
    for number in range(1, 31):
        make_product(f"ÅL-{number}", name=f"{LONG_NAME} {number}", shelf_place=f"Å-{number}")
    return place(*((f"ÅL-{number}", number) for number in range(1, 31)))


def small() -> Order:
    return place(("LJUS-12", 3), ("DUK-250-S", 1))


def single() -> Order:
    return place(("LJUS-12", 2))


def waiting() -> Order:
    return place(("KAN-03", 2))


def prints(desk: Desk, number: str) -> int:
    return int(desk.ask(lambda: kinds_of(read(load_order(number))).count(EventKind.DOCUMENT_PRINTED)))


def test_a_pick_list_is_printed_on_a4_with_its_headings_on_each_sheet(page: Page, desk: Desk) -> None:
    batch, numbers = make_batch(desk, small, thirty_long_lines, single, waiting)
    page.goto(f"{desk.url}/pick-lists/{batch}")
    document = printed(page)
    sheets = texts(document)
    assert all(document[number].get_size() == pytest.approx(A4, abs=0.1) for number in range(len(document)))
    assert 2 <= len(sheets) <= 4
    whole = " ".join(" ".join(sheets).split())
    assert "Plocklista Omgång" in whole
    assert "Ettor: ordrar med en enda produkt" in whole
    assert f"2 → låda 3 {numbers[2]}-1" in whole
    assert "Väntar på lager och plockas inte" in whole
    places = [int(found) for found in re.findall(r"\bÅ-(\d+) Tvåarmad", whole)]
    assert places == list(range(1, 31))
    for number in range(1, 31):
        assert f"{LONG_NAME} {number} ÅL-{number} {number} {number} → låda 2 {numbers[1]}-1" in whole
    for sheet in sheets:
        assert all(heading in sheet.replace("\n", "") for heading in HEADINGS), sheet
    assert "Skriv ut" not in whole
    assert "Ordrar\n" not in sheets[0]
    document.close()


def test_each_shipment_has_its_own_sheet_and_each_sheet_of_a_long_one_its_headings(page: Page, desk: Desk) -> None:
    batch, numbers = make_batch(desk, small, thirty_long_lines, single, waiting)
    page.goto(f"{desk.url}/packing-slips/{batch}")
    document = printed(page)
    sheets = texts(document)
    beginnings = [index for index, sheet in enumerate(sheets) if "Packsedel WS-" in sheet]
    assert (
        [re.search(r"Packsedel (\S+)", sheets[index])[1] for index in beginnings]
        == [  # type: ignore[index]
            f"{number}-1" for number in numbers[:3]
        ]
    )
    long_ones = sheets[beginnings[1] : beginnings[2]]
    assert 2 <= len(long_ones) <= 3
    assert len(sheets) == 2 + len(long_ones)
    for sheet in long_ones:
        assert all(heading in sheet.replace("\n", "") for heading in ("Antal", "Produkt", "Artikelnr")), sheet
    whole = " ".join(" ".join(long_ones).split())
    for number in range(1, 31):
        assert f"{number} {LONG_NAME} {number} ÅL-{number}" in whole
    document.close()


@pytest.mark.parametrize("dots_an_inch", [203, 300])
def test_the_codes_of_a_slip_are_read_from_the_paper(page: Page, desk: Desk, dots_an_inch: int) -> None:
    batch, numbers = make_batch(desk, small, single)
    page.goto(f"{desk.url}/packing-slips/{batch}")
    document = printed(page)
    for index, number in enumerate(numbers):
        sheet = document[index].render(scale=dots_an_inch / 72).to_pil()
        assert {(text, kind) for text, kind in pixels.codes(sheet)} == {
            (f"{number}-1", "Code 128"),
            (f"{number}-1", "QR Code"),
        }
    document.close()


def test_a_slip_has_the_logo_the_shops_words_the_customers_language_and_a_form_for_returns(
    page: Page, desk: Desk
) -> None:
    def english() -> Order:
        return place(("LJUS-12", 1), language="en", comment="Please ring twice")

    def prepare() -> None:
        with writing():
            logo.replace(picture("PNG", (300, 100)))
        reshape_shop(
            slip_text_sv="Öppet köp i 60 dagar", slip_text_en="Sixty days to return", slip_has_return_form=True
        )

    desk.ask(prepare)
    batch, numbers = make_batch(desk, small, english)
    with desk.app.test_request_context(), editing(numbers[0], None, BO) as order:
        comments.add(order, CommentKind.CUSTOMER, "Ljusen är handstöpta", by=BO)
    page.goto(f"{desk.url}/packing-slips/{batch}")
    document = printed(page)
    sheets = [" ".join(sheet.split()) for sheet in texts(document)]
    assert len(sheets) == 4
    assert "Öppet köp i 60 dagar" in sheets[0]
    assert "Meddelande till dig Ljusen är handstöpta" in sheets[0]
    assert f"Retur {numbers[0]}-1" in sheets[1]
    assert "Your message to us Please ring twice" in sheets[2]
    assert "Sixty days to return" in sheets[2]
    assert f"Return {numbers[1]}-1" in sheets[3]
    teal = document[0].render(scale=1).to_pil().getpixel((60, 45))
    assert teal == (0, 128, 128), "the logo stands at the top"
    document.close()


def test_staff_print_the_slip_of_a_shipment_and_find_that_in_the_history(page: Page, desk: Desk) -> None:
    number = desk.shop.numbers["ready"]
    count_calls_of_print(page)
    page.goto(desk.order("ready", "shipping"))
    page.get_by_role("link", name="Packsedel").click()
    expect(page.get_by_role("heading", name="Packsedel", exact=True)).to_be_visible()
    assert prints(desk, number) == 0
    press(page, "Skriv ut")
    says(page, "Utskriften är noterad i historiken för varje order.")
    expect(page.get_by_role("button", name="Skriv ut")).to_be_focused()
    assert page.evaluate("() => window.printed") == 1
    page.keyboard.press("Enter")
    assert page.evaluate("() => window.printed") == 2
    assert prints(desk, number) == 1
    page.goto(desk.order("ready", "history"))
    expect(page.locator("#order")).to_contain_text(f"Packsedeln för {number}-1 skrevs ut.")


def test_without_javascript_it_is_noted_and_the_browsers_own_command_prints(desk: Desk, open_page: OpenPage) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto(desk.order("ready", "shipping"))
    page.get_by_role("link", name="Packsedel").click()
    press(page, "Skriv ut")
    says(page, "Utskriften är noterad")
    expect(page.get_by_text("Skriv ut sidan med webbläsarens eget kommando, Ctrl+P.")).to_be_visible()
    expect(page.get_by_role("button", name="Skriv ut")).to_have_count(0)
    assert prints(desk, desk.shop.numbers["ready"]) == 1


def test_what_was_edited_since_the_list_was_printed_is_marked_on_list_and_slip(page: Page, desk: Desk) -> None:
    batch, numbers = make_batch(desk, small, single)
    count_calls_of_print(page)
    page.goto(f"{desk.url}/pick-lists/{batch}")
    press(page, "Skriv ut")
    says(page, "Utskriften är noterad")
    expect(page.locator(".edited")).to_have_count(0)
    with desk.app.test_request_context(), editing(numbers[0], None, BO) as order:
        lines.change(order.shipments[0].lines[0], quantity=1, by=BO)
    page.goto(f"{desk.url}/pick-lists/{batch}")
    expect(page.locator(".pick-list > .edited")).to_contain_text(f"Ändrade sedan listan skrevs ut: {numbers[0]}")
    page.goto(f"{desk.url}/packing-slips/{batch}")
    marked = page.get_by_role("article").filter(has_text="Ändrad sedan plocklistan skrevs ut")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text(numbers[0])


def test_a_picker_gives_a_product_its_shelf_place_by_keyboard_alone(page: Page, desk: Desk) -> None:
    batch, _numbers = make_batch(desk, single)
    page.goto(f"{desk.url}/pick-lists/{batch}")
    page.get_by_role("link", name="LJUS-12").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Redigera lagerplats").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Lagerplats")).to_be_focused()
    page.keyboard.type("C-3")
    page.keyboard.press("Enter")
    says(page, "Lagerplats är sparat.")
    assert desk.ask(lambda: products.get("LJUS-12").shelf_place) == "C-3"


def test_an_administrator_uploads_a_logo_and_a_script_is_refused(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/settings/printing")
    file = page.get_by_label("En bild på högst 200 kB")
    file.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": b"<script>alert(1)</script>"})
    press(page, "Ladda upp logotypen")
    expect(page.locator("#logo-file-reason")).to_have_text("Filen är ingen bild av slagen PNG, JPEG, WebP och GIF.")
    file.set_input_files({"name": "logo.gif", "mimeType": "image/gif", "buffer": picture("WEBP")})
    press(page, "Ladda upp logotypen")
    says(page, "Logotypen är sparad.")
    expect(page.get_by_role("img", name="Logotypen som den är nu")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.shown-logo').naturalWidth === 120")
    press(page, "Ta bort logotypen")
    says(page, "Logotypen är borttagen.")


def count_calls_of_print(page: Page) -> None:
    """Count them in place of a dialog, which a browser without a screen has not."""
    page.add_init_script(
        "window.printed = 0; window.print = () => { window.printed += 1; dispatchEvent(new Event('beforeprint')); };"
    )
