"""Users whom a host signs in: identified by the host's subject, with the name and role of its token."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.models import UsedToken, User
from webshop_orders.security.embed_tokens import TokenRefused, Visit


def admit(visit: Visit) -> User:
    """The user of a visit, created at the first one, with the name and role that the host gives now.

    Raises TokenRefused if the token was used before, or if the user is deactivated here.
    """
    _use_token(visit)
    user = _lock_existing(visit) or _create(visit)
    if not user.active:
        raise TokenRefused(_("Your access to the order desk is switched off. Ask whoever looks after it."))
    user.name, user.role, user.signed_in_at = visit.name, visit.role, now()
    return user


def _use_token(visit: Visit) -> None:
    token = UsedToken(host=visit.host.name, token_id=visit.token_id, until=visit.expires_at)
    try:
        with db.session.begin_nested():
            db.session.add(token)
    except IntegrityError:
        raise TokenRefused(_("The token was used before: each opens the desk once.")) from None


def _lock_existing(visit: Visit) -> User | None:
    identity = (User.host == visit.host.name, User.subject == visit.subject)
    return db.session.scalar(for_update(select(User).where(*identity)))


def _create(visit: Visit) -> User:
    user = User(host=visit.host.name, subject=visit.subject, name=visit.name, role=visit.role)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:  # a second frame of the same user created it first
        return db.session.scalars(select(User).where(User.host == user.host, User.subject == user.subject)).one()
    return user
