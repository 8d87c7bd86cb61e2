"""Who else has an order open, and what they are editing: what a page is told, what it costs, and what stays of it."""

from datetime import timedelta
from threading import Event
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.factories import make_order
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of
from webshop_orders import clock
from webshop_orders.db.extensions import WRITES, db
from webshop_orders.models import Actor, Order, Presence, Role, User
from webshop_orders.operations.orders import lines, presence
from webshop_orders.outbox.worker import Maintenance
from webshop_orders.transactions.unit_of_work import editing, writing


def poll(browser: Browser, order: Order, place: str = "", **more: object) -> Page:
    response = put(browser, order, place=place, **more)
    assert response.status_code == 200
    return Page(response.text)


def put(browser: Browser, order: Order, **more: object) -> TestResponse:
    url = f"/orders/{order.number}"
    form = browser.page(f"{url}/shipping").select("#presence")[0]
    values = {field.get("name"): field.get("value") for field in form.iter("input")}
    return browser._open("PUT", f"{url}/presence", htmx=False, data={**values, **more})


def seen(browser: Browser, order: Order, **more: object) -> str:
    (here,) = poll(browser, order, **more).select("[data-here]")
    return text_of(here)


def rows() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Presence)) or 0


def pass_time(seconds: int) -> None:
    """Have everyone been seen so much earlier."""
    with writing():
        for row in db.session.scalars(select(Presence)):
            row.seen_at -= timedelta(seconds=seconds)


def first_line(order: Order) -> int:
    return next(fresh(order).lines).id


def test_someone_alone_is_told_of_nobody(staff: Browser, order: Order) -> None:
    assert seen(staff, order) == ""
    assert seen(staff, order) == ""
    assert rows() == 1


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("", "Admin Berg har ordern öppen nyss"),
        ("line-{line}", "Admin Berg redigerar Stearinljus, 12-pack nyss"),
        ("shipment-1", "Admin Berg redigerar WS-100001-1 nyss"),
        ("customer", "Admin Berg redigerar kund och adresser nyss"),
        ("comment", "Admin Berg skriver en kommentar nyss"),
        ("product", "Admin Berg lägger till en produkt nyss"),
    ],
)
def test_others_are_told_what_someone_is_editing(
    staff: Browser, admin: Browser, order: Order, place: str, sentence: str
) -> None:
    poll(admin, order, place.format(line=first_line(order)))
    assert seen(staff, order) == sentence


@on_sqlite
@pytest.mark.parametrize(
    "place", ["line-0", "line--1", "line-٣", "line-1e9", "line-" + "9" * 30, "x" * 5000, "<b>", "\0"]
)
def test_a_place_that_is_none_is_left_out(staff: Browser, admin: Browser, order: Order, place: str) -> None:
    poll(admin, order, place)
    assert seen(staff, order) == "Admin Berg har ordern öppen nyss"


@on_sqlite
def test_a_line_of_another_order_is_not_named(staff: Browser, admin: Browser, order: Order) -> None:
    other = make_order(("SECRET", 1))
    poll(admin, order, f"line-{first_line(other)}")
    assert seen(staff, order) == "Admin Berg har ordern öppen nyss"


def test_the_time_is_told_and_who_left_is_forgotten_after_a_minute(
    staff: Browser, admin: Browser, order: Order
) -> None:
    poll(admin, order)
    pass_time(25)
    assert seen(staff, order) == "Admin Berg har ordern öppen 20 s sedan"
    pass_time(36)
    assert seen(staff, order) == ""


def test_what_a_page_shows_already_is_not_sent_again(staff: Browser, admin: Browser, order: Order) -> None:
    poll(admin, order)
    response = put(staff, order)
    assert put(staff, order, shown=response.headers["X-Shown"]).status_code == 204
    poll(admin, order, "comment")
    assert put(staff, order, shown=response.headers["X-Shown"]).status_code == 200


def test_only_words_without_times_are_announced(staff: Browser, admin: Browser, order: Order) -> None:
    poll(admin, order)
    before = poll(staff, order)
    pass_time(20)
    after = poll(staff, order)
    words = [text_of(page.select("[data-here-words]")[0]) for page in (before, after)]
    assert words == ["Admin Berg har ordern öppen."] * 2
    assert before.html != after.html


def test_a_page_is_told_that_the_order_is_newer_and_by_whom(
    staff: Browser, admin: Browser, anna: Actor, order: Order
) -> None:
    version = fresh(order).version
    with editing(order.number, None, anna) as current:
        lines.change(next(current.lines), quantity=1, by=anna)
    page = poll(staff, order, version=version, tab="shipping")
    assert "Anna Lind har ändrat ordern. Ladda om" in page.text
    assert [link for link in page.links if link.endswith("/shipping")]
    assert "Anna Lind" not in poll(staff, order).text


@on_sqlite
def test_a_page_is_told_of_ones_own_change_in_another_window(staff: Browser, order: Order) -> None:
    version, url = fresh(order).version, f"/orders/{order.number}/lines/{first_line(order)}"
    assert staff.send(url, url, quantity=1).status_code == 303
    assert "Du har ändrat ordern i ett annat fönster." in poll(staff, order, version=version).text


