"""Incoming deliveries: registered, changed, called off, and received with one click and only once."""

from datetime import date, timedelta

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import read_product, shape, stock_of
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import SYSTEM, IncomingDelivery, Order, Product
from webshop_orders.operations.stock import incoming
from webshop_orders.transactions.unit_of_work import writing

pytestmark = on_sqlite
LIST = "/incoming-deliveries"


@pytest.fixture
def candle(app: Flask) -> Product:
    return make_product("CANDLE", name="Stearinljus", stock=0, barcode="7310865004703")


@pytest.fixture
def delivery(candle: Product) -> IncomingDelivery:
    with writing():
        return incoming.expect("CANDLE", 6, date(2030, 5, 2), note="Inköp 1", by=SYSTEM)


@pytest.fixture
def order(delivery: IncomingDelivery) -> Order:
    return make_order(("CANDLE", 4))


def stored(delivery: IncomingDelivery) -> IncomingDelivery:
    db.session.rollback()
    return db.session.get_one(IncomingDelivery, delivery.id, populate_existing=True)


def all_deliveries() -> list[IncomingDelivery]:
    db.session.rollback()
    return list(db.session.scalars(db.select(IncomingDelivery).order_by(IncomingDelivery.id)))


def receipt(delivery: IncomingDelivery) -> str:
    return f"{LIST}/{delivery.id}/receipt"


@pytest.mark.parametrize("words", ["CANDLE", "candle", "stearin", "7310865004703"])
@pytest.mark.parametrize("htmx", [False, True])
def test_staff_register_a_delivery_by_sku_name_or_barcode(
    staff: Browser, candle: Product, words: str, htmx: bool
) -> None:
    day = shop_settings.today() + timedelta(days=3)
    response = staff.send(LIST, LIST, htmx=htmx, q=words, quantity="12", expected_on=day.isoformat(), note="Pall")

    assert response.status_code == (200 if htmx else 303)
    (delivery,) = all_deliveries()
    assert (delivery.product_id, delivery.quantity, delivery.day, delivery.note) == (candle.id, 12, day, "Pall")
    assert delivery.made_by == "Staff Berg"
    assert "inleveransen är registrerad" in (response if htmx else staff.get(LIST)).text


def test_a_form_that_is_sent_twice_registers_one_delivery(staff: Browser, candle: Product) -> None:
    form = {**staff.page(LIST).form(LIST).values(), "q": "CANDLE", "quantity": "20"}
    for _again in range(2):
        assert staff.post(LIST, form).status_code == 303
    assert [delivery.quantity for delivery in all_deliveries()] == [20]

    staff.send(LIST, LIST, q="CANDLE", quantity="20")
    assert [delivery.quantity for delivery in all_deliveries()] == [20, 20]


def test_the_day_can_be_unknown(staff: Browser, candle: Product) -> None:
    staff.send(LIST, LIST, q="CANDLE", quantity="1")
    assert all_deliveries()[0].expected_on is None
    assert "okänd dag" in staff.page(LIST).text


