"""Each page that can be printed, on A4 with and without margins, upright and across, as PDFium reads the paper."""

import re
from itertools import product
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.fitting import what_does_not_fit
from tests.browser.pages import PLACES, at, order
from tests.browser.shop import REAL_NAMES, Desk, place
from tests.factories import make_product

PAPERS: dict[str, dict[str, Any]] = {
    f"{direction}, margins of {margin}": {
        "landscape": direction == "across",
        "margin": dict.fromkeys(("top", "right", "bottom", "left"), margin),
    }
    for direction, margin in product(("upright", "across"), ("0", "10mm"))
}
# In px, of which an inch has 96: A4 upright and across, without margins and with margins of 10 mm.
PAPER_WIDTHS = (718, 794, 1047, 1123)
TOOLS = re.compile(
    "Redigera|Dela|Radera|Åtgärder|Spara|Lägg till|Markera|Ångra|på nytt|Makulera ordern|Transportör …|Skicka |Försök|"
    "Konfiguration|Filter|Exportera|Nästa|Hoppa till|Till kund|Alla ordrar|Historik"
)
FATE_BY_TAB = {"": "ready", "shipping": "ready", "customer": "ready", "messages": "shipped"}


@pytest.mark.parametrize("tab", FATE_BY_TAB)
def test_a_tab_of_a_small_order_is_printed_on_one_sheet_without_tools(visit: Visit, tab: str) -> None:
    page = visit(order(FATE_BY_TAB[tab], tab))
    for paper in PAPERS:
        sheets = printed(page, paper)
        assert len(sheets) <= (2 if "across" in paper else 1), paper
        assert "WS-1" in sheets[0]
        assert "kr" in sheets[0]
        assert [TOOLS.findall(sheet) for sheet in sheets] == [[]] * len(sheets), paper


def test_what_was_done_is_printed_from_the_history(visit: Visit) -> None:
    page = visit(order("split", "history"))
    for paper in PAPERS:
        assert "2 × Stearinljus, 12-pack, vita flyttades" in " ".join(printed(page, paper)[0].split())


@pytest.mark.parametrize("tab", ["", "shipping"])
def test_sixty_lines_are_printed_under_the_heading_and_each_sheet_has_the_row_of_headings(
    visit: Visit, still_desk: Desk, tab: str
) -> None:
    page = visit(order("long", tab))
    for paper in PAPERS:
        sheets = printed(page, paper)
        assert len(sheets) <= (5 if "across" in paper else 3), paper
        assert still_desk.shop.numbers["long"] in sheets[0]
        assert re.search(r"^Lykta i smide nr 1\b", sheets[0], re.MULTILINE), paper
        assert [sheet for sheet in sheets if "Lykta" in sheet and not _has_headings(sheet)] == []
        for number in range(1, 61):
            (sheet,) = (sheet for sheet in sheets if re.search(rf"^Lykta i smide nr {number}\b", sheet, re.MULTILINE))
            assert f"LYK-{number:02}" in sheet
        assert [TOOLS.findall(sheet) for sheet in sheets] == [[]] * len(sheets), paper


@pytest.mark.parametrize("tab", ["", "shipping"])
def test_the_delivery_address_is_printed_and_long_names_have_their_width(visit: Visit, tab: str) -> None:
    page = visit(order("long words", tab))
    for paper in PAPERS:
        sheets = printed(page, paper)
        assert len(sheets) <= 2, paper
        text = " ".join(" ".join(sheets).split())
        assert "Norra Bangårdsgatan 127 B, uppgång 4, port mot gården 112 34 Stockholm-Kungsholmsstranden" in text
        for name in REAL_NAMES.values():
            first_words = " ".join(name.split()[:2])
            assert first_words in sheets[0], (paper, first_words)


def test_an_opened_mail_is_printed_whole(visit: Visit) -> None:
    page = visit(PLACES["messages, one open"])
    for paper in PAPERS:
        text = "\n".join(printed(page, paper))
        assert "Nu har vi skickat försändelsen" in text
        assert "Ljus & Linne\n" in text


def test_the_list_is_printed_as_a_table_of_all_its_rows(visit: Visit) -> None:
    page = visit(at("/orders"))
    rows = page.locator("#orders tbody tr").count()
    for paper in PAPERS:
        sheets = printed(page, paper)
        assert len(re.findall(r"^WS-\d+", "\n".join(sheets), re.MULTILINE)) == rows, paper
        assert all("Kund" in sheet and "Summa" in sheet for sheet in sheets), paper
        assert [re.findall("Redigera|Exportera|Kolumner|Sök", sheet) for sheet in sheets] == [[]] * len(sheets)


@pytest.mark.parametrize("name", ["list", "summary, long words", "shipping, long words", "shipping, sixty lines"])
def test_nothing_is_squeezed_or_cut_on_paper(visit: Visit, name: str) -> None:
    page = visit(PLACES[name])
    page.emulate_media(media="print")
    found = what_does_not_fit(page, widths=PAPER_WIDTHS, framed_widths=[])
    page.emulate_media(media="null")
    assert found == []


def printed(page: Page, paper: str) -> list[str]:
    """The text of each sheet, with the lines that it has there."""
    document = pypdfium2.PdfDocument(page.pdf(format="A4", **PAPERS[paper]))
    try:
        return [_text_of(document, number) for number in range(len(document))]
    finally:
        document.close()


def _text_of(document: Any, number: int) -> str:
    sheet = document[number]
    text = sheet.get_textpage()
    try:
        return str(text.get_text_range()).replace("\r\n", "\n")
    finally:
        text.close()
        sheet.close()


def _has_headings(sheet: str) -> bool:
    """PDFium puts the first letter of a sheet on a line of its own now and then."""
    return all(heading in sheet.replace("\n", "") for heading in ("Produkt", "Antal", "Summa"))


@pytest.mark.parametrize("tab", ["", "/shipping"])
def test_thirty_lines_are_printed_on_two_sheets_with_their_names_unbroken(page: Page, desk: Desk, tab: str) -> None:
    def thirty() -> str:
        for number in range(1, 31):
            make_product(f"ART-{number}", name=f"Artikel {number} med ett ganska långt namn")
        return place(*((f"ART-{number}", 1) for number in range(1, 31))).number

    number = desk.ask(thirty)
    page.goto(f"{desk.url}/orders/{number}{tab}")
    for paper in ("upright, margins of 0", "upright, margins of 10mm"):
        sheets = printed(page, paper)
        assert len(sheets) == 2, paper
        for sheet in sheets:
            assert _has_headings(sheet) or "Artikel" not in sheet, paper
            assert "Åtgärder" not in sheet
            assert "Packsedel" not in sheet
        for line in range(1, 31):
            name = f"Artikel {line} med ett ganska långt namn"
            assert [sheet for sheet in sheets if name in sheet], (paper, name)
