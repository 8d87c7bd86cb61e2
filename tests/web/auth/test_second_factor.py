"""Two-step verification: the code after the password, setting it up, a lost phone, and where it is required."""

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
SET_UP = "/account/second-factor"
NEW_CODES = "/account/second-factor/recovery-codes"
REMOVAL = "/account/second-factor/removal"
DEMAND = "/settings/second-factor"
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


def give_password(browser: Browser, page: str = "/login?next=/orders"):  # type: ignore[no-untyped-def]
    form = browser.page(page).forms[0].values()
    return browser.post(page, {**form, "email": "asa@example.com", "password": PASSWORD})


def give(browser: Browser, page: str = CODE_PAGE, **typed: str):  # type: ignore[no-untyped-def]
    return browser.post(page, {"csrf_token": browser.page(page).form("").values()["csrf_token"], **typed})


def is_in(browser: Browser) -> bool:
    return browser.get("/orders").status_code == 200


def entries(kind: AccessKind) -> list[dict[str, object]]:
    db.session.rollback()
    return [entry.facts for entry in db.session.query(AccessEntry).filter_by(kind=kind).order_by(AccessEntry.id)]


# After the password


def test_without_a_second_factor_the_password_is_enough(nobody: Browser, asa: User) -> None:
    assert give_password(nobody).location == "/orders"
    assert is_in(nobody)


def test_the_password_alone_opens_nothing(nobody: Browser, asa: User, codes: list[str]) -> None:
    assert give_password(nobody).location == CODE_PAGE
    for path in ("/orders", "/settings/shop", SET_UP, "/products?q=x", DEMAND):
        assert nobody.get(path).location.startswith("/login?next="), path
        fragment = nobody.get(path, htmx=True)
        assert (fragment.status_code, fragment.data) == (401, b""), path
    for path in (SET_UP, NEW_CODES, REMOVAL, DEMAND, "/settings/shop"):
        assert nobody.post(path, {"proof": PASSWORD}).location.startswith("/login?next="), path
        assert nobody.post(path, {"proof": PASSWORD}, htmx=True).status_code == 401, path
    assert "Åsa" not in nobody.page(CODE_PAGE).text


def test_the_code_lets_in_and_leads_to_where_one_was_going(nobody: Browser, asa: User, codes: list[str]) -> None:
    assert give_password(nobody, "/login?next=/orders?q=x").location == "/login/code?next=/orders?q%3Dx"
    shown = code_of(asa)
    response = give(nobody, "/login/code?next=/orders?q%3Dx", code=f" {shown[:3]} {shown[3:]} ")
    assert (response.status_code, response.location) == (303, "/orders?q=x")
    assert is_in(nobody)


def test_the_code_leads_to_no_other_site(nobody: Browser, asa: User, codes: list[str]) -> None:
    give_password(nobody)
    assert give(nobody, "/login/code?next=//evil.example", code=code_of(asa)).location == "/orders"


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
def test_what_is_no_code_is_refused_beside_the_field(
    nobody: Browser, asa: User, codes: list[str], typed: dict[str, str], sentence: str
) -> None:
    give_password(nobody)
    response = give(nobody, **typed)
    assert response.status_code == 422
    assert sentence in Page(response.text).text
    assert not is_in(nobody)


def test_a_wrong_code_counts_and_is_noted_as_a_refused_sign_in(nobody: Browser, asa: User, codes: list[str]) -> None:
    give_password(nobody)
    response = give(nobody, code=wrong_code_of(asa))
    assert response.status_code == 422
    assert WRONG_CODE in Page(response.text).text
    [refusal] = entries(AccessKind.SIGN_IN_REFUSED)
    assert str(refusal["reason"]).startswith(WRONG_CODE)
    assert db.session.query(FailedLogin).filter_by(email="code of asa@example.com").count() == 1


def test_a_code_lets_in_once(sign_in: SignIn, asa: User, codes: list[str]) -> None:
    with time_machine.travel(now(), tick=False):
        first, second = sign_in(None), sign_in(None)
        for browser in (first, second):
            give_password(browser)
        shown = code_of(asa)
        assert give(first, code=shown).status_code == 303
        assert give(second, code=shown).status_code == 422
        assert not is_in(second)


