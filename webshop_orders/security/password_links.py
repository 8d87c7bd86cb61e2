"""Links by which a user chooses a password: to begin with, or in place of one that was forgotten."""

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
    """The address of a page that takes a new password, once; any new password or end of all sessions uses it up.

    It needs BASE_URL: an address that came with a request could be anyone's.
    """
    token = _serializer().dumps([user.id, kind.value, _fingerprint(user)])
    return f"{current_app.config.get('BASE_URL') or ''}/password/{token}"


def find_user(token: str, *, hold: bool = False) -> User | None:
    """The user whom a link is for, or None where it is too old, used, or not one of ours.

    With `hold`, nobody else can use the link until the transaction ends.
    """
    try:
        (user_id, kind, fingerprint), signed_at = _serializer().loads(token, return_timestamp=True)
        lifetime = LIFETIMES[AccountMailKind(kind)]
    except (BadData, TypeError, ValueError):
        return None
    user = get_for_update(User, user_id) if hold else db.session.get(User, user_id)
    if user is None or not user.active or user.host is not None:
        return None
    is_unused = hmac.compare_digest(_fingerprint(user).encode(), str(fingerprint).encode())
    return user if is_unused and now() - signed_at <= lifetime else None


def _fingerprint(user: User) -> str:
    """What tells the sessions of a user from those before, without giving away what opens one."""
    return hashlib.sha256(f"{user.session_key} {user.password_hash}".encode()).hexdigest()[:32]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_keys.active_keys(current_app.config), salt="account-link")