@on_sqlite
@pytest.mark.parametrize("version", ["", "abc", "-1", "٣", "9" * 30])
def test_a_version_that_is_none_is_no_error(staff: Browser, order: Order, version: str) -> None:
    assert put(staff, order, version=version, tab="nowhere", shown="x" * 5000).status_code == 200


@on_sqlite
def test_an_order_that_does_not_exist_is_not_found(staff: Browser, order: Order) -> None:
    response = staff._open("PUT", "/orders/WS-9/presence", htmx=False, data={"csrf_token": staff.token()})
    assert response.status_code == 404
    assert rows() == 0


@on_sqlite
def test_another_site_and_whoever_is_signed_out_is_refused(staff: Browser, nobody: Browser, order: Order) -> None:
    url = f"/orders/{order.number}/presence"
    assert staff._open("PUT", url, htmx=False).status_code == 400
    response = nobody._open("PUT", url, htmx=True)
    assert (response.status_code, "HX-Redirect" in response.headers) == (401, False)
    assert nobody.get("/orders/presence?orders=1").status_code == 401
    assert rows() == 0


def test_a_poll_costs_two_statements_beside_that_of_the_user(staff: Browser, admin: Browser, order: Order) -> None:
    poll(admin, order, "comment")
    put(staff, order)
    form = staff.page(f"/orders/{order.number}").select("#presence")[0]
    values = {field.get("name"): field.get("value") for field in form.iter("input")}
    with counting() as statements:
        staff._open("PUT", f"/orders/{order.number}/presence", htmx=False, data=values)
    assert len(statements) == 3, "\n".join(statements)
    with counting() as statements:
        staff.get(f"/orders/presence?orders={order.id}")
    assert len(statements) == 2, "\n".join(statements)


def test_a_poll_changes_nothing_of_the_order(staff: Browser, order: Order) -> None:
    before = fresh(order)
    version, updated_at = before.version, before.updated_at
    poll(staff, order, "comment")
    assert (fresh(order).version, fresh(order).updated_at) == (version, updated_at)


@on_sqlite
def test_the_list_says_who_has_which_order_open(staff: Browser, admin: Browser, order: Order) -> None:
    other = make_order(("LJUS-12", 1))
    poll(admin, order)
    poll(staff, other)
    page = staff.page("/orders")
    (form,) = page.select("#presence")
    orders = "-".join(cell.get("id").removeprefix("here-") for cell in page.select(".orders .here"))
    response = staff.get(f"{form.get('data-presence')}?orders={orders}")
    (cell,) = Page(response.text).select("[data-order]")
    assert cell.get("data-order") == str(order.id)
    assert text_of(cell) == "AB Admin Berg har ordern öppen"
    assert staff.page("/orders").select(f"#here-{order.id}")
    shown = response.headers["X-Shown"]
    assert staff.get(f"{form.get('data-presence')}?orders={orders}&shown={shown}").status_code == 204


@on_sqlite
@pytest.mark.parametrize("orders", ["", "-", "0", "٣", "9" * 400, "1-" * 3000, "a-b"])
def test_orders_that_are_none_are_no_error(staff: Browser, order: Order, orders: str) -> None:
    assert staff.get("/orders/presence", query_string={"orders": orders}).status_code == 200


@pytest.mark.parametrize("polls", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_any_number_of_polls_leaves_as_many_rows_as_people(
    app: Flask, monkeypatch: pytest.MonkeyPatch, polls: int
) -> None:
    """Each of 8 people asks every 15 seconds, and goes on to another order after 10 minutes."""
    orders = [make_order(("LJUS-12", 1)) for _ in range(5)]
    with writing():
        people = [User(email=f"{who}@example.com", name=f"Person {who}", role=Role.STAFF) for who in range(8)]
        db.session.add_all(people)
    began = clock.now()
    for minute in range(polls // len(people) // 4):
        with writing():
            for turn in range(4):
                moment = began + timedelta(seconds=60 * minute + 15 * turn)
                monkeypatch.setattr(presence, "now", lambda moment=moment: moment)
                for who, person in enumerate(people):
                    presence.enter(orders[(who + minute // 10) % len(orders)].number, person.id)
            presence.forget()
    most = rows()
    monkeypatch.setattr(presence, "now", lambda: moment + timedelta(seconds=50))
    with writing():
        presence.forget()
    assert (most <= 2 * len(people), rows()) == (True, len(people))


@on_sqlite
def test_the_worker_forgets_who_left(app: Flask, staff: Browser, admin: Browser, order: Order) -> None:
    poll(admin, order)
    pass_time(61)
    poll(staff, order)
    Maintenance()(Event())
    assert rows() == 1


@on_sqlite
@pytest.mark.own_app
def test_a_poll_does_not_wait_for_a_change_and_is_answered_all_the_same(
    staff: Browser, admin: Browser, order: Order
) -> None:
    poll(admin, order)
    form = staff.page(f"/orders/{order.number}").select("#presence")[0]
    values = {field.get("name"): field.get("value") for field in form.iter("input")}
    with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        began = monotonic()
        response = staff._open("PUT", f"/orders/{order.number}/presence", htmx=False, data=values)
        waited = monotonic() - began
    assert "Admin Berg har ordern öppen" in response.text
    assert waited < 2
    assert rows() == 1, "it is noted the next time"
