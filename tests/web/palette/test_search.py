"""The palette: orders, products, places, and the actions that the user may carry out on this order now."""

import json
import re

import pytest
from flask import Flask

from tests.factories import make_order
from tests.web.conftest import Browser, SignIn, fresh, on_sqlite
from tests.web.orders.test_budgets import counting, order_of
from tests.web.pages import Page, text_of
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Customer, Order, Role
from webshop_orders.operations.orders import cancellation, tracking
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.auth.permissions import MINIMUM_ROLES
from webshop_orders.web.palette.actions import ACTIONS

MAX_STATEMENTS = 7  # the user, the order, its keys, at most three for the list, the products
MAX_BYTES = 12_000


def search(browser: Browser, words: str, order: Order | None = None) -> Page:
    """What the palette finds, on the page of an order or elsewhere."""
    query = {"q": words, "order": order.number if order else ""}
    response = browser.get("/palette", query_string=query, htmx=True)
    assert response.status_code == 200
    return Page(response.text)


def options(page: Page) -> list[str]:
    return [text_of(option) for option in page.select("[role=option]")]


def actions(page: Page) -> list[str]:
    return [text_of(option) for option in page.select("[id^=palette-action-][role=option]")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("skicka", "Markera {number}-1 som skickad"),
        ("ship", "Markera {number}-1 som skickad"),
        ("dela kannan", "Dela Kannan KAN-02"),
        ("split ljus-12", "Dela Stearinljus, 12-pack LJUS-12"),
        ("dela rest", "Dela av restnoterat i {number}-1"),
        ("prioritera", "Lagertilldelning: prioritet, hel leverans"),
        ("collect", "Lagertilldelning: prioritet, hel leverans"),
        ("kommentera", "Skriv en kommentar"),
        ("comment", "Skriv en kommentar"),
        ("fördela", "Fördela"),
        ("makulera", "Makulera ordern"),
        ("cancel", "Makulera ordern"),
        ("MÅKULERA", "Makulera ordern"),
        ("spårn", "Lägg till spårningskod på {number}-1"),
        ("radera stearin", "Radera Stearinljus, 12-pack LJUS-12"),
        ("ändra antal ljus", "Redigera Stearinljus, 12-pack LJUS-12"),
        ("ta tillbaka", None),
        ("öppna igen", None),
        ("xyz", None),
    ],
)
def test_an_action_is_found_by_its_words_in_both_languages(
    staff: Browser, order: Order, words: str, expected: str | None
) -> None:
    kannan = next(line for line in order.lines if line.sku == "KAN-02")
    kannan.name = "Kannan"
    db.session.commit()
    found = actions(search(staff, words, order))

    assert found[:1] == ([expected.format(number=order.number)] if expected else [])


def test_without_words_the_actions_on_the_order_and_its_shipments_are_offered(staff: Browser, parts: Order) -> None:
    found = actions(search(staff, "", parts))

    assert found[:2] == [f"Markera {parts.number}-1 som skickad", f"Markera {parts.number}-2 som skickad"]
    assert len(found) == 8
    assert not [label for label in found if "Stearinljus" in label]
    assert actions(search(staff, "")) == []


@on_sqlite
@pytest.mark.parametrize("role", [Role.VIEWER, Role.WAREHOUSE, Role.STAFF, Role.ADMIN])
def test_only_what_the_role_may_do_is_offered(sign_in: SignIn, order: Order, role: Role) -> None:
    browser = sign_in(role)
    may_cancel, may_ship = role.includes(Role.STAFF), role.includes(Role.WAREHOUSE)

    assert bool(actions(search(browser, "makulera", order))) is may_cancel
    assert bool(actions(search(browser, "skicka", order))) is may_ship
    assert bool(actions(search(browser, "dela", order))) is may_cancel
    assert bool(options(search(browser, "ljus-12"))) is True  # the order itself is for all
    assert bool(list(options(search(browser, "konfiguration")))) is (role is Role.ADMIN)


