"""The short tokens by which a host says who is in front of its page (JWT, RFC 7519, signed by RFC 7515 with HS256)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from webshop_orders.clock import now
from webshop_orders.errors import Forbidden
from webshop_orders.models import Role
from webshop_orders.security.embed_hosts import EmbedHost
from webshop_orders.text.patterns import CONTROL, SURROGATE

AUDIENCE = "webshop-orders"
LONGEST = 4000
LONGEST_LIFE = 60  # seconds
TOLERANCE = 10  # seconds that two clocks may differ
LANGUAGES, THEMES = ["sv", "en"], ["light", "dark"]
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class TokenRefused(Forbidden):
    """A token lets nobody in; the sentence says why, for the one who set the host up."""


@dataclass(frozen=True)
class Visit:
    """What a host's token says: who comes, what they may do, and how and where the desk opens for them."""

    host: EmbedHost
    subject: str
    name: str
    role: Role
    token_id: str
    expires_at: datetime
    order: str | None = None
    language: str | None = None
    theme: str | None = None
    accent: str | None = None


def verify(token: str, hosts: Iterable[EmbedHost]) -> Visit:
    """What a token says, once its signature, its issuer and its times hold; raises TokenRefused."""
    if not token:
        raise TokenRefused(_("There is no token in the address."))
    if len(token) > LONGEST:
        raise TokenRefused(_("The token is too long."))
    host, claims = _verified(token, hosts)
    if claims.get("iss") != host.name or claims.get("aud") not in (AUDIENCE, [AUDIENCE]):
        raise TokenRefused(_("The token was made by or for another system."))
    expires_at = _check_times(claims)
    try:
        role = Role(str(claims.get("role")))
    except ValueError:
        raise TokenRefused(_("The token names a role that does not exist.")) from None
    return Visit(
        host=host,
        subject=_text(claims, "sub", 1, 200),
        name=_text(claims, "name", 1, 200),
        role=role,
        token_id=_text(claims, "jti", 8, 100),
        expires_at=expires_at,
        order=_text(claims, "order", 0, 100) or None,
        language=_one_of(claims, "lang", LANGUAGES),
        theme=_one_of(claims, "theme", THEMES),
        accent=_colour(claims),
    )


def _verified(token: str, hosts: Iterable[EmbedHost]) -> tuple[EmbedHost, dict[str, Any]]:
    """The host whose secret signed a token, and what it says."""
    for host in hosts:
        for secret in host.secrets:
            try:
                return host, jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
            except (JoseError, ValueError):
                continue
    raise TokenRefused(_("The token was not signed with a secret that is known here."))


def _check_times(claims: dict[str, Any]) -> datetime:
    present = now().timestamp()
    expires, *earlier = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None:
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim="exp"))
    if expires < present - TOLERANCE:
        raise TokenRefused(_("The token has expired."))
    if expires > present + LONGEST_LIFE + TOLERANCE:
        raise TokenRefused(_("The token lives too long: a minute is the most."))
    if any(at is not None and at > present + TOLERANCE for at in earlier):
        raise TokenRefused(_("The token is from the future: see that both clocks are right."))
    return datetime.fromtimestamp(expires, UTC)


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**40:
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim=name))
    return value


def _text(claims: dict[str, Any], name: str, least: int, most: int) -> str:
    value: Any = claims.get(name)
    if value is None and least == 0:
        return ""
    is_legible = isinstance(value, str) and not CONTROL.search(value) and not SURROGATE.search(value)
    if not is_legible or not least <= len(value.strip()) <= most:
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim=name))
    return str(value).strip()


def _one_of(claims: dict[str, Any], name: str, known: list[str]) -> str | None:
    value = claims.get(name)
    if value is not None and value not in known:
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim=name))
    return value


def _colour(claims: dict[str, Any]) -> str | None:
    value = claims.get("accent")
    if value is not None and not (isinstance(value, str) and COLOUR.fullmatch(value)):
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim="accent"))
    return value
