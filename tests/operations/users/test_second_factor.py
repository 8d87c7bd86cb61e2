"""The second factor: codes of an app and recovery codes, each used once, and who must have one."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
import time_machine
from flask import Flask

from tests.concurrency.crowd import all_at_once
from tests.factories import give_recovery_codes, reshape_shop
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation, TooManyAttempts
from webshop_orders.models import FailedLogin, Role, Shop, User
from webshop_orders.operations.users import second_factor
from webshop_orders.operations.users.second_factor import ALPHABET, Proof
from webshop_orders.transactions.unit_of_work import writing

# RFC 6238, appendix B, for SHA-1; the last six of its eight digits are what apps show.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {
    59: "287082",
    1_111_111_109: "081804",
    1_111_111_111: "050471",
    1_234_567_890: "005924",
    2_000_000_000: "279037",
    20_000_000_000: "353130",
}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "sju sjösjuka sjömän"
HERE = "192.0.2.1"


@pytest.fixture
def asa(app: Flask) -> User:
    user = User(email="asa@example.com", name="Åsa", role=Role.STAFF)
    user.set_password(PASSWORD)
    with writing():
        db.session.add(user)
    return user


@pytest.fixture
def with_app(asa: User) -> User:
    """Åsa, with the secret of RFC 6238 in her app, and no code used yet."""
    with writing():
        asa.second_factor = RFC_SECRET
    return asa


def uses(user: User, code: str, at: datetime | float) -> bool:
    with time_machine.travel(at, tick=False), writing():
        return second_factor.use_code(user, code)


def uses_recovery_code(user: User, typed: str) -> bool:
    return second_factor.use_recovery_code(user, second_factor.recovery_digest(user, typed))


def proves(user: User, typed: str, *, by: list[Proof]) -> Proof | None:
    weighed = second_factor.prepare(user, typed, by=by)
    return second_factor.verify(user, weighed, by=by, address=HERE)


def code_at(at: datetime) -> str:
    return pyotp.TOTP(RFC_SECRET).at(at)


# Codes of an app


@pytest.mark.parametrize(("second", "code"), RFC_CODES.items())
def test_the_codes_are_those_of_the_rfc(with_app: User, second: int, code: str) -> None:
    assert not uses(with_app, str((int(code) + 1) % 10**6).zfill(6), second)
    assert uses(with_app, code, second)


@pytest.mark.parametrize(
    "code",
    ["", " ", "28708", "2870820", "287 08", "287082x", "-28708", "28708２", "٢٨٧٠٨٢", "0x4616a", "287.082", "287\0082"],
)
def test_only_six_digits_are_a_code(with_app: User, code: str) -> None:
    assert not uses(with_app, code, 59)


@pytest.mark.parametrize("code", ["287082", " 287 082 ", "28 70 82", "287\u00a0082"])
def test_spaces_in_a_code_do_not_matter(with_app: User, code: str) -> None:
    assert uses(with_app, code, 59)


@pytest.mark.parametrize(("steps", "is_accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_differ_by_one_step(with_app: User, steps: int, is_accepted: bool) -> None:
    assert uses(with_app, code_at(NOON + timedelta(seconds=30 * steps)), NOON) is is_accepted


def test_a_code_is_used_once(with_app: User) -> None:
    assert uses(with_app, code_at(NOON), NOON)
    assert not uses(with_app, code_at(NOON), NOON)
    assert not uses(with_app, code_at(NOON), NOON + timedelta(seconds=30))
    assert uses(with_app, code_at(NOON + timedelta(seconds=30)), NOON + timedelta(seconds=30))


def test_a_code_older_than_the_last_used_one_is_refused(with_app: User) -> None:
    assert uses(with_app, code_at(NOON + timedelta(seconds=30)), NOON)
    assert not uses(with_app, code_at(NOON), NOON)
    assert not uses(with_app, code_at(NOON - timedelta(seconds=30)), NOON)


def test_a_user_without_a_second_factor_has_no_codes(asa: User) -> None:
    assert not uses(asa, code_at(NOON), NOON)
    assert not uses(asa, "", NOON)


def test_many_requests_at_once_use_a_code_once(with_app: User, tmp_path: Path) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    user_id, code = with_app.id, code_at(NOON)
    db.session.rollback()

    def use(who: int) -> list[str]:
        user = db.session.get_one(User, user_id)
        with writing():
            return [str(second_factor.use_code(user, code))]

    with time_machine.travel(NOON, tick=False):
        answers = all_at_once(url, tmp_path, 8, use)

    assert answers == {"True": 1, "False": 7}


# Recovery codes


def test_a_recovery_code_is_used_once_and_as_people_type_it(asa: User) -> None:
    with writing():
        codes = give_recovery_codes(asa)
    first, second, third, *_more = codes
    for typed in (first, second.upper(), f" {third.replace('-', ' ')} "):
        with writing():
            assert uses_recovery_code(asa, typed)
        with writing():
            assert not uses_recovery_code(asa, typed)
    assert len(asa.recovery_codes) == 7


def test_recovery_codes_are_long_and_without_characters_that_look_alike(asa: User) -> None:
    codes = give_recovery_codes(asa)

    assert len(set(codes)) == 10
    assert all(re.fullmatch(f"[{ALPHABET}]{{4}}(-[{ALPHABET}]{{4}}){{2}}", code) for code in codes)
    assert not set("0oO1lIi") & set(ALPHABET)
    assert len(set(ALPHABET)) ** 12 > 2**50


def test_only_digests_of_recovery_codes_are_stored(asa: User) -> None:
    codes = give_recovery_codes(asa)

    kept = " ".join(asa.recovery_codes)
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    assert len(set(asa.recovery_codes)) == 10


@pytest.mark.parametrize("typed", ["", "-", "k7md-2f9q-8xw", "0" * 12, "k7md2f9q8xwé", "a" * 100_000, "$", "%"])
def test_other_text_is_refused_as_a_recovery_code(asa: User, typed: str) -> None:
    with writing():
        give_recovery_codes(asa)
    with writing():
        assert not uses_recovery_code(asa, typed)
    assert len(asa.recovery_codes) == 10


def test_new_recovery_codes_replace_the_earlier_ones(asa: User) -> None:
    with writing():
        earlier, later = give_recovery_codes(asa), give_recovery_codes(asa)
    with writing():
        assert not uses_recovery_code(asa, earlier[0])
        assert uses_recovery_code(asa, later[0])


def test_many_requests_at_once_use_a_recovery_code_once(asa: User, tmp_path: Path) -> None:
    with writing():
        code, *_others = give_recovery_codes(asa)
    url, user_id = db.engine.url.render_as_string(hide_password=False), asa.id
    db.session.rollback()

    def use(who: int) -> list[str]:
        user = db.session.get_one(User, user_id)
        digest = second_factor.recovery_digest(user, code)
        with writing():
            return [str(second_factor.use_recovery_code(user, digest))]

    answers = all_at_once(url, tmp_path, 6, use)

    assert answers == {"True": 1, "False": 5}
    db.session.expire_all()
    assert len(db.session.get_one(User, user_id).recovery_codes) == 9


# On and off


def test_a_code_of_the_app_enables_it(asa: User) -> None:
    before = asa.session_key
    with time_machine.travel(NOON, tick=False), writing():
        second_factor.confirm(asa, RFC_SECRET, code_at(NOON), second_factor.generate_recovery_codes())

    assert asa.second_factor == RFC_SECRET
    assert len(asa.recovery_codes) == 10
    assert asa.session_key != before
    assert not uses(asa, code_at(NOON), NOON)  # which confirmed it


@pytest.mark.parametrize("code", ["", "000000", code_at(NOON - timedelta(minutes=2))])
def test_a_wrong_code_does_not_enable_it(asa: User, code: str) -> None:
    with time_machine.travel(NOON, tick=False), pytest.raises(RuleViolation) as refusal, writing():
        second_factor.confirm(asa, RFC_SECRET, code, second_factor.generate_recovery_codes())

    assert refusal.value.field == "code"
    assert (asa.second_factor, asa.recovery_codes) == (None, [])


def test_it_is_not_enabled_twice(with_app: User) -> None:
    other = second_factor.new_secret()
    with pytest.raises(RuleViolation), writing():
        second_factor.confirm(with_app, other, pyotp.TOTP(other).now(), second_factor.generate_recovery_codes())

    assert with_app.second_factor == RFC_SECRET


def test_each_secret_is_new_and_long() -> None:
    secrets = {second_factor.new_secret() for _turn in range(20)}
    assert len(secrets) == 20
    assert all(re.fullmatch("[A-Z2-7]{32}", secret) for secret in secrets)


def test_the_address_names_the_shop_and_the_user(asa: User) -> None:
    address = second_factor.provisioning_uri(RFC_SECRET, asa, Shop(name="Ljus & Linne: Åre"))

    assert address.startswith("otpauth://totp/Ljus%20%26%20Linne%3A%20%C3%85re:asa%40example.com?")
    assert f"secret={RFC_SECRET}" in address


def test_clearing_disables_it_and_deletes_secret_and_recovery_codes(with_app: User) -> None:
    with writing():
        give_recovery_codes(with_app)
    before = with_app.session_key
    with writing():
        second_factor.clear(with_app)

    assert (with_app.second_factor, with_app.second_factor_step, with_app.recovery_codes) == (None, None, [])
    assert with_app.session_key != before


# Proof


def test_only_the_accepted_proofs_are_verified(with_app: User) -> None:
    with writing():
        recovery, *_others = give_recovery_codes(with_app)
    right = {Proof.CODE: code_at(NOON), Proof.RECOVERY_CODE: recovery, Proof.PASSWORD: PASSWORD}
    for asked in Proof:
        for given in Proof:
            if given is not asked:
                with time_machine.travel(NOON, tick=False), writing():
                    assert proves(with_app, right[given], by=[asked]) is None
        with writing():
            db.session.query(FailedLogin).delete()
    for proof, typed in right.items():
        with time_machine.travel(NOON, tick=False), writing():
            assert proves(with_app, typed, by=list(Proof)) is proof


def test_after_five_failed_attempts_the_right_code_has_to_wait(with_app: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _turn in range(5):
            with writing():
                assert proves(with_app, "000000", by=[Proof.CODE]) is None
        with pytest.raises(TooManyAttempts), writing():
            proves(with_app, code_at(NOON), by=[Proof.CODE])
        clock.shift(timedelta(minutes=15, seconds=1))
        later = NOON + timedelta(minutes=15, seconds=1)
        with writing():
            assert proves(with_app, code_at(later), by=[Proof.CODE]) is Proof.CODE


# Who has to have one


def test_it_is_required_of_users_with_a_password_if_the_shop_requires_it(asa: User) -> None:
    of_a_host = User(host="admin", subject="7", name="Bo", role=Role.ADMIN)
    for demanded in (False, True):
        shop = Shop(requires_second_factor=demanded)
        assert second_factor.is_required(asa, shop) is demanded
        assert not second_factor.is_required(of_a_host, shop)


def test_an_administrator_without_it_cannot_require_it(asa: User) -> None:
    with pytest.raises(RuleViolation), writing():
        second_factor.require(True, by=asa)
    assert not shop_settings.current().requires_second_factor


def test_an_administrator_with_it_or_of_a_host_can_require_it(with_app: User) -> None:
    for by in (with_app, User(host="admin", subject="7", name="Bo", role=Role.ADMIN)):
        with writing():
            second_factor.require(True, by=by)
        assert db.session.get_one(Shop, 1).requires_second_factor
        reshape_shop(requires_second_factor=False)


def test_any_administrator_can_stop_requiring_it(asa: User) -> None:
    reshape_shop(requires_second_factor=True)
    with writing():
        second_factor.require(False, by=asa)
    assert not db.session.get_one(Shop, 1).requires_second_factor