def test_a_product_is_chosen_where_the_words_fit_several(staff: Browser, candle: Product) -> None:
    other = make_product("CANDLE-2", name="Stearinljus stort", stock=0)
    response = staff.send(LIST, LIST, q="stearinljus", quantity="3")
    assert response.status_code == 422
    assert "Flera produkter stämmer" in response.text

    choice = Page(response.text).form(LIST).values() | {"product": str(other.id)}
    assert staff.post(LIST, choice).status_code == 303
    assert all_deliveries()[0].product_id == other.id


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"q": "nothing"}, "expect-q"),
        ({"q": ""}, "expect-q"),
        ({"product": "999999", "q": "CANDLE"}, "expect-q"),
        ({"quantity": ""}, "expect-quantity"),
        ({"quantity": "0"}, "expect-quantity"),
        ({"quantity": "-2"}, "expect-quantity"),
        ({"quantity": "1e9"}, "expect-quantity"),
        ({"quantity": "٣"}, "expect-quantity"),
        ({"quantity": "9999999"}, "expect-quantity"),
        ({"expected_on": "imorgon"}, "expect-day"),
        ({"expected_on": "2026-02-30"}, "expect-day"),
        ({"expected_on": "1999-01-01"}, "expect-day"),
        ({"note": "x" * 201}, "expect-note"),
    ],
)
def test_what_cannot_be_registered_is_refused_at_its_field_and_kept(
    staff: Browser, candle: Product, typed: dict[str, str], field: str
) -> None:
    filled = {"q": "CANDLE", "quantity": "5", "expected_on": "", "note": "Inköp 7", **typed}
    response = staff.send(LIST, LIST, htmx=True, **filled)
    page = Page(response.text)
    assert response.status_code == 422
    assert page.select(f"#{field}-reason")
    values = page.form(LIST).values()
    assert (values["q"], values["quantity"], values["note"]) == (filled["q"], filled["quantity"], filled["note"])
    assert all_deliveries() == []


def test_nothing_is_expected_of_a_product_whose_stock_is_not_tracked(staff: Browser, app: Flask) -> None:
    make_product("GIFT", stock=None)
    response = staff.send(LIST, LIST, q="GIFT", quantity="5")
    assert response.status_code == 422
    assert Page(response.text).select("#expect-q-reason")


def test_the_address_says_which_product_to_register(staff: Browser, candle: Product) -> None:
    assert staff.page(f"{LIST}?sku=CANDLE").select("#expect-q")[0].get("value") == "CANDLE"


@pytest.mark.parametrize("htmx", [False, True])
def test_one_click_receives_all_of_a_delivery_and_names_the_orders_that_are_ready(
    warehouse: Browser, order: Order, delivery: IncomingDelivery, htmx: bool
) -> None:
    response = warehouse.send(LIST, receipt(delivery), htmx=htmx)

    assert response.status_code == (200 if htmx else 303)
    assert stored(delivery).closed_by == "Warehouse Berg"
    assert stock_of("CANDLE") == (6, 4, 0)
    assert shape(order) == {1: [("CANDLE", 4, 4)]}
    page = Page((response if htmx else warehouse.get(response.location)).text)
    assert "6 st Stearinljus togs emot. 1 order blev redo." in page.text
    assert [link.text_content() for link in page.select("#ready-orders a")] == [order.number]


def test_the_orders_that_are_ready_become_a_batch(warehouse: Browser, order: Order, delivery: IncomingDelivery) -> None:
    page = warehouse.send(LIST, receipt(delivery)).location
    response = warehouse.send(page, "/batches", do="list")
    assert response.status_code == 303
    assert order.number in warehouse.get(response.location).text


def test_the_rest_of_a_delivery_is_still_expected(warehouse: Browser, order: Order, delivery: IncomingDelivery) -> None:
    warehouse.send(LIST, receipt(delivery), quantity="1")
    page = warehouse.page(LIST)
    assert "1 st Stearinljus togs emot. Ordrar väntar fortfarande på 3 st. Väntas fortfarande in: 5." in page.text
    assert page.form(receipt(delivery)).values()["quantity"] == "5"
    assert stock_of("CANDLE") == (1, 1, 3)


def test_more_than_was_expected_can_come(warehouse: Browser, delivery: IncomingDelivery) -> None:
    warehouse.send(LIST, receipt(delivery), quantity="9")
    assert stock_of("CANDLE") == (9, 0, 0)
    assert "9 av 6 mottagna" in warehouse.page(f"{LIST}?show=received").text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_double_click_or_two_people_receive_once(warehouse: Browser, delivery: IncomingDelivery, htmx: bool) -> None:
    values = warehouse.page(LIST).form(receipt(delivery)).values()
    first, second = (warehouse.post(receipt(delivery), values, htmx=htmx) for _click in range(2))
    assert first.status_code in {200, 303}
    assert second.status_code == 409
    assert "Warehouse Berg har redan avslutat inleveransen" in second.text
    assert stock_of("CANDLE") == (6, 0, 0)


