"""Restradar, and the queue of a product: who waits, what comes, and what staff do about it."""

import gzip
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import hold, last_event, read, read_product, set_stock, shape, stock_of
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import SYSTEM, Actor, Batch, EventKind, HoldReason, IncomingDelivery, Order, Product
from webshop_orders.operations.stock import incoming, radar, waiting_orders
from webshop_orders.transactions.unit_of_work import writing

pytestmark = on_sqlite
LIST, QUEUE = "/backorders", "/backorders/CANDLE"
MAY, JUNE = datetime(2026, 5, 1, 9, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)
MAX_BYTES = 12_000


@pytest.fixture
def candle(app: Flask) -> Product:
    make_product("WICK", name="Veke", stock=0)
    return make_product("CANDLE", name="Stearinljus", stock=0)


@pytest.fixture
def older(candle: Product) -> Order:
    return make_order(("CANDLE", 3), placed_at=MAY)


@pytest.fixture
def newer(older: Order) -> Order:
    return make_order(("CANDLE", 2), placed_at=JUNE)


def expect_units(quantity: int, sku: str = "CANDLE", day: date | None = None) -> IncomingDelivery:
    with writing():
        return incoming.expect(sku, quantity, day, by=SYSTEM)


def set_free(units: int, sku: str = "CANDLE") -> None:
    """Free stock that no order has got yet."""
    with writing():
        product = db.session.get_one(Product, read_product(sku).id)
        product.stock = units + product.reserved


def numbers(page: Page) -> list[str]:
    return [link.text_content() for link in page.select(".queue td.name a")]


def test_the_radar_lists_what_is_waited_for_with_what_more_of_it_would_give(
    staff: Browser, older: Order, newer: Order
) -> None:
    page = staff.page(LIST)

    assert "5 st i 2 ordrar" in page.text
    assert "inget väntas in" in page.text
    assert "Med 5 st blir 2 order kompletta." in page.text
    assert QUEUE in page.links

    expect_units(3)
    assert "Med 3 st blir 1 order komplett." in staff.page(LIST).text


def test_the_radar_is_empty_where_nothing_waits(staff: Browser, app: Flask) -> None:
    make_product("CANDLE", stock=5)
    assert "Ingen order väntar på lager." in staff.page(LIST).text


def test_a_delivery_whose_day_has_passed_is_late(staff: Browser, older: Order) -> None:
    with writing():
        db.session.add(
            IncomingDelivery(product_id=read_product("CANDLE").id, quantity=3, expected_on="2020-01-01", made_by="Anna")
        )
    assert "försenad" in staff.page(LIST).text
    assert "försenad" in staff.page(QUEUE).text


