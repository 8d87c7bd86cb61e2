"""The claims of a JSON web token that is signed with HS256 (RFC 7515), and why one cannot be read.

Imported by `embed_tokens` when a token arrives: joserfc takes a tenth of the time of a start.
"""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    InvalidHeaderValueError,
    InvalidPayloadError,
    JoseError,
    MissingAlgorithmError,
    MissingCritHeaderError,
    UnsupportedAlgorithmError,
    UnsupportedHeaderError,
)
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

ALGORITHM = "HS256"


def read(
    token: str, secret: str, *, max_header_length: int, refuse: Callable[[str], Exception]
) -> dict[str, Any] | None:
    """The claims of a token; None if it was signed with another secret. What `refuse` makes is raised otherwise."""
    # Header parameters unknown here are ignored, unless the token lists them as critical (RFC 7515, 4.1.11).
    headers = JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
    headers.max_header_length = max_header_length
    try:
        return jwt.decode(token, OctKey.import_key(secret), registry=headers).claims
    except BadSignatureError:
        return None
    # A deeply nested header raises RecursionError, one that is no object TypeError.
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise refuse(_failure(error)) from None


def _failure(error: Exception) -> str:
    """Why a token could not be decoded, whatever the secret."""
    match error:
        case UnsupportedAlgorithmError() | MissingAlgorithmError():
            return _("The token was not signed with %(algorithm)s, the only algorithm accepted.", algorithm=ALGORITHM)
        case UnsupportedHeaderError() | MissingCritHeaderError():
            return _("The token's header demands something (crit) that is not supported here.")
        case InvalidHeaderValueError():
            return _("A parameter in the token's header has a value that the standard does not allow.")
        case InvalidPayloadError():
            return _("The token's claims are not a JSON object.")
        case _:
            return _("That is no signed token (JWT): three parts in base64url without padding, joined by dots.")
