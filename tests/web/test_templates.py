"""Templates and translations: nothing unused, nothing missing, and the required labels on the buttons."""

import io
import re
from collections.abc import Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import ngettext
from jinja2 import meta

from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.models import Actor, Order
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.orders.page import PAGES

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "webshop_orders" / "translations"
SWEDISH = TRANSLATIONS / "sv" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "pgettext": ((1, "c"), 2)}


def page_templates() -> set[str]:
    folder = ROOT / "templates"
    return {str(path.relative_to(folder)) for path in folder.rglob("*.html")}


def names_in_code() -> set[str]:
    """Templates that views render; a name with a placeholder matches all that fit."""
    code = "\n".join(path.read_text() for path in (ROOT / "webshop_orders").rglob("*.py"))
    names = re.findall(r'"([\w/{}.]+\.html)"', code)
    patterns = [re.sub(r"\\{[^}]*\\}", "[a-z_]+", re.escape(name)) for name in names]
    of_orders = {f"orders/{page}.html" for page in PAGES}
    return of_orders | {name for name in page_templates() if any(re.fullmatch(pattern, name) for pattern in patterns)}


@on_sqlite
def test_every_template_is_used(app: Flask) -> None:
    used, unchecked = set[str](), names_in_code()
    while unchecked:
        name = unchecked.pop()
        used.add(name)
        source = app.jinja_env.parse((ROOT / "templates" / name).read_text())
        unchecked |= {reference for reference in meta.find_referenced_templates(source) if reference} - used
    assert used == page_templates()


@on_sqlite
def test_every_macro_is_used(app: Flask) -> None:
    sources = {name: (ROOT / "templates" / name).read_text() for name in page_templates()}
    shared = "\n".join(source for name, source in sources.items() if name.endswith("macros.html"))
    macros = re.findall(r"\{% macro (\w+)", shared)
    assert len(macros) > 20
    calls = "\n".join(sources.values())
    assert [macro for macro in macros if not re.search(rf"\{{\{{-? *{macro}\(| {macro}\(", calls)] == []


def test_lines_of_templates_have_at_most_140_characters() -> None:
    long_lines = [
        f"{name}:{number}"
        for name in sorted(page_templates())
        for number, line in enumerate((ROOT / "templates" / name).read_text().splitlines(), 1)
        if len(line) > 140
    ]
    assert long_lines == []


@pytest.mark.parametrize("name", ["app.css", "editor.css", "packing.css", "print.css"])
def test_a_style_sheet_has_one_declaration_per_line(name: str) -> None:
    lines = (ROOT / "static" / name).read_text().splitlines()
    assert len(lines) > 100
    lines_with_several = [line for line in lines if line.count(";") > 1 or ("{" in line and not line.endswith("{"))]
    assert lines_with_several == []


def read_catalogue() -> Catalog:
    return read_po(io.BytesIO(SWEDISH.read_bytes()))


def messages(catalogue: Catalog) -> dict[tuple[str | None, object], object]:
    return {(message.context, as_key(message.id)): as_key(message.string) for message in catalogue if message.id}


def as_key(text: Any) -> Any:
    """A message, or its forms for one and for several: a tuple in a source, a list in a compiled catalogue."""
    return text if isinstance(text, str) else tuple(text)


def placeholders(text: object) -> set[str]:
    return set(re.findall(r"%\(\w+\)[a-z]", str(text)))


def test_every_message_is_translated_into_swedish() -> None:
    catalogue = read_catalogue()
    assert len(messages(catalogue)) > 200
    assert [key for key, text in messages(catalogue).items() if not text] == []
    assert [message.id for message in catalogue if message.fuzzy and message.id] == []
    assert [key for key, text in messages(catalogue).items() if placeholders(key[1]) != placeholders(text)] == []


def test_the_compiled_catalogue_matches_its_source() -> None:
    compiled = messages(read_mo(io.BytesIO(SWEDISH.with_suffix(".mo").read_bytes())))
    texts = {(context.decode() if isinstance(context, bytes) else context, text) for context, text in compiled}
    assert texts == set(messages(read_catalogue())), "run `make translations`"
    assert sorted(map(str, compiled.values())) == sorted(map(str, messages(read_catalogue()).values()))


def extracted() -> Iterator[tuple[str | None, object]]:
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    for _file, _line, message, _comments, context in extract_from_dir(ROOT, methods, options, KEYWORDS):
        yield context, message


def test_the_catalogue_has_exactly_the_messages_of_the_code() -> None:
    messages_in_code = set(extracted())
    assert len(messages_in_code) > 200
    messages_in_catalogue = set(messages(read_catalogue()))
    assert messages_in_code - messages_in_catalogue == set()
    assert messages_in_catalogue - messages_in_code == set(), "no longer used"


def labels(page: Page) -> set[str]:
    return {button for button in page.buttons if button}


