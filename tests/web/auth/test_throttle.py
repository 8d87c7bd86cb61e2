"""Throttled sign-in: many wrong passwords are refused without hashing, and only for the stated time."""

import time
from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from tests.factories import make_user
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.pages import Page
from tests.web.settings.test_access_log import entries
from webshop_orders.clock import now
from webshop_orders.db import sqlite
from webshop_orders.db.extensions import db
from webshop_orders.errors import TooManyAttempts
from webshop_orders.models import AccessKind, FailedLogin, Role, User, user
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.users import throttle
from webshop_orders.security import sign_in_links
from webshop_orders.transactions.unit_of_work import writing

PASSWORD = "sju sjösjuka sjömän"


@pytest.fixture
def asa(app: Flask) -> User:
    return make_user(password=PASSWORD)


@pytest.fixture
def compared_passwords(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each password that was compared with a hash, which is slow on purpose."""
    passwords: list[str] = []
    original = user.check_password_hash

    def check(password_hash: str, password: str) -> bool:
        passwords.append(password)
        return original(password_hash, password)

    monkeypatch.setattr(user, "check_password_hash", check)
    return passwords


def form(browser: Browser) -> dict[str, str]:
    return browser.page("/login").form("").values()


def test_after_many_wrong_passwords_the_right_one_is_throttled_too(
    nobody: Browser, asa: User, compared_passwords: list[str]
) -> None:
    typed = form(nobody)
    with time_machine.travel(now(), tick=False) as clock:
        for turn in range(1_000):
            response = nobody.post("/login", {**typed, "email": asa.email, "password": f"fel {turn}"})
            assert response.status_code == (422 if turn < 5 else 429)
        assert len(compared_passwords) == throttle.MAX_ATTEMPTS_PER_EMAIL
        assert "Vänta en kvart" in Page(response.text).text
        assert response.headers["Retry-After"] == "900"
        right_values = {**typed, "email": asa.email, "password": PASSWORD}
        assert nobody.post("/login", right_values).status_code == 429
        assert len(compared_passwords) == throttle.MAX_ATTEMPTS_PER_EMAIL
        clock.shift(timedelta(minutes=14, seconds=59))
        response = nobody.post("/login", right_values)
        assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
        clock.shift(timedelta(seconds=2))
        assert nobody.post("/login", right_values).status_code == 303
    assert db.session.query(FailedLogin).count() == 0
    refusals = entries(AccessKind.SIGN_IN_REFUSED)
    assert len(refusals) == access_log.MAX_REFUSALS_PER_ADDRESS
    assert {(entry.who, entry.address) for entry in refusals} == {("asa@example.com", "127.0.0.1")}
    assert [entry.facts["reason"] for entry in refusals[:6]] == ["password"] * 5 + ["too_many"]
    assert "fel" not in str([entry.facts for entry in refusals])


@on_sqlite
def test_attempts_for_many_users_from_one_ip_address_are_throttled(
    nobody: Browser, asa: User, compared_passwords: list[str]
) -> None:
    typed = form(nobody)
    for turn in range(40):
        response = nobody.post("/login", {**typed, "email": f"{turn}@example.com", "password": "fel"})
        assert response.status_code == (422 if turn < 30 else 429)
    assert len(compared_passwords) == throttle.MAX_ATTEMPTS_PER_ADDRESS


@on_sqlite
@pytest.mark.parametrize(
    ("attempts_from", "next_address", "is_throttled"),
    [
        ("2001:db8:1:2::{}", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:DB8:1:2:0:0:0:{}", "2001:db8:1:2::", True),
        ("2001:db8:1:2::{}", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),
        ("192.0.2.7", "192.0.2.8", False),
        ("fe80::{}%eth0", "fe80::1", True),
        ("unknown", "unknown", True),
    ],
)
def test_attempts_are_counted_by_ipv4_address_or_64_bit_prefix(
    app: Flask, attempts_from: str, next_address: str, is_throttled: bool
) -> None:
    for turn in range(throttle.MAX_ATTEMPTS_PER_ADDRESS):
        with writing():
            throttle.count_attempt(f"{turn}@example.com", address=attempts_from.format(f"{turn:x}"))
    with pytest.raises(TooManyAttempts) if is_throttled else nullcontext():
        throttle.check_attempts("asa@example.com", address=next_address)


@on_sqlite
def test_successful_sign_ins_are_not_counted(nobody: Browser, asa: User) -> None:
    for _ in range(throttle.MAX_ATTEMPTS_PER_EMAIL + 1):
        assert nobody.fill_in("/login", email=asa.email, password=PASSWORD).status_code == 303
        nobody.send("/orders", "/logout")
    assert db.session.query(FailedLogin).count() == 0


@on_sqlite
@pytest.mark.parametrize("email", ["asa@example.com", "invited@example.com", "off@example.com", "nobody@example.com"])
def test_each_refusal_compares_one_hash_for_any_user(
    nobody: Browser, asa: User, compared_passwords: list[str], email: str
) -> None:
    """Otherwise the response time would reveal which users exist."""
    make_user("invited@example.com")
    make_user("off@example.com", password=PASSWORD, active=False)
    response = nobody.fill_in("/login", email=email, password="fel")
    assert response.status_code == 422
    assert "E-post och lösenord hör inte ihop." in Page(response.text).text
    assert compared_passwords == ["fel"]


@on_sqlite
def test_the_database_is_not_locked_while_a_password_is_compared(
    nobody: Browser, asa: User, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    wait_seconds: list[float] = []

    def compare(password_hash: str, password: str) -> bool:
        start = time.monotonic()
        connection = sqlite.driver().connect(db.engine.url.database, timeout=5)
        connection.execute("BEGIN IMMEDIATE")
        connection.close()
        wait_seconds.append(time.monotonic() - start)
        return False

    monkeypatch.setattr(user, "check_password_hash", compare)
    assert nobody.fill_in("/login", email=asa.email, password="fel").status_code == 422
    assert len(wait_seconds) == 1
    assert wait_seconds[0] < 1


# The access log, and sessions after signing out


def test_signing_in_and_out_is_recorded(nobody: Browser, asa: User) -> None:
    before = now()
    nobody.fill_in("/login", email="ASA@example.com", password=PASSWORD)
    nobody.send("/orders", "/logout")
    assert [(entry.kind, entry.who, entry.user_id, entry.facts) for entry in entries()] == [
        (AccessKind.SIGNED_IN, "Åsa Öberg", asa.id, {}),
        (AccessKind.SIGNED_OUT, "Åsa Öberg", asa.id, {}),
    ]
    db.session.expire_all()
    assert before <= db.session.get_one(User, asa.id).signed_in_at <= now()


@on_sqlite
def test_an_overlong_name_is_recorded_truncated(nobody: Browser) -> None:
    assert nobody.fill_in("/login", email="x" * 254, password="fel").status_code == 422
    (entry,) = entries(AccessKind.SIGN_IN_REFUSED)
    assert entry.who == "x" * access_log.MAX_LENGTH


def test_signing_out_invalidates_copies_of_the_cookie_but_not_other_sessions(
    app: Flask, nobody: Browser, asa: User
) -> None:
    nobody.fill_in("/login", email=asa.email, password=PASSWORD)
    other_session, thief = Browser(app.test_client()), Browser(app.test_client())
    other_session.fill_in("/login", email=asa.email, password=PASSWORD)
    values = nobody.page("/orders").form("/logout").values()
    cookie = nobody.client.get_cookie("webshop_orders")
    assert cookie is not None
    thief.client.set_cookie("webshop_orders", cookie.value)
    assert thief.get("/orders").status_code == 200
    assert nobody.post("/logout", values).status_code == 303
    assert thief.get("/orders").status_code == 303
    thief.client.set_cookie("webshop_orders", cookie.value)
    assert thief.post("/logout", values).status_code == 303  # signing out twice is not an error
    assert other_session.get("/orders").status_code == 200


@on_sqlite
def test_sessions_without_an_id_are_ended_one_by_one(app: Flask, sign_in: SignIn) -> None:
    browsers = [sign_in(role) for role in (Role.STAFF, Role.VIEWER)]
    for browser in browsers:
        with browser.client.session_transaction() as session:
            del session["id"]
    assert browsers[0].send("/orders", "/logout").status_code == 303
    assert browsers[0].get("/orders").status_code == 303
    assert browsers[1].get("/orders").status_code == 200
    assert browsers[1].send("/orders", "/logout").status_code == 303


@on_sqlite
def test_signing_in_discards_the_session_that_was_there_before(app: Flask, nobody: Browser, asa: User) -> None:
    with nobody.client.session_transaction() as session:
        session["id"], session["planted"] = "known to a stranger", "x"
    nobody.get(f"/login/{sign_in_links.make(asa)}")
    with nobody.client.session_transaction() as session:
        assert session["id"] != "known to a stranger"
        assert "planted" not in session
