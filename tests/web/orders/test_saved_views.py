"""Saved views of the list: refused, saved, renamed, shared, removed; and the link back to the list."""

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import make_order
from tests.web.auth.test_permissions import sign_in_again
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.pages import Page, as_read_from_html
from webshop_orders.db.extensions import db
from webshop_orders.models import Role, SavedView, User
from webshop_orders.operations.order_list import saved_views
from webshop_orders.transactions.unit_of_work import writing

LIST = "/orders?status=ready&payment=klarna"
HTMX = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


def views() -> Sequence[SavedView]:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(SavedView).order_by(SavedView.id)).all()


def stored_views() -> list[tuple[str, bool, str]]:
    """Name, whether it is shared, and query string of each view."""
    return [(view.name, view.shared, view.query) for view in views()]


def save(browser: Browser, page: str = LIST, *, htmx: bool = False, **typed: object) -> TestResponse:
    action = page.replace("/orders", "/views")
    return browser.send(page, action, htmx=htmx, **typed)


def change(browser: Browser, view: SavedView, *, htmx: bool = False, **typed: object) -> TestResponse:
    return browser.send("/orders", f"/views/{view.id}", htmx=htmx, **typed)


def user(role: Role) -> User:
    return db.session.scalars(select(User).where(User.role == role)).one()


def insert_view(role: Role, name: str, *, shared: bool = False, query: str = "status=ready") -> SavedView:
    """A view of the user of a role, without checks of permissions and limits."""
    with writing():
        view = SavedView(user_id=user(role).id, name=name, shared=shared, query=query)
        db.session.add(view)
    return view


# Refused


@HTMX
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": ""}, "Det här kan inte vara tomt."),
        ({"name": "  "}, "Det här kan inte vara tomt."),
        ({"name": None}, "Det här kan inte vara tomt."),
        ({"name": "a\0b"}, "innehåller tecken som inte kan användas"),
        ({"name": "x" * 61}, "Högst 60 tecken; det här är 61."),
    ],
)
@on_sqlite
def test_a_name_that_is_not_valid_is_refused(
    staff: Browser, htmx: bool, typed: dict[str, object], message: str
) -> None:
    response = save(staff, htmx=htmx, **typed)
    shown_name = as_read_from_html(str(typed["name"] or ""))
    assert response.status_code == 422
    assert message in Page(response.text).text
    assert Page(response.text).form("/views?status=ready&payment=klarna").values()["name"] == shown_name
    assert 'value="klarna" selected' in response.text
    assert stored_views() == []


@HTMX
def test_a_name_that_is_taken_is_refused_for_a_new_view_and_an_existing_one(staff: Browser, htmx: bool) -> None:
    save(staff, name="Klarna")
    response = save(staff, "/orders?q=oberg", htmx=htmx, name="Klarna")
    assert response.status_code == 409
    assert "Du har redan en vy «Klarna»." in Page(response.text).text
    save(staff, "/orders?q=oberg", name="Öberg")
    response = change(staff, views()[1], htmx=htmx, name="Klarna")
    assert response.status_code == 409
    assert "Du har redan en vy «Klarna»." in Page(response.text).text
    assert [name for name, *_ in stored_views()] == ["Klarna", "Öberg"]


def test_a_view_of_all_orders_is_refused(staff: Browser) -> None:
    assert "/views" not in {form.action for form in staff.page("/orders").forms}
    response = staff.post("/views", {"csrf_token": staff.token(), "name": "Allt"})
    assert response.status_code == 422
    assert "Listan visar alla ordrar." in Page(response.text).text
    assert stored_views() == []


@on_sqlite
def test_more_than_thirty_views_are_refused(staff: Browser) -> None:
    for index in range(saved_views.MAX_VIEWS - 1):
        insert_view(Role.STAFF, f"Vy {index}")
    assert save(staff, name="Den trettionde").status_code == 303
    response = save(staff, name="En till")
    assert response.status_code == 422
    assert "Du har redan 30 vyer." in Page(response.text).text
    assert len(views()) == saved_views.MAX_VIEWS