def test_every_action_is_one_of_the_permissions_table() -> None:
    assert {action.endpoint for action in ACTIONS} <= MINIMUM_ROLES.keys()
    assert len(ACTIONS) > 10


def test_what_applies_to_no_part_of_the_order_now_is_not_offered(staff: Browser, parts: Order, anna: Actor) -> None:
    assert actions(search(staff, "ångra skickad", parts)) == [f"Ångra skickad för {parts.number}-3"]
    assert not list(actions(search(staff, "linneduk", parts)))  # which has left
    assert actions(search(staff, "makulera", parts)) == []  # which has left in part


def test_a_cancelled_order_can_be_opened_again_and_nothing_else(staff: Browser, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as present:
        cancellation.cancel(present, by=anna)
    assert actions(search(staff, "makulera", order)) == ["Ta tillbaka makuleringen"]
    for words in ("markera", "dela", "redigera", "radera", "spårningskod", "redo", "produkt", "adresser"):
        assert actions(search(staff, words, order)) == []


@on_sqlite
def test_nothing_can_be_done_to_an_order_whose_personal_data_are_erased(staff: Browser, order: Order) -> None:
    order.personal_data_erased_at = now()
    db.session.commit()
    assert actions(search(staff, "", order)) == []


def test_each_link_leads_to_an_element_of_a_page_that_is_there(staff: Browser, parts: Order) -> None:
    seen = 0
    for words in ("", "markera", "spårningskod", "dela", "redigera", "radera", "ångra", "mejla", "makulera", "kund"):
        for option in search(staff, words, parts).select("a[id^=palette-action-]"):
            path, _hash, element = option.get("href").partition("#")
            page = staff.page(path)
            is_page = not element and page.select("[autofocus], .board, .slip, .label")
            assert element in page.ids or is_page, option.get("href")
            seen += 1
    assert seen > 20


@pytest.mark.parametrize(
    ("words", "status"), [("till redo", "ready"), ("till restnoterad", "backordered"), ("dela av rest", None)]
)
def test_one_click_is_the_form_that_the_page_has(
    staff: Browser, order: Order, anna: Actor, words: str, status: str | None
) -> None:
    if status == "backordered":
        with editing(order.number, None, anna) as present:
            present.shipments[0].status = present.shipments[0].status.__class__("ready")
    page = search(staff, words, order)
    (button,) = page.select("button[role=option]")
    (form,) = [form for form in page.forms if form.id == button.get("form")]
    assert form.values()["version"] == str(fresh(order).version)
    assert len(form.values()["request_key"]) > 8

    response = staff.post(form.action, dict(form.values()), htmx=True)

    assert response.status_code == 200
    shipments = fresh(order).shipments
    assert (shipments[0].status.value == status) if status else len(shipments) == 2


def test_the_last_change_is_taken_back_and_carried_out_again_on_the_open_tab(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    assert [
        label for label in actions(search(staff, "ångra", order)) if "förändring" in label or "ändring" in label
    ] == []
    staff.send(f"{url}/shipping", f"{url}/shipments/1/status", status="ready", htmx=True)
    for words, status in (("ångra", "backordered"), ("gör om", "ready"), ("undo", "backordered"), ("redo", "ready")):
        page = Page(staff.get("/palette", query_string={"q": words, "order": order.number, "tab": "history"}).text)
        button = page.select("button[role=option]")[0]
        (form,) = [form for form in page.forms if form.id == button.get("form")]
        response = staff.post(form.action, dict(form.values()), htmx=True)
        assert response.status_code == 200
        assert 'id="tab-history-content"' in response.text
        assert fresh(order).shipments[0].status.value == status


def test_orders_are_found_as_in_the_list(staff: Browser, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), customer=Customer("Élodie Hårdh"), number="WS-100301")
    make_order(("DUK-7", 1), customer=Customer("Bo Ek"))
    with editing(order.number, None, anna) as present:
        tracking.add(present.shipments[0], "RR123456785SE", None, None, by=anna)
    for words in ("WS-100301", "100301", "WS-100301-1", "RR 123 456 785 SE", "ljus-12", "hardh elodie"):
        (found,) = list(search(staff, words).select("[id^=palette-order-]"))
        assert text_of(found).startswith("WS-100301 Élodie Hårdh")
        assert found.get("href") == "/orders/WS-100301"


@on_sqlite
def test_at_most_five_orders_and_eight_actions_are_shown(staff: Browser, anna: Actor) -> None:
    order = order_of(12, anna)
    page = search(staff, "p-", order)
    assert len(page.select("[id^=palette-order-]")) == 5
    assert len(actions(search(staff, "dela", order))) == 8


@on_sqlite
def test_an_order_is_first_where_the_words_begin_its_number(staff: Browser, order: Order) -> None:
    assert options(search(staff, order.number, order))[0].startswith(order.number)
    assert not options(search(staff, "skicka", order))[0].startswith(order.number)


@on_sqlite
def test_products_and_places_lead_to_their_lists_and_pages(admin: Browser, order: Order) -> None:
    page = search(admin, "kan-02")
    assert "/orders?product=KAN-02" in page.links
    assert "/settings/carriers" in search(admin, "transport").links
    assert "/settings/carriers" in search(admin, "carriers").links
    assert "/tracking-files" in search(admin, "läs in spår").links
    assert "/tracking-files" in search(admin, "kollinummer excel").links
    assert f"/orders/{order.number}/history" in search(admin, "hist", order).links
    assert "/orders/None/history" not in search(admin, "hist").links


@on_sqlite
def test_enter_opens_the_order_of_a_whole_number_or_code(staff: Browser, order: Order) -> None:
    for words, location in [
        (order.number.removeprefix("WS-"), f"/orders/{order.number}"),
        (f"{order.number}-1", f"/orders/{order.number}/shipping#shipment-1"),
    ]:
        query = {"q": words, "open": "1"}
        assert staff.get("/palette", query_string=query, htmx=True).headers["HX-Redirect"] == location
        assert staff.get("/palette", query_string=query).location == location
    response = staff.get("/palette", query_string={"q": "skicka", "open": "1", "order": order.number}, htmx=True)
    assert actions(Page(response.text))


@pytest.mark.parametrize(
    "words", ["", "#", "%", "' or 1=1 --", "<b>", "٣", "1e9", "-1", "a" * 5000, "\0", "\ud7ff", "(((", "å" * 200]
)
@pytest.mark.parametrize("number", ["", "WS-0", "a" * 500, "x/y", "\0\n"])
@on_sqlite
def test_odd_words_and_numbers_find_nothing_and_break_nothing(staff: Browser, words: str, number: str) -> None:
    for address in ("/palette", "/find"):
        response = staff.get(address, query_string={"q": words, "code": words, "order": number, "open": "1"}, htmx=True)
        assert response.status_code == (404 if address == "/find" else 200)
        assert "<b>" not in re.sub(r"<(/?)b[a-z]", "", response.text)


def test_the_palette_costs_few_statements_and_bytes_however_large_the_order(staff: Browser, anna: Actor) -> None:
    order = order_of(40, anna)
    for words in ("", "dela", "p-1", order.number, "asa"):
        search(staff, words, order)
        with counting() as statements:
            response = staff.get("/palette", query_string={"q": words, "order": order.number}, htmx=True)
        assert len(statements) <= MAX_STATEMENTS, "\n".join(statements)
        assert len(response.data) <= MAX_BYTES
    with counting() as statements:
        search(staff, "", order)
    assert len(statements) == 2


SSCC = "00370712345678901234"


@pytest.mark.parametrize(
    "code",
    [
        SSCC,
        SSCC.removeprefix("00"),
        f"]C1{SSCC}",
        f"]d2{SSCC}\x1d42097231",
        f"(00) {SSCC.removeprefix('00')}",
    ],
)
@pytest.mark.parametrize("noted", [SSCC, SSCC.removeprefix("00")])
def test_a_scanned_label_opens_its_shipment(staff: Browser, parts: Order, anna: Actor, code: str, noted: str) -> None:
    with editing(parts.number, None, anna) as present:
        tracking.add(present.shipments[1], noted, None, None, by=anna)
    location = f"/orders/{parts.number}/shipping#shipment-2"
    assert staff.get("/find", query_string={"code": code}).location == location
    assert staff.get("/find", query_string={"code": code}, htmx=True).headers["HX-Redirect"] == location
    assert staff.get("/orders", query_string={"q": code, "open": "1"}).location == f"/orders/{parts.number}"


@on_sqlite
@pytest.mark.parametrize(
    ("code", "anchor"),
    [
        ("{number}-2", "/shipping#shipment-2"),
        ("{number}-3", "/shipping#shipment-3"),
        ("]C0{number}-1", "/shipping#shipment-1"),
        ("{plus}+2", "/shipping#shipment-2"),
        ("{number}", ""),
        ("https://desk.example.com/orders/{number}/shipping", ""),
    ],
)
def test_a_scanned_slip_opens_its_order(staff: Browser, parts: Order, code: str, anchor: str) -> None:
    scanned = code.format(number=parts.number, plus=parts.number.replace("-", "+"))
    assert staff.get("/find", query_string={"code": scanned}).location == f"/orders/{parts.number}{anchor}"


@pytest.mark.parametrize(
    "code", ["{number}-4", "{number}-0", "{number}-01", "{number}-9999", "{number}-1-1", "4711", ""]
)
def test_a_code_of_no_order_is_refused_in_a_sentence(staff: Browser, parts: Order, code: str) -> None:
    scanned = code.format(number=parts.number)
    plain = staff.get("/find", query_string={"code": scanned})
    toast = staff.get("/find", query_string={"code": scanned}, htmx=True)
    assert plain.status_code == toast.status_code == 404
    assert f"Ingen order har koden «{scanned}»." in Page(plain.text).text
    assert f"Ingen order har koden «{scanned}»." in toast.text
    assert toast.headers["HX-Reswap"] == "none"


@on_sqlite
def test_a_code_that_several_orders_have_opens_the_list_of_them(staff: Browser, anna: Actor) -> None:
    for order in (make_order(("X-1", 1)), make_order(("X-1", 1))):
        with editing(order.number, None, anna) as present:
            tracking.add(present.shipments[0], "RR123456785SE", None, None, by=anna)
    assert staff.get("/find?code=RR123456785SE").location == "/orders?q=RR123456785SE"


@on_sqlite
def test_a_reference_opens_its_order_from_the_search_without_javascript(staff: Browser, parts: Order) -> None:
    digits = parts.number.removeprefix("WS-")
    for typed in (f"{parts.number}-2", f"{digits}-2", f"ws-{digits}-2"):
        assert staff.get("/orders", query_string={"q": typed, "open": "1"}).location == f"/orders/{parts.number}"
        assert parts.number in staff.page(f"/orders?q={typed}").text
    listed = staff.get("/orders", query_string={"q": f"{parts.number}-9", "open": "1"})
    assert listed.status_code == 200


@on_sqlite
def test_a_joined_shipments_slip_still_opens_its_order(staff: Browser, parts: Order, app: Flask) -> None:
    db.session.get_one(Order, parts.id).last_seq = 7
    db.session.commit()
    assert staff.get(f"/find?code={parts.number}-7").location.startswith(f"/orders/{parts.number}")


@on_sqlite
def test_in_a_frame_the_order_opens_with_the_session_of_its_headers(staff: Browser, order: Order) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "X-Framed": "1"}
    response = staff.client.get(f"/find?code={order.number}", headers=headers)
    assert (
        response.status_code == 401 or json.loads(response.headers["HX-Location"])["path"] == f"/orders/{order.number}"
    )
