"""Password links: requested, used once, expired, altered, belonging to another user."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from tests.factories import make_user
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from tests.web.settings.test_access_log import entries
from tests.web.settings.test_users import PASSWORD, mails_with_links, read
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessKind, AccountMail, AccountMailKind, FailedLogin, Role, User
from webshop_orders.security import password_links, sign_in_links
from webshop_orders.transactions.unit_of_work import writing

URL = "/forgotten"
SAME_ANSWER = "Om det finns en användare med den adressen är en länk för nytt lösenord på väg dit."
INVALID_LINK = "Den här länken fungerar inte längre"


@pytest.fixture
def asa(app: Flask) -> User:
    mails_with_links(app)
    return make_user(password="gammalt")


def link_for(user: User, kind: AccountMailKind = AccountMailKind.RESET) -> str:
    return password_links.make(read(user.email), kind).removeprefix("https://desk.example.com")


def mails() -> list[AccountMail]:
    db.session.rollback()
    return list(db.session.scalars(select(AccountMail).order_by(AccountMail.id)))


# Requesting a link


@pytest.mark.parametrize("email", ["asa@example.com", "ASA@Example.com", "nobody@example.com", "eva@example.com"])
def test_the_response_does_not_reveal_whether_the_user_exists(nobody: Browser, asa: User, email: str) -> None:
    make_user("eva@example.com", password=PASSWORD, active=False)
    response = nobody.fill_in(URL, email=email)
    assert (response.status_code, response.location) == (303, "/login")
    assert SAME_ANSWER in nobody.page("/login").text
    assert [(mail.user_id, mail.kind) for mail in mails()] == (
        [(asa.id, AccountMailKind.RESET)] if email.lower() == asa.email else []
    )


@on_sqlite
@pytest.mark.parametrize("email", ["", None, "asa", "asa@example.com\r\nBcc: x@example.com", "x" * 10_000])
def test_an_invalid_email_address_is_refused(nobody: Browser, asa: User, email: str | None) -> None:
    assert nobody.fill_in(URL, email=email).status_code == 422
    assert mails() == []


@on_sqlite
def test_a_user_is_mailed_at_most_three_links_an_hour(nobody: Browser, asa: User) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(4):
            assert nobody.fill_in(URL, email=asa.email).status_code == 303
            clock.shift(timedelta(minutes=10))
        assert len(mails()) == 3
        clock.shift(timedelta(minutes=21))
        nobody.fill_in(URL, email=asa.email)
        assert len(mails()) == 4


@on_sqlite
def test_requests_from_one_ip_address_are_throttled(nobody: Browser, asa: User) -> None:
    for turn in range(30):
        assert nobody.fill_in(URL, email=f"{turn}@example.com").status_code == 303
    response = nobody.fill_in(URL, email=asa.email)
    assert response.status_code == 429
    assert "Vänta en kvart" in Page(response.text).text
    assert mails() == []


@on_sqlite
def test_requesting_links_does_not_block_signing_in(nobody: Browser, asa: User) -> None:
    for turn in range(6):
        assert nobody.fill_in(URL, email=asa.email).status_code == (303 if turn < 5 else 429)
    assert nobody.fill_in("/login", email=asa.email, password="gammalt").status_code == 303


@on_sqlite
def test_a_user_blocked_by_wrong_passwords_can_request_a_link(nobody: Browser, asa: User) -> None:
    for _ in range(6):
        nobody.fill_in("/login", email=asa.email, password="fel")
    assert nobody.fill_in(URL, email=asa.email).status_code == 303
    assert len(mails()) == 1


@on_sqlite
def test_without_a_mail_server_the_page_says_whom_to_ask(app: Flask, nobody: Browser, asa: User) -> None:
    app.config["MAIL_SERVER"] = None
    page = nobody.page(URL)
    assert "Be en administratör" in page.text
    assert not [field for field in page.inputs if field["name"] == "email"]
    assert URL in nobody.page("/login").links
    token = nobody.page("/login").forms[0].values()["csrf_token"]
    assert nobody.post(URL, {"email": asa.email, "csrf_token": token}).status_code == 200
    assert mails() == []


# Using a link


@pytest.mark.parametrize("kind", list(AccountMailKind))
def test_a_link_sets_a_new_password_and_signs_in_once(
    app: Flask, nobody: Browser, asa: User, kind: AccountMailKind
) -> None:
    other_browser = Browser(app.test_client())
    other_browser.fill_in("/login", email=asa.email, password="gammalt")
    link = link_for(asa, kind)
    assert "asa@example.com" in nobody.page(link).text
    assert nobody.get("/orders").status_code == 303  # opening it does not sign in: mail scanners open links too
    response = nobody.fill_in(link, password=PASSWORD)
    assert (response.status_code, response.location) == (303, "/today")
    assert "Åsa Öberg" in nobody.page("/orders").text
    assert other_browser.get("/orders").status_code == 303
    assert (read().has_password(PASSWORD), read().has_password("gammalt")) == (True, False)
    second_browser = Browser(app.test_client())
    for response in (
        second_browser.get(link),
        second_browser.post(link, {"password": PASSWORD, "csrf_token": csrf(second_browser)}),
    ):
        assert response.status_code == 404
        assert INVALID_LINK in Page(response.text).text
        assert URL in Page(response.text).links
    facts = [entry.facts for entry in entries(AccessKind.USER_CHANGED)]
    assert facts == [{"what": "password_set"}]


def csrf(browser: Browser) -> str:
    return browser.page("/login").forms[0].values()["csrf_token"]


@on_sqlite
@pytest.mark.parametrize(
    ("kind", "lifetime"),
    [(AccountMailKind.RESET, timedelta(hours=1)), (AccountMailKind.INVITATION, timedelta(hours=72))],
)
def test_a_link_expires(nobody: Browser, asa: User, kind: AccountMailKind, lifetime: timedelta) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        link = link_for(asa, kind)
        clock.shift(lifetime - timedelta(seconds=1))
        form = {**nobody.page(link).form("").values(), "password": PASSWORD}
        clock.shift(timedelta(seconds=2))
        assert nobody.get(link).status_code == 404
        assert nobody.post(link, form).status_code == 404
    assert read().has_password("gammalt")


@on_sqlite
@pytest.mark.parametrize("password", ["", None, "elva tecken", "password1234", "asa@example.com", "x y" * 67])
def test_a_password_that_is_easy_to_guess_leaves_the_link_unused(
    nobody: Browser, asa: User, password: str | None
) -> None:
    link = link_for(asa)
    response = nobody.fill_in(link, password=password)
    assert response.status_code == 422
    assert read().has_password("gammalt")
    assert nobody.get("/orders").status_code == 303
    assert nobody.fill_in(link, password=PASSWORD).status_code == 303


@on_sqlite
def test_a_forged_or_altered_link_is_refused(app: Flask, nobody: Browser, asa: User) -> None:
    eva = make_user("eva@example.com", password="också gammalt")
    token = link_for(asa).rpartition("/")[2]
    payload, stamp, signature = token.split(".")
    eva_parts = link_for(eva).rpartition("/")[2].split(".")
    key, fingerprint = app.config["SECRET_KEY"], password_links._fingerprint(read())
    sign = URLSafeTimedSerializer(key, salt="account-link").dumps
    invalid_tokens = [
        "x",
        "x.y.z",
        token + "x",
        token[:-1],
        token.upper(),
        f"{eva_parts[0]}.{stamp}.{signature}",
        f"{payload}.{eva_parts[1]}.{eva_parts[2]}",
        sign_in_links.make(asa),
        URLSafeTimedSerializer("another key" * 5, salt="account-link").dumps([asa.id, "reset", fingerprint]),
        sign([eva.id, "reset", fingerprint]),
        sign([4711, "reset", fingerprint]),
        sign([asa.id, "king", fingerprint]),
        sign([asa.id, "reset"]),
        sign("reset"),
        sign({"a": 1}),
        sign([asa.id, "reset", ""]),
        sign([asa.id, ["reset"], fingerprint]),
        sign([asa.id, "reset", 7]),
        sign([asa.id, "reset", None]),
        sign([asa.id, "reset", "ö"]),
    ]
    form = {"csrf_token": csrf(nobody), "password": PASSWORD}
    for invalid_token in invalid_tokens:
        assert nobody.get(f"/password/{invalid_token}").status_code == 404, invalid_token
        assert nobody.post(f"/password/{invalid_token}", form).status_code == 404, invalid_token
    assert nobody.get(f"/login/{token}").location == "/login"
    assert nobody.get("/orders").status_code == 303
    assert (read().has_password("gammalt"), read(eva.email).has_password("också gammalt")) == (True, True)


@on_sqlite
def test_a_link_changes_only_the_password_of_its_own_user(app: Flask, nobody: Browser, asa: User) -> None:
    """Eva is signed in and opens Åsa's link: the password is set for Åsa, and the session is then hers."""
    eva = make_user("eva@example.com", password="också gammalt", name="Eva")
    nobody.fill_in("/login", email=eva.email, password="också gammalt")
    assert nobody.fill_in(link_for(asa), password=PASSWORD).status_code == 303
    assert "Åsa Öberg" in nobody.page("/account").text
    assert read(eva.email).has_password("också gammalt")