def test_after_five_wrong_ones_the_right_one_has_to_wait(nobody: Browser, asa: User, codes: list[str]) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        give_password(nobody)
        for _turn in range(5):
            assert give(nobody, code=wrong_code_of(asa)).status_code == 422
        for typed in ({"code": code_of(asa)}, {"recovery_code": codes[0]}):
            response = give(nobody, **typed)
            assert response.status_code == 429
            assert "Vänta en kvart" in Page(response.text).text
        assert not is_in(nobody)
        assert give_password(nobody).location == CODE_PAGE
        assert give(nobody, code=code_of(asa)).status_code == 429  # the password did not begin the count anew
        clock.shift(timedelta(minutes=15, seconds=1))
        give_password(nobody)
        assert give(nobody, code=code_of(asa)).status_code == 303


def test_a_stranger_who_guesses_passwords_keeps_nobody_from_giving_their_code(
    sign_in: SignIn, asa: User, codes: list[str]
) -> None:
    half_way, stranger = sign_in(None), sign_in(None)
    give_password(half_way)
    form = stranger.page("/login").forms[0].values()
    for turn in range(6):
        response = stranger.post("/login", {**form, "email": "asa@example.com", "password": "fel"})
        assert response.status_code == (422 if turn < 5 else 429)
    assert give(half_way, code=code_of(asa)).status_code == 303
    assert is_in(half_way)


def test_wrong_codes_of_either_kind_count_together(nobody: Browser, asa: User, codes: list[str]) -> None:
    give_password(nobody)
    for _turn in range(4):
        give(nobody, code=wrong_code_of(asa))
    assert give(nobody, recovery_code="k7md-2f9q-8xwz").status_code == 422
    assert give(nobody, code=code_of(asa)).status_code == 429


@pytest.mark.parametrize("typed", [{"recovery_code": "k7md-2f9q-8xwz"}, {"code": "000000"}], ids=["recovery", "code"])
def test_many_addresses_give_no_more_tries_of_a_code(
    nobody: Browser, asa: User, codes: list[str], typed: dict[str, str]
) -> None:
    give_password(nobody)
    with writing():
        db.session.add_all(FailedLogin(email="code of asa@example.com", address=f"192.0.2.{turn}") for turn in range(5))
    assert give(nobody, **typed).status_code == 429


@pytest.mark.parametrize("action", [REMOVAL, NEW_CODES])
@pytest.mark.parametrize("proof", ["recovery", "password"])
def test_no_lock_is_held_while_proofs_are_weighed_and_codes_drawn(
    inside: Browser, asa: User, codes: list[str], monkeypatch: pytest.MonkeyPatch, proof: str, action: str
) -> None:
    waited: list[float] = []

    def see_that_others_write(really: Callable[..., Any]) -> Callable[..., Any]:
        def weigh(*args: Any, **more: Any) -> Any:
            began = time.monotonic()
            other = sqlite.driver().connect(db.engine.url.database, timeout=5)
            other.execute("BEGIN IMMEDIATE")
            other.close()
            waited.append(time.monotonic() - began)
            return really(*args, **more)

        return weigh

    monkeypatch.setattr(user, "check_password_hash", see_that_others_write(user.check_password_hash))
    monkeypatch.setattr(second_factor, "_digest", see_that_others_write(second_factor._digest))
    before = asa.recovery_codes
    response = inside.send(SET_UP, action, proof=codes[0] if proof == "recovery" else PASSWORD)
    assert response.status_code == (303 if action == REMOVAL else 200)
    assert not set(fresh(asa).recovery_codes) & set(before)
    assert waited
    assert max(waited) < 1


def test_the_code_has_to_come_within_five_minutes(nobody: Browser, asa: User, codes: list[str]) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        give_password(nobody)
        clock.shift(timedelta(minutes=4, seconds=59))
        page = nobody.page(CODE_PAGE)
        clock.shift(timedelta(seconds=2))
        response = nobody.post(CODE_PAGE, {**page.form("").values(), "code": code_of(asa)})
        assert (response.status_code, response.location) == (303, "/login?next=/orders")
        assert "koden ska sedan komma inom fem minuter" in nobody.page("/login?next=/orders").text
        assert not is_in(nobody)


