"""Authentication of API requests: the key, its scopes, and limits on rate and size."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from webshop_orders import shop_settings
from webshop_orders.api import rate_limit
from webshop_orders.db.extensions import db
from webshop_orders.db.row_values import RowValues
from webshop_orders.errors import Forbidden, PayloadTooLarge, Unauthorized
from webshop_orders.models import AccessKind, ApiKey, Scope, Shop
from webshop_orders.operations.audit.access_log import printable
from webshop_orders.operations.settings.api_keys import hash_token
from webshop_orders.transactions import refused_access

MAX_BODY_BYTES = 1_000_000
LANGUAGES = ["en", "sv"]
MAX_TOKEN_LENGTH = 200
REQUIRED_SCOPE = "required_scope"
View = TypeVar("View", bound=Callable[..., Any])
# Every request runs this statement, so it is built once, of tables instead of entities.
SHOP, KEYS = Shop.__table__, ApiKey.__table__
KEY_VALUES = RowValues(ApiKey)
IS_VALID_KEY = (KEYS.c.digest == bindparam("digest")) & KEYS.c.revoked_at.is_(None)
SHOP_AND_KEY = (
    select(*shop_settings.VALUES.columns, *KEY_VALUES.columns)
    .select_from(SHOP.outerjoin(KEYS, IS_VALID_KEY))
    .where(shop_settings.IS_ROW)
)
KEY_FROM = len(shop_settings.VALUES.columns)


def requires(scope: Scope) -> Callable[[View], View]:
    """Let keys with a scope use a view; a view without this decorator fails."""

    def decorate(view: View) -> View:
        setattr(view, REQUIRED_SCOPE, scope)
        return view

    return decorate


def check() -> None:
    """Authenticate a request by a key that has the scope of its view."""
    prepare_request()
    scope: Scope = getattr(current_app.view_functions[str(request.endpoint)], REQUIRED_SCOPE)
    authenticate(scope)


def prepare_request() -> None:
    """Choose the language of the response, and refuse a body that is too large before it is read."""
    choose_language()
    request.max_content_length = MAX_BODY_BYTES
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise PayloadTooLarge(_("The body is larger than 1 MB."))


def choose_language() -> None:
    """Answer in English, or in the language that the request asks for."""
    g.language = request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def authenticate(scope: Scope, *, allows_parameter: bool = False) -> ApiKey:
    """The key of a request, which is counted; the shop's settings are loaded in the same statement.

    With `allows_parameter` it may be the parameter `key` of the address, for callers that cannot send a header. Raises
    Unauthorized, Forbidden where the key lacks the scope, and TooManyRequests.
    """
    try:
        key = _read_key(token(allows_parameter=allows_parameter))
    except Unauthorized:
        _record_refusal("key")
        raise
    rate_limit.count(key)
    if not key.allows(scope):
        _record_refusal("scope", name=key.name, scope=scope.value)
        raise Forbidden(_("The key %(name)s lacks the scope %(scope)s.", name=key.name, scope=scope.value))
    g.api_key = key
    return key


def _record_refusal(reason: str, *, name: str = "", **facts: Any) -> None:
    facts |= {"why": reason, "asked": printable(f"{request.method} {request.path}")}
    refused_access.record(AccessKind.REQUEST_REFUSED, name, address=request.remote_addr or "", **facts)


def token(*, allows_parameter: bool = False) -> str:
    """The key in the Authorization header: as Bearer, or as the password of Basic for systems without Bearer.

    Raises Unauthorized where there is none.
    """
    if allows_parameter and "Authorization" not in request.headers and "key" in request.args:
        return request.args["key"]
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(credentials, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    raise Unauthorized(_("Send a key: Authorization: Bearer wso_…. Keys are made in Konfiguration, Integrationer."))


def _read_key(token: str) -> ApiKey:
    digest = hash_token(token[:MAX_TOKEN_LENGTH])
    row = db.session.connection().execute(SHOP_AND_KEY, {"digest": digest}).one()
    shop_settings.cache(row[:KEY_FROM])
    key = KEY_VALUES.of(row[KEY_FROM:])
    if key.id is None:
        raise Unauthorized(_("This key is not known, or it was revoked."))
    return key
