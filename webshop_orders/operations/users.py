"""Signing in, and being kept from trying too often."""

from datetime import timedelta
from functools import cache

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from werkzeug.security import check_password_hash, generate_password_hash

from webshop_orders.columns import now
from webshop_orders.errors import Refused, TooManyTries
from webshop_orders.extensions import db
from webshop_orders.models import FailedLogin, User

WINDOW = timedelta(minutes=15)
MOST_PER_EMAIL = 5
MOST_PER_ADDRESS = 30


def find(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.casefold(), User.active))


def sign_in(email: str, password: str, *, address: str) -> User:
    """The user with this e-mail and password, signing in from a network address.

    Raises TooManyTries while too many have failed lately, and Refused where the two do not fit, which the caller
    notes with `note_failure` in a transaction of its own.
    """
    refuse_too_many(email, address=address)
    user = find(email)
    if user is None or not user.has_password(password):
        if user is None:
            check_password_hash(_nobodys_hash(), password)
        raise Refused(_("E-mail and password do not fit together."))
    return user


def refuse_too_many(email: str, *, address: str) -> None:
    """Raise TooManyTries while too many sign-ins have failed lately, of this e-mail or from this address."""
    recent = select(func.count()).where(FailedLogin.at > now() - WINDOW)
    by_email = db.session.scalar(recent.where(FailedLogin.email == email.casefold())) or 0
    by_address = db.session.scalar(recent.where(FailedLogin.address == address)) or 0
    if by_email >= MOST_PER_EMAIL or by_address >= MOST_PER_ADDRESS:
        raise TooManyTries(_("Too many tries. Wait a quarter of an hour and try again."))


def note_failure(email: str, *, address: str) -> None:
    """Count a failed sign-in, and forget those that no longer count."""
    db.session.execute(delete(FailedLogin).where(FailedLogin.at <= now() - WINDOW))
    db.session.add(FailedLogin(email=email.casefold(), address=address))


@cache
def _nobodys_hash() -> str:
    """Compared where there is no such user, so that the answer takes as long as for a wrong password."""
    return generate_password_hash("nobody", method="scrypt")
