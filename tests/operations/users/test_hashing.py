"""Passwords and recovery codes are stored as hashes that take long to compute, whatever other tests make of them."""

import hashlib
from typing import Any

import pytest

from tests.factories import give_recovery_codes, make_user
from webshop_orders.db.extensions import db
from webshop_orders.models import hash_password, verify_password
from webshop_orders.operations.users import second_factor

pytestmark = pytest.mark.usefixtures("real_scrypt")

PASSWORD = "correct horse battery"
STORED = (
    "scrypt:32768:8:1$DxLXQVZKbqeKs49t$5cd0eba740f327fbd4c5a8af01250e08f619cbe3f61be7bc1099fe81cbc8f3c5"
    "badc97669a92fca49df8e01fceb379562decc2f2127d3fd0d82053d584d7c292"
)
STORED_CODE = (
    "00ff00ff00ff00ff$6fb44840b9574735cda5d681baf26afe3ce6178a920d28ad01f424dd7e7a9655"
    "61144d7bfe82810b4e9013b606446d3c96d44c548a944ab649614201000cd707"
)


@pytest.fixture
def parameters(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """What scrypt is called with."""
    really = hashlib.scrypt
    calls: list[dict[str, int]] = []

    def note(password: bytes, *, n: int, r: int, p: int, **more: Any) -> bytes:
        calls.append({"n": n, "r": r, "p": p})
        return really(password, n=n, r=r, p=p, **more)

    monkeypatch.setattr(hashlib, "scrypt", note)
    return calls


def test_a_stored_password_opens_and_another_does_not() -> None:
    assert verify_password(PASSWORD, STORED)
    assert not verify_password(PASSWORD + "!", STORED)


def test_a_new_password_takes_long_to_guess(parameters: list[dict[str, int]]) -> None:
    password_hash = hash_password(PASSWORD)

    assert parameters == [{"n": 2**15, "r": 8, "p": 1}]
    assert password_hash.startswith("scrypt:32768:8:1$")
    assert verify_password(PASSWORD, password_hash)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_recovery_codes_take_long_to_guess(parameters: list[dict[str, int]]) -> None:
    user = make_user()
    code, *_others = give_recovery_codes(user)
    assert parameters == [{"n": 2**14, "r": 8, "p": 1}] * second_factor.RECOVERY_CODES
    assert second_factor.recovery_digest(user, code) == user.recovery_codes[0]
    assert parameters[-1] == {"n": 2**14, "r": 8, "p": 1}

    user.recovery_codes = [STORED_CODE]
    assert second_factor.recovery_digest(user, "2345-6789-abcd") == STORED_CODE
    db.session.rollback()
