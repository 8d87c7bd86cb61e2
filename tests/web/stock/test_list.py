"""The list of products, and the row in which one edits what is edited most."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import read_product
from tests.web.conftest import Browser
from tests.web.pages import Page
from webshop_orders.models import Actor, ActorKind
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import editing, writing

ROW = "/products/LJUS-12/row"
EDIT = "/stock?edit=LJUS-12"
GTIN = "7350053850019"
BO = Actor(ActorKind.STAFF, "Bo Ek", user_id=999)
both = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


@pytest.fixture(autouse=True)
def catalogue(app: Flask) -> None:
    make_product("LJUS-12", name="Stearinljus", shelf_place="A-2", barcode=GTIN, stock=10)
    make_product("DUK-7", name="Linneduk", stock=0)
    make_product("KORT", name="Presentkort", stock=None, active=False)


def listed(browser: Browser, query: str = "") -> list[str]:
    return [link.text_content() for link in browser.page(f"/stock{query}").select(".stock-list .code a")]


def stored() -> tuple[int | None, str | None, str | None]:
    product = read_product("LJUS-12")
    return product.stock, product.shelf_place, product.barcode


def test_everybody_sees_the_list_and_only_staff_edits_in_it(viewer: Browser, staff: Browser) -> None:
    make_order(("LJUS-12", 4))
    page = viewer.page("/stock")
    assert "LJUS-12 Stearinljus A-2 7350053850019 10 4 6 199,00 kr" in page.text
    assert "KORT Presentkort inaktiv följs inte" in page.text
    assert not page.select("[id^=edit-]")
    assert not viewer.page(EDIT).forms[-1].action.endswith("/row")
    values = {"csrf_token": viewer.token(), "version": "1", "shelf_place": "X", "barcode": ""}
    assert viewer.post(ROW, values).status_code == 403
    assert len(staff.page("/stock").select("[id^=edit-]")) == 3
    assert stored() == (10, "A-2", GTIN)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["DUK-7", "KORT", "LJUS-12"]),
        ("?q=stearin", ["LJUS-12"]),
        ("?q=a-2", ["LJUS-12"]),
        (f"?q={GTIN}", ["LJUS-12"]),
        ("?q=xyz", []),
        ("?only=sold_out", ["DUK-7"]),
        ("?only=inactive", ["KORT"]),
        ("?only=untracked", ["KORT"]),
        ("?only=backordered", []),
        ("?sort=-name", ["LJUS-12", "KORT", "DUK-7"]),
        ("?sort=stock", ["DUK-7", "LJUS-12"]),
        ("?only=%D9%A3&sort=%00&after=x&before=%ED%A0%80", ["DUK-7", "KORT", "LJUS-12"]),
    ],
)
def test_the_list_is_searched_filtered_and_sorted(viewer: Browser, query: str, found: list[str]) -> None:
    assert listed(viewer, query) == found


def test_enter_opens_the_only_product_that_has_the_words(viewer: Browser) -> None:
    answer = viewer.get(f"/stock?q={GTIN}&open=1")
    assert (answer.status_code, answer.location) == (302, "/products/LJUS-12")
    assert viewer.get("/stock?q=l&open=1").status_code == 200


def test_pages_follow_each_other_and_keep_words_and_filter(viewer: Browser) -> None:
    for number in range(55):
        make_product(f"P-{number}", name="Ljusfat", stock=0)
    page = viewer.page("/stock?q=ljus&only=sold_out&sort=-sku")
    (later,) = [link.get("href") for link in page.select(".pages [rel=next]")]
    assert {"q=ljus", "only=sold_out", "sort=-sku"} < set(later.partition("?")[2].split("&"))
    assert listed(viewer, later.removeprefix("/stock")) == ["P-4", "P-3", "P-2", "P-1", "P-0"]
    (earlier,) = [link.get("href") for link in viewer.page(later).select(".pages [rel=prev]")]
    assert listed(viewer, earlier.removeprefix("/stock")) == [f"P-{number}" for number in range(54, 4, -1)]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("stock", "-1", "till 9999999"),
        ("stock", "1e9", "till 9999999"),
        ("stock", "٣", "till 9999999"),
        ("stock", "99999999", "till 9999999"),
        ("shelf_place", "x" * 51, "Högst 50 tecken"),
        ("barcode", GTIN[:-1] + "8", "sista siffran skulle vara 9"),
    ],
)
@both
def test_what_is_wrong_is_said_in_the_row_and_kept(
    staff: Browser, field: str, typed: str, sentence: str, htmx: bool
) -> None:
    answer = staff.send(EDIT, ROW, htmx=htmx, **{field: typed})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in page.text
    (refused,) = page.select("[aria-invalid=true]")
    assert (refused.get("name"), refused.get("value")) == (field, typed)
    assert stored() == (10, "A-2", GTIN)


@both
def test_a_row_saves_stock_as_a_count_and_its_other_fields(staff: Browser, htmx: bool) -> None:
    page = "/stock?q=ljus&sort=-name&edit=LJUS-12"
    (form,) = [form for form in staff.page(page).forms if form.action.startswith(ROW)]
    typed = {"stock": "12", "shelf_place": "B-1", "barcode": ""}
    answer = staff.post(form.action, {**form.values(), **typed}, htmx=htmx)
    shown = Page(answer.text) if htmx else staff.page(answer.location)
    assert "LJUS-12 är sparad. Nu finns 12 i lager. 2 mer än väntat." in shown.text
    assert not shown.select(".row-form")
    assert 'value="ljus"' in shown.html
    assert stored() == (12, "B-1", None)


def test_a_stock_that_was_left_as_it_was_shown_is_no_count(staff: Browser) -> None:
    order = make_order(("LJUS-12", 4))
    form = staff.page(EDIT).form(ROW).values()
    with editing(order.number, None, BO) as present:
        shipments.ship(present.shipments[0], by=BO)
    staff.post(ROW, {**form, "shelf_place": "B-1"}, htmx=True)
    assert stored() == (6, "B-1", GTIN)


def test_what_was_shipped_since_the_row_was_opened_is_taken_off_the_count(staff: Browser) -> None:
    order = make_order(("LJUS-12", 4))
    form = staff.page(EDIT).form(ROW).values()
    with editing(order.number, None, BO) as present:
        shipments.ship(present.shipments[0], by=BO)
    answer = staff.post(ROW, {**form, "stock": "11"}, htmx=True)
    assert "4 st lämnade lagret" in answer.text
    assert stored() == (7, "A-2", GTIN)


def test_a_row_that_is_saved_as_it_was_changes_nothing(staff: Browser) -> None:
    assert "Inget ändrades." in staff.send(EDIT, ROW, htmx=True).text
    assert read_product("LJUS-12").version == 1


@both
def test_a_field_that_another_changed_meanwhile_is_refused_with_what_it_is_now(staff: Browser, htmx: bool) -> None:
    form = staff.page(EDIT).form(ROW).values()
    with writing():
        products.change_fields(products.get_for_update("LJUS-12"), {"shelf_place": "C-9"}, by=BO)
    answer = staff.post(ROW, {**form, "shelf_place": "D-4", "stock": "12"}, htmx=htmx)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "Bo Ek" in page.text
    assert "C-9" in page.text
    assert page.form(ROW).values() | {"shelf_place": "D-4", "stock": "12"} == page.form(ROW).values()
    assert stored() == (10, "C-9", GTIN), "a refused row counts nothing"


def test_a_product_whose_stock_is_not_tracked_is_edited_without_it(staff: Browser) -> None:
    staff.send("/stock?edit=KORT", "/products/KORT/row", htmx=True, shelf_place="Kassan")
    product = read_product("KORT")
    assert (product.stock, product.shelf_place) == (None, "Kassan")


def test_a_row_of_no_product_is_not_found(staff: Browser) -> None:
    assert staff.get("/stock?edit=NEJ").status_code == 404
    assert staff.post("/products/NEJ/row", {"csrf_token": staff.token()}).status_code == 404
