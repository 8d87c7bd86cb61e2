"""The page of a product, by which staff say where it stands and what scanners read on it."""

import pytest
from flask import Flask

from tests.factories import make_product
from tests.operations.steps import read_product
from tests.web.conftest import Browser
from tests.web.pages import Page
from webshop_orders.models import Product

PAGE = "/products/LJUS-12"
GTIN = "7350053850019"


@pytest.fixture
def product(app: Flask) -> Product:
    return make_product("LJUS-12", name="Stearinljus", shelf_place="A-2", barcode="LL-12")


def stored() -> tuple[str | None, str | None]:
    product = read_product("LJUS-12")
    return product.shelf_place, product.barcode


@pytest.mark.parametrize("path", ["/products/NEJ", "/products/%00", "/products/%ED%A0%80", "/products/" + "x" * 101])
def test_a_product_that_does_not_exist_is_not_found(staff: Browser, product: Product, path: str) -> None:
    assert staff.get(path).status_code == 404
    assert staff.post(path, {"csrf_token": staff.token(), "shelf_place": "A"}).status_code == 404


def test_a_warehouse_worker_reads_it_and_a_viewer_does_not(
    warehouse: Browser, viewer: Browser, product: Product
) -> None:
    page = warehouse.page(PAGE)
    assert "Lagerplats A-2 Streckkod LL-12" in page.text
    assert not page.select("#product-form")
    answer = warehouse.post(PAGE, {"csrf_token": warehouse.token(), "shelf_place": "B-1"})
    assert answer.status_code == 403
    assert viewer.get(PAGE).status_code == 403
    assert stored() == ("A-2", "LL-12")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"shelf_place": "x" * 51}, "Högst 50 tecken"),
        ({"shelf_place": "A\x00B"}, "tecken som inte kan användas här"),
        ({"barcode": "9" * 81}, "Högst 80 tecken"),
        ({"barcode": GTIN[:-1] + "8"}, "sista siffran skulle vara 9"),
        ({"shelf_place": ["A", "B"]}, "Det här kom två gånger"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_what_is_wrong_is_said_at_its_field_and_kept(
    staff: Browser, product: Product, typed: dict[str, object], sentence: str, htmx: bool
) -> None:
    answer = staff.send(PAGE, PAGE, htmx=htmx, **typed)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in page.text
    (refused,) = page.select("[aria-invalid=true]")
    assert refused.get("name") in typed
    assert stored() == ("A-2", "LL-12")


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_shelf_place_and_barcode_are_saved(staff: Browser, product: Product, htmx: bool) -> None:
    answer = staff.send(PAGE, PAGE, htmx=htmx, shelf_place=" B-10 ", barcode=GTIN)
    page = Page(answer.text) if htmx else staff.page(answer.location)
    assert "LJUS-12 är sparad." in page.text
    assert stored() == ("B-10", GTIN)
    staff.send(PAGE, PAGE, shelf_place="", barcode="")
    assert stored() == (None, None)


def test_saving_it_as_it_was_changes_nothing(staff: Browser, product: Product) -> None:
    assert "Inget ändrades." in staff.send(PAGE, PAGE, htmx=True).text


def test_a_barcode_that_another_product_has_too_is_pointed_out(staff: Browser, product: Product) -> None:
    make_product("LJUS-24", barcode="0" + GTIN)
    assert "Skannrar kan inte skilja" not in staff.page(PAGE).text
    answer = staff.send(PAGE, PAGE, htmx=True, barcode=GTIN)
    assert "Skannrar kan inte skilja den från LJUS-24, som har samma streckkod." in answer.text
