"""The row that changes a line: quantity, unit price and discount with a reason, and what is refused at its field."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, last_event, line_of, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page, text_of
from webshop_orders.documents.order import NewLine
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.operations.orders import cancellation, shipments

VASE = NewLine("VASE", "Vas", 3, 24_900, 2500, discount=4_800)
WICK = NewLine("WICK", "Veke", 1, 1_000, 2500)


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("VASE", name="Vas", price=24_900)
    return make_order(lines=[VASE, WICK])


def row_of(order: Order, sku: str = "VASE") -> str:
    return f"/orders/{order.number}/lines/{line_of(read(order), sku).id}"


def terms(order: Order) -> tuple[int, int, int]:
    line = line_of(read(order), "VASE")
    return line.quantity, line.unit_price, line.discount


@pytest.mark.parametrize("htmx", [False, True])
def test_the_row_has_the_values_of_its_line_and_saves_them_all_at_once(
    staff: Browser, order: Order, *, htmx: bool
) -> None:
    row = row_of(order)
    values = staff.page(row).form(row).values()
    assert (values["quantity"], values["unit_price"], values["discount"]) == ("3", "249,00", "48,00")

    answer = staff.send(row, row, htmx=htmx, quantity="2", unit_price="199", discount="10 %", reason="repa i glasyren")

    assert answer.status_code == (200 if htmx else 303)
    assert terms(order) == (2, 19_900, 3_980)
    page = staff.page(f"/orders/{order.number}/shipping")
    assert "249,00 → 199,00, rabatt 32,00 → 39,80, " in page.text
    assert ": repa i glasyren" in page.text
    assert "249,00 → 199,00" in staff.page(f"/orders/{order.number}").text
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.LINE_CHANGED]
    history = staff.page(f"/orders/{order.number}/history").text
    assert "fick ett annat pris: «repa i glasyren»" in history
    assert "249,00" in history


def test_a_discount_that_is_left_as_it_was_follows_the_quantity(staff: Browser, order: Order) -> None:
    row = row_of(order)

    staff.send(row, row, quantity="1")

    assert terms(order) == (1, 24_900, 1_600)
    assert last_event(order).facts["discount"] == {"before": 4_800, "after": 1_600}
    assert "rabatt: 48,00 → 16,00" in staff.page(f"/orders/{order.number}/history").text


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ({"unit_price": "1 234,5"}, (3, 123_450, 4_800)),
        ({"unit_price": "1\u00a0234.50"}, (3, 123_450, 4_800)),
        ({"unit_price": "0", "discount": ""}, (3, 0, 0)),
        ({"discount": "12,5%"}, (3, 24_900, 9_338)),  # 93,375 is rounded half up
        ({"discount": "100 %"}, (3, 24_900, 74_700)),
        ({"discount": " 50 "}, (3, 24_900, 5_000)),
    ],
)
@on_sqlite
def test_amounts_and_shares_are_read_as_people_write_them(
    staff: Browser, order: Order, typed: dict[str, str], read_as: tuple[int, int, int]
) -> None:
    row = row_of(order)

    staff.send(row, row, reason="x", **typed)

    assert terms(order) == read_as


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("quantity", {"quantity": "-1"}),
        ("quantity", {"quantity": "٣"}),
        ("unit_price", {"unit_price": ""}),
        ("unit_price", {"unit_price": "-1"}),
        ("unit_price", {"unit_price": "1e9"}),
        ("unit_price", {"unit_price": "٣"}),
        ("unit_price", {"unit_price": "gratis"}),
        ("unit_price", {"unit_price": "10000000,01"}),
        ("unit_price", {"unit_price": "9" * 500}),
        ("unit_price", {"unit_price": "1,999"}),
        ("discount", {"discount": "-1"}),
        ("discount", {"discount": "1e9"}),
        ("discount", {"discount": "٣ %"}),
        ("discount", {"discount": "101 %"}),
        ("discount", {"discount": "%"}),
        ("discount", {"discount": "747,01"}),
        ("discount", {"unit_price": "1"}),
        ("reason", {"unit_price": "199", "reason": ""}),
        ("reason", {"unit_price": "199", "reason": " \t "}),
        ("reason", {"unit_price": "199", "reason": "x" * 201}),
        ("reason", {"unit_price": "199", "reason": "a\u0000b"}),
    ],
)
@on_sqlite
def test_what_cannot_be_is_refused_at_its_field_and_stays_typed(
    staff: Browser, order: Order, field: str, typed: dict[str, str], *, htmx: bool
) -> None:
    row = row_of(order)

    answer = staff.send(row, row, htmx=htmx, **{"reason": "trasig", **typed})

    assert answer.status_code == 422
    assert terms(order) == (3, 24_900, 4_800)
    assert kinds_of(order) == [EventKind.ORDER_PLACED]
    page = Page(answer.text)
    assert [control.get("name") for control in page.select(".edit-form [aria-invalid]")] == [field]
    kept = page.form(row).values()
    assert [kept[name].strip() for name in typed if typed[name].isprintable()] == [
        value.strip() for value in typed.values() if value.isprintable()
    ]


@on_sqlite
def test_a_stale_form_a_shipped_line_and_a_cancelled_order_are_refused(
    staff: Browser, anna: Actor, order: Order
) -> None:
    row = row_of(order)
    form = {**staff.page(row).form(row).values(), "unit_price": "1", "discount": "", "reason": "x"}
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    assert staff.post(row, form).status_code == 409
    fresh = {**form, "version": str(read(order).version)}
    assert staff.post(row, fresh).status_code == 422
    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)
        cancellation.cancel(current, by=anna)
    assert staff.post(row, {**form, "version": str(read(order).version)}).status_code == 422

    assert terms(order) == (3, 24_900, 4_800)


@on_sqlite
def test_a_line_of_another_order_is_not_changed(staff: Browser, order: Order) -> None:
    other = make_order(lines=[VASE])
    row = row_of(order)
    form = {**staff.page(row).form(row).values(), "unit_price": "1", "discount": "", "reason": "x"}

    answer = staff.post(f"/orders/{other.number}/lines/{line_of(read(order), 'VASE').id}", form)

    assert answer.status_code == 404
    assert terms(order) == terms(other) == (3, 24_900, 4_800)


@on_sqlite
def test_klarna_says_why_a_line_cannot_become_dearer(staff: Browser, app: Flask) -> None:
    order = make_order(lines=[VASE], payment_method="klarna")
    row = row_of(order)

    answer = staff.send(row, row, htmx=True, unit_price="299", reason="x")

    assert answer.status_code == 422
    assert "billigare men inte dyrare" in answer.text
    assert terms(order) == (3, 24_900, 4_800)


@on_sqlite
def test_the_warehouse_is_neither_offered_the_row_nor_given_it(
    warehouse: Browser, staff: Browser, order: Order
) -> None:
    row = row_of(order)
    page = warehouse.page(f"/orders/{order.number}/shipping")
    assert f'href="{row}"' not in page.text

    assert warehouse.get(row).status_code == 403
    form = {**staff.page(row).form(row).values(), "unit_price": "1", "csrf_token": warehouse.token()}
    assert warehouse.post(row, form).status_code == 403
    assert terms(order) == (3, 24_900, 4_800)


@on_sqlite
def test_how_a_discount_is_shared_out_is_said_beside_its_field(staff: Browser, order: Order) -> None:
    (hint,) = staff.page(row_of(order)).select(".edit-form .hint")
    assert "andel av en rabatt på hela ordern" in text_of(hint)
    assert not staff.page(row_of(order, "WICK")).select(".edit-form .hint")