def test_who_received_a_part_meanwhile_is_told_at_the_field_and_what_was_typed_is_kept(
    warehouse: Browser, delivery: IncomingDelivery
) -> None:
    values = warehouse.page(LIST).form(receipt(delivery)).values() | {"quantity": "4"}
    with writing():
        incoming.receive(delivery.id, 2, version=1, closes=False, by=SYSTEM)

    response = warehouse.post(receipt(delivery), values, htmx=True)

    page = Page(response.text)
    assert response.status_code == 409
    assert "2 av 6" in page.select(f"#receive-{delivery.id}-reason")[0].text_content()
    assert page.form(receipt(delivery)).values()["quantity"] == "4"
    assert stock_of("CANDLE") == (2, 0, 0)
    assert warehouse.post(receipt(delivery), page.form(receipt(delivery)).values()).status_code == 303
    assert stock_of("CANDLE") == (6, 0, 0)


@pytest.mark.parametrize("quantity", ["0", "-1", "1e9", "٣", "sex", "", "9999999"])
def test_a_quantity_that_is_none_is_refused_at_its_field_and_kept(
    warehouse: Browser, delivery: IncomingDelivery, quantity: str
) -> None:
    response = warehouse.send(LIST, receipt(delivery), htmx=True, quantity=quantity)
    page = Page(response.text)
    assert response.status_code == 422
    assert page.select(f"#receive-{delivery.id}-reason")
    assert page.select(f"#receive-{delivery.id}")[0].get("value") == quantity
    assert stock_of("CANDLE") == (0, 0, 0)


@pytest.mark.parametrize("version", [None, "", "x", "-1", "٣", "1" * 40])
def test_a_form_that_did_not_arrive_whole_receives_nothing(
    warehouse: Browser, delivery: IncomingDelivery, version: str | None
) -> None:
    response = warehouse.send(LIST, receipt(delivery), version=version)
    assert response.status_code == 422
    assert stock_of("CANDLE") == (0, 0, 0)


@pytest.mark.parametrize("action", ["", "/receipt", "/cancellation"])
def test_a_delivery_that_there_is_not_is_not_found(staff: Browser, candle: Product, action: str) -> None:
    values = {"csrf_token": staff.token(), "version": "1", "quantity": "1"}
    assert staff.post(f"{LIST}/999999{action}", values).status_code == 404
    assert staff.get(f"{LIST}/999999").status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_staff_change_a_delivery(staff: Browser, delivery: IncomingDelivery, htmx: bool) -> None:
    page = f"{LIST}/{delivery.id}"
    response = staff.send(page, page, htmx=htmx, quantity="8", expected_on="2030-06-01", note="")
    assert response.status_code == (200 if htmx else 303)
    changed = stored(delivery)
    assert (changed.quantity, changed.expected_on, changed.note) == (8, "2030-06-01", None)
    assert read_product("CANDLE").next_delivery_on == "2030-06-01"


def test_a_stale_change_is_told_and_what_was_typed_is_kept(staff: Browser, delivery: IncomingDelivery) -> None:
    page = f"{LIST}/{delivery.id}"
    values = staff.page(page).form(page).values() | {"quantity": "8", "note": "Mitt"}
    with writing():
        incoming.change(delivery.id, quantity=7, expected_on=None, note=None, version=1, by=SYSTEM)

    response = staff.post(page, values, htmx=True)

    assert response.status_code == 409
    kept = Page(response.text).form(page).values()
    assert (kept["quantity"], kept["note"]) == ("8", "Mitt")
    assert stored(delivery).quantity == 7
    assert staff.post(page, kept).status_code == 303
    assert stored(delivery).quantity == 8


