"""Users: who they are and what they may do, how they sign in, and how they are kept from trying too often."""

from functools import cache

from flask_babel import gettext as _
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.exc import IntegrityError

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.errors import Conflict, NotFound, RuleViolation
from webshop_orders.models import Role, User, hash_password, verify_password
from webshop_orders.operations.users import passwords
from webshop_orders.operations.users.sessions import end_sessions


def find(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.casefold(), User.active))


def authenticate(email: str, password: str) -> User:
    """The user with this e-mail and password; raises Refused where the two do not fit.

    It takes as long whether there is such a user or not, and is for callers who counted the try.
    """
    user = find(email)
    password_hash = user.password_hash if user is not None else None
    fits = verify_password(password, password_hash or _nobodys_hash())
    if user is None or password_hash is None or not fits:
        raise RuleViolation(_("E-mail and password do not fit together."))
    return user


def list_all() -> list[User]:
    """All users: those who can sign in first, by name."""
    return list(db.session.scalars(select(User).order_by(User.active.desc(), User.name, User.id)))


def get(user_id: int) -> User:
    """Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


def lock(user_id: int) -> User:
    """A user as they are now, for nobody else to change until the transaction ends; raises NotFound."""
    return _held(user_id, select(User).where(User.id == user_id))


def lock_with_administrators(user_id: int) -> User:
    """A user, as `hold` does, and all administrators with them: two at once cannot each take the other for the last.

    Raises NotFound.
    """
    return _held(user_id, select(User).where(or_(User.id == user_id, User.role == Role.ADMIN)).order_by(User.id))


def _held(user_id: int, users: Select[User]) -> User:
    found = db.session.scalars(for_update(users).execution_options(populate_existing=True))
    user = next((user for user in found.all() if user.id == user_id), None)
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


def add(email: str, name: str, role: Role) -> User:
    """A new user, who cannot sign in before they have a password; raises Conflict where the e-mail is taken."""
    email = email.strip().casefold()
    check_is_new(email)
    user = User(email=email, name=name, role=role)
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
        raise RuleViolation(_("%(name)s comes by way of %(host)s, which decides this.", name=user.name, host=user.host))
    if user.role is Role.ADMIN and role is not Role.ADMIN:
        _check_others_administrate(user)
    user.name, user.role = name, role


def deactivate(user: User, *, by: User) -> None:
    """Keep a user out from now on, in every session; raises Refused for oneself and for the last administrator."""
    if user.id == by.id:
        raise RuleViolation(_("You cannot switch yourself off. Ask another administrator."))
    if user.role is Role.ADMIN:
        _check_others_administrate(user)
    user.active = False
    end_sessions(user)


def activate(user: User) -> None:
    """Let a user in again."""
    user.active = True


def hash_for(user: User, password: str) -> str:
    """What is to be kept of a user's new password; raises Refused for one that is easy to guess.

    It takes a while, so callers make it before they hold anything that others wait for.
    """
    passwords.check(password, about=[user.email, user.name, shop_settings.current().name])
    return hash_password(password)


def check_password(user: User, password: str) -> None:
    """Raise Refused where this is not a user's password; for callers who counted the try."""
    if not user.has_password(password):
        raise RuleViolation(_("This is not your present password."), field="present")


def change_password(user: User, password_hash: str, *, seen: User) -> None:
    """Give a user another password; raises Refused where it was changed since they were seen with the present one."""
    # nosemgrep: compared-in-telling-time - both are ours, and nobody sent either
    if user.password_hash != seen.password_hash:
        raise RuleViolation(_("Your password was changed meanwhile. Sign in anew."))
    user.set_password_hash(password_hash)


def check_has_password_here(user: User) -> None:
    """Raise Refused for those who sign in with no password of ours, or not at all."""
    if user.host is not None:
        raise RuleViolation(_("%(name)s comes by way of %(host)s, which decides this.", name=user.name, host=user.host))
    if not user.active:
        raise RuleViolation(_("%(name)s is switched off. Switch them on first.", name=user.name))


def _check_others_administrate(user: User) -> None:
    """Raise Refused where nobody else administrates: an administrator of ours who has been here, and can come again.

    For callers who hold all of them.
    """
    others = select(User.id).where(
        User.id != user.id,
        User.role == Role.ADMIN,
        User.active,
        User.host.is_(None),
        or_(User.password_hash.is_not(None), User.signed_in_at.is_not(None)),
    )
    if db.session.scalar(others.limit(1)) is None:
        raise RuleViolation(_("%(name)s is the only administrator. Make somebody else one first.", name=user.name))


@cache
def _nobodys_hash() -> str:
    """Compared where there is no such user, so that the answer takes as long as for a wrong password."""
    return hash_password("nobody")
