"""Ending sessions on the server, also where their cookie is still valid."""

import secrets
from contextlib import suppress
from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlalchemy.exc import IntegrityError

from webshop_orders.db.extensions import db
from webshop_orders.models import OWN_SESSIONS, UsedToken, User


def end_sessions(user: User) -> None:
    """Sign a user out everywhere; links that were mailed to them stop working too."""
    user.session_key = secrets.token_hex()


def end_session(session_id: str | None, *, until: datetime) -> None:
    """End one session, remembering it until its cookie expires; harmless if it ends twice at once."""
    if session_id is not None:
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(UsedToken(host=OWN_SESSIONS, token_id=session_id, until=until))


def has_ended(session_id: ColumnElement[str | None]) -> ColumnElement[bool]:
    """Whether a session was ended; sessions without an id, made by earlier releases, last until they expire."""
    return exists().where(UsedToken.host == OWN_SESSIONS, UsedToken.token_id == session_id)
