"""The accounts of users: finding and locking them, adding, changing and deactivating them."""

from flask_babel import gettext as _
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.exc import IntegrityError

from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.errors import Conflict, NotFound, RuleViolation
from webshop_orders.models import Role, User
from webshop_orders.operations.users.sessions import end_sessions


def find(email: str) -> User | None:
    """The active user with this e-mail, in any case of letters."""
    return db.session.scalar(select(User).where(User.email == email.casefold(), User.active))


def list_all() -> list[User]:
    """All users: active ones first, by name."""
    return list(db.session.scalars(select(User).order_by(User.active.desc(), User.name, User.id)))


def get(user_id: int) -> User:
    """Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


def lock(user_id: int) -> User:
    """A user, read again and locked until the transaction ends; raises NotFound."""
    return _lock(user_id, select(User).where(User.id == user_id))


def lock_with_administrators(user_id: int) -> User:
    """A user, locked together with all administrators, so that two changes cannot each remove the last but one.

    Raises NotFound.
    """
    return _lock(user_id, select(User).where(or_(User.id == user_id, User.role == Role.ADMIN)).order_by(User.id))


def _lock(user_id: int, users: Select[User]) -> User:
    locked = db.session.scalars(for_update(users).execution_options(populate_existing=True)).all()
    user = next((user for user in locked if user.id == user_id), None)
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


def add(email: str, name: str, role: Role) -> User:
    """A new user, who cannot sign in before they have a password; raises Conflict if the e-mail is taken."""
    email = email.strip().casefold()
    check_is_new(email)
    user = User(email=email, name=name, role=role)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:  # another request added the same one after the check
        raise _email_taken(email) from None
    return user


def check_is_new(email: str) -> None:
    """Raise Conflict if a user has this e-mail already."""
    if db.session.scalar(select(exists().where(User.email == email))):
        raise _email_taken(email)


def change(user: User, *, name: str, role: Role) -> None:
    """Set name and role; raises RuleViolation for a host's user, and for the last administrator's role."""
    check_is_not_of_host(user)
    if user.role is Role.ADMIN and role is not Role.ADMIN:
        _check_is_not_last_administrator(user)
    user.name, user.role = name, role


def deactivate(user: User, *, by: User) -> None:
    """Sign a user out everywhere and for good; raises RuleViolation for oneself and for the last administrator."""
    if user.id == by.id:
        raise RuleViolation(_("You cannot switch yourself off. Ask another administrator."))
    if user.role is Role.ADMIN:
        _check_is_not_last_administrator(user)
    user.active = False
    end_sessions(user)


def activate(user: User) -> None:
    """Let a deactivated user sign in again."""
    user.active = True


def check_is_not_of_host(user: User) -> None:
    """Raise RuleViolation for a user of a host that embeds the desk: the host decides their name, role and sign-in."""
    if user.host is not None:
        raise RuleViolation(_("%(name)s comes by way of %(host)s, which decides this.", name=user.name, host=user.host))


def _check_is_not_last_administrator(user: User) -> None:
    """Raise RuleViolation if no other administrator of our own can sign in; for callers that locked all of them."""
    others = select(User.id).where(
        User.id != user.id,
        User.role == Role.ADMIN,
        User.active,
        User.host.is_(None),
        or_(User.password_hash.is_not(None), User.signed_in_at.is_not(None)),
    )
    if db.session.scalar(others.limit(1)) is None:
        raise RuleViolation(_("%(name)s is the only administrator. Make somebody else one first.", name=user.name))


def _email_taken(email: str) -> Conflict:
    return Conflict(_("There already is a user %(email)s.", email=email), field="email")
