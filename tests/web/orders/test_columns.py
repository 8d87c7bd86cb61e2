"""Which columns the list shows, to each user as they chose."""

import pytest
from sqlalchemy import select

from tests.factories import make_order
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Role, User
from webshop_orders.operations.order_list.columns import DEFAULT_COLUMNS, Column

ALL = [column.value for column in Column]


def choose(browser: Browser, *columns: str, page: str = "/orders", htmx: bool = False) -> Page:
    action = page.replace("/orders", "/columns")
    answer = browser.post(action, {"csrf_token": browser.token(), "columns": list(columns)}, htmx=htmx)
    assert answer.status_code in ({200, 422} if htmx else {303, 422})
    return Page(answer.text) if htmx or answer.status_code == 422 else browser.page(answer.location)


def kept(role: Role) -> list[str] | None:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(User).where(User.role == role)).one().list_columns


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("columns", [[], ["nonsense"], ["number"]])
@on_sqlite
def test_no_column_at_all_is_refused(staff: Browser, htmx: bool, columns: list[str]) -> None:
    assert "Välj minst en." in choose(staff, *columns, htmx=htmx).text
    assert kept(Role.STAFF) is None


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("role", list(Role))
def test_everyone_chooses_their_own_columns(sign_in: SignIn, role: Role, htmx: bool) -> None:
    make_order(("LJUS-12", 2), external_reference="butik-77", shipping_method="PostNord MyPack")
    browser = sign_in(role)
    usual = browser.page("/orders").text
    assert "butik-77" not in usual
    assert "asa@example.com" not in usual
    page = choose(browser, "total", "email", "reference", "nonsense", htmx=htmx)
    assert "Listan har de kolumner som du valde." in page.text
    shown = page.html.partition("<table")[2]
    assert [heading in shown for heading in ("Referens", "E-post", "Summa")] == [True] * 3
    assert [heading in shown for heading in ("Lagd", "Kund", "Leveransstatus")] == [False] * 3
    assert shown.index("butik-77") < shown.index("asa@example.com")
    assert "WS-100001" in shown
    assert kept(role) == ["reference", "email", "total"]


def test_all_columns_say_what_they_have(staff: Browser) -> None:
    make_order(("LJUS-12", 2), external_reference="butik-77", shipping_method="PostNord MyPack")
    make_order(("LJUS-12", 2), external_reference=None, shipping_method=None, payment_method=None)
    shown = choose(staff, *ALL).text
    for said in ("butik-77", "asa@example.com", "+46701234567", "Luleå", "Faktura", "PostNord MyPack", "2 st"):
        assert said in shown
    assert "None" not in shown


def test_the_usual_columns_are_not_kept_so_that_they_can_change(staff: Browser) -> None:
    choose(staff, "email")
    assert kept(Role.STAFF) == ["email"]
    choose(staff, *DEFAULT_COLUMNS)
    assert kept(Role.STAFF) is None


def test_choosing_columns_leaves_what_the_list_is_asked_for(staff: Browser) -> None:
    make_order(("LJUS-12", 1))
    make_order(("LJUS-12", 1), payment_method="card")
    for htmx in (True, False):
        page = choose(staff, "city", page="/orders?payment=card", htmx=htmx)
        assert "WS-100002" in page.text
        assert "WS-100001" not in page.text


def test_one_users_columns_are_not_anothers(staff: Browser, sign_in: SignIn) -> None:
    make_order(("LJUS-12", 1))
    choose(staff, "email")
    assert "asa@example.com" not in sign_in(Role.VIEWER).page("/orders").text
