"""Mitt konto: a new password, and being signing out all other sessions."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from tests.factories import make_user, reshape_shop
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from tests.web.settings.test_access_log import entries
from tests.web.settings.test_users import both_ways, read
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessKind, AccountMailKind, FailedLogin, Role, User
from webshop_orders.security import password_links

URL = "/account"
OLD, NEW = "gammalt", "sju sjösjuka sjömän"  # the current one dates from when short passwords were accepted


@pytest.fixture
def asa(app: Flask) -> User:
    return make_user(password=OLD)


def signed_in(app: Flask, password: str = OLD) -> Browser:
    browser = Browser(app.test_client())
    assert browser.fill_in("/login", email="asa@example.com", password=password).status_code == 303
    return browser


def change(browser: Browser, *, htmx: bool = False, **typed: object):  # type: ignore[no-untyped-def]
    return browser.send(URL, f"{URL}/password", htmx=htmx, **{"present": OLD, "password": NEW, **typed})


@on_sqlite
@both_ways
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "Det här kan inte vara tomt."),
        ("elva tecken", "minst 12 tecken"),
        ("elva tecke\u0301n"[:11], "minst 12 tecken"),
        ("e\u0301" * 6 + "abcde", "minst 12 tecken"),
        ("x y" * 67, "högst 200 tecken"),
        ("x" * 5_000, "Högst 1000 tecken"),
        ("password1234", "hör till de första"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "hör till de första"),
        ("qwertyuiop123", "hör till de första"),
        ("lösenord123456", "hör till de första"),
        ("123456789012", "hör till de första"),
        ("asa@example.com", "ditt namn, din e-post eller butikens namn"),
        ("Ljus & Linne", "ditt namn, din e-post eller butikens namn"),
        ("sju sjösjuka\0sjömän", "innehåller tecken"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(
    app: Flask, asa: User, password: str, reason: str, htmx: bool
) -> None:
    reshape_shop(name="Ljus & Linne")
    browser = signed_in(app)
    response = change(browser, htmx=htmx, password=password)
    assert response.status_code == 422
    assert reason in Page(response.text).text
    assert {field.get("value") for field in Page(response.text).inputs if field.get("type") == "password"} == {""}
    assert read().has_password(OLD)
    assert browser.get(URL).status_code == 200


@on_sqlite
@both_ways
@pytest.mark.parametrize("current_password", ["", "fel", NEW, OLD.upper(), None])
def test_a_new_password_requires_the_current_password(
    app: Flask, asa: User, current_password: str | None, htmx: bool
) -> None:
    browser = signed_in(app)
    assert change(browser, htmx=htmx, present=current_password).status_code == 422
    assert read().has_password(OLD)
    assert [entry.kind for entry in entries(AccessKind.USER_CHANGED)] == []


@on_sqlite
def test_guessing_the_current_password_is_throttled(app: Flask, asa: User) -> None:
    browser = signed_in(app)
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            assert change(browser, present="fel").status_code == 422
        response = change(browser)
        assert response.status_code == 429
        assert "Vänta en kvart" in Page(response.text).text
        assert read().has_password(OLD)
        clock.shift(timedelta(minutes=15, seconds=1))
        assert change(browser).status_code == 303
    refusals = entries(AccessKind.SIGN_IN_REFUSED)
    assert [entry.facts["reason"] for entry in refusals] == ["password"] * 5 + ["too_many"]
    assert {entry.user_id for entry in refusals} == {asa.id}


@both_ways
def test_a_new_password_ends_all_sessions_but_the_current_one(app: Flask, asa: User, htmx: bool) -> None:
    current, other = signed_in(app), signed_in(app)
    link = password_links.make(read(), AccountMailKind.RESET)
    sign_out = current.page(URL).form("/logout").values()
    response = change(current, htmx=htmx)
    assert response.status_code == (200 if htmx else 303)
    assert "Ditt nya lösenord gäller" in (Page(response.text).text if htmx else current.page(URL).text)
    assert current.get("/orders").status_code == 200
    assert other.get("/orders").status_code == 303
    assert other.get(link).status_code == 404
    assert (read().has_password(NEW), read().has_password(OLD)) == (True, False)
    assert db.session.query(FailedLogin).count() == 0
    assert [entry.facts for entry in entries(AccessKind.USER_CHANGED)] == [{"what": "password_changed"}]
    assert (
        current.post("/logout", sign_out).location == "/login"
    )  # the rest of the page still has the token from before
    signed_in(app, NEW)


@both_ways
def test_signing_out_everywhere_else_keeps_only_the_current_session(app: Flask, asa: User, htmx: bool) -> None:
    current, other = signed_in(app), signed_in(app)
    response = current.send(URL, f"{URL}/sign-out", htmx=htmx)
    assert response.status_code == (200 if htmx else 303)
    assert "Du är utloggad överallt annars." in (Page(response.text).text if htmx else current.page(URL).text)
    assert current.get("/orders").status_code == 200
    assert other.get("/orders").status_code == 303
    assert [entry.facts for entry in entries(AccessKind.USER_CHANGED)] == [{"what": "other_sessions_ended"}]


@on_sqlite
def test_of_two_password_changes_at_once_only_the_first_succeeds(app: Flask, asa: User) -> None:
    current, other = signed_in(app), signed_in(app)
    second_change = {**other.page(URL).form(f"{URL}/password").values(), "present": OLD, "password": NEW + " till"}
    assert change(current).status_code == 303
    response = other.post(f"{URL}/password", second_change)
    assert (response.status_code, response.location) == (303, "/login?next=/orders")
    assert read().has_password(NEW)


@on_sqlite
def test_a_password_is_equal_in_composed_and_decomposed_unicode(app: Flask, asa: User) -> None:
    composed, decomposed = "sju sjösjuka sjömän", "sju sjo\u0308sjuka sjo\u0308ma\u0308n"
    assert composed != decomposed
    assert change(signed_in(app), password=decomposed).status_code == 303
    signed_in(app, composed)
    signed_in(app, decomposed)


@on_sqlite
def test_a_password_that_was_hashed_without_normalization_is_still_accepted(app: Flask, asa: User) -> None:
    from werkzeug.security import generate_password_hash

    decomposed = "o\u0308gon"
    user = db.session.get_one(User, asa.id)
    user.password_hash = generate_password_hash(decomposed, method="scrypt")
    db.session.commit()
    signed_in(app, decomposed)


@on_sqlite
def test_the_header_links_to_the_account_page_for_each_role(sign_in) -> None:  # type: ignore[no-untyped-def]
    for role in Role:
        browser = sign_in(role)
        assert URL in browser.page("/orders").links
        assert f"{role.value}@example.com" in browser.page(URL).text


@on_sqlite
def test_a_user_of_a_host_has_no_account_page(app: Flask, sign_in) -> None:  # type: ignore[no-untyped-def]
    browser = sign_in(Role.STAFF)
    user = db.session.query(User).one()
    user.host, user.subject = "admin", "7"
    db.session.commit()
    assert browser.get(URL).status_code in {303, 403}
