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
MOST_KEYS = 200
HINT = 10


def create(name: str, scopes: Iterable[Scope], *, by: Actor) -> tuple[ApiKey, str]:
    """A new key and its token, which is told this once and kept nowhere.

    Raises Refused where a key in use has the name, since the name is what Historik calls the integration.
    """
    chosen = set(scopes)
    wanted = [scope.value for scope in Scope if scope in chosen]
    if not wanted:
        raise RuleViolation(_("Choose what the key may be used for."), field="scopes")
    in_use = select(ApiKey).where(ApiKey.revoked_at.is_(None))
    if db.session.scalar(in_use.where(func.lower(ApiKey.name) == name.lower()).limit(1)):
        raise RuleViolation(_("There already is a key %(name)s.", name=name), field="name")
    if len(db.session.scalars(in_use.limit(MOST_KEYS)).all()) == MOST_KEYS:
        raise RuleViolation(_("There is room for %(most)s keys. Revoke one that is not used.", most=MOST_KEYS))
    token = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(name=name, digest=hash_token(token), hint=token[:HINT], scopes=wanted, made_by=by.name)
    db.session.add(key)
    return key, token


def hash_token(token: str) -> str:
    """What is kept of a token. It is random and long, so that a plain digest cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def revoke(key_id: int) -> ApiKey:
    """End a key at once; raises NothingToChange where it is revoked already, and NotFound."""
    key = get_for_update(ApiKey, key_id)
    if key is None:
        raise NotFound(_("There is no such key."))
    if key.revoked_at is not None:
        raise NoChange(_("The key %(name)s is revoked already.", name=key.name))
    key.revoked_at = now()
    return key


def list_all() -> list[ApiKey]:
    """All keys, those in use first, then the latest revoked."""
    return list(db.session.scalars(select(ApiKey).order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())))
