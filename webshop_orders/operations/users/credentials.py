"""Signing in with a password, and changing it."""

from functools import cache

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import RuleViolation
from webshop_orders.models import User, hash_password, verify_password
from webshop_orders.operations.users import accounts, passwords


def authenticate(email: str, password: str) -> User:
    """The user with this e-mail and password; raises RuleViolation if they do not match.

    It takes equally long whether the user exists or not. For callers that have counted the attempt.
    """
    user = accounts.find(email)
    password_hash = user.password_hash if user is not None else None
    matches = verify_password(password, password_hash or _dummy_hash())
    if user is None or password_hash is None or not matches:
        raise RuleViolation(_("E-mail and password do not fit together."))
    return user


def hash_new_password(user: User, password: str) -> str:
    """The hash of a user's new password; raises RuleViolation for one that is easy to guess.

    Hashing is slow, so callers do it before they take any lock.
    """
    passwords.check(password, about=[user.email, user.name, shop_settings.current().name])
    return hash_password(password)


def check_password(user: User, password: str) -> None:
    """Raise RuleViolation if this is not the user's password; for callers that have counted the attempt."""
    if not user.has_password(password):
        raise RuleViolation(_("This is not your present password."), field="present")


def change_password(user: User, password_hash: str, *, verified: User) -> None:
    """Set another password; raises RuleViolation if it has changed since `verified`, whose password was checked."""
    # nosemgrep: variable-time-comparison - both are ours, and nobody sent either
    if user.password_hash != verified.password_hash:
        raise RuleViolation(_("Your password was changed meanwhile. Sign in anew."))
    user.set_password_hash(password_hash)


def check_can_have_password(user: User) -> None:
    """Raise RuleViolation for users whom a host signs in, and for deactivated ones."""
    accounts.check_is_not_of_host(user)
    if not user.active:
        raise RuleViolation(_("%(name)s is switched off. Switch them on first.", name=user.name))


@cache
def _dummy_hash() -> str:
    """Verified where the user does not exist, so that the response takes as long as for a wrong password."""
    return hash_password("nobody")
