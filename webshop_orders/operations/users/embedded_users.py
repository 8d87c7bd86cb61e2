"""People whom a host lets in: known by the host's name for them, and as it says they are."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.models import UsedToken, User
from webshop_orders.security.embed_tokens import TokenRefused, Visit


def admit(visit: Visit) -> User:
    """The user that a visit is by, made at the first one, with the name and role that the host gives them now.

    Raises TokenRefused where the token was used before, or where the user was deactivated here.
    """
    _use_up(visit)
    user = _find(visit) or _make(visit)
    if not user.active:
        raise TokenRefused(_("Your access to the order desk is switched off. Ask whoever looks after it."))
    user.name, user.role, user.signed_in_at = visit.name, visit.role, now()
    return user


def _use_up(visit: Visit) -> None:
    used = UsedToken(host=visit.host.name, token_id=visit.token_id, until=visit.expires_at)
    try:
        with db.session.begin_nested():
            db.session.add(used)
    except IntegrityError:
        raise TokenRefused(_("The token was used before: each opens the desk once.")) from None


def _find(visit: Visit) -> User | None:
    by = (User.host == visit.host.name, User.subject == visit.subject)
    return db.session.scalar(for_update(select(User).where(*by)))


def _make(visit: Visit) -> User:
    user = User(host=visit.host.name, subject=visit.subject, name=visit.name, role=visit.role)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:  # a second frame of theirs was faster
        return db.session.scalars(select(User).where(User.host == user.host, User.subject == user.subject)).one()
    return user
