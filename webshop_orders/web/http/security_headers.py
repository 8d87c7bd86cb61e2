"""Security headers: browsers may load our own files only, and run nothing that is written into a page."""

from flask import Response, current_app, make_response, request

from webshop_orders import api

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
# A mail is shown as its recipient sees it, with its own styles, and can neither run nor fetch anything.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# Programs render nothing, so their responses are inert where someone is tricked into opening them as a page.
PROGRAM_POLICY = "default-src 'none'"
# Browser features that none of our pages uses.
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
PERMISSIONS = ", ".join(f"{feature}=()" for feature in FEATURES)
HSTS = "max-age=31536000; includeSubDomains"
VARY = "HX-Request-Type, Cookie, Accept-Language"
CROSS_ORIGIN_FILES = {"embed.js"}
NO_ORIGIN = "'none'"


def sandboxed_mail(html: str) -> Response:
    """The HTML of a mail as a page of its own, which can neither run nor fetch anything."""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _frame_ancestors(policy: str) -> str:
    """The origins whose pages may embed this one: the hosts', and for a mail ours too."""
    origins = [origin for host in current_app.config["EMBED_HOSTS"] for origin in host.origins]
    if policy == PROGRAM_POLICY:
        return NO_ORIGIN
    if policy == MAIL_POLICY:
        return " ".join(["'self'", *origins])
    return " ".join(origins) or NO_ORIGIN


def set_headers(response: Response) -> Response:
    headers = response.headers
    policy = headers.get("Content-Security-Policy", PROGRAM_POLICY if api.is_addressed() else PAGE_POLICY)
    headers["Content-Security-Policy"] = f"{policy}; frame-ancestors {_frame_ancestors(policy)}"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if _is_cross_origin_file() else "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = HSTS
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
        headers["Vary"] = VARY
    return response


def _is_cross_origin_file() -> bool:
    """Whether the response is a static file for the pages of hosts."""
    return request.endpoint == "static" and (request.view_args or {}).get("filename") in CROSS_ORIGIN_FILES
