"""The page of a product: its fields, edited in place, its stock, who holds it, and its history."""

import re

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import read_product
from tests.web.conftest import Browser
from tests.web.pages import Page
from webshop_orders.models import Actor, ActorKind, Order, Product
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.stock import incoming, products
from webshop_orders.transactions.unit_of_work import editing, writing

PAGE = "/products/LJUS-12"
GTIN = "7350053850019"
BO = Actor(ActorKind.STAFF, "Bo Ek", user_id=999)
both = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


@pytest.fixture
def product(app: Flask) -> Product:
    return make_product("LJUS-12", name="Stearinljus", shelf_place="A-2", barcode="LL-12", stock=10)


@pytest.fixture
def order(product: Product) -> Order:
    return make_order(("LJUS-12", 4))


def stored() -> tuple[str | None, str | None]:
    product = read_product("LJUS-12")
    return product.shelf_place, product.barcode


def in_stock() -> int | None:
    return read_product("LJUS-12").stock


def edit(browser: Browser, field: str, value: str, *, htmx: bool = True) -> Page:
    """Open the form of a field, and send it with a value."""
    address = f"{PAGE}/price" if field in ("price", "vat_rate") else PAGE
    answer = browser.send(f"{PAGE}?edit={field}", address, htmx=htmx, **{field: value})
    return Page(answer.text) if htmx or answer.status_code != 303 else browser.page(answer.location)


@pytest.mark.parametrize("path", ["/products/NEJ", "/products/%00", "/products/%ED%A0%80", "/products/" + "x" * 101])
def test_a_product_that_does_not_exist_is_not_found(staff: Browser, product: Product, path: str) -> None:
    assert staff.get(path).status_code == 404
    for address in (path, f"{path}/row", f"{path}/movements", f"{path}/counts"):
        typed = {"csrf_token": staff.token(), "shelf_place": "A", "barcode": "", "quantity": "1", "reason": "other"}
        answer = staff.post(address, {**typed, "note": "x", "counted": "1"})
        assert answer.status_code == 404, address


def test_a_movement_leads_to_the_delivery_that_it_came_with(staff: Browser, viewer: Browser, product: Product) -> None:
    with writing():
        delivery = incoming.expect("LJUS-12", 30, None, by=BO)
    with writing():
        incoming.receive(delivery.id, 30, version=1, by=BO)

    assert f"/incoming-deliveries/{delivery.id}" in staff.page(PAGE).links
    assert staff.get(f"/incoming-deliveries/{delivery.id}").status_code == 200
    assert f"/incoming-deliveries/{delivery.id}" not in viewer.page(PAGE).links


@pytest.mark.parametrize("role", ["viewer", "warehouse"])
def test_who_may_only_read_sees_no_forms_and_sends_none(
    role: str, product: Product, request: pytest.FixtureRequest
) -> None:
    browser: Browser = request.getfixturevalue(role)
    page = browser.page(f"{PAGE}?edit=shelf_place")
    assert "Lagerplats A-2 EAN LL-12" in page.text
    assert not [form for form in page.forms if PAGE in form.action]
    assert not page.select("[id^=edit-], #open-movement, #open-count")
    token = browser.token()
    for address in (PAGE, f"{PAGE}/price", f"{PAGE}/row", f"{PAGE}/movements", f"{PAGE}/counts"):
        assert browser.post(address, {"csrf_token": token, "shelf_place": "B-1"}).status_code == 403
    assert stored() == ("A-2", "LL-12")


def test_staff_changes_no_price(staff: Browser, product: Product) -> None:
    assert not staff.page(f"{PAGE}?edit=price").select("#price-form, #edit-price, #edit-vat-rate")
    values = {"csrf_token": staff.token(), "version": "1", "price": "1"}
    assert staff.post(f"{PAGE}/price", values).status_code == 403
    assert staff.post(PAGE, values).status_code == 422
    assert read_product("LJUS-12").price == 19_900


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("shelf_place", "x" * 51, "Högst 50 tecken"),
        ("shelf_place", "A\x00B", "tecken som inte kan användas här"),
        ("shelf_place", ["A", "B"], "Det här kom två gånger"),
        ("barcode", "9" * 81, "Högst 80 tecken"),
        ("barcode", GTIN[:-1] + "8", "sista siffran skulle vara 9"),
        ("name", " ", "kan inte vara tomt"),
        ("name", "x" * 301, "Högst 300 tecken"),
        ("active", "maybe", "Välj ett av alternativen"),
        ("backorderable", "", "Välj ett av alternativen"),
    ],
)
@both
def test_what_is_wrong_is_said_at_its_field_and_kept(
    staff: Browser, product: Product, field: str, typed: object, sentence: str, htmx: bool
) -> None:
    answer = staff.send(f"{PAGE}?edit={field}", PAGE, htmx=htmx, **{field: typed})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in page.text
    (refused,) = page.select("[aria-invalid=true]")
    assert refused.get("name") == field
    assert read_product("LJUS-12").version == 1