def test_nobody_gives_a_code_before_their_password(nobody: Browser, asa: User, codes: list[str]) -> None:
    assert nobody.get(CODE_PAGE).location == "/login?next=/orders"
    token = nobody.page("/login").forms[0].values()
    assert nobody.post(CODE_PAGE, {**token, "code": code_of(asa)}).location == "/login?next=/orders"
    assert not is_in(nobody)


@pytest.mark.parametrize("change", ["password", "inactive", "cleared"])
def test_who_was_changed_meanwhile_has_to_begin_anew(nobody: Browser, asa: User, codes: list[str], change: str) -> None:
    give_password(nobody)
    page, shown = nobody.page(CODE_PAGE), code_of(asa)
    with writing():
        if change == "password":
            asa.set_password("ett annat hemligt ord")
        elif change == "inactive":
            asa.active = False
        else:
            second_factor.clear(asa)
    response = nobody.post(CODE_PAGE, {**page.form("").values(), "code": shown})
    assert response.location == "/login?next=/orders"
    assert not is_in(nobody)


def test_a_code_without_proof_of_origin_is_refused(nobody: Browser, asa: User, codes: list[str]) -> None:
    give_password(nobody)
    for token in ({}, {"csrf_token": "x"}):
        assert nobody.post(CODE_PAGE, {"code": code_of(asa), **token}).status_code == 400
    assert not is_in(nobody)


def test_the_session_is_a_new_one_after_each_step(nobody: Browser, asa: User, codes: list[str]) -> None:
    with nobody.client.session_transaction() as session:
        session["planted"] = "by someone else"
    give_password(nobody)
    with nobody.client.session_transaction() as session:
        assert "planted" not in session
        assert "user" not in session
        session["planted"] = "by someone else"
    give(nobody, code=code_of(asa))
    with nobody.client.session_transaction() as session:
        assert not {"planted", "half_way"} & set(session)
        assert session["user"] == asa.id


def test_the_code_page_leads_on_who_is_signed_in(nobody: Browser, asa: User) -> None:
    give_password(nobody)
    assert nobody.get("/login/code?next=/orders?q=x").location == "/orders?q=x"


def test_a_sign_in_link_is_no_more_than_a_password(nobody: Browser, asa: User, codes: list[str]) -> None:
    response = nobody.get(f"/login/{sign_in_links.make(asa)}?next=/orders")
    assert response.location == CODE_PAGE
    assert not is_in(nobody)


def test_a_new_password_by_a_link_is_no_more_than_a_password(nobody: Browser, asa: User, codes: list[str]) -> None:
    link = password_links.make(asa, AccountMailKind.RESET)
    token = nobody.page(link).forms[0].values()
    response = nobody.post(link, {**token, "password": "åtta åttkantiga åkrar"})
    assert response.location.startswith("/login/code")
    assert not is_in(nobody)


def test_the_field_for_the_code_suits_phones(nobody: Browser, asa: User, codes: list[str]) -> None:
    give_password(nobody)
    [field] = [one for one in nobody.page(CODE_PAGE).inputs if one["name"] == "code"]
    assert (field["inputmode"], field["autocomplete"]) == ("numeric", "one-time-code")
    assert "autofocus" in field


# Without the phone


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(sign_in: SignIn, asa: User, codes: list[str]) -> None:
    first, second = sign_in(None), sign_in(None)
    give_password(first)
    assert give(first, recovery_code=codes[0].upper()).status_code == 303
    assert "Återställningskoder kvar: 9." in first.page("/orders").text
    give_password(second)
    response = give(second, recovery_code=codes[0])
    assert response.status_code == 422
    assert not is_in(second)
    assert entries(AccessKind.USER_CHANGED) == [{"what": "recovery_code_used", "left": 9}]


def test_an_app_cannot_be_answered_with_the_other_kind_of_code(nobody: Browser, asa: User, codes: list[str]) -> None:
    give_password(nobody)
    assert give(nobody, code=codes[0]).status_code == 422
    assert give(nobody, recovery_code=code_of(asa)).status_code == 422
    assert not is_in(nobody)


