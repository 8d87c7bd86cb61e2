"""The start page of the day: its figures lead to their orders, and its charts have their numbers in tables."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import MAX_FRAGMENT_BYTES, MAX_STATEMENTS, counting
from tests.web.pages import Page, text_of
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Figure, HourlyCount, InboxItem, InboxKind
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.stock import incoming
from webshop_orders.transactions.unit_of_work import editing, writing

pytestmark = on_sqlite
NOW = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def day(app: Flask, anna: Actor) -> list[str]:
    """Three orders that wait, of today, yesterday and last month, and one of yesterday that left today."""
    make_product("LJUS-12", stock=50)
    numbers = [make_order(("LJUS-12", 1), placed_at=NOW - timedelta(days=days)).number for days in (0, 1, 40, 1)]
    with editing(numbers[-1], None, anna) as order:
        shipments.ship(order.shipments[0], by=anna)
    return numbers


def today(browser: Browser) -> Page:
    return browser.page("/today")


def ages(page: Page) -> dict[str, str]:
    return {text_of(row.find("th")): text_of(row.find("td")) for row in page.select(".ages tbody tr")}


def test_nobody_reads_it_without_signing_in(nobody: Browser) -> None:
    assert nobody.get("/today").status_code == 303


def test_the_desk_opens_with_it(staff: Browser) -> None:
    assert staff.get("/").location == "/today"


def test_what_waits_is_counted_by_age(viewer: Browser, day: list[str]) -> None:
    page = today(viewer)
    assert ages(page) == {
        "I dag": "1",
        "I går": "1",
        "För 2–3 dagar sedan": "0",
        "För 4–7 dagar sedan": "0",
        "Tidigare": "1",
    }


def test_each_age_leads_to_its_orders(staff: Browser, day: list[str]) -> None:
    page = today(staff)
    for link, number in zip([link for link in page.links if "waiting=1" in link][::4], [day[0], day[2]], strict=True):
        listed = staff.page(link)
        assert [row.get("id") for row in listed.select("tbody tr")] != []
        assert number in listed.text
        assert not {*day} - {number} & {text_of(cell) for cell in listed.select("td.name a")}


def test_an_order_that_left_is_not_among_those_that_wait(staff: Browser, day: list[str]) -> None:
    listed = staff.page("/orders?waiting=1")
    assert "Väntar" in text_of(listed.select(".active-filters")[0])
    assert day[3] not in listed.text
    assert all(number in listed.text for number in day[:3])


def test_a_filter_that_says_nothing_is_refused_in_words(staff: Browser, day: list[str]) -> None:
    assert "«ja» säger inte att ordrar väntar." in staff.page("/orders?waiting=ja").text


def test_the_chart_of_what_left_has_its_numbers_in_a_table(viewer: Browser, day: list[str]) -> None:
    page = today(viewer)
    rows = [text_of(row) for row in page.select("details tbody tr")]
    assert len(rows) == 28
    assert rows[0] == "31 mars 2026 1"
    assert rows[1] == "30 mars 2026 0"
    assert page.select("svg[role=img]")[0].get("aria-label") == "1 försändelse skickades på fyra veckor. I dag: 1."
    assert len(page.select("rect.now")) == 1
    assert page.select("rect.bar") == page.select(".ages rect.bar")


def test_without_orders_it_says_that_none_waits(viewer: Browser) -> None:
    page = today(viewer)
    assert "Ingen order väntar." in page.text
    assert "0 försändelser skickades på fyra veckor." in page.text


def test_a_viewer_sees_no_inbox_and_others_what_needs_them(viewer: Browser, staff: Browser, warehouse: Browser) -> None:
    with writing():
        for kind in (InboxKind.TO_REFUND, InboxKind.SENT_WITHOUT_CODE):
            db.session.add(InboxItem(kind=kind, subject="WS-1", since=NOW, facts={}))
    assert not today(viewer).select("#today-inbox")
    assert text_of(today(staff).select("#today-inbox")[0]) == "2 saker behöver dig"
    assert text_of(today(warehouse).select("#today-inbox")[0]) == "1 sak behöver dig"


def test_its_day_is_that_of_the_shop(viewer: Browser, day: list[str]) -> None:
    reshape_shop(time_zone="Pacific/Auckland")
    page = today(viewer)
    assert "31 mars 2026" in text_of(page.select("h1")[0])
    assert ages(page)["I dag"] == "1"


def test_what_should_come_today_and_what_is_late_is_counted(viewer: Browser, anna: Actor) -> None:
    expected = "#today-expected"
    assert text_of(today(viewer).select(expected)[0]) == "0 inleveranser väntas i dag"
    assert not today(viewer).select("#today-late")
    make_product("LJUS-12", stock=0)
    with writing():
        made = [
            incoming.expect("LJUS-12", 5, NOW.date() + timedelta(days=days) if days is not None else None, by=anna)
            for days in (-9, -1, -1, 0, 1, None)
        ]
        incoming.cancel(made[1].id, version=None, by=anna)
    page = today(viewer)
    assert text_of(page.select(expected)[0]) == "1 inleverans väntas i dag"
    assert text_of(page.select("#today-late")[0]) == "2 inleveranser är sena"
    assert {page.select(name)[0].get("href") for name in (expected, "#today-late")} == {"/incoming-deliveries"}


def test_it_costs_the_same_however_much_there_is(viewer: Browser, day: list[str]) -> None:
    with writing():
        db.session.add_all(
            HourlyCount(figure=figure, hour=NOW - timedelta(hours=hours), count=7)
            for figure in Figure
            for hours in range(2_000)
        )
    with counting() as statements:
        answer = viewer.get("/today", htmx=True)
    assert len(statements) <= MAX_STATEMENTS
    assert len(gzip.compress(answer.data)) <= MAX_FRAGMENT_BYTES
