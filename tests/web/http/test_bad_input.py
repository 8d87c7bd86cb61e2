"""Invalid values for every input: a sentence is shown, the typed value stays, and nothing changes."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, fresh
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Comment, Event, Message, Order
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing

RANGE = "Ange ett heltal från 1 till 99999."
LONG = "Högst 200 tecken"
CONTROL = "tecken som inte kan användas här"
QUANTITIES = ["0", "-1", "1.5", "1e9", "", "abc", "٣", "1_000", "100000", "9" * 5000, "1\r\n2", "\0", "😀", "0x1", "+1"]
CODES = ["A" * 5000, "A" * 101, "<script>rad\r\nbryt", "<script>alert(1)</script>"]
CODES += ["📦", "javascript:alert(1)", "", "\0"]
LINKS = ["https://", "http://exa mple.com/1", "https://exåmple.com/\u202e", "https://user@evil:x/1"]
EMAILS = ["asa@example.com\r\nBcc: x@example.com", "asa", "asa@", "@example.com", "a b@example.com", "", "a@b\0.se"]


def state(order: Order) -> tuple[object, ...]:
    """Everything that a refused input must not change."""
    current = fresh(order)
    return (
        current.version,
        current.total,
        [(line.id, line.quantity, line.shipment_id, line.reserved) for line in current.lines],
        [(shipment.seq, shipment.status, len(shipment.tracking_codes)) for shipment in current.shipments],
        current.customer,
        db.session.scalar(select(func.count(Event.id))),
        db.session.scalar(select(func.count(Comment.id))),
        db.session.scalar(select(func.count(Message.id))),
    )


def first_line(order: Order) -> int:
    return next(iter(fresh(order).lines)).id


def refused(response: TestResponse, sentence: str) -> Page:
    assert response.status_code == 422, (response.status_code, response.text)
    page = Page(response.text)
    assert sentence in page.text, page.text
    return page


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("form_name", ["changed", "split", "added"])
def test_a_quantity_is_a_whole_number_in_plain_digits(staff: Browser, order: Order, form_name: str, htmx: bool) -> None:
    row, url = f"/orders/{order.number}/lines/{first_line(order)}", f"/orders/{order.number}"
    page, action = {
        "changed": (row, row),
        "split": (f"{row}/split", f"{row}/split"),
        "added": (f"{url}/shipping", f"{url}/lines"),
    }[form_name]
    before = state(order)
    for typed in QUANTITIES:
        response = refused(staff.send(page, action, htmx=htmx, quantity=typed, q="LJUS-12"), "")
        assert RANGE in response.text or LONG in response.text or CONTROL in response.text
        shown_value = response.form(action).values()["quantity"]
        assert shown_value == typed or not typed.isprintable(), typed
    assert state(order) == before


@pytest.mark.parametrize("typed", CODES)
def test_a_tracking_code_has_letters_and_digits_only(staff: Browser, order: Order, typed: str) -> None:
    before, action = state(order), f"/orders/{order.number}/shipments/1/tracking"
    response = staff.send(f"/orders/{order.number}/shipping", action, htmx=True, code=typed)
    refused(response, "")
    assert "<script>" not in response.text
    assert Page(response.text).form(action).values()["code"].strip() == typed.strip() or not typed.isprintable()
    assert state(order) == before


@pytest.mark.parametrize("typed", LINKS)
def test_a_tracking_link_is_a_web_address(staff: Browser, order: Order, typed: str) -> None:
    before, action = state(order), f"/orders/{order.number}/shipments/1/tracking"
    refused(staff.send(f"/orders/{order.number}/shipping", action, code=typed), "")
    assert state(order) == before


@pytest.mark.parametrize("typed", EMAILS)
def test_an_invalid_email_address_is_refused(staff: Browser, order: Order, typed: str) -> None:
    url, before = f"/orders/{order.number}", state(order)
    refused(staff.send(url, f"{url}/confirmation", htmx=True, recipient=typed), "")
    if typed:
        refused(staff.send(f"{url}/customer", f"{url}/customer", **{"customer-email": typed}), "")
    assert state(order) == before


def test_an_unknown_product_is_refused_and_stays_typed(staff: Browser, order: Order) -> None:
    before, url = state(order), f"/orders/{order.number}"
    page = refused(staff.send(f"{url}/shipping", f"{url}/lines", q="finns inte"), "Välj en produkt")
    assert page.form(f"{url}/lines").values()["q"] == "finns inte"
    refused(staff.send(f"{url}/shipping", f"{url}/lines", product="987654321"), "Välj en produkt")
    refused(staff.send(f"{url}/shipping", f"{url}/lines", product="٣"), "Välj en produkt")
    assert state(order) == before


def test_a_search_that_matches_several_products_lists_them(staff: Browser, order: Order) -> None:
    make_product("KAN-03", name="Ljusstake i mässing, hög")
    url = f"/orders/{order.number}"
    page = refused(staff.send(f"{url}/shipping", f"{url}/lines", q="ljusstake"), "Flera produkter stämmer")
    assert "KAN-02" in page.text
    assert "KAN-03" in page.text


def test_an_inactive_product_or_one_in_another_currency_is_not_for_sale(staff: Browser, order: Order) -> None:
    products = [make_product("OLD", active=False), make_product("EUR", currency="EUR")]
    before, url = state(order), f"/orders/{order.number}"
    for product in products:
        refused(staff.send(f"{url}/shipping", f"{url}/lines", product=product.id), "går inte att sälja")
    assert state(order) == before


def test_more_than_stock_of_a_product_without_backorders_is_refused(staff: Browser, order: Order) -> None:
    make_product("RAR-1", name="Rar ljuslykta", stock=4, backorderable=False)
    before, url = state(order), f"/orders/{order.number}"
    refused(staff.send(f"{url}/shipping", f"{url}/lines", q="RAR-1", quantity=5), "högst 4 finns att sälja")
    assert state(order) == before


def test_a_line_of_another_order_is_not_found(staff: Browser, order: Order) -> None:
    other = make_order(("LJUS-12", 2), ("KAN-02", 1))
    before, other_line = state(order), first_line(other)
    url, token = f"/orders/{order.number}", staff.token()
    for action in (f"{url}/lines/{other_line}", f"{url}/lines/{other_line}/split", f"{url}/lines/{other_line}/removal"):
        typed = {"csrf_token": token, "version": fresh(order).version, "quantity": 1, "unit_price": 1, "target": "new"}
        assert staff.post(action, typed).status_code == 404
    assert staff.get(f"{url}/lines/{other_line}").status_code == 404
    assert state(order) == before
    assert fresh(other).version == 1


def test_an_invalid_target_shipment_is_refused(staff: Browser, order: Order) -> None:
    before, line, url = state(order), first_line(order), f"/orders/{order.number}"
    for target in ("2", "99", "0", "-1", "abc", "", "1" * 30):
        action = f"{url}/lines/{line}/split"
        refused(staff.send(action, action, quantity=1, target=target), "")
    action = f"{url}/lines/{line}/split"
    refused(staff.send(action, action, quantity=1, target="1"), "Välj en annan försändelse")
    assert state(order) == before


def test_splitting_off_more_units_than_the_line_has_is_refused(staff: Browser, order: Order) -> None:
    before, action = state(order), f"/orders/{order.number}/lines/{first_line(order)}/split"
    page = refused(staff.send(action, action, htmx=True, quantity=5), "Det finns bara 2 att flytta.")
    assert page.form(action).values()["quantity"] == "5"
    assert state(order) == before


def test_splitting_off_everything_from_the_only_shipment_changes_nothing(staff: Browser) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 2))
    before, action = state(order), f"/orders/{order.number}/lines/{first_line(order)}/split"
    response = staff.send(action, action, htmx=True, quantity=2)
    assert response.status_code == 200
    assert "inget att dela av" in Page(response.text).text
    assert state(order) == before


def test_removing_the_last_line_is_refused_and_offers_to_cancel(staff: Browser) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 2))
    before, url = state(order), f"/orders/{order.number}"
    action = f"{url}/lines/{first_line(order)}/removal"
    refused(staff.send(f"{url}/shipping", action), "Makulera ordern i stället")
    assert state(order) == before


def test_a_shipped_shipment_is_closed(staff: Browser, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as locked_order:
        shipments.ship(locked_order.shipments[0], by=anna)
    before, line, url = state(order), first_line(order), f"/orders/{order.number}"
    version, price = fresh(order).version, "199,00"
    values = {"csrf_token": staff.token(), "version": version, "quantity": 1, "unit_price": price, "target": "new"}
    for action in ("", "/split", "/removal"):
        refused(staff.post(f"{url}/lines/{line}{action}", values), "är skickad")
    refused(staff.post(f"{url}/lines", {**values, "q": "LJUS-12", "shipment": "1"}), "är skickad")
    assert staff.page(f"{url}/shipping").select("a[href*='/lines/']") == []
    assert state(order) == before


@pytest.mark.parametrize(("typed", "expected"), [("", "kan inte vara tomt"), ("x" * 100_000, "Högst 10000 tecken")])
def test_an_empty_or_overlong_comment_is_refused(staff: Browser, order: Order, typed: str, expected: str) -> None:
    before, url = state(order), f"/orders/{order.number}"
    page = refused(staff.send(url, f"{url}/comments", htmx=True, text=typed), expected)
    assert page.form(f"{url}/comments").values()["text"].strip() == typed
    assert state(order) == before


def test_html_in_a_comment_is_escaped(staff: Browser, order: Order) -> None:
    url, typed = f"/orders/{order.number}", "<b>fet</b><script>alert(1)</script>"
    response = staff.send(url, f"{url}/comments", htmx=True, text=typed)
    assert response.status_code == 200
    assert typed in Page(response.text).text
    assert "<script>" not in response.text


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_stale_form_shows_what_changed_and_keeps_the_typed_value(
    staff: Browser, admin: Browser, order: Order, htmx: bool
) -> None:
    line, url = first_line(order), f"/orders/{order.number}"
    stale_values = staff.page(f"{url}/lines/{line}").form(f"{url}/lines/{line}").values()
    assert admin.send(f"{url}/lines/{line}", f"{url}/lines/{line}", quantity=4).status_code == 303
    before = state(order)
    response = staff.post(f"{url}/lines/{line}", {**stale_values, "quantity": "7"}, htmx=htmx)
    assert response.status_code == 409
    page = Page(response.text)
    assert "Ordern ändrades medan du arbetade med den." in page.text
    assert "Admin Berg: Stearinljus, 12-pack i WS-100001-1: från 2 till 4." in page.text
    assert page.form(f"{url}/lines/{line}").values()["quantity"] == "7"
    assert page.form(f"{url}/lines/{line}").values()["seen"] == str(fresh(order).version)
    assert state(order) == before


def test_a_form_sent_twice_is_carried_out_once(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    line = first_line(order)
    for page, action, typed in (
        (f"{url}/lines/{line}", f"{url}/lines/{line}", {"quantity": 5}),
        (url, f"{url}/comments", {"text": "Bara en gång"}),
        (url, f"{url}/confirmation", {"recipient": "asa@example.com", "agreed": "just-sent"}),
    ):
        values = {**staff.page(page).form(action).values(), **typed}
        assert staff.post(action, values, htmx=True).status_code == 200
        after = state(order)
        second_response = staff.post(action, values, htmx=True)
        assert second_response.status_code == 200
        assert "Det här är redan gjort." in Page(second_response.text).text
        assert state(order) == after


@pytest.mark.parametrize("version", [None, "", "abc", "-1", "٣", "1" * 40])
def test_a_form_without_a_valid_version_is_refused(staff: Browser, order: Order, version: str | None) -> None:
    before, action = state(order), f"/orders/{order.number}/lines/{first_line(order)}"
    refused(staff.send(action, action, quantity=3, version=version), "Formuläret kom inte fram helt")
    assert state(order) == before


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_form_without_a_valid_csrf_token_changes_nothing(staff: Browser, order: Order, token: str | None) -> None:
    before, url = state(order), f"/orders/{order.number}"
    for htmx in (True, False):
        response = staff.send(url, f"{url}/comments", htmx=htmx, text="Hej", csrf_token=token)
        assert response.status_code == 400
        assert "Formuläret kom inte fram helt" in Page(response.text).text
    assert state(order) == before


def test_an_unknown_order_or_page_is_an_error_page_with_the_layout(staff: Browser, order: Order) -> None:
    for path in ("/orders/WS-999999", "/orders/WS-999999/shipping", "/orders/WS-1/lines/1", "/finns-inte"):
        response = staff.get(path)
        assert response.status_code == 404
        assert "Till ordrarna" in Page(response.text).text
    for path in (f"/orders/{order.number}/lines/٣", f"/orders/{order.number}/lines/{'9' * 30}", "/orders/%00", "/%ff"):
        assert staff.get(path).status_code == 404
    values = {"csrf_token": staff.token(), "version": 1, "text": "Hej"}
    assert staff.post("/orders/WS-999999/comments", values).status_code == 404
    assert staff.post("/orders/WS-999999/comments", {**values, "text": ""}, htmx=True).status_code == 404
    assert staff.post(f"/orders/{order.number}/shipments/9/status", {**values, "status": "shipped"}).status_code == 404


def test_a_wrong_method_is_an_error_page_with_the_allowed_methods(staff: Browser, order: Order) -> None:
    response = staff.get(f"/orders/{order.number}/comments")
    assert response.status_code in {404, 405}
    response = staff.get(f"/orders/{order.number}/shipments/1/status")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert "öppnas inte på det sättet" in Page(response.text).text


def test_bytes_that_are_not_utf_8_change_nothing(staff: Browser, order: Order) -> None:
    before, url = state(order), f"/orders/{order.number}"
    token = staff.token()
    for body in (b"text=\xff\xfe&about=internal", b"\xff", b"csrf_token=" + token.encode() + b"&text=a\xe5\xe4"):
        response = staff.client.post(
            f"{url}/comments", data=body, content_type="application/x-www-form-urlencoded", headers={"HX-Request": "1"}
        )
        assert response.status_code in {200, 400, 422}
    assert staff.get("/orders?q=%ff%00").status_code == 200
    assert fresh(order).version == before[0]


def test_a_request_that_is_too_large_is_refused_with_a_message(staff: Browser, order: Order) -> None:
    before, url = state(order), f"/orders/{order.number}"
    many = "&".join(f"f{number}=1" for number in range(10_000))
    for body in (many, "text=" + "x" * 3_000_000):
        response = staff.client.post(f"{url}/comments", data=body, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 413
    assert state(order) == before


HOSTILE_TEXTS = ["a\0b", "\ud800".encode("utf-8", "surrogatepass"), "%_'\"\\{{ 7 }}", "x" * 100_000]


@pytest.mark.parametrize("typed", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_text_in_any_field_breaks_no_page(staff: Browser, app: Flask, order: Order, typed: str | bytes) -> None:
    url, line = f"/orders/{order.number}", first_line(order)
    for name in ("q", "status", "sort", "after", "from", "to"):
        words = typed if isinstance(typed, str) else typed.decode("utf-8", "replace")
        assert staff.get("/orders", query_string={name: words[:5000]}).status_code == 200
    assert staff.get("/products", query_string={"q": "x", "currency": "\0"}).status_code == 200
    for page, action in (
        (f"{url}/shipping", f"{url}/lines"),
        (f"{url}/lines/{line}", f"{url}/lines/{line}"),
        (f"{url}/lines/{line}/split", f"{url}/lines/{line}/split"),
        (f"{url}/shipping", f"{url}/shipments/1/tracking"),
        (f"{url}/shipping", f"{url}/shipments/1/status"),
        (url, f"{url}/comments"),
        (url, f"{url}/confirmation"),
        (f"{url}/customer", f"{url}/customer"),
    ):
        form = staff.page(page).form(action).values()
        for name in {*form, "product", "status"} - {"csrf_token"}:
            assert staff.post(action, {**form, name: typed}).status_code in {200, 303, 409, 422}
