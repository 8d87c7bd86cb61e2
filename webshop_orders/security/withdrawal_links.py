"""Links to what a customer stated a moment ago, for the one who stated it."""

from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from webshop_orders.models import Withdrawal
from webshop_orders.security import signing_keys

LIFETIME = timedelta(hours=1)


def make(withdrawal: Withdrawal) -> str:
    """A token that shows a statement for an hour."""
    return _serializer().dumps(withdrawal.id)


def find_id(token: str) -> int | None:
    """The id of the statement that a token shows, or None if it has expired or has no valid signature."""
    try:
        withdrawal_id = _serializer().loads(token, max_age=int(LIFETIME.total_seconds()))
    except BadData:
        return None
    return withdrawal_id if isinstance(withdrawal_id, int) else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_keys.active_keys(current_app.config), salt="withdrawal")