@on_sqlite
def test_buttons_and_tabs_have_the_required_labels(staff: Browser, anna: Actor, parts: Order) -> None:
    url = f"/orders/{parts.number}"
    line = next(iter(parts.lines)).id
    assert {"Sök", "Redigera WS-100001"} <= labels(staff.page("/orders"))
    summary = staff.page(url)
    assert {"Lägg till kommentar", "Skicka orderbekräftelse på nytt"} <= labels(summary)
    tabs = [link for link in summary.buttons[summary.buttons.index("Sammanfattning") :] if link.split()[0] in TABS]
    assert tabs[: len(TABS)] == [
        "Sammanfattning",
        "Frakt 3",
        "Kund",
        "Utskick 2",
        "Historik 5",
    ]
    shipping = labels(staff.page(f"{url}/shipping"))
    assert {"Lägg till produkt", "Ångra skickad", "Dela av restnoterat", "Spara", "Markera som skickad"} <= shipping
    for word in ("Redigera", "Dela", "Radera"):
        assert f"{word} Stearinljus, 12-pack" in shipping
    assert {"Spara", "Avbryt"} <= labels(staff.page(f"{url}/lines/{line}"))
    assert {"Dela", "Avbryt"} <= labels(staff.page(f"{url}/lines/{line}/split"))
    assert "Spara" in labels(staff.page(f"{url}/customer"))


TABS = {"Sammanfattning", "Frakt", "Kund", "Utskick", "Historik"}


@on_sqlite
def test_statuses_have_the_required_labels(staff: Browser, anna: Actor, parts: Order) -> None:
    url = f"/orders/{parts.number}"
    assert staff.page(f"{url}/shipping").badges == ["Restnoterad", "Redo", "Skickad"] * 2
    assert staff.page("/orders").badges == ["Restnoterad", "Redo", "Skickad"]
    assert "Delvis skickade" in staff.page("/orders").text
    with editing(parts.number, None, anna) as locked_order:
        shipments.reopen(locked_order.shipments[2], by=anna)
    with editing(parts.number, None, anna) as locked_order:
        cancellation.cancel(locked_order, by=anna)
    assert set(staff.page(f"{url}/shipping").badges) == {"Makulerad"}
    assert staff.page("/orders").badges == ["Makulerad"]


@on_sqlite
def test_a_browser_that_prefers_english_gets_english_pages(staff: Browser, parts: Order) -> None:
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    response = Context().run(staff.client.get, f"/orders/{parts.number}/shipping", headers=english)
    page = Page(response.text)
    assert '<html lang="en"' in response.text
    assert {"Add product", "Undo shipped"} <= labels(page)
    assert not set("åäö") & set(page.text.replace("Stearinljus", "").replace("mässing", "").replace("Luleå", ""))


COUNTS = re.compile(r"%\((n|num|count|seconds|quantity|waiting|missing|many|taken)\)s")
# Messages with a number that read the same for one and for several, in both languages.
SAME_FOR_ONE = {
    "%(seconds)s s ago",
    "%(covered)s covered, %(waiting)s backordered",
    "%(many)s orders were looked through.",  # thousands, always
    "%(name)s: the quantity now is %(quantity)s.",
    "%(quantity)s × %(name)s added to %(shipment)s.",
    "%(quantity)s × %(name)s moved to %(shipment)s.",
    "%(quantity)s × %(name)s now costs %(total)s.",
    "%(quantity)s × %(name)s removed.",
    "%(quantity)s × %(product)s from %(source)s to %(target)s",
    "%(quantity)s × %(product)s moved from %(source)s to %(target)s.",
    "%(quantity)s × %(product)s was added to %(shipment)s.",
    "%(units)s × %(product)s: %(packed)s of %(quantity)s.",
    "%(quantity)s × %(product)s was removed from %(shipment)s.",
    "%(n)s in stock",
    "%(n)s free",
    "%(n)s received before",
    "and later %(n)s more",
    "This delivery was changed meanwhile. Received of it: %(received)s of %(quantity)s.",
    "Still expected: %(count)s.",
    "%(count)s selected, of which %(others)s on other pages",  # one on another page, too
    "Mail templates: %(count)s of the shop's own, and all can be used.",
    "Orders that are older: %(count)s. Their personal data will be erased within the hour, and cannot be brought back.",
    "Recovery codes left: %(count)s.",
    "The first %(count)s are shown. Type more words to find others.",  # as many as fit
    "The quantity already is %(quantity)s.",
    "Webhooks: %(count)s switched on.",
    "What waited for stock in %(source)s, %(quantity)s in all, moved to %(target)s.",
    "%(table)s: the same %(columns)s more than once, %(values)s (rows: %(count)s).",
    "%(table)s: there is no %(parent)s %(id)s, which is named there (rows: %(count)s).",
}


def test_every_sentence_with_a_number_has_a_form_for_one() -> None:
    texts = {message.id for message in read_catalogue() if isinstance(message.id, str) and COUNTS.search(message.id)}

    assert texts == SAME_FOR_ONE, "write it with ngettext, or add it where it reads the same for one"


@pytest.mark.parametrize(
    ("number", "expected"), [(1, "för 1 sekund sedan"), (2, "för 2 sekunder sedan"), (0, "för 0 sekunder sedan")]
)
def test_a_number_takes_its_form_in_swedish(app: Flask, number: int, expected: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "sv"}):
        sentence = ngettext(
            "The same mail was sent to %(recipient)s %(seconds)s second ago.",
            "The same mail was sent to %(recipient)s %(seconds)s seconds ago.",
            number,
            recipient="asa@example.com",
            seconds=number,
        )

    assert expected in sentence
