"""What browsers are told to allow on our pages: our own files, and nothing written into the page."""

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _

from webshop_orders import api
from webshop_orders.errors import PayloadTooLarge

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
# A program draws nothing, so whoever is led to open its answer as a page can do nothing with it.
PROGRAM_POLICY = "default-src 'none'"
# What a browser could do for a page, and none of ours asks for.
FEATURES = [
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
]
ONLY_BY_TLS = "max-age=31536000; includeSubDomains"
FOR_OTHER_SITES = {"embed.js"}
NOBODY = "'none'"


def install(app: Flask) -> None:
    app.before_request(count_fields)
    app.after_request(set_headers)


def _who_may_frame(policy: str) -> str:
    """The pages that may have ours in a frame: the hosts', and for a mail our own."""
    origins = [origin for host in current_app.config["EMBED_HOSTS"] for origin in host.origins]
    if policy == PROGRAM_POLICY:
        return NOBODY
    if policy == MAIL_POLICY:
        return " ".join(["'self'", *origins])
    return " ".join(origins) or NOBODY


def count_fields() -> None:
    """Werkzeug's limit on fields does not cover the encoding that forms without files are sent in."""
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    if is_form and request.get_data().count(b"&") >= current_app.config["MAX_FORM_PARTS"]:
        raise PayloadTooLarge(_("That is more than can be taken at once. Nothing was changed."))


def set_headers(response: Response) -> Response:
    policy = response.headers.get("Content-Security-Policy", PROGRAM_POLICY if api.is_addressed() else PAGE_POLICY)
    response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors {_who_may_frame(policy)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = ", ".join(f"{feature}=()" for feature in FEATURES)
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if _is_for_other_sites() else "same-origin"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = ONLY_BY_TLS
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(["HX-Request-Type", "Cookie", "Accept-Language"])
    return response


def _is_for_other_sites() -> bool:
    """Whether a file of ours is made for the pages of those who embed us."""
    return request.endpoint == "static" and (request.view_args or {}).get("filename") in FOR_OTHER_SITES