@pytest.mark.parametrize(
    ("field", "typed"), [("price", "-1"), ("price", "1e9"), ("price", "1,005"), ("price", "٣"), ("vat_rate", "101")]
)
def test_an_amount_that_is_none_is_refused(admin: Browser, product: Product, field: str, typed: str) -> None:
    answer = admin.send(f"{PAGE}?edit={field}", f"{PAGE}/price", htmx=True, **{field: typed})
    assert answer.status_code == 422
    (refused,) = Page(answer.text).select("[aria-invalid=true]")
    assert (refused.get("name"), refused.get("value")) == (field, typed)
    assert read_product("LJUS-12").version == 1


@pytest.mark.parametrize(
    ("field", "typed", "column"),
    [
        ("shelf_place", " B-10 ", "B-10"),
        ("shelf_place", "", None),
        ("barcode", GTIN, GTIN),
        ("name", "Kronljus", "Kronljus"),
        ("backorderable", "no", False),
        ("backorderable", "yes", True),
        ("active", "no", False),
        ("price", "1 249,50", 124_950),
        ("vat_rate", "12 %", 1_200),
    ],
)
@both
def test_each_field_is_edited_in_place(
    admin: Browser, product: Product, field: str, typed: str, column: object, htmx: bool
) -> None:
    page = edit(admin, field, typed, htmx=htmx)
    assert "är sparat." in page.text
    assert getattr(read_product("LJUS-12"), field) == column
    assert "Admin Berg" in page.select("#changes")[0].text_content()


def test_saving_a_field_as_it_was_changes_nothing(staff: Browser, product: Product) -> None:
    assert "Inget ändrades." in edit(staff, "shelf_place", "A-2").text
    assert read_product("LJUS-12").version == 1


@both
def test_a_field_that_another_changed_meanwhile_is_refused_with_what_it_is_now(
    staff: Browser, product: Product, htmx: bool
) -> None:
    form = staff.page(f"{PAGE}?edit=shelf_place").form(PAGE).values()
    with writing():
        products.change_fields(products.get_for_update("LJUS-12"), {"shelf_place": "C-9"}, by=BO)

    answer = staff.post(PAGE, {**form, "shelf_place": "D-4"}, htmx=htmx)

    assert answer.status_code == 409
    page = Page(answer.text)
    assert re.search(r"Bo Ek .*C-9", page.text)
    (refused,) = page.select("[aria-invalid=true]")
    assert (refused.get("name"), refused.get("value")) == ("shelf_place", "D-4")
    assert stored() == ("C-9", "LL-12")
    again = staff.post(PAGE, page.form(PAGE).values(), htmx=htmx)
    assert again.status_code in {200, 303}
    assert stored() == ("D-4", "LL-12")


def test_another_field_that_was_changed_meanwhile_is_in_nobodys_way(staff: Browser, product: Product) -> None:
    form = staff.page(f"{PAGE}?edit=shelf_place").form(PAGE).values()
    with writing():
        products.change_fields(products.get_for_update("LJUS-12"), {"barcode": GTIN}, by=BO)
    assert staff.post(PAGE, {**form, "shelf_place": "D-4"}, htmx=True).status_code == 200
    assert stored() == ("D-4", GTIN)


@pytest.mark.parametrize("version", ["", "-1", "99", "x", "٣"])
def test_a_form_of_no_version_is_refused(staff: Browser, product: Product, version: str) -> None:
    form = staff.page(f"{PAGE}?edit=shelf_place").form(PAGE).values()
    answer = staff.post(PAGE, {**form, "shelf_place": "D-4", "version": version}, htmx=True)
    assert answer.status_code == 409
    assert stored() == ("A-2", "LL-12")


