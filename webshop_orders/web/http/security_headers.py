"""Security headers: browsers may load our own files only, and run nothing that is written into a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, make_response

from webshop_orders import api
from webshop_orders.security.embed_hosts import EmbedHost

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]

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
# Browser features that none of our pages uses, but for those of `OWN_FEATURES`.
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
# Where one packs, a phone's camera can read codes.
OWN_FEATURES = {"packing": {"camera"}}
HSTS = "max-age=31536000; includeSubDomains"
VARY = "HX-Request-Type, Cookie, Accept-Language"
CROSS_ORIGIN_FILES = {"embed.js"}
NO_ORIGIN = "'none'"


def sandboxed_mail(html: str) -> Response:
    """The HTML of a mail as a page of its own, which can neither run nor fetch anything."""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def middleware(app: Flask, inner: WSGIApplication) -> WSGIApplication:
    """Add the headers to each response, when all else about it is decided."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: Headers, *exc_info: Any) -> Callable[[bytes], object]:
            return start_response(status, _completed(headers, app, environ["werkzeug.request"]), *exc_info)

        return inner(environ, start)

    return application


def _completed(headers: Headers, app: Flask, request: Request) -> Headers:
    """The headers of a response with ours, which replace its own but for a policy."""
    policy = PROGRAM_POLICY if request.path.startswith(api.PATHS) else PAGE_POLICY
    others = []
    for name, value in headers:
        match name.lower():
            case "content-security-policy":
                policy = value
            case "cache-control" | "vary" if request.endpoint != "static":
                pass
            case _:
                others.append((name, value))
    # Below a path, the host name is that of other pages too, whose owner decides how they are reached.
    demands_tls = request.is_secure and not request.script_root
    framing, permissions = _framing_origins(app, request), _permissions(request.blueprint)
    return [*others, *_headers(policy, framing, demands_tls, _file(request), permissions)]


def _framing_origins(app: Flask, request: Request) -> tuple[str, ...]:
    """The origins whose pages may show this one in a frame: the hosts', and the shop's for the form of customers."""
    own = app.config["WITHDRAWAL_ORIGINS"] if request.blueprint == "withdrawal" else ()
    hosts: tuple[EmbedHost, ...] = app.config["EMBED_HOSTS"]
    return (*(origin for host in hosts for origin in host.origins), *own)


def _file(request: Request) -> str | None:
    """The name of a static file, which browsers may keep and pages of hosts may load if it is theirs."""
    return (request.view_args or {}).get("filename", "") if request.endpoint == "static" else None


@lru_cache(64)
def _permissions(blueprint: str | None) -> str:
    own = OWN_FEATURES.get(blueprint or "", set())
    return ", ".join(f"{feature}=({'self' if feature in own else ''})" for feature in FEATURES)


@lru_cache(64)
def _headers(policy: str, framing: tuple[str, ...], demands_tls: bool, file: str | None, permissions: str) -> Headers:
    resource_policy = "cross-origin" if file in CROSS_ORIGIN_FILES else "same-origin"
    headers = [
        ("Content-Security-Policy", f"{policy}; frame-ancestors {_frame_ancestors(policy, framing)}"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Permissions-Policy", permissions),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", resource_policy),
    ]
    if demands_tls:
        headers.append(("Strict-Transport-Security", HSTS))
    if file is None:
        headers += [("Cache-Control", "no-store"), ("Vary", VARY)]
    return headers


def _frame_ancestors(policy: str, origins: tuple[str, ...]) -> str:
    """The origins whose pages may embed this one, and for a mail ours too."""
    if policy == PROGRAM_POLICY:
        return NO_ORIGIN
    if policy == MAIL_POLICY:
        return " ".join(["'self'", *origins])
    return " ".join(origins) or NO_ORIGIN