# Setting it up


def offered_secret(page: Page) -> str:
    [secret] = re.findall(r'id="second-factor-secret"[^>]*>(.*?)</code>', page.html)
    return re.sub(r"<[^>]*>|\s", "", secret)


def set_up(browser: Browser, *, htmx: bool = False, **typed: object):  # type: ignore[no-untyped-def]
    page = browser.page(SET_UP)
    given = {"code": pyotp.TOTP(offered_secret(page)).at(now()), "password": PASSWORD, **typed}
    return browser.post(SET_UP, {**page.form(SET_UP).values(), **given}, htmx=htmx)


def shown_codes(html: str) -> list[str]:
    return re.findall(r"<li><code>([^<]*)</code></li>", html)


@pytest.mark.parametrize("htmx", [True, False])
def test_it_is_set_up_with_the_first_code_and_the_recovery_codes_are_shown_once(
    nobody: Browser, asa: User, htmx: bool
) -> None:
    give_password(nobody)
    page = nobody.page(SET_UP)
    assert 'src="data:image/svg+xml' in page.html
    secret = offered_secret(page)
    response = set_up(nobody, htmx=htmx)
    assert response.status_code == 200
    codes = shown_codes(response.text)
    assert len(codes) == 10
    assert fresh(asa).second_factor == secret
    assert is_in(nobody)
    later = nobody.page(SET_UP)
    assert not shown_codes(later.html)
    assert secret not in later.html
    with nobody.client.session_transaction() as session:
        assert secret not in str(dict(session))
    with writing():
        assert second_factor.use_recovery_code(asa, second_factor.recovery_digest(asa, codes[3]))
    assert entries(AccessKind.USER_CHANGED) == [{"what": "second_factor_on"}]
    assert "Tvåstegsverifiering slogs på." in nobody.page("/settings/access").text


def test_the_key_stays_the_same_until_it_is_confirmed(nobody: Browser, asa: User) -> None:
    give_password(nobody)
    assert offered_secret(nobody.page(SET_UP)) == offered_secret(nobody.page(SET_UP))


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
def test_what_does_not_prove_it_sets_nothing_up(
    nobody: Browser, asa: User, typed: dict[str, object], sentence: str, htmx: bool
) -> None:
    give_password(nobody)
    response = set_up(nobody, htmx=htmx, **typed)
    assert response.status_code == 422
    assert sentence in Page(response.text).text
    assert PASSWORD not in response.text
    assert fresh(asa).second_factor is None


def test_a_code_for_no_key_at_all_sets_nothing_up(nobody: Browser, asa: User) -> None:
    give_password(nobody)
    response = nobody.post(SET_UP, {"csrf_token": nobody.token(), "code": "000000", "password": PASSWORD})
    assert response.status_code == 422
    assert fresh(asa).second_factor is None


def test_what_is_on_is_not_set_up_once_more(nobody: Browser, asa: User) -> None:
    give_password(nobody)
    page = nobody.page(SET_UP)
    with writing():
        asa.second_factor = second_factor.new_secret()
    before = asa.second_factor
    given = {"code": pyotp.TOTP(offered_secret(page)).now(), "password": PASSWORD}
    response = nobody.post(SET_UP, {**page.form(SET_UP).values(), **given})
    assert response.status_code == 422
    assert "Tvåstegsverifiering är redan på." in Page(response.text).text
    assert fresh(asa).second_factor == before


def test_passwords_cannot_be_guessed_where_it_is_set_up(nobody: Browser, asa: User) -> None:
    give_password(nobody)
    for _turn in range(5):
        assert set_up(nobody, password="fel").status_code == 422
    assert set_up(nobody).status_code == 429
    assert fresh(asa).second_factor is None


def test_other_sessions_end_when_it_is_set_up_and_this_one_goes_on(sign_in: SignIn, asa: User) -> None:
    here, elsewhere = sign_in(None), sign_in(None)
    for browser in (here, elsewhere):
        give_password(browser)
    set_up(here, htmx=True)
    assert is_in(here)
    assert not is_in(elsewhere)