@pytest.mark.parametrize("sort", ["units", "since", "sku", "nonsense", "٣"])
def test_the_radar_is_sorted_as_chosen_and_paged(
    staff: Browser, app: Flask, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(radar.page, "__kwdefaults__", {"after": None, "limit": 2})
    for sku in "ABC":
        make_product(sku, stock=0)
        make_order((sku, 1))

    first = staff.page(f"{LIST}?sort={sort}")
    (following,) = (link for link in first.links if "after=" in link)
    second = staff.page(following)

    assert len(first.select(".radar tbody tr")) == 2
    assert len(second.select(".radar tbody tr")) == 1
    assert "Till första sidan" in second.text


def test_a_queue_shows_its_orders_in_their_sequence_and_what_else_they_lack(staff: Browser, newer: Order) -> None:
    both = make_order(("CANDLE", 1), ("WICK", 4), placed_at=datetime(2026, 4, 1, tzinfo=UTC))

    page = staff.page(QUEUE)

    assert numbers(page)[::2][0] == both.number
    assert "6 st saknas i 3 ordrar" in page.text
    assert "4 × Veke" in page.text
    assert "/backorders/WICK" in page.links
    assert page.text.count("inget mer") == 2
    assert page.text.count("inte meddelad") == 3


def test_the_expected_day_and_the_one_that_was_told_are_shown(staff: Browser, older: Order) -> None:
    expect_units(3, day=incoming.shop_settings.today())
    with writing():
        next(read(older).lines).promised_on = "2030-02-03"
    page = staff.page(QUEUE)
    assert "meddelad: 3 feb. 2030" in page.text
    assert "ingen dag" not in page.text


def test_a_paused_order_that_gives_its_stock_away_is_shown_and_gets_nothing(
    staff: Browser, older: Order, newer: Order, anna: Actor
) -> None:
    hold(older, anna, HoldReason.WRONG_ADDRESS, keeps_stock=False)
    expect_units(2)
    page = staff.page(QUEUE)
    assert "pausad, får inget" in page.text
    assert [box.get("value") for box in page.select(".queue input[name=order]")] == [newer.number]


def test_a_product_that_there_is_not_is_not_found(staff: Browser, app: Flask) -> None:
    assert staff.get("/backorders/NOTHING").status_code == 404


def test_a_product_whose_sku_has_a_slash_has_a_queue_too(staff: Browser, app: Flask) -> None:
    make_product("A/B", name="Snedstreck", stock=0)
    order = make_order(("A/B", 2))
    link = "/backorders/A/B"
    assert link in staff.page("/products/A/B").links
    assert link in staff.page(LIST).links
    assert numbers(staff.page(link)) == [order.number]

    answer = staff.send(link, f"{link}/orders/{order.number}/priority", htmx=True, reason="Ringde")
    assert f"{order.number} går först nu." in answer.text
    answer = staff.send(link, f"{link}/orders/{order.number}/priority/end", htmx=True)
    assert "efter ålder igen" in answer.text


@pytest.mark.parametrize(
    ("units", "sentence"), [("3", "Med 3 st blir 1 order komplett."), ("1", "Med 1 st blir ingen order")]
)
def test_staff_suppose_a_number_of_units(staff: Browser, older: Order, newer: Order, units: str, sentence: str) -> None:
    assert sentence in staff.page(f"{QUEUE}?units={units}").text
    assert sentence in Page(staff.get(f"{QUEUE}?units={units}", htmx=True).text).text


@pytest.mark.parametrize("units", ["0", "-3", "1e9", "٣", "tre", "9999999", "1" * 300])
def test_a_supposed_number_that_is_none_is_told_at_its_field_and_kept(staff: Browser, older: Order, units: str) -> None:
    page = staff.page(f"{QUEUE}?units={units}")
    (field,) = page.select("#supposed-units")
    assert field.get("aria-invalid") == "true"
    assert field.get("value") == units[:200]
    assert "Ange ett heltal från 1 till" in page.text


def test_a_queue_is_read_a_page_at_a_time(staff: Browser, candle: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_orders.page, "__kwdefaults__", {"after": None, "limit": 2})
    orders = [make_order(("CANDLE", 1)) for _ in range(5)]
    found, address = [], QUEUE
    for _page in range(3):
        page = staff.page(address)
        found += numbers(page)
        address = next((link for link in page.links if "after=" in link), "")
    assert found == [order.number for order in orders]


@pytest.mark.parametrize("cursor", ["x", "1~2~3", "2~20260501T090000.000000+0000~x", "~~", "0~٣~٣"])
def test_a_cursor_that_we_did_not_write_begins_the_queue(staff: Browser, older: Order, cursor: str) -> None:
    assert numbers(staff.page(f"{QUEUE}?after={cursor}")) == [older.number]


@pytest.mark.parametrize("htmx", [False, True])
def test_free_stock_is_given_to_an_order_that_is_picked_by_hand(
    staff: Browser, older: Order, newer: Order, htmx: bool
) -> None:
    set_free(2)

    response = staff.send(QUEUE, f"{QUEUE}/orders/{newer.number}/stock", htmx=htmx)

    assert response.status_code == (200 if htmx else 303)
    assert shape(newer) == {1: [("CANDLE", 2, 2)]}
    assert shape(older) == {1: [("CANDLE", 3, 0)]}
    event = last_event(newer)
    assert (event.kind, event.actor_name) == (EventKind.BACKORDER_COVERED, "Staff Berg")
    assert f"{newer.number} fick det som var ledigt." in (response if htmx else staff.get(QUEUE)).text


def test_stock_that_somebody_else_got_meanwhile_is_not_given_twice(staff: Browser, older: Order, newer: Order) -> None:
    set_free(2)
    action = f"{QUEUE}/orders/{newer.number}/stock"
    values = staff.page(QUEUE).form(action).values()
    set_free(0)

    staff.post(action, values)

    assert stock_of("CANDLE")[1] == 0
    assert "Det finns inget ledigt lager" in staff.page(QUEUE).text


def test_without_free_stock_none_is_offered(staff: Browser, older: Order) -> None:
    assert "Ge lagret" not in staff.page(QUEUE).text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_delivery_is_received_with_picked_orders_first(
    warehouse: Browser, older: Order, newer: Order, htmx: bool
) -> None:
    expect_units(3)

    response = warehouse.send(QUEUE, f"{QUEUE}/receipt", htmx=htmx, order=newer.number)

    assert shape(newer) == {1: [("CANDLE", 2, 2)]}
    assert shape(older) == {1: [("CANDLE", 3, 1)]}
    answer = response if htmx else warehouse.get(response.location)
    assert "3 st Stearinljus togs emot. 1 order blev redo. Ordrar väntar fortfarande på 2 st." in Page(answer.text).text
    assert Page(answer.text).select("#ready-orders a")[0].text_content() == newer.number


def test_without_picked_orders_the_oldest_gets_a_delivery(warehouse: Browser, older: Order, newer: Order) -> None:
    expect_units(3)
    warehouse.send(QUEUE, f"{QUEUE}/receipt")
    assert shape(older) == {1: [("CANDLE", 3, 3)]}


@pytest.mark.parametrize("quantity", ["0", "-1", "1e9", "٣", "tre", "", "9999999"])
def test_a_quantity_that_is_none_is_refused_at_its_field_and_ticks_are_kept(
    warehouse: Browser, older: Order, newer: Order, quantity: str
) -> None:
    expect_units(3)
    response = warehouse.send(QUEUE, f"{QUEUE}/receipt", quantity=quantity, order=newer.number, htmx=True)
    page = Page(response.text)
    assert response.status_code == 422
    assert page.select("#receipt-quantity")[0].get("value") == quantity
    assert page.select("#receipt-quantity-reason")
    assert [box.get("value") for box in page.select(".queue input[name=order][checked]")] == [newer.number]
    assert stock_of("CANDLE") == (0, 0, 5)


def test_a_delivery_that_was_received_meanwhile_is_not_received_twice(warehouse: Browser, older: Order) -> None:
    delivery = expect_units(3)
    values = warehouse.page(QUEUE).form(f"{QUEUE}/receipt").values()
    with writing():
        incoming.receive(delivery.id, 3, version=1, by=SYSTEM)

    response = warehouse.post(f"{QUEUE}/receipt", values, htmx=True)

    assert response.status_code == 409
    assert "har redan avslutat inleveransen" in response.text
    assert stock_of("CANDLE") == (3, 3, 0)


@pytest.mark.parametrize("delivery", ["", "0", "999999", "x", "٣"])
def test_a_delivery_that_there_is_not_is_refused(warehouse: Browser, older: Order, delivery: str) -> None:
    expect_units(3)
    response = warehouse.send(QUEUE, f"{QUEUE}/receipt", delivery=delivery)
    assert response.status_code in {404, 422}
    assert stock_of("CANDLE") == (0, 0, 3)


@pytest.mark.parametrize("htmx", [False, True])
def test_customers_are_told_by_a_batch_of_all_orders_that_wait(
    staff: Browser, older: Order, newer: Order, htmx: bool
) -> None:
    values = staff.page(QUEUE).form(f"{QUEUE}/notice").values()
    responses = [staff.post(f"{QUEUE}/notice", values, htmx=htmx) for _click in range(2)]

    (batch,) = db.session.scalars(db.select(Batch)).all()
    assert batch.name == "Väntar på Stearinljus"
    for response in responses:
        assert f"/batches/{batch.id}" in (response.headers.get("HX-Redirect") or response.location)


def test_nobody_is_told_where_nobody_waits(staff: Browser, older: Order) -> None:
    values = staff.page(QUEUE).form(f"{QUEUE}/notice").values()
    set_stock("CANDLE", 9)
    response = staff.post(f"{QUEUE}/notice", values)
    assert response.location == QUEUE
    assert "Ingen order väntar på Stearinljus längre." in staff.get(QUEUE).text


def test_a_viewer_reads_and_changes_nothing(viewer: Browser, older: Order) -> None:
    expect_units(3)
    set_free(1)
    page = viewer.page(QUEUE)
    assert [form.action for form in page.forms if form.method == "post" and "/backorders" in form.action] == []
    token = viewer.token()
    for action in ("receipt", "notice", f"orders/{older.number}/stock"):
        assert viewer.post(f"{QUEUE}/{action}", {"csrf_token": token}).status_code == 403


def test_the_warehouse_receives_and_does_not_decide_who_comes_first(warehouse: Browser, older: Order) -> None:
    expect_units(3)
    set_free(1)
    text = warehouse.page(QUEUE).text
    assert "Ta emot" in text
    assert "Ge lagret" not in text
    assert "Meddela kunderna" not in text


@pytest.mark.parametrize("orders", [3, 40])
def test_pages_cost_the_same_statements_however_many_orders_wait(staff: Browser, candle: Product, orders: int) -> None:
    for index in range(orders):
        make_product(f"P-{index}", stock=0)
        make_order(("CANDLE", 1), ("WICK", 1), (f"P-{index}", 2))
    expect_units(3, day=incoming.shop_settings.today())
    staff.get(LIST)
    for address in (LIST, QUEUE):
        with counting() as statements:
            response = staff.get(address, htmx=True)
        assert len(statements) <= 8, "\n".join(statements)
        assert len(gzip.compress(response.data)) <= MAX_BYTES


def test_the_list_and_the_queue_say_that_there_is_enough(staff: Browser, older: Order) -> None:
    set_free(3)
    for address in (LIST, QUEUE):
        assert "Lagret räcker; ordrarna är pausade eller samlas." in staff.page(address).text


@pytest.mark.parametrize("htmx", [False, True])
def test_an_order_is_put_first_with_a_reason_and_gets_stock_by_its_age_again(
    staff: Browser, older: Order, newer: Order, htmx: bool
) -> None:
    action = f"{QUEUE}/orders/{newer.number}/priority"
    response = staff.send(QUEUE, action, htmx=htmx, reason="Jubileum")

    assert response.status_code == (200 if htmx else 303)
    page = staff.page(QUEUE)
    assert numbers(page) == [newer.number, older.number]
    assert "Staff Berg: Jubileum" in page.text

    staff.send(QUEUE, f"{action}/end", htmx=htmx)
    assert numbers(staff.page(QUEUE)) == [older.number, newer.number]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_without_a_reason_none_is_put_first(staff: Browser, older: Order, newer: Order, reason: str) -> None:
    response = staff.send(QUEUE, f"{QUEUE}/orders/{newer.number}/priority", htmx=True, reason=reason)
    page = Page(response.text)
    assert response.status_code == 422
    assert page.select(f"#reason-{newer.id}-reason")
    assert page.select(f"#reason-{newer.id}")[0].get("value") == reason
    assert read(newer).priority is None


def test_a_refusal_is_shown_though_another_put_the_order_first_meanwhile(
    staff: Browser, older: Order, newer: Order
) -> None:
    action = f"{QUEUE}/orders/{newer.number}/priority"
    values = staff.page(QUEUE).form(action).values()
    staff.send(QUEUE, action, reason="Jubileum")

    page = Page(staff.post(action, {**values, "reason": ""}).text)
    assert page.select(f"#reason-{newer.id}-reason")


def test_a_refusal_of_an_order_that_waits_no_longer_is_shown_above_the_queue(staff: Browser, older: Order) -> None:
    make_order(("WICK", 1), number="WS-999")
    values = staff.page(QUEUE).form(f"{QUEUE}/orders/{older.number}/priority").values()

    page = Page(staff.post(f"{QUEUE}/orders/WS-999/priority", {**values, "reason": ""}).text)
    assert "Skriv varför ordern ska gå först." in page.select(".alert-line")[0].text_content()


def test_priority_that_is_gone_already_is_no_error(staff: Browser, older: Order) -> None:
    staff.send(QUEUE, f"{QUEUE}/orders/{older.number}/priority", reason="Jubileum")
    values = staff.page(QUEUE).form(f"{QUEUE}/orders/{older.number}/priority/end").values()
    for _click in range(2):
        assert staff.post(f"{QUEUE}/orders/{older.number}/priority/end", values).status_code == 303


def test_an_order_that_there_is_not_is_not_found(staff: Browser, older: Order) -> None:
    values = {"csrf_token": staff.token(), "reason": "Jubileum"}
    for action in ("stock", "priority", "priority/end"):
        assert staff.post(f"{QUEUE}/orders/WS-9/{action}", values).status_code == 404


def test_only_staff_put_orders_first(warehouse: Browser, older: Order) -> None:
    assert "Prioritera" not in warehouse.page(QUEUE).text
    for action in ("priority", "priority/end"):
        answer = warehouse.post(f"{QUEUE}/orders/{older.number}/{action}", {"csrf_token": warehouse.token()})
        assert answer.status_code == 403