def test_a_form_without_any_field_is_refused(staff: Browser, product: Product) -> None:
    answer = staff.post(PAGE, {"csrf_token": staff.token(), "version": "1"})
    assert answer.status_code == 422
    assert "kom inte fram helt" in Page(answer.text).text


def test_a_barcode_that_another_product_has_too_is_pointed_out(staff: Browser, product: Product) -> None:
    make_product("LJUS-24", barcode="0" + GTIN)
    assert "Skannrar kan inte skilja" not in staff.page(PAGE).text
    assert "Skannrar kan inte skilja den från LJUS-24" in edit(staff, "barcode", GTIN).text


def test_a_product_whose_sku_has_a_slash_has_a_page_too(staff: Browser, app: Flask) -> None:
    make_product("A/B", name="Snedstreck", stock=1)
    link = "/products/A/B"
    assert link in staff.page("/stock").links
    assert "Snedstreck" in staff.page(link).text
    answer = staff.send(f"{link}?edit=count", f"{link}/counts", htmx=True, counted="7")
    assert "Nu finns 7 i lager" in answer.text


# Movements and counts


@pytest.mark.parametrize("quantity", ["", "0", "-0", "1e9", "100000", "٣", "två", "1.5", "--1", "+"])
@both
def test_a_movement_of_no_number_is_refused(staff: Browser, product: Product, quantity: str, htmx: bool) -> None:
    answer = staff.send(f"{PAGE}?edit=movement", f"{PAGE}/movements", htmx=htmx, quantity=quantity, reason="received")
    assert answer.status_code == 422
    (refused,) = Page(answer.text).select("[aria-invalid=true]")
    assert (refused.get("name"), refused.get("value")) == ("quantity", quantity)
    assert in_stock() == 10


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"quantity": "-11", "reason": "waste"}, "quantity"),
        ({"quantity": "5", "reason": "waste"}, "quantity"),
        ({"quantity": "5", "reason": "shipped"}, "reason"),
        ({"quantity": "5", "reason": "other"}, "note"),
    ],
)
def test_a_movement_that_cannot_be_is_refused_at_its_field(
    staff: Browser, product: Product, typed: dict[str, str], field: str
) -> None:
    answer = staff.send(f"{PAGE}?edit=movement", f"{PAGE}/movements", htmx=True, **typed)
    assert answer.status_code == 422
    refused = [element.get("name") for element in Page(answer.text).select("[aria-invalid=true]")]
    assert refused == [field]
    assert in_stock() == 10


@both
def test_a_movement_is_shown_with_its_reason_and_its_note(staff: Browser, product: Product, htmx: bool) -> None:
    answer = staff.send(
        f"{PAGE}?edit=movement", f"{PAGE}/movements", htmx=htmx, quantity="−2", reason="waste", note="Tappade"
    )
    page = Page(answer.text) if htmx else staff.page(answer.location)
    assert "Nu finns 8 i lager." in page.text
    assert "-2 8 Svinn «Tappade» Staff Berg" in page.text.replace("−", "-")
    assert in_stock() == 8


def test_a_movement_that_is_sent_twice_is_carried_out_once(staff: Browser, product: Product) -> None:
    form = staff.page(f"{PAGE}?edit=movement").form(f"{PAGE}/movements").values()
    for _time in range(2):
        answer = staff.post(f"{PAGE}/movements", {**form, "quantity": "+5", "reason": "received"}, htmx=True)
        assert answer.status_code == 200
    assert "redan" in answer.text
    assert in_stock() == 15


@pytest.mark.parametrize("counted", ["", "-1", "1e9", "99999999", "٣", "två"])
def test_a_count_of_no_number_is_refused(staff: Browser, product: Product, counted: str) -> None:
    answer = staff.send(f"{PAGE}?edit=count", f"{PAGE}/counts", htmx=True, counted=counted)
    assert answer.status_code == 422
    (refused,) = Page(answer.text).select("[aria-invalid=true]")
    assert (refused.get("name"), refused.get("value")) == ("counted", counted)
    assert in_stock() == 10


