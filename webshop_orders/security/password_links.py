"""Links with which a user sets a password: the first one, or a new one after forgetting it."""

import hashlib
import hmac
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.models import AccountMailKind, User
from webshop_orders.security import signing_keys

LIFETIMES = {AccountMailKind.INVITATION: timedelta(hours=72), AccountMailKind.RESET: timedelta(hours=1)}


def make(user: User, kind: AccountMailKind) -> str:
    """The URL of a page that sets a new password, once.

    A new password, or ending all sessions, invalidates the link. The URL is built from BASE_URL, since the Host header
    of a request can be forged.
    """
    token = _serializer().dumps([user.id, kind.value, _fingerprint(user)])
    return f"{current_app.config.get('BASE_URL') or ''}/password/{token}"


def find_user(token: str, *, lock: bool = False) -> User | None:
    """The user whom a link is for, or None if it has expired, was used, or has no valid signature.

    With `lock`, the user's row is locked until the transaction ends, so that the link is used only once.
    """
    try:
        (user_id, kind, fingerprint), signed_at = _serializer().loads(token, return_timestamp=True)
        lifetime = LIFETIMES[AccountMailKind(kind)]
    except (BadData, TypeError, ValueError):
        return None
    user = get_for_update(User, user_id) if lock else db.session.get(User, user_id)
    if user is None or not user.active or user.host is not None:
        return None
    is_unused = hmac.compare_digest(_fingerprint(user).encode(), str(fingerprint).encode())
    return user if is_unused and now() - signed_at <= lifetime else None


def _fingerprint(user: User) -> str:
    """A hash that changes with the password and when all sessions are ended; it reveals neither."""
    return hashlib.sha256(f"{user.session_key} {user.password_hash}".encode()).hexdigest()[:32]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_keys.active_keys(current_app.config), salt="account-link")
