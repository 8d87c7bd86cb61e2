"""The keys that integrations sign their requests with."""

import hashlib
import secrets
from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import func, select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, ApiKey, Scope

PREFIX = "wso_"
MAX_KEYS = 200
HINT_LENGTH = 10  # of the token, stored to recognise it by


def create(name: str, scopes: Iterable[Scope], *, by: Actor) -> tuple[ApiKey, str]:
    """A new key and its token, which is shown once and never stored.

    Raises RuleViolation if an active key has the name, since events name the integration by it.
    """
    scopes = set(scopes)
    scope_names = [scope.value for scope in Scope if scope in scopes]
    if not scope_names:
        raise RuleViolation(_("Choose what the key may be used for."), field="scopes")
    active = select(ApiKey).where(ApiKey.revoked_at.is_(None))
    if db.session.scalar(active.where(func.lower(ApiKey.name) == name.lower()).limit(1)):
        raise RuleViolation(_("There already is a key %(name)s.", name=name), field="name")
    if len(db.session.scalars(active.limit(MAX_KEYS)).all()) == MAX_KEYS:
        raise RuleViolation(_("There is room for %(most)s keys. Revoke one that is not used.", most=MAX_KEYS))
    token = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(name=name, digest=hash_token(token), hint=token[:HINT_LENGTH], scopes=scope_names, made_by=by.name)
    db.session.add(key)
    return key, token


def hash_token(token: str) -> str:
    """The stored digest of a token; tokens are long and random, so that a plain hash is safe."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def revoke(key_id: int) -> ApiKey:
    """Revoke a key at once; raises NoChange if it is revoked already, and NotFound."""
    key = get_for_update(ApiKey, key_id)
    if key is None:
        raise NotFound(_("There is no such key."))
    if key.revoked_at is not None:
        raise NoChange(_("The key %(name)s is revoked already.", name=key.name))
    key.revoked_at = now()
    return key


def list_all() -> list[ApiKey]:
    """All keys: active ones first, then the latest revoked."""
    return list(db.session.scalars(select(ApiKey).order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())))