@both
def test_what_is_shipped_while_one_counts_is_taken_off(staff: Browser, order: Order, htmx: bool) -> None:
    form = staff.page(f"{PAGE}?edit=count").form(f"{PAGE}/counts").values()
    with editing(order.number, None, BO) as present:
        shipments.ship(present.shipments[0], by=BO)

    answer = staff.post(f"{PAGE}/counts", {**form, "counted": "12"}, htmx=htmx)

    page = Page(answer.text) if htmx else staff.page(answer.location)
    assert "Nu finns 8 i lager. 2 mer än väntat. 4 st lämnade lagret sedan du började räkna" in page.text
    assert in_stock() == 8


def test_a_refused_count_still_rests_on_the_stock_that_it_was_counted_on(staff: Browser, order: Order) -> None:
    form = staff.page(f"{PAGE}?edit=count").form(f"{PAGE}/counts").values()
    with editing(order.number, None, BO) as present:
        shipments.ship(present.shipments[0], by=BO)
    refused = Page(staff.post(f"{PAGE}/counts", {**form, "counted": "tolv"}, htmx=True).text)
    staff.post(f"{PAGE}/counts", {**refused.form(f"{PAGE}/counts").values(), "counted": "12"}, htmx=True)
    assert in_stock() == 8


# Who holds it, and its history


def test_orders_that_hold_it_or_wait_for_it_are_listed_in_the_sequence_of_the_queue(
    viewer: Browser, product: Product
) -> None:
    numbers = [make_order(("LJUS-12", quantity)).number for quantity in (8, 5, 3)]
    page = viewer.page(PAGE)
    rows = [re.sub(r"\s+", " ", row.text_content()).strip() for row in page.select("#holders tbody tr")]
    assert [row.split()[0] for row in rows] == numbers
    assert [row.split()[-2:] for row in rows][1] == ["2", "3"]
    assert rows[2].endswith(" 3")
    assert f"/orders/{numbers[0]}/shipping" in page.links


def test_orders_that_hold_it_are_paged(viewer: Browser, app: Flask) -> None:
    make_product("LJUS-12", name="Stearinljus", stock=100)
    numbers = [make_order(("LJUS-12", 1)).number for _order in range(23)]
    page = viewer.page(PAGE)
    shown = [link.text_content() for link in page.select("#holders tbody a")]
    (more,) = [link.get("href") for link in page.select("#holders .pages a")]
    later = [link.text_content() for link in viewer.page(more).select("#holders tbody a")]
    assert (shown, later) == (numbers[:20], numbers[20:])


def test_shipped_orders_hold_nothing_and_stand_in_the_history(viewer: Browser, order: Order) -> None:
    with editing(order.number, None, BO) as present:
        shipments.ship(present.shipments[0], by=BO)
    page = viewer.page(PAGE)
    assert not page.select("#holders tbody")
    assert f"Skickad {order.number}-1 Bo Ek" in page.text
    assert f"/orders/{order.number}/shipping" in page.links


def test_earlier_movements_and_changes_are_on_pages_of_their_own(staff: Browser, product: Product) -> None:
    for number in range(52):
        with writing():
            products.change_fields(products.get_for_update("LJUS-12"), {"shelf_place": f"B-{number}"}, by=BO)
    page = staff.page(PAGE)
    assert "B-0" not in page.select("#changes")[0].text_content().split()
    (earlier,) = [link.get("href") for link in page.select("#changes .pages a")]
    assert "A-2" in staff.page(earlier).select("#changes")[0].text_content()


@pytest.mark.parametrize("query", ["after=x", "moved_before=x", "changed_before=0", "edit=stock", "after=1~2~3"])
def test_an_address_that_nobody_was_given_shows_the_page(staff: Browser, order: Order, query: str) -> None:
    assert "Stearinljus" in staff.page(f"{PAGE}?{query}").text


def test_what_is_expected_of_it_is_shown_with_and_without_a_day(viewer: Browser, product: Product) -> None:
    assert not viewer.page(PAGE).select("#deliveries")
    with writing():
        incoming.expect("LJUS-12", 30, None, note="Ring först", by=BO)
    shown = viewer.page(PAGE).select("#deliveries")[0].text_content()
    assert "30 st" in shown
    assert "«Ring först»" in shown
