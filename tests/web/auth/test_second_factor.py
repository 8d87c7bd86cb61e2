"""Two-step verification: the code after the password, its setup, a lost phone, and shops that require it."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask

from tests.factories import give_recovery_codes, reshape_shop, stored_shop
from tests.web.conftest import HTMX, SWEDISH, Browser, SignIn, on_sqlite
from tests.web.pages import Page
from webshop_orders.clock import now
from webshop_orders.db import sqlite
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, AccountMailKind, FailedLogin, Role, User, user
from webshop_orders.operations.users import second_factor
from webshop_orders.security import password_links, sign_in_links
from webshop_orders.transactions.unit_of_work import writing

PASSWORD = "sju sjösjuka sjömän"
CODE_PAGE = "/login/code?next=/orders"
SETUP = "/account/second-factor"
NEW_CODES = "/account/second-factor/recovery-codes"
REMOVAL = "/account/second-factor/removal"
REQUIREMENT = "/settings/second-factor"
WRONG_CODE = "Det här är inte vad appen visar nu"
pytestmark = on_sqlite


@pytest.fixture
def asa(app: Flask) -> User:
    user = User(email="asa@example.com", name="Åsa", role=Role.ADMIN)
    user.set_password(PASSWORD)
    with writing():
        db.session.add(user)
    return user


@pytest.fixture
def codes(asa: User) -> list[str]:
    """The recovery codes of Åsa, who has a second factor."""
    with writing():
        asa.second_factor = second_factor.new_secret()
        return give_recovery_codes(asa)


def fresh(user: User) -> User:
    db.session.rollback()
    db.session.expire_all()
    return user


def code_of(user: User, steps: int = 0) -> str:
    secret = fresh(user).second_factor
    assert secret is not None
    return pyotp.TOTP(secret).at(now() + timedelta(seconds=30 * steps))


def wrong_code_of(user: User) -> str:
    right = {code_of(user, steps) for steps in (-1, 0, 1)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in right)


def submit_password(browser: Browser, page: str = "/login?next=/orders"):  # type: ignore[no-untyped-def]
    form = browser.page(page).forms[0].values()
    return browser.post(page, {**form, "email": "asa@example.com", "password": PASSWORD})


def submit_code(browser: Browser, page: str = CODE_PAGE, **typed: str):  # type: ignore[no-untyped-def]
    return browser.post(page, {"csrf_token": browser.page(page).form("").values()["csrf_token"], **typed})


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/orders").status_code == 200


def entries(kind: AccessKind) -> list[dict[str, object]]:
    db.session.rollback()
    return [entry.facts for entry in db.session.query(AccessEntry).filter_by(kind=kind).order_by(AccessEntry.id)]


# After the password


def test_without_a_second_factor_the_password_is_enough(nobody: Browser, asa: User) -> None:
    assert submit_password(nobody).location == "/orders"
    assert is_signed_in(nobody)


def test_the_password_alone_opens_nothing(nobody: Browser, asa: User, codes: list[str]) -> None:
    assert submit_password(nobody).location == CODE_PAGE
    for path in ("/orders", "/settings/shop", SETUP, "/products?q=x", REQUIREMENT):
        assert nobody.get(path).location.startswith("/login?next="), path
        fragment = nobody.get(path, htmx=True)
        assert (fragment.status_code, fragment.data) == (401, b""), path
    for path in (SETUP, NEW_CODES, REMOVAL, REQUIREMENT, "/settings/shop"):
        assert nobody.post(path, {"proof": PASSWORD}).location.startswith("/login?next="), path
        assert nobody.post(path, {"proof": PASSWORD}, htmx=True).status_code == 401, path
    assert "Åsa" not in nobody.page(CODE_PAGE).text


def test_the_code_signs_in_and_redirects_to_the_requested_page(nobody: Browser, asa: User, codes: list[str]) -> None:
    assert submit_password(nobody, "/login?next=/orders?q=x").location == "/login/code?next=/orders?q%3Dx"
    code = code_of(asa)
    response = submit_code(nobody, "/login/code?next=/orders?q%3Dx", code=f" {code[:3]} {code[3:]} ")
    assert (response.status_code, response.location) == (303, "/orders?q=x")
    assert is_signed_in(nobody)


def test_the_code_page_does_not_redirect_to_another_site(nobody: Browser, asa: User, codes: list[str]) -> None:
    submit_password(nobody)
    assert submit_code(nobody, "/login/code?next=//evil.example", code=code_of(asa)).location == "/today"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Det här kan inte vara tomt."),
        ({"code": ""}, "Det här kan inte vara tomt."),
        ({"code": "12345"}, "Ange de sex siffror som appen visar."),
        ({"code": "٢٨٧٠٨٢"}, "Ange de sex siffror som appen visar."),
        ({"code": "1" * 100_000}, "Högst 200 tecken"),
        ({"code": "123\x00456"}, "Det här innehåller tecken"),
        ({"recovery_code": ""}, "Det här kan inte vara tomt."),
        ({"recovery_code": "x" * 100_000}, "Högst 200 tecken"),
        ({"recovery_code": "k7md-2f9q-8xwz"}, "Det här är inte en återställningskod för dig"),
        ({"recovery_code": PASSWORD}, "Det här är inte en återställningskod för dig"),
    ],
    ids=range(10),
)
def test_an_invalid_code_is_refused_with_a_message_at_the_field(
    nobody: Browser, asa: User, codes: list[str], typed: dict[str, str], sentence: str
) -> None:
    submit_password(nobody)
    response = submit_code(nobody, **typed)
    assert response.status_code == 422
    assert sentence in Page(response.text).text
    assert not is_signed_in(nobody)


def test_a_wrong_code_is_counted_and_recorded_as_a_refused_sign_in(
    nobody: Browser, asa: User, codes: list[str]
) -> None:
    submit_password(nobody)
    response = submit_code(nobody, code=wrong_code_of(asa))
    assert response.status_code == 422
    assert WRONG_CODE in Page(response.text).text
    [refusal] = entries(AccessKind.SIGN_IN_REFUSED)
    assert str(refusal["reason"]).startswith(WRONG_CODE)
    assert db.session.query(FailedLogin).filter_by(email="code of asa@example.com").count() == 1


def test_a_code_is_accepted_only_once(sign_in: SignIn, asa: User, codes: list[str]) -> None:
    with time_machine.travel(now(), tick=False):
        first, second = sign_in(None), sign_in(None)
        for browser in (first, second):
            submit_password(browser)
        code = code_of(asa)
        assert submit_code(first, code=code).status_code == 303
        assert submit_code(second, code=code).status_code == 422
        assert not is_signed_in(second)


def test_after_five_wrong_codes_the_right_code_is_throttled(nobody: Browser, asa: User, codes: list[str]) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        submit_password(nobody)
        for _turn in range(5):
            assert submit_code(nobody, code=wrong_code_of(asa)).status_code == 422
        for typed in ({"code": code_of(asa)}, {"recovery_code": codes[0]}):
            response = submit_code(nobody, **typed)
            assert response.status_code == 429
            assert "Vänta en kvart" in Page(response.text).text
        assert not is_signed_in(nobody)
        assert submit_password(nobody).location == CODE_PAGE
        assert submit_code(nobody, code=code_of(asa)).status_code == 429  # the password did not reset the counter
        clock.shift(timedelta(minutes=15, seconds=1))
        submit_password(nobody)
        assert submit_code(nobody, code=code_of(asa)).status_code == 303


def test_a_stranger_who_guesses_passwords_does_not_block_a_users_code(
    sign_in: SignIn, asa: User, codes: list[str]
) -> None:
    browser, stranger = sign_in(None), sign_in(None)
    submit_password(browser)
    form = stranger.page("/login").forms[0].values()
    for turn in range(6):
        response = stranger.post("/login", {**form, "email": "asa@example.com", "password": "fel"})
        assert response.status_code == (422 if turn < 5 else 429)
    assert submit_code(browser, code=code_of(asa)).status_code == 303
    assert is_signed_in(browser)


def test_wrong_app_codes_and_recovery_codes_share_one_counter(nobody: Browser, asa: User, codes: list[str]) -> None:
    submit_password(nobody)
    for _turn in range(4):
        submit_code(nobody, code=wrong_code_of(asa))
    assert submit_code(nobody, recovery_code="k7md-2f9q-8xwz").status_code == 422
    assert submit_code(nobody, code=code_of(asa)).status_code == 429


@pytest.mark.parametrize("typed", [{"recovery_code": "k7md-2f9q-8xwz"}, {"code": "000000"}], ids=["recovery", "code"])
def test_attempts_from_several_ip_addresses_share_one_counter(
    nobody: Browser, asa: User, codes: list[str], typed: dict[str, str]
) -> None:
    submit_password(nobody)
    with writing():
        db.session.add_all(FailedLogin(email="code of asa@example.com", address=f"192.0.2.{turn}") for turn in range(5))
    assert submit_code(nobody, **typed).status_code == 429


@pytest.mark.parametrize("action", [REMOVAL, NEW_CODES])
@pytest.mark.parametrize("proof", ["recovery", "password"])
def test_the_database_is_not_locked_while_hashes_are_computed(
    signed_in: Browser, asa: User, codes: list[str], monkeypatch: pytest.MonkeyPatch, proof: str, action: str
) -> None:
    wait_seconds: list[float] = []

    def check_that_others_can_write(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **more: Any) -> Any:
            start = time.monotonic()
            connection = sqlite.driver().connect(db.engine.url.database, timeout=5)
            connection.execute("BEGIN IMMEDIATE")
            connection.close()
            wait_seconds.append(time.monotonic() - start)
            return original(*args, **more)

        return wrapper

    monkeypatch.setattr(user, "check_password_hash", check_that_others_can_write(user.check_password_hash))
    monkeypatch.setattr(second_factor, "_digest", check_that_others_can_write(second_factor._digest))
    former_codes = asa.recovery_codes
    response = signed_in.send(SETUP, action, proof=codes[0] if proof == "recovery" else PASSWORD)
    assert response.status_code == (303 if action == REMOVAL else 200)
    assert not set(fresh(asa).recovery_codes) & set(former_codes)
    assert wait_seconds
    assert max(wait_seconds) < 1


def test_the_code_must_follow_the_password_within_five_minutes(nobody: Browser, asa: User, codes: list[str]) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        submit_password(nobody)
        clock.shift(timedelta(minutes=4, seconds=59))
        page = nobody.page(CODE_PAGE)
        clock.shift(timedelta(seconds=2))
        response = nobody.post(CODE_PAGE, {**page.form("").values(), "code": code_of(asa)})
        assert (response.status_code, response.location) == (303, "/login?next=/orders")
        assert "koden ska sedan komma inom fem minuter" in nobody.page("/login?next=/orders").text
        assert not is_signed_in(nobody)


def test_a_code_without_a_password_before_it_is_refused(nobody: Browser, asa: User, codes: list[str]) -> None:
    assert nobody.get(CODE_PAGE).location == "/login?next=/orders"
    token = nobody.page("/login").forms[0].values()
    assert nobody.post(CODE_PAGE, {**token, "code": code_of(asa)}).location == "/login?next=/orders"
    assert not is_signed_in(nobody)


@pytest.mark.parametrize("change", ["password", "inactive", "cleared"])
def test_a_user_changed_after_the_password_step_must_sign_in_again(
    nobody: Browser, asa: User, codes: list[str], change: str
) -> None:
    submit_password(nobody)
    page, code = nobody.page(CODE_PAGE), code_of(asa)
    with writing():
        if change == "password":
            asa.set_password("ett annat hemligt ord")
        elif change == "inactive":
            asa.active = False
        else:
            second_factor.clear(asa)
    response = nobody.post(CODE_PAGE, {**page.form("").values(), "code": code})
    assert response.location == "/login?next=/orders"
    assert not is_signed_in(nobody)


def test_a_code_without_a_valid_csrf_token_is_refused(nobody: Browser, asa: User, codes: list[str]) -> None:
    submit_password(nobody)
    for token in ({}, {"csrf_token": "x"}):
        assert nobody.post(CODE_PAGE, {"code": code_of(asa), **token}).status_code == 400
    assert not is_signed_in(nobody)


def test_each_step_of_signing_in_starts_a_new_session(nobody: Browser, asa: User, codes: list[str]) -> None:
    with nobody.client.session_transaction() as session:
        session["planted"] = "by someone else"
    submit_password(nobody)
    with nobody.client.session_transaction() as session:
        assert "planted" not in session
        assert "user" not in session
        session["planted"] = "by someone else"
    submit_code(nobody, code=code_of(asa))
    with nobody.client.session_transaction() as session:
        assert not {"planted", "half_way"} & set(session)
        assert session["user"] == asa.id


def test_the_code_page_redirects_a_user_who_is_signed_in(nobody: Browser, asa: User) -> None:
    submit_password(nobody)
    assert nobody.get("/login/code?next=/orders?q=x").location == "/orders?q=x"


def test_a_sign_in_link_does_not_replace_the_second_factor(nobody: Browser, asa: User, codes: list[str]) -> None:
    response = nobody.get(f"/login/{sign_in_links.make(asa)}?next=/orders")
    assert response.location == CODE_PAGE
    assert not is_signed_in(nobody)


def test_a_password_link_does_not_replace_the_second_factor(nobody: Browser, asa: User, codes: list[str]) -> None:
    link = password_links.make(asa, AccountMailKind.RESET)
    token = nobody.page(link).forms[0].values()
    response = nobody.post(link, {**token, "password": "åtta åttkantiga åkrar"})
    assert response.location.startswith("/login/code")
    assert not is_signed_in(nobody)


def test_the_code_field_is_configured_for_phones(nobody: Browser, asa: User, codes: list[str]) -> None:
    submit_password(nobody)
    [field] = [field for field in nobody.page(CODE_PAGE).inputs if field["name"] == "code"]
    assert (field["inputmode"], field["autocomplete"]) == ("numeric", "one-time-code")
    assert "autofocus" in field


# Without the phone


def test_a_recovery_code_signs_in_once_and_shows_how_many_remain(sign_in: SignIn, asa: User, codes: list[str]) -> None:
    first, second = sign_in(None), sign_in(None)
    submit_password(first)
    assert submit_code(first, recovery_code=codes[0].upper()).status_code == 303
    assert "Återställningskoder kvar: 9." in first.page("/orders").text
    submit_password(second)
    response = submit_code(second, recovery_code=codes[0])
    assert response.status_code == 422
    assert not is_signed_in(second)
    assert entries(AccessKind.USER_CHANGED) == [{"what": "recovery_code_used", "left": 9}]


def test_app_codes_and_recovery_codes_are_not_interchangeable(nobody: Browser, asa: User, codes: list[str]) -> None:
    submit_password(nobody)
    assert submit_code(nobody, code=codes[0]).status_code == 422
    assert submit_code(nobody, recovery_code=code_of(asa)).status_code == 422
    assert not is_signed_in(nobody)


# Setting it up


def offered_secret(page: Page) -> str:
    [secret] = re.findall(r'id="second-factor-secret"[^>]*>(.*?)</code>', page.html)
    return re.sub(r"<[^>]*>|\s", "", secret)


def submit_setup(browser: Browser, *, htmx: bool = False, **typed: object):  # type: ignore[no-untyped-def]
    page = browser.page(SETUP)
    values = {"code": pyotp.TOTP(offered_secret(page)).at(now()), "password": PASSWORD, **typed}
    return browser.post(SETUP, {**page.form(SETUP).values(), **values}, htmx=htmx)


def shown_codes(html: str) -> list[str]:
    return re.findall(r"<li><code>([^<]*)</code></li>", html)


@pytest.mark.parametrize("htmx", [True, False])
def test_setup_takes_the_first_code_and_shows_the_recovery_codes_once(nobody: Browser, asa: User, htmx: bool) -> None:
    submit_password(nobody)
    page = nobody.page(SETUP)
    assert 'src="data:image/svg+xml' in page.html
    secret = offered_secret(page)
    response = submit_setup(nobody, htmx=htmx)
    assert response.status_code == 200
    codes = shown_codes(response.text)
    assert len(codes) == 10
    assert fresh(asa).second_factor == secret
    assert is_signed_in(nobody)
    next_page = nobody.page(SETUP)
    assert not shown_codes(next_page.html)
    assert secret not in next_page.html
    with nobody.client.session_transaction() as session:
        assert secret not in str(dict(session))
    with writing():
        assert second_factor.use_recovery_code(asa, second_factor.recovery_digest(asa, codes[3]))
    assert entries(AccessKind.USER_CHANGED) == [{"what": "second_factor_on"}]
    assert "Tvåstegsverifiering slogs på." in nobody.page("/settings/access").text


def test_the_offered_secret_stays_the_same_until_it_is_confirmed(nobody: Browser, asa: User) -> None:
    submit_password(nobody)
    assert offered_secret(nobody.page(SETUP)) == offered_secret(nobody.page(SETUP))


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "000000"}, WRONG_CODE),
        ({"code": ""}, "Det här kan inte vara tomt."),
        ({"code": "abcdef"}, "Ange de sex siffror som appen visar."),
        ({"password": ""}, "Det här kan inte vara tomt."),
        ({"password": None}, "Det här kan inte vara tomt."),
        ({"password": "fel"}, "Det här är inte ditt lösenord."),
    ],
    ids=range(6),
)
def test_setup_with_a_wrong_code_or_password_is_refused(
    nobody: Browser, asa: User, typed: dict[str, object], sentence: str, htmx: bool
) -> None:
    submit_password(nobody)
    response = submit_setup(nobody, htmx=htmx, **typed)
    assert response.status_code == 422
    assert sentence in Page(response.text).text
    assert PASSWORD not in response.text
    assert fresh(asa).second_factor is None


def test_setup_without_an_offered_secret_is_refused(nobody: Browser, asa: User) -> None:
    submit_password(nobody)
    response = nobody.post(SETUP, {"csrf_token": nobody.token(), "code": "000000", "password": PASSWORD})
    assert response.status_code == 422
    assert fresh(asa).second_factor is None


def test_setup_is_refused_if_the_second_factor_is_already_on(nobody: Browser, asa: User) -> None:
    submit_password(nobody)
    page = nobody.page(SETUP)
    with writing():
        asa.second_factor = second_factor.new_secret()
    before = asa.second_factor
    values = {"code": pyotp.TOTP(offered_secret(page)).now(), "password": PASSWORD}
    response = nobody.post(SETUP, {**page.form(SETUP).values(), **values})
    assert response.status_code == 422
    assert "Tvåstegsverifiering är redan på." in Page(response.text).text
    assert fresh(asa).second_factor == before


def test_guessing_the_password_at_setup_is_throttled(nobody: Browser, asa: User) -> None:
    submit_password(nobody)
    for _turn in range(5):
        assert submit_setup(nobody, password="fel").status_code == 422
    assert submit_setup(nobody).status_code == 429
    assert fresh(asa).second_factor is None


def test_setup_ends_all_sessions_but_the_current_one(sign_in: SignIn, asa: User) -> None:
    current, other = sign_in(None), sign_in(None)
    for browser in (current, other):
        submit_password(browser)
    submit_setup(current, htmx=True)
    assert is_signed_in(current)
    assert not is_signed_in(other)


def test_each_role_can_set_it_up_and_a_user_without_a_password_needs_none(sign_in: SignIn, app: Flask) -> None:
    for role in Role:
        browser = sign_in(role)
        assert "password" not in browser.page(SETUP).form(SETUP).values()
        assert submit_setup(browser, password=None).status_code == 200
        assert is_signed_in(browser)


# Switching it off, and new recovery codes


@pytest.fixture
def signed_in(nobody: Browser, asa: User, codes: list[str]) -> Browser:
    """The browser of Åsa, signed in with a second factor."""
    with time_machine.travel(now() - timedelta(minutes=3)):
        submit_password(nobody)
        assert submit_code(nobody, code=code_of(asa)).status_code == 303
    return nobody


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("proof", ["code", "password"])
def test_a_code_or_the_password_switches_it_off(signed_in: Browser, asa: User, proof: str, htmx: bool) -> None:
    typed = code_of(asa) if proof == "code" else PASSWORD
    response = signed_in.send(SETUP, REMOVAL, htmx=htmx, proof=typed)
    assert response.status_code == (200 if htmx else 303)
    assert (fresh(asa).second_factor, asa.recovery_codes) == (None, [])
    assert "Tvåstegsverifieringen är av." in (Page(response.text) if htmx else signed_in.page(SETUP)).text
    assert is_signed_in(signed_in)
    assert entries(AccessKind.USER_CHANGED) == [{"what": "second_factor_off"}]


@pytest.mark.parametrize("htmx", [True, False])
def test_new_recovery_codes_are_shown_once_and_replace_the_former_ones(
    signed_in: Browser, asa: User, codes: list[str], htmx: bool
) -> None:
    response = signed_in.send(SETUP, NEW_CODES, htmx=htmx, proof=PASSWORD)
    assert response.status_code == 200
    new_codes = shown_codes(response.text)
    assert len(new_codes) == 10
    assert not set(new_codes) & set(codes)
    assert not shown_codes(signed_in.page(SETUP).html)
    with writing():
        assert not second_factor.use_recovery_code(asa, second_factor.recovery_digest(asa, codes[0]))
        assert second_factor.use_recovery_code(asa, second_factor.recovery_digest(asa, new_codes[0]))
    assert entries(AccessKind.USER_CHANGED) == [{"what": "recovery_codes_made"}]


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("action", [REMOVAL, NEW_CODES])
@pytest.mark.parametrize("proof", ["", None, "fel", "000000", "x" * 100_000])
def test_without_a_valid_code_or_password_nothing_changes(
    signed_in: Browser, asa: User, action: str, proof: str | None, htmx: bool
) -> None:
    stored = list(fresh(asa).recovery_codes)
    response = signed_in.send(SETUP, action, htmx=htmx, proof=proof)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert fresh(asa).second_factor is not None
    assert asa.recovery_codes == stored


def test_guessing_the_code_or_password_is_throttled(signed_in: Browser, asa: User) -> None:
    for _turn in range(5):
        signed_in.send(SETUP, REMOVAL, proof="fel")
    assert signed_in.send(SETUP, NEW_CODES, proof=PASSWORD).status_code == 429
    assert signed_in.send(SETUP, REMOVAL, proof=PASSWORD).status_code == 429
    assert fresh(asa).second_factor is not None


def test_clearing_the_second_factor_ends_every_session(signed_in: Browser, asa: User) -> None:
    with writing():
        second_factor.clear(asa)
    assert not is_signed_in(signed_in)
    assert submit_password(signed_in).location == "/orders"


# In a shop that requires it


def test_a_user_without_it_is_redirected_to_setup_from_every_page(nobody: Browser, asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    submit_password(nobody)
    for path in ("/orders", "/settings/shop", "/products?q=x", REQUIREMENT, "/finns-inte", "/login"):
        assert nobody.get(path).location in {SETUP, "/today"}, path
        response = nobody.client.get(path, headers={**SWEDISH, **HTMX})
        assert response.headers.get("HX-Redirect") == SETUP, path
        assert response.data == b"", path
    token = {"csrf_token": nobody.page(SETUP).forms[0].values()["csrf_token"]}
    for path in ("/settings/shop", REQUIREMENT, NEW_CODES, REMOVAL):
        assert nobody.post(path, token).location == SETUP, path
        assert nobody.post(path, token, htmx=True).headers["HX-Redirect"] == SETUP, path
    assert stored_shop().requires_second_factor
    assert "Alla som loggar in här med lösenord behöver tvåstegsverifiering." in nobody.page(SETUP).text


def test_after_setup_every_page_is_available(nobody: Browser, asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    submit_password(nobody)
    assert submit_setup(nobody).status_code == 200
    assert is_signed_in(nobody)


def test_a_user_who_must_set_it_up_can_sign_out(nobody: Browser, asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    submit_password(nobody)
    assert nobody.send(SETUP, "/logout").location == "/login"
    assert nobody.get(SETUP).location.startswith("/login?next=")


def test_a_user_who_was_already_signed_in_is_redirected_to_setup(nobody: Browser, asa: User) -> None:
    submit_password(nobody)
    assert is_signed_in(nobody)
    reshape_shop(requires_second_factor=True)
    assert nobody.get("/orders").location == SETUP


def test_a_user_who_has_it_is_not_redirected(signed_in: Browser) -> None:
    reshape_shop(requires_second_factor=True)
    assert is_signed_in(signed_in)


def test_a_user_who_switches_it_off_is_redirected_to_setup(signed_in: Browser, asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    signed_in.send(SETUP, REMOVAL, proof=PASSWORD)
    assert signed_in.get("/orders").location == SETUP


@pytest.mark.parametrize("htmx", [True, False])
def test_an_administrator_can_require_it_only_after_setting_it_up(nobody: Browser, asa: User, htmx: bool) -> None:
    submit_password(nobody)
    refusal = nobody.send(REQUIREMENT, REQUIREMENT, htmx=htmx, required="yes")
    assert refusal.status_code == 422
    page = Page(refusal.text)
    assert "Ställ först in tvåstegsverifiering för dig själv." in page.text
    assert SETUP in page.links
    assert not stored_shop().requires_second_factor
    submit_setup(nobody)
    assert nobody.send(REQUIREMENT, REQUIREMENT, htmx=htmx, required="yes").status_code == (200 if htmx else 303)
    db.session.rollback()
    assert stored_shop().requires_second_factor
    [entry] = entries(AccessKind.SETTINGS_CHANGED)
    assert "requires_second_factor" in str(entry)
    assert nobody.page(REQUIREMENT).form(REQUIREMENT).values()["required"] == "yes"


@pytest.mark.parametrize("htmx", [True, False])
def test_the_requirement_can_be_removed(signed_in: Browser, htmx: bool) -> None:
    reshape_shop(requires_second_factor=True)
    signed_in.send(REQUIREMENT, REQUIREMENT, htmx=htmx, required=None)
    db.session.rollback()
    assert not stored_shop().requires_second_factor


def test_only_administrators_change_the_requirement(staff: Browser) -> None:
    assert staff.get(REQUIREMENT).status_code == 403
    assert staff.post(REQUIREMENT, {"csrf_token": staff.token(), "required": "yes"}).status_code == 403


# Users of a host


def test_a_user_of_a_host_neither_needs_nor_can_have_a_second_factor(sign_in: SignIn, app: Flask) -> None:
    reshape_shop(requires_second_factor=True)
    browser = sign_in(Role.STAFF)
    with writing():
        user = db.session.query(User).one()
        user.host, user.subject, user.email = "admin", "7", None
    app.config["EMBED_HOSTS"] = hosts_named("admin")
    assert is_signed_in(browser)
    token = browser.token()
    assert browser.get(SETUP).status_code == 403
    for path in (SETUP, NEW_CODES, REMOVAL):
        for htmx in (True, False):
            response = browser.post(path, {"csrf_token": token, "code": "000000", "proof": "x"}, htmx=htmx)
            assert response.status_code == 403, path
    assert db.session.query(FailedLogin).count() == 0


def hosts_named(name: str):  # type: ignore[no-untyped-def]
    from webshop_orders.security import embed_hosts

    [host] = embed_hosts.parse(f"{name}=https://admin.example.com", f"{name}=" + "Xq7vTz0LmRk4Wb9sNf2Hy6PdEu3CgSi8a")
    return (host,)
