"""The throttle and the rule of the last administrator hold across processes with connections of their own."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.concurrency.crowd import all_at_once, answer_to, assert_only
from tests.factories import make_user
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import AccountMailKind, FailedLogin, Role, User
from webshop_orders.operations.users import accounts, throttle
from webshop_orders.security import password_links
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.own_app

EMAIL, ADDRESS = "asa@example.com", "192.0.2.7"
PEOPLE = 8


def attempt() -> None:
    with writing():
        throttle.count_attempt(EMAIL, address=ADDRESS)


def test_concurrent_attempts_do_not_exceed_the_limit(app: Flask, database: str, tmp_path: Path) -> None:
    answers = all_at_once(database, tmp_path, PEOPLE, lambda _number: [answer_to(attempt) for _ in range(5)])
    assert_only(answers, "done", "TooManyAttempts", attempts=PEOPLE * 5)
    assert answers["done"] == throttle.MAX_ATTEMPTS_PER_EMAIL
    assert db.session.query(FailedLogin).count() == throttle.MAX_ATTEMPTS_PER_EMAIL


def test_negative_control_without_the_lock_attempts_exceed_the_limit(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt is checked first and counted afterwards, as one would easily write it."""

    def attempt_without_lock() -> None:
        throttle.check_attempts(EMAIL, address=ADDRESS)
        with writing():
            throttle.record_failure(EMAIL, address=ADDRESS)

    seen = 0
    for _ in range(10):
        answers = all_at_once(
            database, tmp_path, PEOPLE, lambda _number: [answer_to(attempt_without_lock) for _ in range(5)]
        )
        seen = max(seen, answers["done"])
        if seen > throttle.MAX_ATTEMPTS_PER_EMAIL:
            break
        with writing():
            db.session.query(FailedLogin).delete()
    assert seen > throttle.MAX_ATTEMPTS_PER_EMAIL


@pytest.mark.parametrize("how", ["deactivated", "made a viewer", "each their own"])
def test_one_administrator_always_remains(app: Flask, database: str, tmp_path: Path, how: str) -> None:
    admins = [make_user(f"{number}@example.com", Role.ADMIN, name=str(number)) for number in range(2)]
    with writing():
        db.session.execute(update(User).values(password_hash="x"))
    ids = [admin.id for admin in admins]

    def take(number: int) -> None:
        with writing():
            other = ids[number if how == "each their own" else 1 - number]
            held = accounts.lock_with_administrators(other)
            if how == "deactivated":
                accounts.deactivate(held, by=db.session.get_one(User, ids[number]))
            else:
                accounts.change(held, name=held.name, role=Role.VIEWER)

    for _ in range(5):
        answers = all_at_once(database, tmp_path, 2, lambda number: [answer_to(lambda: take(number))])
        assert answers == {"done": 1, RuleViolation.__name__: 1}
        db.session.rollback()
        left = db.session.scalars(select(User).where(User.role == Role.ADMIN, User.active)).all()
        assert len(left) == 1
        with writing():
            db.session.execute(update(User).values(role=Role.ADMIN, active=True))


def test_a_link_used_twice_at_once_is_used_once(app: Flask, database: str, tmp_path: Path) -> None:
    token = password_links.make(make_user(), AccountMailKind.RESET).rpartition("/")[2]

    def use() -> None:
        with writing():
            user = password_links.find_user(token, lock=True)
            if user is None:
                raise RuleViolation("used")
            user.set_password_hash("x")

    answers = all_at_once(database, tmp_path, PEOPLE, lambda _number: [answer_to(use)])
    assert answers == {"done": 1, "RuleViolation": PEOPLE - 1}
