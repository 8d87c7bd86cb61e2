"""Users: who they are and what they may do, how they sign in, and how they are kept from trying too often."""

import secrets
from datetime import timedelta
from functools import cache

from flask_babel import gettext as _
from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from webshop_orders import shop_settings
from webshop_orders.columns import now
from webshop_orders.errors import Conflict, NotFound, Refused, TooManyTries
from webshop_orders.extensions import db
from webshop_orders.models import FailedLogin, Role, User
from webshop_orders.operations import passwords

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


def listed() -> list[User]:
    """All users: those who can sign in first, by name."""
    return list(db.session.scalars(select(User).order_by(User.active.desc(), User.name, User.id)))


def get(user_id: int) -> User:
    """Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


def hold(user_id: int) -> User:
    """A user as they are now, for nobody else to change until the transaction ends; raises NotFound."""
    user = db.session.get(User, user_id, populate_existing=True, with_for_update=True)
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


def add(email: str, name: str, role: Role, *, password: str | None = None) -> User:
    """A new user, who cannot sign in before they have a password; raises Conflict where the e-mail is taken."""
    email = email.strip().casefold()
    check_is_new(email)
    user = User(email=email, name=name, role=role)
    if password is not None:
        set_password(user, password)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        raise Conflict(_("There already is a user %(email)s.", email=email), field="email") from None
    return user


def check_is_new(email: str) -> None:
    """Raises Conflict where somebody has an e-mail address already."""
    if db.session.scalar(select(exists().where(User.email == email))):
        raise Conflict(_("There already is a user %(email)s.", email=email), field="email")


def change(user: User, *, name: str, role: Role) -> None:
    """Give a user another name or role; raises Refused for one of a host, and for the last administrator."""
    if user.host is not None:
        raise Refused(_("%(name)s comes by way of %(host)s, which decides this.", name=user.name, host=user.host))
    if user.role is Role.ADMIN and role is not Role.ADMIN:
        _check_others_administrate(user)
    user.name, user.role = name, role


def deactivate(user: User, *, by: User) -> None:
    """Keep a user out from now on, in every session; raises Refused for oneself and for the last administrator."""
    if user.id == by.id:
        raise Refused(_("You cannot switch yourself off. Ask another administrator."))
    if user.role is Role.ADMIN:
        _check_others_administrate(user)
    user.active = False
    end_sessions(user)


def activate(user: User) -> None:
    """Let a user in again."""
    user.active = True


def set_password(user: User, password: str) -> None:
    """Give a user a password; every session and link of theirs ends. Raises Refused for one that is easy to guess."""
    passwords.check(password, about=[user.email, user.name, shop_settings.current().name])
    user.set_password(password)


def change_password(user: User, present: str, new: str, *, address: str) -> None:
    """Take a new password from someone who knows the present one.

    Raises Refused and TooManyTries as `sign_in` does.
    """
    refuse_too_many(user.email or "", address=address)
    if not user.has_password(present):
        raise Refused(_("This is not your present password."), field="present")
    set_password(user, new)


def end_sessions(user: User) -> None:
    """Sign a user out everywhere; links that were sent to them no longer work either."""
    user.session_key = secrets.token_hex()


def _check_others_administrate(user: User) -> None:
    """Raise Refused where a user is the only administrator who can sign in here; whoever they are, they stay so."""
    admins = select(User.id).where(User.role == Role.ADMIN, User.active, User.email.is_not(None)).order_by(User.id)
    if set(db.session.scalars(admins.with_for_update())) <= {user.id}:
        raise Refused(_("%(name)s is the only administrator. Make somebody else one first.", name=user.name))


@cache
def _nobodys_hash() -> str:
    """Compared where there is no such user, so that the answer takes as long as for a wrong password."""
    return generate_password_hash("nobody", method="scrypt")
