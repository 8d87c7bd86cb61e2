"""What other programs say of an error is cut down to what has no personal data."""

import sqlite3

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.logs import privacy
from webshop_orders.models import Role, User

EMAIL, NAME, PHONE = "asa.oberg@example.com", "Åsa Öberg", "070-123 45 67"


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        (f"550 5.1.1 <{EMAIL}>: Recipient address rejected", "550 5.1.1 <…>: Recipient address rejected"),
        ("ASA@EXAMPLE.COM, bo@example.com", "…, …"),
        ("åsa@exämple.se is not known", "… is not known"),
        (f"ring {PHONE}", "ring …"),
        ("ring +46 70 123 45 67 nu", "ring … nu"),
        ("250 2.0.0 Ok: queued as 4F9A3C1B2D", "250 2.0.0 Ok: queued as 4F9A3C1B2D"),
        ("order WS-10234 took 12 ms", "order WS-10234 took 12 ms"),
        ("one\nforged line", "one forged line"),
    ],
)
def test_addresses_and_telephone_numbers_are_masked(said: str, masked: str) -> None:
    assert privacy.masked(said) == masked


@pytest.mark.parametrize(
    "error",
    [
        ValueError(NAME),
        KeyError(EMAIL),
        RuleViolation(f"{NAME} har redan en order"),
        OSError(f"{EMAIL} hung up"),
        RuntimeError(PHONE),
        IntegrityError("insert into users", {"name": NAME}, sqlite3.IntegrityError("UNIQUE constraint failed")),
    ],
)
def test_the_message_of_an_error_that_may_quote_what_was_typed_is_left_out(error: Exception) -> None:
    try:
        raise error
    except Exception as raised:
        said = privacy.describe(raised) + privacy.traceback_of(raised)
    assert type(error).__name__ in said
    assert not any(secret in said for secret in (NAME, EMAIL, PHONE))


def test_the_message_of_an_error_of_the_program_stays() -> None:
    with pytest.raises(AttributeError) as raised:
        _nothing().strip()
    assert privacy.describe(raised.value) == "AttributeError: 'NoneType' object has no attribute 'strip'"


def test_a_traceback_names_each_place_and_what_led_to_it() -> None:
    try:
        try:
            raise KeyError(EMAIL)
        except KeyError as error:
            raise TypeError("of the test") from error
    except TypeError as error:
        said = privacy.traceback_of(error)
    assert said.index("KeyError") < said.index("which led to:") < said.index("TypeError: of the test")
    assert "test_a_traceback_names_each_place_and_what_led_to_it" in said


def test_errors_that_led_to_each_other_end() -> None:
    first, second = TypeError("first"), TypeError("second")
    first.__cause__, second.__cause__ = second, first
    assert privacy.traceback_of(first).count("TypeError: first") == 1


def test_the_database_is_quoted_without_the_values_it_complains_of(app: Flask) -> None:
    user = {"name": NAME, "email": EMAIL, "role": Role.STAFF}
    db.session.execute(insert(User), user)
    db.session.commit()
    for wrong in (user, {**user, "active": NAME}):
        with pytest.raises(SQLAlchemyError) as raised:
            db.session.execute(insert(User), wrong)
        db.session.rollback()
        said = privacy.describe(raised.value) + privacy.traceback_of(raised.value)
        assert not any(secret in said for secret in (NAME, EMAIL))


def _nothing() -> str:
    return None  # type: ignore[return-value]
