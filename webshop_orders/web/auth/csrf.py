"""Protection against cross-site request forgery: a form must come from one of our own pages."""

from functools import lru_cache

from flask import Request, current_app, session
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError, generate_csrf
from itsdangerous import URLSafeTimedSerializer

from webshop_orders.web.auth import audit, authentication
from webshop_orders.web.http.once_a_request import once_a_request
from webshop_orders.web.http.session_transport import FRAMED, session_transport

csrf = CSRFProtect()
# Forms that anybody may fill in, in which no session gives a request any authority: there is nothing to forge.
OPEN_BLUEPRINTS = {"withdrawal"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}  # which change nothing


def check_origin(request: Request) -> None:
    """Require the CSRF token, except where the request itself proves its origin.

    Raises CSRFError. A URL without a view is answered by 404, whatever its origin.
    """
    if request.method in SAFE_METHODS or request.blueprint in OPEN_BLUEPRINTS:
        return
    # No other site can make a browser send this header.
    is_from_frame = request.blueprint == "embed" and FRAMED in request.headers
    proves_origin = authentication.is_machine_request() or session_transport().proves_origin or is_from_frame
    if request.endpoint is not None and not proves_origin:
        try:
            csrf.protect()
        except CSRFError:
            audit.record_refusal("origin")
            raise


@once_a_request
def token() -> str:
    """The token for the forms of this page."""
    secret = session.get("csrf_token")
    if not secret:
        return str(generate_csrf())
    keys = current_app.config.get("WTF_CSRF_SECRET_KEY") or current_app.config["SECRET_KEY"]
    return _signed(secret, (keys,) if isinstance(keys, str) else tuple(keys))


@lru_cache(512)
def _signed(secret: str, keys: tuple[str, ...]) -> str:
    """What `generate_csrf` makes of the secret of a session. It is valid for as long as the session is."""
    return str(URLSafeTimedSerializer(keys, salt="wtf-csrf-token").dumps(secret))


TEMPLATE_GLOBALS = {"csrf_token": token}
