"""Who asks over the API, what they may do, and how often and how much."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request
from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.api import rate_limit
from webshop_orders.db.extensions import db
from webshop_orders.errors import Forbidden, PayloadTooLarge, Unauthorized
from webshop_orders.models import AccessKind, ApiKey, Scope, Shop
from webshop_orders.operations.audit.access_log import printable
from webshop_orders.operations.settings.api_keys import hash_token
from webshop_orders.transactions import refusals

LARGEST_BODY = 1_000_000
LANGUAGES = ["en", "sv"]
LONGEST_TOKEN = 200
NEEDED = "needed_scope"
View = TypeVar("View", bound=Callable[..., Any])


def requires(scope: Scope) -> Callable[[View], View]:
    """Open a view to keys that have a scope; without one, nobody gets in."""

    def mark(view: View) -> View:
        setattr(view, NEEDED, scope)
        return view

    return mark


def check() -> None:
    """Let a request through only with a key that may do what it asks for."""
    prepare_request()
    scope: Scope = getattr(current_app.view_functions[str(request.endpoint)], NEEDED)
    authenticate(scope)


def prepare_request() -> None:
    """Choose the language of a program's refusals, and refuse what is too large before it is read."""
    g.language = request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    request.max_content_length = LARGEST_BODY
    if (request.content_length or 0) > LARGEST_BODY:
        raise PayloadTooLarge(_("The body is larger than 1 MB."))


def authenticate(scope: Scope) -> ApiKey:
    """Know the key that a request comes with, and count it; its shop's settings are read along.

    Raises Unauthorized, Forbidden where the key lacks the scope, and TooManyTries.
    """
    try:
        key = _read_key(_token())
    except Unauthorized:
        _note_refusal("key")
        raise
    rate_limit.count(key)
    if not key.allows(scope):
        _note_refusal("scope", who=key.name, scope=scope.value)
        raise Forbidden(_("The key %(name)s lacks the scope %(scope)s.", name=key.name, scope=scope.value))
    g.api_key = key
    return key


def _note_refusal(why: str, *, who: str = "", **facts: Any) -> None:
    facts |= {"why": why, "asked": printable(f"{request.method} {request.path}")}
    refusals.record(AccessKind.REQUEST_REFUSED, who, address=request.remote_addr or "", **facts)


def _token() -> str:
    """The key in the Authorization header: as Bearer, or as the password of Basic for systems that know no other."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    raise Unauthorized(_("Send a key: Authorization: Bearer wso_…. Keys are made in Konfiguration, Integrationer."))


def _read_key(token: str) -> ApiKey:
    row = db.session.execute(
        select(Shop, ApiKey)
        .outerjoin(ApiKey, (ApiKey.digest == hash_token(token[:LONGEST_TOKEN])) & ApiKey.revoked_at.is_(None))
        .where(Shop.id == 1)
    ).one()
    shop_settings.cache(row.Shop)
    if row.ApiKey is None:
        raise Unauthorized(_("This key is not known, or it was revoked."))
    db.session.expunge(row.ApiKey)
    key: ApiKey = row.ApiKey
    return key
