"""The short-lived tokens with which a host signs its user in (JWT, RFC 7519; signed with HS256, RFC 7515)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import Forbidden
from webshop_orders.models import Role
from webshop_orders.security.embed_hosts import EmbedHost
from webshop_orders.text.patterns import CONTROL, SURROGATE, without_direction_marks

AUDIENCE = "webshop-orders"
MAX_LENGTH = 4000
MAX_LIFETIME = 60  # seconds
CLOCK_SKEW = 10  # seconds
LANGUAGES, THEMES = ["sv", "en"], ["light", "dark"]
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class TokenRefused(Forbidden):
    """The token is not accepted; the sentence says why, for the developer of the host."""


@dataclass(frozen=True)
class Visit:
    """The claims of a valid token: the user, their role, and how and where the order desk opens for them."""

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
    """Verify a token's signature, issuer, audience, times and claims; raises TokenRefused."""
    if not token:
        raise TokenRefused(_("There is no token in the address."))
    if len(token) > MAX_LENGTH:
        raise TokenRefused(_("The token is too long."))
    host, claims = _decode(token, hosts)
    if claims.get("iss") != host.name or not _is_for_us(claims.get("aud")):
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
        language=_choice(claims, "lang", LANGUAGES),
        theme=_choice(claims, "theme", THEMES),
        accent=_colour(claims),
    )


def _decode(token: str, hosts: Iterable[EmbedHost]) -> tuple[EmbedHost, dict[str, Any]]:
    """The host whose secret signed the token, and the token's claims."""
    from webshop_orders.security import signed_claims

    for host in hosts:
        for secret in host.secrets:
            claims = signed_claims.read(token, secret, max_header_length=MAX_LENGTH, refuse=TokenRefused)
            if claims is not None:
                return host, claims
    raise TokenRefused(_("The token was not signed with a secret that is known here."))


def _is_for_us(audience: object) -> bool:
    """Whether a token's audience, one or a list, names us (RFC 7519, 4.1.3)."""
    return AUDIENCE in audience if isinstance(audience, list) else audience == AUDIENCE


def _check_times(claims: dict[str, Any]) -> datetime:
    current = now().timestamp()
    expires, *earlier = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None:
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim="exp"))
    if expires < current - CLOCK_SKEW:
        raise TokenRefused(_("The token has expired."))
    if expires > current + MAX_LIFETIME + CLOCK_SKEW:
        raise TokenRefused(_("The token lives too long: a minute is the most."))
    if any(at is not None and at > current + CLOCK_SKEW for at in earlier):
        raise TokenRefused(_("The token is from the future: see that both clocks are right."))
    return datetime.fromtimestamp(expires, UTC)


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**40:
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim=name))
    return value


def _text(claims: dict[str, Any], name: str, min_length: int, max_length: int) -> str:
    value: Any = claims.get(name)
    if value is None and min_length == 0:
        return ""
    text = without_direction_marks(value).strip() if isinstance(value, str) else ""
    if not isinstance(value, str) or CONTROL.search(value) or SURROGATE.search(value):
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim=name))
    if not min_length <= len(text) <= max_length:
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim=name))
    return text


def _choice(claims: dict[str, Any], name: str, choices: list[str]) -> str | None:
    value = claims.get(name)
    if value is not None and value not in choices:
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim=name))
    return value


def _colour(claims: dict[str, Any]) -> str | None:
    value = claims.get("accent")
    if value is not None and not (isinstance(value, str) and COLOUR.fullmatch(value)):
        raise TokenRefused(_("%(claim)s is missing in the token, or not as agreed.", claim="accent"))
    return value
