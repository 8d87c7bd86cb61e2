"""The columns of the list, as each user selected them."""

import pytest
from sqlalchemy import select

from tests.factories import make_order
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Role, User
from webshop_orders.operations.order_list.columns import DEFAULT_COLUMNS, Column

ALL = [column.value for column in Column]


def select_columns(browser: Browser, *columns: str, page: str = "/orders", htmx: bool = False) -> Page:
    """Save columns of the list `page`; returns the list after it."""
    action = page.replace("/orders", "/columns")
    response = browser.post(action, {"csrf_token": browser.token(), "columns": list(columns)}, htmx=htmx)
    assert response.status_code in ({200, 422} if htmx else {303, 422})
    return Page(response.text) if htmx or response.status_code == 422 else browser.page(response.location)


def stored_columns(role: Role) -> list[str] | None:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(User).where(User.role == role)).one().list_columns


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("columns", [[], ["nonsense"], ["number"]])
@on_sqlite
def test_a_list_without_columns_is_refused(staff: Browser, htmx: bool, columns: list[str]) -> None:
    assert "Välj minst en." in select_columns(staff, *columns, htmx=htmx).text
    assert stored_columns(Role.STAFF) is None


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("role", list(Role))
def test_each_role_selects_columns(sign_in: SignIn, role: Role, htmx: bool) -> None:
    make_order(("LJUS-12", 2), external_reference="butik-77", shipping_method="PostNord MyPack")
    browser = sign_in(role)
    default = browser.page("/orders").text
    assert "butik-77" not in default
    assert "asa@example.com" not in default
    page = select_columns(browser, "total", "email", "reference", "nonsense", htmx=htmx)
    assert "Listan har de kolumner som du valde." in page.text
    table = page.html.partition("<table")[2]
    assert [heading in table for heading in ("Referens", "E-post", "Summa")] == [True] * 3
    assert [heading in table for heading in ("Lagd", "Kund", "Leveransstatus")] == [False] * 3
    assert table.index("butik-77") < table.index("asa@example.com")
    assert "WS-100001" in table
    assert stored_columns(role) == ["reference", "email", "total"]


def test_all_columns_show_their_values(staff: Browser) -> None:
    make_order(("LJUS-12", 2), external_reference="butik-77", shipping_method="PostNord MyPack")
    make_order(("LJUS-12", 2), external_reference=None, shipping_method=None, payment_method=None)
    text = select_columns(staff, *ALL).text
    for value in ("butik-77", "asa@example.com", "+46701234567", "Luleå", "Faktura", "PostNord MyPack", "2 st"):
        assert value in text
    assert "None" not in text


def test_the_default_columns_are_not_stored_so_that_they_can_change(staff: Browser) -> None:
    select_columns(staff, "email")
    assert stored_columns(Role.STAFF) == ["email"]
    select_columns(staff, *DEFAULT_COLUMNS)
    assert stored_columns(Role.STAFF) is None


def test_selecting_columns_keeps_the_filter(staff: Browser) -> None:
    make_order(("LJUS-12", 1))
    make_order(("LJUS-12", 1), payment_method="card")
    for htmx in (True, False):
        page = select_columns(staff, "city", page="/orders?payment=card", htmx=htmx)
        assert "WS-100002" in page.text
        assert "WS-100001" not in page.text


def test_each_user_has_columns_of_their_own(staff: Browser, sign_in: SignIn) -> None:
    make_order(("LJUS-12", 1))
    select_columns(staff, "email")
    assert "asa@example.com" not in sign_in(Role.VIEWER).page("/orders").text
