"""Signing in and out: by password, by link, and how long a session is valid."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from tests.web.conftest import SWEDISH, Browser, SignIn, on_sqlite
from tests.web.pages import Page, as_read_from_html
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import FailedLogin, Role, User
from webshop_orders.security import sign_in_links

WRONG_PASSWORD = "E-post och lösenord hör inte ihop."
PASSWORD = "mitt hemliga ord"


@pytest.fixture
def asa(app: Flask) -> User:
    user = User(email="asa@example.com", name="Åsa", role=Role.STAFF)
    user.set_password(PASSWORD)
    db.session.add(user)
    db.session.commit()
    return user


def submit_sign_in(browser: Browser, page: str = "/login", **typed: object):  # type: ignore[no-untyped-def]
    return browser.post(page, {**browser.page(page).forms[0].values(), **typed})


@on_sqlite
@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"email": "asa@example.com"},
        {"password": PASSWORD},
        {"email": "asa@example.com", "password": ""},
        {"email": "asa@example.com", "password": "fel"},
        {"email": "asa@example.com", "password": PASSWORD.upper()},
        {"email": "asa@example.com", "password": f"{PASSWORD}\0"},
        {"email": "asa@example.com", "password": "x" * 100_000},
        {"email": "asa@example.com\0", "password": PASSWORD},
        {"email": "asa@example.com\r\nBcc: x", "password": PASSWORD},
        {"email": "x" * 100_000, "password": PASSWORD},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "' or 1=1 --", "password": "' or 1=1 --"},
        {"email": "%", "password": PASSWORD},
    ],
    ids=range(14),
)
def test_wrong_credentials_are_refused(nobody: Browser, asa: User, typed: dict[str, str]) -> None:
    response = submit_sign_in(nobody, **typed)
    assert response.status_code == 422
    assert PASSWORD not in response.text
    assert Page(response.text).forms[0].values()["email"].strip() == as_read_from_html(typed.get("email", "")).strip()
    assert nobody.get("/orders").status_code == 303


def test_signing_in_with_a_password_redirects_to_the_requested_page(nobody: Browser, asa: User) -> None:
    page = "/login?next=/orders?status=ready"
    refusal = submit_sign_in(nobody, page, email=asa.email, password="fel")
    assert refusal.status_code == 422
    assert WRONG_PASSWORD in Page(refusal.text).text
    assert "fel" not in Page(refusal.text).form("").values().values()
    response = submit_sign_in(nobody, page, email="Asa@Example.com", password=PASSWORD)
    assert (response.status_code, response.location) == (303, "/orders?status=ready")
    assert nobody.get("/orders").status_code == 200


def test_a_deactivated_user_is_signed_out_at_once(staff: Browser, app: Flask) -> None:
    user = db.session.scalars(db.select(User)).one()
    user.active = False
    db.session.commit()
    assert staff.get("/orders").status_code == 303


def test_a_new_password_ends_every_session_and_link(sign_in: SignIn, app: Flask) -> None:
    browser = sign_in(Role.STAFF)
    user = db.session.scalars(db.select(User)).one()
    link = f"/login/{sign_in_links.make(user)}"
    user.set_password("ett nytt lösenord")
    db.session.commit()
    assert browser.get("/orders").status_code == 303
    assert browser.get(link).location == "/login"


@on_sqlite
def test_a_sign_in_without_a_valid_csrf_token_is_refused(nobody: Browser, asa: User) -> None:
    assert nobody.post("/login", {"email": asa.email, "password": PASSWORD}).status_code == 400
    assert nobody.post("/login", {"email": asa.email, "password": PASSWORD, "csrf_token": "x"}).status_code == 400
    assert nobody.get("/orders").status_code == 303


@on_sqlite
def test_the_response_does_not_reveal_whether_the_user_exists(nobody: Browser, asa: User) -> None:
    for email in (asa.email, "nobody@example.com"):
        assert WRONG_PASSWORD in Page(submit_sign_in(nobody, email=email, password="fel").text).text


def test_too_many_attempts_are_throttled_for_fifteen_minutes(nobody: Browser, asa: User) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            assert submit_sign_in(nobody, email=asa.email, password="fel").status_code == 422
        response = submit_sign_in(nobody, email="ASA@example.com", password=PASSWORD)
        assert response.status_code == 429
        assert "Vänta en kvart" in Page(response.text).text
        clock.shift(timedelta(minutes=15, seconds=1))
        assert submit_sign_in(nobody, email=asa.email, password=PASSWORD).status_code == 303


@on_sqlite
def test_attempts_from_one_ip_address_are_throttled(nobody: Browser, asa: User) -> None:
    db.session.add_all(FailedLogin(email=f"{turn}@example.com", address="127.0.0.1") for turn in range(30))
    db.session.commit()
    assert submit_sign_in(nobody, email=asa.email, password=PASSWORD).status_code == 429


def test_the_session_cookie_is_same_site_and_http_only(nobody: Browser, asa: User) -> None:
    response = submit_sign_in(nobody, email=asa.email, password=PASSWORD)
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@on_sqlite
def test_the_sign_in_page_redirects_a_user_who_is_signed_in(staff: Browser) -> None:
    assert staff.get("/login?next=/orders%3Fq=x").location == "/orders?q=x"


@on_sqlite
def test_a_copied_cookie_is_worthless_after_signing_out(sign_in: SignIn, app: Flask) -> None:
    browser = sign_in(Role.STAFF)
    copied = browser.client.get_cookie("webshop_orders")
    assert copied is not None
    response = browser.post("/logout", {"csrf_token": browser.token()})
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'

    browser.client.set_cookie("webshop_orders", copied.value)
    assert browser.get("/orders").status_code == 303
    thief = Browser(app.test_client())
    thief.client.set_cookie("webshop_orders", copied.value)
    assert thief.get("/orders").status_code == 303


def test_signing_out_ends_the_session_and_requires_a_csrf_token(staff: Browser) -> None:
    assert staff.post("/logout", {}).status_code == 400
    assert staff.get("/orders").status_code == 200
    response = staff.send("/orders", "/logout")
    assert (response.status_code, response.location) == (303, "/login")
    assert staff.get("/orders").status_code == 303
    with staff.client.session_transaction() as session:
        assert not {"id", "user", "key"} & set(session)


@on_sqlite
@pytest.mark.parametrize("cookie", ["", "x", "eyJ1c2VyIjoxfQ.x.y", "\xff", "{}", "x" * 4000])
def test_a_forged_session_cookie_is_not_signed_in(staff: Browser, cookie: str) -> None:
    staff.client.set_cookie("webshop_orders", cookie)
    assert staff.get("/orders").status_code == 303


@on_sqlite
@pytest.mark.parametrize("token", ["x", "%00", "%ff", "WzEsIngiXQ.x.y", "x" * 5000])
def test_a_forged_link_is_refused_with_a_message(nobody: Browser, asa: User, token: str) -> None:
    assert nobody.get(f"/login/{token}").location == "/login"
    assert "Inloggningslänken gäller inte längre." in nobody.page("/login").text
    assert nobody.get("/orders").status_code == 303


@on_sqlite
def test_a_session_ends_after_twelve_hours_even_if_it_is_used_constantly(sign_in: SignIn) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = sign_in(Role.STAFF)
        for turn in range(11):
            clock.shift(timedelta(hours=1))
            status = ("ready", "shipped")[turn % 2]  # the filter is remembered, so the cookie is written again
            assert "Set-Cookie" in browser.get(f"/orders?status={status}").headers
        clock.shift(timedelta(minutes=59))
        assert browser.get("/orders").status_code == 200
        clock.shift(timedelta(minutes=2))
        assert browser.get("/orders").status_code == 303


@on_sqlite
def test_a_sign_in_link_is_valid_for_twelve_hours(sign_in: SignIn, asa: User) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        link = f"/login/{sign_in_links.make(asa)}"
        clock.shift(timedelta(hours=11, minutes=59))
        assert sign_in(None).get(f"{link}?next=/orders%3Fq=x").location == "/orders?q=x"
        clock.shift(timedelta(minutes=2))
        assert sign_in(None).get(link).location == "/login"


@on_sqlite
def test_after_the_session_ended_signing_in_leads_back_to_the_page(nobody: Browser, parts: object) -> None:
    response = nobody.get("/orders/WS-100001/shipping?x=1")
    assert response.location == "/login?next=/orders/WS-100001/shipping?x%3D1"
    headers = {**SWEDISH, "HX-Request": "true", "HX-Request-Type": "partial"}
    for current_url, target in (
        ("http://localhost/orders/WS-100001/shipping", "/login?next=/orders/WS-100001/shipping"),
        ("https://evil.example//evil.example", "/login?next=//evil.example"),
        ("nonsense", "/login"),
        ("", "/login"),
    ):
        response = nobody.client.post("/orders/WS-100001/comments", headers={**headers, "HX-Current-URL": current_url})
        assert response.status_code == 401
        assert response.headers["HX-Redirect"] == target
    assert not nobody.get("/login?next=//evil.example").location


@on_sqlite
def test_a_form_sent_without_a_session_is_redirected_to_sign_in(nobody: Browser, parts: object) -> None:
    response = nobody.post("/orders/WS-100001/comments", {"text": "Hej"})
    assert (response.status_code, response.location) == (303, "/login?next=/orders")
