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
ALIKE = "Om det finns en användare med den adressen är en länk för nytt lösenord på väg dit."
GONE = "Den här länken fungerar inte längre"


@pytest.fixture
def asa(app: Flask) -> User:
    mails_with_links(app)
    return make_user(password="gammalt")


def link_for(user: User, kind: AccountMailKind = AccountMailKind.RESET) -> str:
    return password_links.make(read(user.email), kind).removeprefix("https://desk.example.com")


def mails() -> list[AccountMail]:
    db.session.rollback()
    return list(db.session.scalars(select(AccountMail).order_by(AccountMail.id)))


# Asking


@pytest.mark.parametrize("email", ["asa@example.com", "ASA@Example.com", "nobody@example.com", "eva@example.com"])
def test_whoever_is_asked_for_the_answer_is_the_same(nobody: Browser, asa: User, email: str) -> None:
    make_user("eva@example.com", password=PASSWORD, active=False)
    response = nobody.fill_in(URL, email=email)
    assert (response.status_code, response.location) == (303, "/login")
    assert ALIKE in nobody.page("/login").text
    assert [(mail.user_id, mail.kind) for mail in mails()] == (
        [(asa.id, AccountMailKind.RESET)] if email.lower() == asa.email else []
    )


@on_sqlite
@pytest.mark.parametrize("email", ["", None, "asa", "asa@example.com\r\nBcc: x@example.com", "x" * 10_000])
def test_what_is_no_address_is_refused(nobody: Browser, asa: User, email: str | None) -> None:
    assert nobody.fill_in(URL, email=email).status_code == 422
    assert mails() == []


@on_sqlite
def test_nobody_is_mailed_more_than_three_links_an_hour(nobody: Browser, asa: User) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(4):
            assert nobody.fill_in(URL, email=asa.email).status_code == 303
            clock.shift(timedelta(minutes=10))
        assert len(mails()) == 3
        clock.shift(timedelta(minutes=21))
        nobody.fill_in(URL, email=asa.email)
        assert len(mails()) == 4


@on_sqlite
def test_one_address_cannot_ask_for_everyone(nobody: Browser, asa: User) -> None:
    for turn in range(30):
        assert nobody.fill_in(URL, email=f"{turn}@example.com").status_code == 303
    response = nobody.fill_in(URL, email=asa.email)
    assert response.status_code == 429
    assert "Vänta en kvart" in Page(response.text).text
    assert mails() == []


@on_sqlite
def test_asking_for_links_keeps_nobody_from_signing_in(nobody: Browser, asa: User) -> None:
    for turn in range(6):
        assert nobody.fill_in(URL, email=asa.email).status_code == (303 if turn < 5 else 429)
    assert nobody.fill_in("/login", email=asa.email, password="gammalt").status_code == 303


@on_sqlite
def test_who_typed_wrong_passwords_can_ask_for_a_link_at_once(nobody: Browser, asa: User) -> None:
    for _ in range(6):
        nobody.fill_in("/login", email=asa.email, password="fel")
    assert nobody.fill_in(URL, email=asa.email).status_code == 303
    assert len(mails()) == 1


@on_sqlite
def test_where_no_mail_leaves_people_are_told_whom_to_ask(app: Flask, nobody: Browser, asa: User) -> None:
    app.config["MAIL_SERVER"] = None
    page = nobody.page(URL)
    assert "Be en administratör" in page.text
    assert not [one for one in page.inputs if one["name"] == "email"]
    assert URL in nobody.page("/login").links
    token = nobody.page("/login").forms[0].values()["csrf_token"]
    assert nobody.post(URL, {"email": asa.email, "csrf_token": token}).status_code == 200
    assert mails() == []


# Using a link


