"""What carries a session from one request to the next.

In a window of its own the order desk has a cookie of its own. In a frame of a host it has another, which browsers keep
apart for each host (CHIPS), and where they keep none at all, the session itself rides on every request, signed.
"""

from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer

from webshop_orders.clock import now
from webshop_orders.security import signing_keys

FRAME_COOKIE = "__Host-webshop_orders_frame"
FRAMED = "X-Framed"
BEARER_SECONDS = 600
TICKET = "ticket"
WITHIN = "within"  # says in an address whether the page that it stands on is in a frame or in a window


class SessionTransport(Enum):
    COOKIE = auto()
    FRAME_COOKIE = auto()
    BEARER = auto()
    TICKET = auto()

    @property
    def proves_origin(self) -> bool:
        """Whether no other site can have it sent along, as it could a cookie."""
        return self in {SessionTransport.BEARER, SessionTransport.TICKET}


class SessionInterface(SecureCookieSessionInterface):
    """Sessions in a cookie, in the frame's cookie, or carried by the request itself."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            g.session_carrier = SessionTransport.BEARER
            return self.session_class(self._unsigned(app, "bearer", bearer))
        if request.method == "GET" and (ticket := request.args.get(TICKET)):
            g.session_carrier = SessionTransport.TICKET
            query = request.query_string.decode(errors="replace")
            purpose = _purpose_of_ticket(request.script_root + request.path, query)
            return self.session_class(self._unsigned(app, purpose, ticket))
        g.session_carrier = (
            SessionTransport.FRAME_COOKIE if _comes_from_frame(app, request) else SessionTransport.COOKIE
        )
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not session_transport().proves_origin:
            super().save_session(app, session, response)

    def bearer(self, app: Flask) -> str:
        """The present session, to be carried by the requests of a frame for a few minutes.

        One that came by a bearer ends when that does, so that only its host can have it go on.
        """
        until = min(session["until"], now().timestamp() + BEARER_SECONDS)
        return str(self._serializer(app, "bearer").dumps({**_without_passing(session), "until": until}))

    def ticket(self, app: Flask, address: str) -> str:
        """The present session, for one address alone, which the browser opens by itself."""
        path, _mark, query = address.partition("?")
        purpose = _purpose_of_ticket(unquote(path), query)
        return str(self._serializer(app, purpose).dumps(_without_passing(session)))

    def take(self, app: Flask, bearer: str) -> None:
        """Go on in the session that a bearer carries, whatever else came with the request."""
        g.session_carrier = SessionTransport.BEARER
        session.clear()
        session.update(self._unsigned(app, "bearer", bearer))

    def get_cookie_name(self, app: Flask) -> str:
        return FRAME_COOKIE if _is_frames() else super().get_cookie_name(app)

    def get_cookie_samesite(self, app: Flask) -> str | None:
        return "None" if _is_frames() else super().get_cookie_samesite(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        return _is_frames() or request.is_secure or super().get_cookie_secure(app)

    def get_cookie_partitioned(self, app: Flask) -> bool:
        return _is_frames() or super().get_cookie_partitioned(app)

    def _unsigned(self, app: Flask, purpose: str, value: str) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = self._serializer(app, purpose).loads(value)
        except BadSignature:
            return {}
        return kept

    def _serializer(self, app: Flask, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            signing_keys.active_keys(app.config), salt=f"session carried by {purpose}", serializer=self.serializer
        )


def session_transport() -> SessionTransport:
    """What carried the session of this request."""
    found: SessionTransport = g.session_carrier
    return found


def _is_frames() -> bool:
    return session_transport() is SessionTransport.FRAME_COOKIE


def _comes_from_frame(app: Flask, request: Request) -> bool:
    """Whether a request comes from a host's page.

    What a frame's own script sends says so, and so does the address of what a page has the browser open by itself. Of
    links followed without JavaScript the browser tells; old ones do not, and send the cookie that they have.
    """
    if FRAMED in request.headers:
        return True
    if within := request.args.get(WITHIN):
        return within == "frame"
    if FRAME_COOKIE not in request.cookies:
        return False
    destination = request.headers.get("Sec-Fetch-Dest")
    own_cookie = app.config["SESSION_COOKIE_NAME"]
    return destination in {"iframe", "frame"} or (destination is None and own_cookie not in request.cookies)


def _purpose_of_ticket(path: str, query: str) -> str:
    """What a ticket is good for: a path, and all else that is asked of it."""
    asked = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != TICKET]
    return f"ticket {path}?{urlencode(asked)}"


def _without_passing(session: SessionMixin) -> dict[str, Any]:
    """Who it is and how the desk looks to them, without what belongs to one page."""
    return {name: session[name] for name in ("id", "user", "key", "until", "frame") if name in session}
