"""The receipt of a form, before it is saved: while one types, and on a page of its own without JavaScript."""

import gzip

import pytest

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import QUANTITIES, first_line, state
from tests.web.orders.test_budgets import MAX_STATEMENTS, counting, order_of
from tests.web.pages import Page, text_of
from webshop_orders.models import Actor, DeliveryStatus, Order
from webshop_orders.operations.orders import shipments, splits
from webshop_orders.transactions.unit_of_work import editing

Typed = dict[str, object]
MAX_BYTES = 1_500
OUTDATED = "Ordern har ändrats under tiden"


def forms(order: Order) -> dict[str, tuple[str, str, Typed]]:
    """The page, the address and valid values of each form that has a receipt."""
    url, line = f"/orders/{order.number}", first_line(order)
    return {
        "changed": (f"{url}/lines/{line}", f"{url}/lines/{line}", {"quantity": "1"}),
        "split": (f"{url}/lines/{line}/split", f"{url}/lines/{line}/split", {"quantity": "1", "target": "new"}),
        "added": (f"{url}/shipping", f"{url}/lines", {"q": "KAN-02", "quantity": "1"}),
    }


def preview(browser: Browser, order: Order, form: str, *, htmx: bool = True, **typed: object) -> Page:
    page, action, valid = forms(order)[form]
    values = {**browser.page(page).form(action).values(), **valid, **typed}
    response = browser.post(f"{action}/receipt", values, htmx=htmx)
    assert response.status_code == 200, response.text
    return Page(response.text)


def figures(page: Page) -> dict[str, str]:
    rows = page.select(".receipt dl > div") or page.select("dl > div")
    return {text_of(row[0]): text_of(row[1]) for row in rows}


def note(page: Page) -> str:
    return text_of(page.select(".note")[0])


each_form = pytest.mark.parametrize("form", ["changed", "split", "added"])


def test_a_quantity_that_is_typed_shows_what_saving_it_would_do(staff: Browser, order: Order) -> None:
    before = state(order)
    page = preview(staff, order, "changed", quantity="30")
    assert figures(page) == {
        "Radsumma": "398,00 → blir 5 970,00",
        "Lager": "24 täckta, 6 rest",
        "WS-100001-1": "Restnoterad",
        "Ordersumma": "1 295,00 → blir 6 867,00",
        "varav moms 25 %": "259,00 → blir 1 373,40",
        "Öresavrundning": "0,00",
    }
    assert note(page) == ""
    assert state(order) == before


def test_a_split_that_is_typed_shows_both_shipments(staff: Browser, order: Order) -> None:
    page = preview(staff, order, "split")
    shown = figures(page)
    assert shown["Radsumma, WS-100001-1"] == "398,00 → blir 199,00"
    assert shown["Radsumma, WS-100001-2"] == "199,00"
    assert (shown["WS-100001-1"], shown["WS-100001-2, ny"]) == ("Restnoterad", "Redo")
    assert shown["Ordersumma"] == "1 295,00"


def test_a_product_that_is_chosen_shows_what_adding_it_would_do(staff: Browser, order: Order) -> None:
    product = make_product("DUK-7", name="Linneduk", stock=1, price=49_900)
    page = preview(staff, order, "added", q="Linneduk DUK-7", product=str(product.id), quantity="2")
    assert figures(page)["Radsumma"] == "998,00"
    assert figures(page)["Lager"] == "1 täckta, 1 rest"
    assert figures(page)["Ordersumma"] == "1 295,00 → blir 2 293,00"


def test_a_price_that_is_typed_has_its_figures_before_its_reason_is_asked_for(staff: Browser, order: Order) -> None:
    page = preview(staff, order, "changed", quantity="2", unit_price="150", discount="10 %")
    assert figures(page)["Radsumma"] == "398,00 → blir 270,00"
    assert figures(page)["Ordersumma"] == "1 295,00 → blir 1 167,00"
    assert note(page) == "Ange orsaken till det nya priset."
    page = preview(staff, order, "changed", quantity="2", unit_price="150", discount="10 %", reason="Repad")
    assert figures(page)["Radsumma"] == "398,00 → blir 270,00"
    assert note(page) == ""