def test_a_change_of_a_delivery_that_has_come_says_who_received_it(staff: Browser, delivery: IncomingDelivery) -> None:
    page = f"{LIST}/{delivery.id}"
    values = staff.page(page).form(page).values()
    with writing():
        incoming.receive(delivery.id, 6, version=1, by=SYSTEM)
    response = staff.post(page, values)
    assert response.status_code == 409
    assert "har redan avslutat inleveransen" in response.text


@pytest.mark.parametrize("quantity", ["0", "٣", "", "1e9"])
def test_a_change_to_a_quantity_that_is_none_is_refused(
    staff: Browser, delivery: IncomingDelivery, quantity: str
) -> None:
    page = f"{LIST}/{delivery.id}"
    response = staff.send(page, page, quantity=quantity)
    assert response.status_code == 422
    assert Page(response.text).select("#delivery-quantity-reason")


@pytest.mark.parametrize("htmx", [False, True])
def test_staff_call_a_delivery_off(staff: Browser, delivery: IncomingDelivery, htmx: bool) -> None:
    page = f"{LIST}/{delivery.id}"
    response = staff.send(page, f"{page}/cancellation", htmx=htmx)
    assert response.status_code == (200 if htmx else 303)
    assert stored(delivery).closed_at is not None
    assert "Inget väntas in." in staff.page(LIST).text
    assert "avbokad" in staff.page(f"{LIST}?show=received").text


def test_a_delivery_is_called_off_once(staff: Browser, delivery: IncomingDelivery) -> None:
    action = f"{LIST}/{delivery.id}/cancellation"
    values = staff.page(f"{LIST}/{delivery.id}").form(action).values()
    assert [staff.post(action, values).status_code for _click in range(2)] == [303, 409]


def test_who_may_do_what(viewer: Browser, warehouse: Browser, delivery: IncomingDelivery) -> None:
    for browser, receives in ((viewer, False), (warehouse, True)):
        page = browser.page(LIST)
        assert (receipt(delivery) in [form.action for form in page.forms]) is receives
        assert not page.select("#expect")
        token = browser.token()
        for action in (LIST, f"{LIST}/{delivery.id}", f"{LIST}/{delivery.id}/cancellation"):
            assert browser.post(action, {"csrf_token": token}).status_code == 403
    assert viewer.post(receipt(delivery), {"csrf_token": viewer.token()}).status_code == 403


@pytest.mark.parametrize("ready", ["nothing", "x" * 9000, "%0A%0A", "WS-1%0AWS-2", "%00"])
def test_an_address_with_orders_that_there_are_not_shows_none(
    staff: Browser, delivery: IncomingDelivery, ready: str
) -> None:
    assert not staff.page(f"{LIST}?ready={ready}").select("#ready-orders")


def test_the_list_is_read_a_page_at_a_time(staff: Browser, candle: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming.page, "__kwdefaults__", {"limit": 2})
    with writing():
        for day in (None, date(2030, 1, 3), date(2030, 1, 1), date(2030, 1, 2), None):
            incoming.expect("CANDLE", 1, day, by=SYSTEM)
    days, address = [], LIST
    for _page in range(3):
        page = staff.page(address)
        days += [row.text_content().split("Stearin")[0].strip()[:12] for row in page.select(".deliveries tbody tr")]
        address = next((link for link in page.links if "after=" in link), "")
    assert days == ["1 jan. 2030", "2 jan. 2030", "3 jan. 2030", "okänd dag", "okänd dag"]


@pytest.mark.parametrize("count", [3, 60])
def test_the_list_costs_the_same_statements_however_many_deliveries_there_are(
    staff: Browser, candle: Product, count: int
) -> None:
    with writing():
        for index in range(count):
            product = Product(sku=f"P-{index}", name=f"P {index}", price=1, currency="SEK", vat_rate=2500, stock=0)
            db.session.add(product)
            db.session.flush()
            incoming.expect(product.sku, 1, date(2030, 1, 1), by=SYSTEM)
    staff.get(LIST)
    with counting() as statements:
        staff.get(LIST, htmx=True)
    assert len(statements) <= 5, "\n".join(statements)