@on_sqlite
def test_more_than_fifty_views_for_everyone_are_refused(staff: Browser, admin: Browser) -> None:
    for index in range(saved_views.MAX_SHARED_VIEWS):
        insert_view(Role.ADMIN, f"Vy {index}", shared=True)
    for response in (
        save(staff, name="En till", shared="yes"),
        change(staff, insert_view(Role.STAFF, "Min"), name="Min", shared="yes"),
    ):
        assert response.status_code == 422
        assert "Alla har redan 50 vyer." in Page(response.text).text
    assert len(views()) == saved_views.MAX_SHARED_VIEWS + 1
    assert save(staff, name="En till").status_code == 303
    assert change(admin, views()[0], name="Nytt namn", shared="yes").status_code == 303
    assert admin.send("/orders", f"/views/{views()[1].id}/removal").status_code == 303
    assert save(staff, name="Allas", shared="yes").status_code == 303


@pytest.mark.parametrize("role", [Role.VIEWER, Role.WAREHOUSE])
def test_roles_that_change_no_orders_save_views_for_themselves_alone(sign_in: SignIn, role: Role) -> None:
    browser = sign_in(role)
    assert "shared" not in browser.page(LIST).html.partition('id="view-form"')[2].partition("</form>")[0]
    response = save(browser, name="Klarna", shared="yes")
    assert response.status_code == 403
    assert "Vyer för alla sparas av personal" in Page(response.text).text
    assert save(browser, name="Klarna").status_code == 303
    assert change(browser, views()[0], name="Klarna", shared="yes").status_code == 403
    assert stored_views() == [("Klarna", False, "status=ready&payment=klarna")]


@HTMX
def test_views_of_others_are_neither_changed_nor_removed(admin: Browser, staff: Browser, htmx: bool) -> None:
    own, shared = insert_view(Role.ADMIN, "Min"), insert_view(Role.ADMIN, "Allas", shared=True)
    before = stored_views()
    for view in (own, shared):
        for action in (f"/views/{view.id}", f"/views/{view.id}/removal"):
            response = staff.post(action, {"csrf_token": staff.token(), "name": "Tagen"}, htmx=htmx)
            assert response.status_code == 404
            assert "Du har ingen sådan vy." in Page(response.text).text
    mine = insert_view(Role.STAFF, "Personalens")
    assert admin.post(f"/views/{mine.id}/removal", {"csrf_token": admin.token()}).status_code == 404
    assert stored_views() == [*before, ("Personalens", False, "status=ready")]


# Accepted


@HTMX
def test_the_filter_is_saved_and_opened_again(staff: Browser, htmx: bool) -> None:
    url = "/orders?status=ready&payment=klarna&sort=placed&q=%C3%96berg+%26+co"
    response = staff.post(url.replace("/orders", "/views"), {"csrf_token": staff.token(), "name": "Öbergs"}, htmx=htmx)
    assert (response.status_code, response.location) == ((200, None) if htmx else (303, response.location))
    page = Page(response.text) if htmx else staff.page(response.location)
    assert "Vyn «Öbergs» är sparad." in page.text
    (view,) = views()
    link = f"/orders?{view.query}"
    assert link in page.links
    assert Page(staff.get(link).text).form("/orders").values()["q"] == "Öberg & co"


def test_cursors_and_unknown_arguments_are_not_saved(staff: Browser) -> None:
    staff.post("/views?status=ready&after=x&other=1", {"csrf_token": staff.token(), "name": "Igen"})
    assert {query for *_, query in stored_views()} == {"status=ready"}


