"""TODO operations.users.sessions."""

import secrets
from contextlib import suppress
from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlalchemy.exc import IntegrityError

from webshop_orders.db.extensions import db
from webshop_orders.models import OWN_SESSIONS, UsedToken, User


def end_sessions(user: User) -> None:
    """Sign a user out everywhere; links that were sent to them no longer work either."""
    user.session_key = secrets.token_hex()


def end_session(session_id: str | None, *, until: datetime) -> None:
    """Have one session open nothing any more, until its cookie has expired anyway; also where it ends twice at once."""
    if session_id is not None:
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(UsedToken(host=OWN_SESSIONS, token_id=session_id, until=until))


def has_ended(session_id: ColumnElement[str | None]) -> ColumnElement[bool]:
    """Whether someone signed out of a session; those from before sessions had names live on until they expire."""
    return exists().where(UsedToken.host == OWN_SESSIONS, UsedToken.token_id == session_id)
