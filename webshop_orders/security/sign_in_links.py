"""Links that sign a user in, such as the one that the demo prints."""

import hmac
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from webshop_orders.db.extensions import db
from webshop_orders.models import User
from webshop_orders.security import signing_keys

LIFETIME = timedelta(hours=12)


def make(user: User) -> str:
    """A token that signs a user in, valid for twelve hours or until their sessions are ended."""
    return _serializer().dumps([user.id, user.session_key])


def find_user(token: str) -> User | None:
    """The user whom a token signs in, or None if it has expired or has no valid signature."""
    try:
        user_id, session_key = _serializer().loads(token, max_age=int(LIFETIME.total_seconds()))
    except (BadData, TypeError, ValueError):
        return None
    user = db.session.get(User, user_id)
    is_current = user is not None and user.active and hmac.compare_digest(user.session_key, str(session_key))
    return user if is_current else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_keys.active_keys(current_app.config), salt="sign-in-link")
