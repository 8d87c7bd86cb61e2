"""Throttled sign-in: many wrong passwords are refused at little cost, and only for the stated time."""

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
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each password that was compared with a hash, which is slow on purpose."""
    seen: list[str] = []
    really = user.check_password_hash

    def check(password_hash: str, password: str) -> bool:
        seen.append(password)
        return really(password_hash, password)

    monkeypatch.setattr(user, "check_password_hash", check)
    return seen


def form(browser: Browser) -> dict[str, str]:
    return browser.page("/login").form("").values()


def test_a_thousand_wrong_passwords_are_refused_and_the_right_one_waits_with_them(
    nobody: Browser, asa: User, compared: list[str]
) -> None:
    typed = form(nobody)
    with time_machine.travel(now(), tick=False) as clock:
        for turn in range(1_000):
            response = nobody.post("/login", {**typed, "email": asa.email, "password": f"fel {turn}"})
            assert response.status_code == (422 if turn < 5 else 429)
        assert len(compared) == throttle.MAX_ATTEMPTS_PER_EMAIL
        assert "Vänta en kvart" in Page(response.text).text
        right = {**typed, "email": asa.email, "password": PASSWORD}
        assert nobody.post("/login", right).status_code == 429
        assert len(compared) == throttle.MAX_ATTEMPTS_PER_EMAIL
        clock.shift(timedelta(minutes=14, seconds=59))
        assert nobody.post("/login", right).status_code == 429
        clock.shift(timedelta(seconds=2))
        assert nobody.post("/login", right).status_code == 303
    assert db.session.query(FailedLogin).count() == 0
    recorded = entries(AccessKind.SIGN_IN_REFUSED)
    assert len(recorded) == access_log.MAX_REFUSALS_PER_ADDRESS
    assert {(entry.who, entry.address) for entry in recorded} == {("asa@example.com", "127.0.0.1")}
    assert [entry.facts["reason"] for entry in recorded[:6]] == ["password"] * 5 + ["too_many"]
    assert "fel" not in str([entry.facts for entry in recorded])


@on_sqlite
def test_everyones_password_from_one_address_is_no_way_round(nobody: Browser, asa: User, compared: list[str]) -> None:
    typed = form(nobody)
    for turn in range(40):
        response = nobody.post("/login", {**typed, "email": f"{turn}@example.com", "password": "fel"})
        assert response.status_code == (422 if turn < 30 else 429)
    assert len(compared) == throttle.MAX_ATTEMPTS_PER_ADDRESS


@on_sqlite
@pytest.mark.parametrize(
    ("tried", "then", "waits"),
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
def test_an_address_is_counted_as_far_as_one_customer_of_a_provider_has_it(
    app: Flask, tried: str, then: str, waits: bool
) -> None:
    for turn in range(throttle.MAX_ATTEMPTS_PER_ADDRESS):
        with writing():
            throttle.count_attempt(f"{turn}@example.com", address=tried.format(f"{turn:x}"))
    with pytest.raises(TooManyAttempts) if waits else nullcontext():
        throttle.check_attempts("asa@example.com", address=then)


@on_sqlite
def test_right_passwords_are_not_counted(nobody: Browser, asa: User) -> None:
    for _ in range(throttle.MAX_ATTEMPTS_PER_EMAIL + 1):
        assert nobody.fill_in("/login", email=asa.email, password=PASSWORD).status_code == 303
        nobody.send("/orders", "/logout")
    assert db.session.query(FailedLogin).count() == 0


@on_sqlite
@pytest.mark.parametrize("who", ["asa@example.com", "invited@example.com", "off@example.com", "nobody@example.com"])
def test_each_refusal_compares_one_hash_whoever_is_asked_for(
    nobody: Browser, asa: User, compared: list[str], who: str
) -> None:
    """Otherwise the response time would reveal which users exist."""
    make_user("invited@example.com")
    make_user("off@example.com", password=PASSWORD, active=False)
    response = nobody.fill_in("/login", email=who, password="fel")
    assert response.status_code == 422
    assert "E-post och lösenord hör inte ihop." in Page(response.text).text
    assert compared == ["fel"]


@on_sqlite
def test_no_lock_is_held_while_a_password_is_compared(
    nobody: Browser, asa: User, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    waited: list[float] = []

    def compare(password_hash: str, password: str) -> bool:
        began = time.monotonic()
        other = sqlite.driver().connect(db.engine.url.database, timeout=5)
        other.execute("BEGIN IMMEDIATE")
        other.close()
        waited.append(time.monotonic() - began)
        return False

    monkeypatch.setattr(user, "check_password_hash", compare)
    assert nobody.fill_in("/login", email=asa.email, password="fel").status_code == 422
    assert len(waited) == 1
    assert waited[0] < 1


# What the log tells, and what a session is good for afterwards


def test_signing_in_and_out_is_noted(nobody: Browser, asa: User) -> None:
    before = now()
    nobody.fill_in("/login", email="ASA@example.com", password=PASSWORD)
    nobody.send("/orders", "/logout")
    assert [(one.kind, one.who, one.user_id, one.facts) for one in entries()] == [
        (AccessKind.SIGNED_IN, "Åsa Öberg", asa.id, {}),
        (AccessKind.SIGNED_OUT, "Åsa Öberg", asa.id, {}),
    ]
    db.session.expire_all()
    assert before <= db.session.get_one(User, asa.id).signed_in_at <= now()


@on_sqlite
def test_a_name_that_is_a_flood_is_noted_short(nobody: Browser) -> None:
    assert nobody.fill_in("/login", email="x" * 254, password="fel").status_code == 422
    (entry,) = entries(AccessKind.SIGN_IN_REFUSED)
    assert entry.who == "x" * access_log.MAX_LENGTH


def test_a_copy_of_a_cookie_opens_nothing_after_signing_out(app: Flask, nobody: Browser, asa: User) -> None:
    nobody.fill_in("/login", email=asa.email, password=PASSWORD)
    elsewhere, thief = Browser(app.test_client()), Browser(app.test_client())
    elsewhere.fill_in("/login", email=asa.email, password=PASSWORD)
    values = nobody.page("/orders").form("/logout").values()
    cookie = nobody.client.get_cookie("webshop_orders")
    assert cookie is not None
    thief.client.set_cookie("webshop_orders", cookie.value)
    assert thief.get("/orders").status_code == 200
    assert nobody.post("/logout", values).status_code == 303
    assert thief.get("/orders").status_code == 303
    thief.client.set_cookie("webshop_orders", cookie.value)
    assert thief.post("/logout", values).status_code == 303  # twice at once is no failure
    assert elsewhere.get("/orders").status_code == 200


@on_sqlite
def test_sessions_from_before_they_had_names_end_by_themselves_alone(app: Flask, sign_in: SignIn) -> None:
    browsers = [sign_in(role) for role in (Role.STAFF, Role.VIEWER)]
    for browser in browsers:
        with browser.client.session_transaction() as session:
            del session["id"]
    assert browsers[0].send("/orders", "/logout").status_code == 303
    assert browsers[0].get("/orders").status_code == 303
    assert browsers[1].get("/orders").status_code == 200
    assert browsers[1].send("/orders", "/logout").status_code == 303


@on_sqlite
def test_what_came_before_signing_in_is_not_carried_into_it(app: Flask, nobody: Browser, asa: User) -> None:
    with nobody.client.session_transaction() as session:
        session["id"], session["planted"] = "known to a stranger", "x"
    nobody.get(f"/login/{sign_in_links.make(asa)}")
    with nobody.client.session_transaction() as session:
        assert session["id"] != "known to a stranger"
        assert "planted" not in session