@HTMX
def test_a_view_is_renamed_shared_and_removed_by_its_owner(staff: Browser, sign_in: SignIn, htmx: bool) -> None:
    save(staff, name="Klarna")
    status = 200 if htmx else 303
    assert change(staff, views()[0], htmx=htmx, name="Klarna nu", shared="yes").status_code == status
    assert stored_views() == [("Klarna nu", True, "status=ready&payment=klarna")]
    viewer = sign_in(Role.VIEWER)
    assert "Klarna nu Staff Berg" in viewer.page("/orders").text
    assert f"/views/{views()[0].id}" not in {form.action for form in viewer.page("/orders").forms}
    assert change(staff, views()[0], htmx=htmx, name="Klarna nu", shared=None).status_code == status
    assert "Klarna nu" not in viewer.page("/orders").text
    assert staff.send("/orders", f"/views/{views()[0].id}/removal", htmx=htmx).status_code == status
    assert stored_views() == []


def test_an_administrator_removes_the_shared_views_of_others(staff: Browser, admin: Browser) -> None:
    view = insert_view(Role.STAFF, "Allas", shared=True)
    assert f"/views/{view.id}" not in {form.action for form in admin.page("/orders").forms}
    assert admin.send("/orders", f"/views/{view.id}/removal").status_code == 303
    assert stored_views() == []


def test_two_users_may_have_views_of_one_name(sign_in: SignIn, staff: Browser) -> None:
    save(staff, name="Klarna")
    assert save(sign_in(Role.VIEWER), name="Klarna").status_code == 303


# The link back to the list


def back_to_list(browser: Browser, order: str = "WS-100001") -> str:
    return next(link for link in browser.page(f"/orders/{order}").links if link.split("?")[0] == "/orders")


def test_the_link_back_leads_to_the_list_with_its_last_filter(staff: Browser) -> None:
    make_order(("LJUS-12", 1))
    assert back_to_list(staff) == "/orders"
    for query, remembered in [
        ("?status=ready&payment=klarna&sort=-total", "?status=ready&payment=klarna&sort=-total"),
        ("?q=oberg&from=2026-01-01&status=backordered&after=x", "?status=backordered"),
        ("?carrier=DB+Schenker&product=%C3%85-1", "?carrier=DB+Schenker&product=%C3%85-1"),
        ("?q=oberg", ""),
        ("?status=ready", "?status=ready"),
        ("", ""),
    ]:
        staff.get(f"/orders{query}", htmx=True)
        assert back_to_list(staff) == f"/orders{remembered}"


@pytest.mark.parametrize(
    "query",
    [
        "?status=lost",
        f"?payment={'x' * 200}",
        f"?carrier={'x' * 200}",
        f"?product={'%F0%9F%95%AF' * 61}",
        "?sort=--total&sort=placed",
        "?sort=colour",
    ],
)
@on_sqlite
def test_the_link_back_remembers_nothing_that_the_list_does_not_offer(staff: Browser, query: str) -> None:
    make_order(("LJUS-12", 1))
    valid = "?status=ready&payment=klarna&carrier=PostNord&product=LJUS-12&sort=-total"
    staff.get(f"/orders{valid}")
    assert back_to_list(staff) == f"/orders{valid}"

    assert staff.get(f"/orders{query}").status_code == 200

    assert back_to_list(staff) == "/orders"


def test_on_the_list_itself_the_header_links_to_all_orders(staff: Browser) -> None:
    page = staff.page("/orders?status=ready")
    assert page.links[: page.links.index("/settings/messages")].count("/orders") == 1
    assert staff.page("/orders").text.count("Visa alla") == 0
    assert "Visa alla" in staff.page("/orders?payment=klarna").text


def test_each_user_has_a_link_back_to_their_own_list(sign_in: SignIn, staff: Browser) -> None:
    make_order(("LJUS-12", 1))
    staff.get("/orders?status=ready")
    assert back_to_list(sign_in(Role.VIEWER)) == "/orders"


def test_after_a_new_sign_in_the_list_has_all_orders(staff: Browser, app: Flask) -> None:
    make_order(("LJUS-12", 1))
    staff.get("/orders?status=ready")
    staff.send("/orders", "/logout")
    assert back_to_list(sign_in_again(app, Role.STAFF)) == "/orders"
