"""Protection against cross-site request forgery: a form must come from one of our own pages."""

from flask import g, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError, generate_csrf

from webshop_orders.web.auth import audit, authentication
from webshop_orders.web.http.session_transport import FRAMED, session_transport

csrf = CSRFProtect()
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}  # which change nothing


def check_origin() -> None:
    """Require the CSRF token, except where the request itself proves its origin.

    Raises CSRFError. A URL without a view is answered by 404, whatever its origin.
    """
    if request.method in SAFE_METHODS:
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


def token() -> str:
    """The token for the forms of this page, made once."""
    return str(g.get("csrf_token") or generate_csrf())


TEMPLATE_GLOBALS = {"csrf_token": token}