@pytest.mark.parametrize("kind", list(AccountMailKind))
def test_a_link_takes_a_new_password_and_signs_in_once(
    app: Flask, nobody: Browser, asa: User, kind: AccountMailKind
) -> None:
    elsewhere = Browser(app.test_client())
    elsewhere.fill_in("/login", email=asa.email, password="gammalt")
    link = link_for(asa, kind)
    assert "asa@example.com" in nobody.page(link).text
    assert nobody.get("/orders").status_code == 303  # opening it signs nobody in: programs open links too
    response = nobody.fill_in(link, password=PASSWORD)
    assert (response.status_code, response.location) == (303, "/orders")
    assert "Åsa Öberg" in nobody.page("/orders").text
    assert elsewhere.get("/orders").status_code == 303
    assert (read().has_password(PASSWORD), read().has_password("gammalt")) == (True, False)
    again = Browser(app.test_client())
    for response in (again.get(link), again.post(link, {"password": PASSWORD, "csrf_token": csrf(again)})):
        assert response.status_code == 404
        assert GONE in Page(response.text).text
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
def test_a_link_grows_too_old(nobody: Browser, asa: User, kind: AccountMailKind, lifetime: timedelta) -> None:
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
def test_links_that_are_none_of_ours_open_nothing(app: Flask, nobody: Browser, asa: User) -> None:
    eva = make_user("eva@example.com", password="också gammalt")
    token = link_for(asa).rpartition("/")[2]
    payload, stamp, signature = token.split(".")
    others = link_for(eva).rpartition("/")[2].split(".")
    key, fingerprint = app.config["SECRET_KEY"], password_links._fingerprint(read())
    sign = URLSafeTimedSerializer(key, salt="account-link").dumps
    wrong = [
        "x",
        "x.y.z",
        token + "x",
        token[:-1],
        token.upper(),
        f"{others[0]}.{stamp}.{signature}",
        f"{payload}.{others[1]}.{others[2]}",
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
    for one in wrong:
        assert nobody.get(f"/password/{one}").status_code == 404, one
        assert nobody.post(f"/password/{one}", form).status_code == 404, one
    assert nobody.get(f"/login/{token}").location == "/login"
    assert nobody.get("/orders").status_code == 303
    assert (read().has_password("gammalt"), read(eva.email).has_password("också gammalt")) == (True, True)


@on_sqlite
def test_ones_link_changes_nobody_elses_password(app: Flask, nobody: Browser, asa: User) -> None:
    """Eva is signed in and opens Åsa's link: the password is set for Åsa, and the session is then hers."""
    eva = make_user("eva@example.com", password="också gammalt", name="Eva")
    nobody.fill_in("/login", email=eva.email, password="också gammalt")
    assert nobody.fill_in(link_for(asa), password=PASSWORD).status_code == 303
    assert "Åsa Öberg" in nobody.page("/account").text
    assert read(eva.email).has_password("också gammalt")


@on_sqlite
@pytest.mark.parametrize("what", ["off", "password", "sessions", "host"])
def test_a_link_ends_with_what_it_was_given_for(nobody: Browser, asa: User, what: str) -> None:
    link = link_for(asa)
    form = {**nobody.page(link).form("").values(), "password": PASSWORD}
    with writing():
        user = db.session.get_one(User, asa.id)
        if what == "off":
            user.active = False
        elif what == "password":
            user.set_password("ett annat lösenord")
        elif what == "sessions":
            user.session_key = "another"
        else:
            user.host, user.subject = "admin", "7"
    assert nobody.get(link).status_code == 404
    assert nobody.post(link, form).status_code == 404
    assert not read().has_password(PASSWORD)


@on_sqlite
def test_a_link_signed_with_a_former_key_still_holds(app: Flask, nobody: Browser, asa: User) -> None:
    link, former = link_for(asa), app.config["SECRET_KEY"]
    app.config.update(SECRET_KEY="another key, for tests", SECRET_KEY_FALLBACKS=[former])
    assert nobody.fill_in(link, password=PASSWORD).status_code == 303
    other = make_user("eva@example.com")
    gone = link_for(other)
    app.config.update(SECRET_KEY="a third key, for tests", SECRET_KEY_FALLBACKS=None)
    assert nobody.get(gone).status_code == 404


@on_sqlite
def test_a_link_stays_out_of_the_logs(app: Flask, nobody: Browser, asa: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    link = link_for(asa)
    token = link.rpartition("/")[2]
    nobody.get(link)
    assert nobody.post(link, {"password": PASSWORD}).status_code == 400
    (refusal,) = entries(AccessKind.REQUEST_REFUSED)
    assert refusal.facts["asked"] == "POST /password/…"
    nobody.fill_in(link, password="elva tecken")
    nobody.fill_in(link, password=PASSWORD)
    texts = " ".join(str(vars(entry)) for entry in entries()) + caplog.text
    assert token not in texts
    assert PASSWORD not in texts


@on_sqlite
def test_who_chose_a_password_is_no_longer_counted_out(nobody: Browser, asa: User) -> None:
    """The link proves the identity, so earlier failed attempts do not block the user."""
    for _ in range(6):
        nobody.fill_in("/login", email=asa.email, password="fel")
    assert nobody.fill_in(link_for(asa), password=PASSWORD).status_code == 303
    assert nobody.get("/orders").status_code == 200
    assert db.session.query(FailedLogin).count() == 5
    assert read().role is Role.STAFF
