"""What browsers are told to allow on our pages: our own files, and nothing written into the page."""

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _

from webshop_orders.errors import TooLarge

PAGE_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
    ]
)
# A mail is shown as its reader sees it, with its own styles, and can neither run nor fetch anything.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


NOBODY = "'none'"


def install(app: Flask) -> None:
    app.before_request(count_fields)
    app.after_request(set_headers)


def _origins() -> list[str]:
    """The pages that may have ours in a frame."""
    return [origin for host in current_app.config["EMBED_HOSTS"] for origin in host.origins]


def count_fields() -> None:
    """Werkzeug's limit on fields does not cover the encoding that forms without files are sent in."""
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    if is_form and request.get_data().count(b"&") >= current_app.config["MAX_FORM_PARTS"]:
        raise TooLarge(_("That is more than can be taken at once. Nothing was changed."))


def set_headers(response: Response) -> Response:
    policy = response.headers.get("Content-Security-Policy", PAGE_POLICY)
    around = ["'self'", *_origins()] if policy == MAIL_POLICY else _origins()
    response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors {' '.join(around) or NOBODY}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(["HX-Request-Type", "Cookie", "Accept-Language"])
    return response