def test_each_role_can_have_it_and_who_has_no_password_gives_none(sign_in: SignIn, app: Flask) -> None:
    for role in Role:
        browser = sign_in(role)
        assert "password" not in browser.page(SET_UP).form(SET_UP).values()
        assert set_up(browser, password=None).status_code == 200
        assert is_in(browser)


# Switching it off, and new recovery codes


@pytest.fixture
def inside(nobody: Browser, asa: User, codes: list[str]) -> Browser:
    """Åsa's browser, with a second factor."""
    with time_machine.travel(now() - timedelta(minutes=3)):
        give_password(nobody)
        assert give(nobody, code=code_of(asa)).status_code == 303
    return nobody


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("proof", ["code", "password"])
def test_it_is_switched_off_by_a_code_or_the_password(inside: Browser, asa: User, proof: str, htmx: bool) -> None:
    typed = code_of(asa) if proof == "code" else PASSWORD
    response = inside.send(SET_UP, REMOVAL, htmx=htmx, proof=typed)
    assert response.status_code == (200 if htmx else 303)
    assert (fresh(asa).second_factor, asa.recovery_codes) == (None, [])
    assert "Tvåstegsverifieringen är av." in (Page(response.text) if htmx else inside.page(SET_UP)).text
    assert is_in(inside)
    assert entries(AccessKind.USER_CHANGED) == [{"what": "second_factor_off"}]


@pytest.mark.parametrize("htmx", [True, False])
def test_new_recovery_codes_are_shown_once_and_the_earlier_ones_end(
    inside: Browser, asa: User, codes: list[str], htmx: bool
) -> None:
    response = inside.send(SET_UP, NEW_CODES, htmx=htmx, proof=PASSWORD)
    assert response.status_code == 200
    new = shown_codes(response.text)
    assert len(new) == 10
    assert not set(new) & set(codes)
    assert not shown_codes(inside.page(SET_UP).html)
    with writing():
        assert not second_factor.use_recovery_code(asa, second_factor.recovery_digest(asa, codes[0]))
        assert second_factor.use_recovery_code(asa, second_factor.recovery_digest(asa, new[0]))
    assert entries(AccessKind.USER_CHANGED) == [{"what": "recovery_codes_made"}]


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("action", [REMOVAL, NEW_CODES])
@pytest.mark.parametrize("proof", ["", None, "fel", "000000", "x" * 100_000])
def test_without_proof_nothing_is_changed(
    inside: Browser, asa: User, action: str, proof: str | None, htmx: bool
) -> None:
    stored = list(fresh(asa).recovery_codes)
    response = inside.send(SET_UP, action, htmx=htmx, proof=proof)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert fresh(asa).second_factor is not None
    assert asa.recovery_codes == stored


def test_proofs_cannot_be_guessed(inside: Browser, asa: User) -> None:
    for _turn in range(5):
        inside.send(SET_UP, REMOVAL, proof="fel")
    assert inside.send(SET_UP, NEW_CODES, proof=PASSWORD).status_code == 429
    assert inside.send(SET_UP, REMOVAL, proof=PASSWORD).status_code == 429
    assert fresh(asa).second_factor is not None


def test_an_administrator_who_clears_it_ends_every_session(inside: Browser, asa: User) -> None:
    with writing():
        second_factor.clear(asa)
    assert not is_in(inside)
    assert give_password(inside).location == "/orders"


# Where it is demanded