def test_a_price_that_is_refused_for_more_than_its_reason_has_no_figures(staff: Browser, order: Order) -> None:
    page = preview(staff, order, "changed", unit_price="150", discount="5000")
    assert figures(page)["Ordersumma"] == "1 295,00"
    assert "rabatten" in note(page).lower()


@pytest.mark.parametrize(
    ("form", "typed", "line_sum", "total"),
    [
        (
            "free-lines",
            {"name": "Inslagning", "quantity": "2", "unit_price": "25", "vat_rate": "25"},
            "50,00",
            "1 295,00 → blir 1 345,00",
        ),
        ("shipping-fee", {"method": "DHL", "price": "49"}, None, "1 295,00 → blir 1 344,00"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_free_line_and_a_shipping_fee_have_a_receipt_too(
    staff: Browser, order: Order, form: str, typed: Typed, line_sum: str | None, total: str, htmx: bool
) -> None:
    before = state(order)
    page = f"/orders/{order.number}/{form}"
    values = {**staff.page(page).form(page).values(), **typed}
    shown = Page(staff.post(f"{page}/receipt", values, htmx=htmx).text)
    assert figures(shown)["Ordersumma"] == total
    assert figures(shown).get("Radsumma") == line_sum
    assert state(order) == before


def test_what_was_paid_already_is_charged_or_refunded(staff: Browser, order: Order) -> None:
    paid = make_order(("LJUS-12", 2), paid=39_800)
    assert figures(preview(staff, paid, "changed", quantity="3"))["Kvar att debitera"] == "199,00 kr"
    assert figures(preview(staff, paid, "changed", quantity="1"))["Att återbetala"] == "199,00 kr"


def test_the_split_form_opens_with_its_receipt_and_the_quantity_with_the_line_as_it_is(
    staff: Browser, order: Order
) -> None:
    url, line = f"/orders/{order.number}", first_line(order)
    assert figures(staff.page(f"{url}/lines/{line}/split"))["WS-100001-2, ny"] == "Redo"
    page = staff.page(f"{url}/lines/{line}")
    assert figures(page)["Radsumma"] == "398,00"
    assert note(page) == ""


@pytest.mark.parametrize("quantity", QUANTITIES)
@each_form
@on_sqlite
def test_an_invalid_quantity_is_a_calm_note_while_one_types(
    staff: Browser, order: Order, form: str, quantity: str
) -> None:
    before = state(order)
    page = preview(staff, order, form, quantity=quantity)
    assert (
        "Ange ett heltal från 1 till 99999." in note(page)
        or "Högst 200 tecken" in note(page)
        or "tecken som" in note(page)
    )
    assert not page.select("[role=alert], [aria-invalid], [autofocus]")
    assert figures(page)["Ordersumma"] == "1 295,00"
    assert state(order) == before


def test_a_refusal_of_the_payment_method_is_a_note_with_the_order_as_it_is(staff: Browser, order: Order) -> None:
    klarna = make_order(("LJUS-12", 2), payment_method="klarna", paid=39_800)
    page = preview(staff, klarna, "changed", quantity="3")
    assert "En order betald med Klarna kan bli billigare men inte dyrare" in note(page)
    assert figures(page)["Ordersumma"] == "398,00"


def test_more_than_a_line_holds_is_refused_with_the_number_it_holds(staff: Browser, order: Order) -> None:
    assert note(preview(staff, order, "split", quantity="3")) == "Det finns bara 2 att flytta."


def test_without_a_product_the_note_asks_for_one(staff: Browser, order: Order) -> None:
    assert note(preview(staff, order, "added", q="")) == "Välj en produkt: sök på namn eller artikelnummer."


@each_form
@on_sqlite
def test_without_javascript_the_page_has_the_typed_values_and_the_receipt(
    staff: Browser, order: Order, form: str
) -> None:
    before = state(order)
    opened, action, valid = forms(order)[form]
    button = staff.page(opened).select(f"button[formaction='{action}/receipt']")
    assert [text_of(each) for each in button] == ["Räkna"]
    page = preview(staff, order, form, htmx=False)
    values = page.form(action).values()
    assert {name: values[name] for name in valid} == valid
    assert "Ordersumma" in figures(page)
    assert state(order) == before


@each_form
@on_sqlite
def test_without_javascript_a_refusal_is_said_as_when_saving(staff: Browser, order: Order, form: str) -> None:
    page, action, valid = forms(order)[form]
    values = {**staff.page(page).form(action).values(), **valid, "quantity": "٣"}
    answers = [staff.post(address, values) for address in (f"{action}/receipt", action)]
    assert [answer.status_code for answer in answers] == [422, 422]
    previewed, saved = (Page(answer.text) for answer in answers)
    assert previewed.text == saved.text
    assert previewed.form(action).values()["quantity"] == "٣"


@each_form
@on_sqlite
def test_the_receipt_says_that_others_changed_the_order_and_is_of_the_order_now(
    staff: Browser, anna: Actor, parts: Order, form: str
) -> None:
    page, action, valid = forms(parts)[form]
    values = {**staff.page(page).form(action).values(), **valid}
    assert OUTDATED not in staff.post(f"{action}/receipt", values, htmx=True).text
    with editing(parts.number, None, anna) as order:
        shipments.set_status(order.shipments[0], DeliveryStatus.READY, by=anna)
    assert OUTDATED in staff.post(f"{action}/receipt", values, htmx=True).text
    with editing(parts.number, None, anna) as order:
        splits.split(next(iter(order.lines)), 1, to=order.shipments[1], by=anna)
    shown = Page(staff.post(f"{action}/receipt", values, htmx=True).text)
    assert OUTDATED in note(shown)
    assert "Ordersumma" in figures(shown)


@each_form
@on_sqlite
def test_a_form_without_its_version_or_token_has_no_receipt(staff: Browser, order: Order, form: str) -> None:
    page, action, valid = forms(order)[form]
    values = {**staff.page(page).form(action).values(), **valid}
    answer = staff.post(f"{action}/receipt", {**values, "version": None}, htmx=True)
    assert "Formuläret kom inte fram helt" in note(Page(answer.text))
    assert staff.post(f"{action}/receipt", {**values, "csrf_token": None}, htmx=True).status_code == 400


@each_form
@on_sqlite
def test_who_may_not_change_an_order_gets_no_receipt(
    staff: Browser, warehouse: Browser, order: Order, form: str
) -> None:
    page, action, valid = forms(order)[form]
    values = {**staff.page(page).form(action).values(), **valid, "csrf_token": warehouse.token()}
    assert warehouse.post(f"{action}/receipt", values, htmx=True).status_code == 403


@pytest.mark.parametrize("form", ["changed", "split"])
@on_sqlite
def test_a_line_of_another_order_and_an_unknown_order_have_no_receipt(staff: Browser, order: Order, form: str) -> None:
    other = make_order(("LJUS-12", 2))
    page, action, valid = forms(order)[form]
    values = {**staff.page(page).form(action).values(), **valid, "version": str(fresh(other).version)}
    address = f"{action}/receipt".replace(order.number, other.number)
    assert "finns inte längre i order" in note(Page(staff.post(address, values, htmx=True).text))
    assert staff.post(address, values).status_code == 404
    for htmx in (True, False):
        assert staff.post(address.replace(other.number, "WS-999999"), values, htmx=htmx).status_code == 404


@each_form
def test_a_receipt_is_small_and_costs_the_same_for_any_number_of_lines(staff: Browser, anna: Actor, form: str) -> None:
    costs = []
    make_product("KAN-02", stock=3)
    for order in (order_of(3, anna), order_of_more(30)):
        page, action, valid = forms(order)[form]
        values = {**staff.page(page).form(action).values(), **valid}
        with counting() as statements:
            answer = staff.post(f"{action}/receipt", values, htmx=True)
        assert "Radsumma" in answer.text
        assert len(gzip.compress(answer.data)) <= MAX_BYTES
        assert not [statement for statement in statements if not statement.startswith("SELECT")]
        costs.append(len(statements))
    assert costs[0] == costs[1] <= MAX_STATEMENTS


def order_of_more(lines: int) -> Order:
    for index in range(lines):
        make_product(f"M-{index}", stock=2)
    return make_order(*((f"M-{index}", 3) for index in range(lines)))