@on_sqlite
@pytest.mark.parametrize("change", ["off", "password", "sessions", "host"])
def test_a_link_becomes_invalid_when_its_user_changes(nobody: Browser, asa: User, change: str) -> None:
    link = link_for(asa)
    form = {**nobody.page(link).form("").values(), "password": PASSWORD}
    with writing():
        user = db.session.get_one(User, asa.id)
        if change == "off":
            user.active = False
        elif change == "password":
            user.set_password("ett annat lösenord")
        elif change == "sessions":
            user.session_key = "another"
        else:
            user.host, user.subject = "admin", "7"
    assert nobody.get(link).status_code == 404
    assert nobody.post(link, form).status_code == 404
    assert not read().has_password(PASSWORD)


@on_sqlite
def test_a_link_signed_with_a_former_key_is_valid_while_the_key_is_configured(
    app: Flask, nobody: Browser, asa: User
) -> None:
    link, former_key = link_for(asa), app.config["SECRET_KEY"]
    app.config.update(SECRET_KEY="another key, for tests", SECRET_KEY_FALLBACKS=[former_key])
    assert nobody.fill_in(link, password=PASSWORD).status_code == 303
    other = make_user("eva@example.com")
    invalid_link = link_for(other)
    app.config.update(SECRET_KEY="a third key, for tests", SECRET_KEY_FALLBACKS=None)
    assert nobody.get(invalid_link).status_code == 404


@on_sqlite
def test_a_link_does_not_appear_in_the_logs(
    app: Flask, nobody: Browser, asa: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    link = link_for(asa)
    token = link.rpartition("/")[2]
    nobody.get(link)
    assert nobody.post(link, {"password": PASSWORD}).status_code == 400
    (refusal,) = entries(AccessKind.REQUEST_REFUSED)
    assert refusal.facts["asked"] == "POST /password/…"
    nobody.fill_in(link, password="elva tecken")
    nobody.fill_in(link, password=PASSWORD)
    logged_text = " ".join(str(vars(entry)) for entry in entries()) + caplog.text
    assert token not in logged_text
    assert PASSWORD not in logged_text


@on_sqlite
def test_a_user_who_set_a_password_by_a_link_is_no_longer_throttled(nobody: Browser, asa: User) -> None:
    """The link proves the identity, so earlier failed attempts do not block the user."""
    for _ in range(6):
        nobody.fill_in("/login", email=asa.email, password="fel")
    assert nobody.fill_in(link_for(asa), password=PASSWORD).status_code == 303
    assert nobody.get("/orders").status_code == 200
    assert db.session.query(FailedLogin).count() == 5
    assert read().role is Role.STAFF