def test_who_has_none_is_led_to_set_it_up_and_reaches_nothing_else(nobody: Browser, asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    give_password(nobody)
    for path in ("/orders", "/settings/shop", "/products?q=x", DEMAND, "/finns-inte", "/login"):
        assert nobody.get(path).location in {SET_UP, "/orders"}, path
        response = nobody.client.get(path, headers={**SWEDISH, **HTMX})
        assert response.headers.get("HX-Redirect") == SET_UP, path
        assert response.data == b"", path
    token = {"csrf_token": nobody.page(SET_UP).forms[0].values()["csrf_token"]}
    for path in ("/settings/shop", DEMAND, NEW_CODES, REMOVAL):
        assert nobody.post(path, token).location == SET_UP, path
        assert nobody.post(path, token, htmx=True).headers["HX-Redirect"] == SET_UP, path
    assert stored_shop().requires_second_factor
    assert "Alla som loggar in här med lösenord behöver tvåstegsverifiering." in nobody.page(SET_UP).text


def test_once_it_is_set_up_everything_opens(nobody: Browser, asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    give_password(nobody)
    assert set_up(nobody).status_code == 200
    assert is_in(nobody)


def test_who_has_to_set_it_up_can_sign_out(nobody: Browser, asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    give_password(nobody)
    assert nobody.send(SET_UP, "/logout").location == "/login"
    assert nobody.get(SET_UP).location.startswith("/login?next=")


def test_who_was_signed_in_before_is_led_there_too(nobody: Browser, asa: User) -> None:
    give_password(nobody)
    assert is_in(nobody)
    reshape_shop(requires_second_factor=True)
    assert nobody.get("/orders").location == SET_UP


def test_who_has_one_is_not_led_anywhere(inside: Browser) -> None:
    reshape_shop(requires_second_factor=True)
    assert is_in(inside)


def test_who_switches_it_off_is_led_back_to_set_it_up(inside: Browser, asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    inside.send(SET_UP, REMOVAL, proof=PASSWORD)
    assert inside.get("/orders").location == SET_UP


@pytest.mark.parametrize("htmx", [True, False])
def test_an_administrator_demands_it_once_they_have_it(nobody: Browser, asa: User, htmx: bool) -> None:
    give_password(nobody)
    refused = nobody.send(DEMAND, DEMAND, htmx=htmx, required="yes")
    assert refused.status_code == 422
    page = Page(refused.text)
    assert "Ställ först in tvåstegsverifiering för dig själv." in page.text
    assert SET_UP in page.links
    assert not stored_shop().requires_second_factor
    set_up(nobody)
    assert nobody.send(DEMAND, DEMAND, htmx=htmx, required="yes").status_code == (200 if htmx else 303)
    db.session.rollback()
    assert stored_shop().requires_second_factor
    [recorded] = entries(AccessKind.SETTINGS_CHANGED)
    assert "requires_second_factor" in str(recorded)
    assert nobody.page(DEMAND).form(DEMAND).values()["required"] == "yes"


@pytest.mark.parametrize("htmx", [True, False])
def test_it_can_be_demanded_no_longer(inside: Browser, htmx: bool) -> None:
    reshape_shop(requires_second_factor=True)
    inside.send(DEMAND, DEMAND, htmx=htmx, required=None)
    db.session.rollback()
    assert not stored_shop().requires_second_factor


def test_only_administrators_decide_whether_it_is_demanded(staff: Browser) -> None:
    assert staff.get(DEMAND).status_code == 403
    assert staff.post(DEMAND, {"csrf_token": staff.token(), "required": "yes"}).status_code == 403


# Who comes through a host


def test_who_comes_through_a_host_needs_none_and_can_have_none(sign_in: SignIn, app: Flask) -> None:
    reshape_shop(requires_second_factor=True)
    browser = sign_in(Role.STAFF)
    with writing():
        user = db.session.query(User).one()
        user.host, user.subject, user.email = "admin", "7", None
    app.config["EMBED_HOSTS"] = hosts_named("admin")
    assert is_in(browser)
    token = browser.token()
    assert browser.get(SET_UP).status_code == 403
    for path in (SET_UP, NEW_CODES, REMOVAL):
        for htmx in (True, False):
            response = browser.post(path, {"csrf_token": token, "code": "000000", "proof": "x"}, htmx=htmx)
            assert response.status_code == 403, path
    assert db.session.query(FailedLogin).count() == 0


def hosts_named(name: str):  # type: ignore[no-untyped-def]
    from webshop_orders.security import embed_hosts

    [host] = embed_hosts.parse(f"{name}=https://admin.example.com", f"{name}=" + "Xq7vTz0LmRk4Wb9sNf2Hy6PdEu3CgSi8a")
    return (host,)
