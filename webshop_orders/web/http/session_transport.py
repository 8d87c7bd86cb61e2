"""Session transports: how a session travels from one request to the next.

In a window of its own the order desk uses a cookie. In the frame of a host it uses another cookie, which browsers
partition by host (CHIPS). Where a browser keeps no cookie in a frame, the signed session itself is sent with every
request: as a bearer token, or as a ticket in a URL that the browser opens without our script.
"""

import time
from enum import Enum, auto
from functools import lru_cache
from json import JSONDecoder
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from flask import Flask, Request, Response, g, request, session
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
    session_json_serializer,
)
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from webshop_orders.clock import now
from webshop_orders.security import signing_keys

FRAME_COOKIE = "__Host-webshop_orders_frame"
FRAMED = "X-Framed"
BEARER_SECONDS = 600
TICKET = "ticket"
WITHIN = "within"  # query parameter: whether the page with the URL is in a "frame" or a "window"


class SessionTransport(Enum):
    COOKIE = auto()
    FRAME_COOKIE = auto()
    BEARER = auto()
    TICKET = auto()

    @property
    def proves_origin(self) -> bool:
        """Whether another site cannot make a browser send it, as it could a cookie."""
        return self is SessionTransport.BEARER or self is SessionTransport.TICKET


class TransportedSessionInterface(SecureCookieSessionInterface):
    """Sessions in the cookie, in the frame's cookie, in a bearer token or in a ticket."""

    def __init__(self) -> None:
        self._serializers: dict[tuple[str, ...], URLSafeTimedSerializer | None] = {}  # by their keys

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            g.session_transport = SessionTransport.BEARER
            return self.session_class(self._unsigned(app, "bearer", bearer))
        if request.method == "GET" and TICKET in request.args and (ticket := request.args[TICKET]):
            g.session_transport = SessionTransport.TICKET
            query = request.query_string.decode(errors="replace")
            purpose = _ticket_purpose(request.script_root + request.path, query)
            return self.session_class(self._unsigned(app, purpose, ticket))
        g.session_transport = (
            SessionTransport.FRAME_COOKIE if _comes_from_frame(app, request) else SessionTransport.COOKIE
        )
        return self._cookie_session(app, request)

    def _cookie_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie, as Flask opens it, with its signature verified once."""
        serializer, cookie = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))
        if serializer is None:
            return None
        if not cookie:
            return self.session_class()
        try:
            json, signed_at = _verified(serializer, cookie)
        except BadSignature:
            return self.session_class()
        is_valid = 0 <= int(time.time()) - signed_at <= app.permanent_session_lifetime.total_seconds()
        return self.session_class(_values_of(json) if is_valid else None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie of a session that has changed; that responses vary by it, they say anyway."""
        if session.modified and not session_transport().proves_origin:
            super().save_session(app, session, response)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        keys = tuple(signing_keys.active_keys(app.config))
        if keys not in self._serializers:
            self._serializers[keys] = super().get_signing_serializer(app)
        return self._serializers[keys]

    def bearer(self, app: Flask) -> str:
        """The current session as a bearer token, valid for a few minutes.

        A token for a session that itself came as a token expires with that one, so that only the host can renew it.
        """
        return str(self._serializer(app, "bearer").dumps(_values_for_minutes(session)))

    def ticket(self, app: Flask, url: str, *, is_brief: bool = False) -> str:
        """The current session as a ticket, valid for one URL only, which the browser opens without our script.

        A brief one is valid for a few minutes.
        """
        path, _mark, query = url.partition("?")
        purpose = _ticket_purpose(unquote(path), query)
        values = _values_for_minutes(session) if is_brief else _lasting_values(session)
        return str(self._serializer(app, purpose).dumps(values))

    def load_bearer(self, app: Flask, bearer: str) -> None:
        """Continue the session of a bearer token, whatever other session the request came with."""
        g.session_transport = SessionTransport.BEARER
        session.clear()
        session.update(self._unsigned(app, "bearer", bearer))

    def get_cookie_name(self, app: Flask) -> str:
        return FRAME_COOKIE if _is_frame_cookie() else super().get_cookie_name(app)

    def get_cookie_samesite(self, app: Flask) -> str | None:
        return "None" if _is_frame_cookie() else super().get_cookie_samesite(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        return _is_frame_cookie() or request.is_secure or super().get_cookie_secure(app)

    def get_cookie_partitioned(self, app: Flask) -> bool:
        return _is_frame_cookie() or super().get_cookie_partitioned(app)

    def _unsigned(self, app: Flask, purpose: str, value: str) -> dict[str, Any]:
        try:
            values: dict[str, Any] = self._serializer(app, purpose).loads(value)
        except BadSignature:
            return {}
        return values

    def _serializer(self, app: Flask, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            signing_keys.active_keys(app.config), salt=f"session carried by {purpose}", serializer=self.serializer
        )


@lru_cache(512)
def _verified(serializer: URLSafeTimedSerializer, cookie: str) -> tuple[str, float]:
    """The values of a signed session as JSON, which every request reads anew, and when they were signed.

    Raises BadSignature.
    """
    values, signed_at = serializer.loads(cookie, return_timestamp=True)
    return session_json_serializer.dumps(values), signed_at.timestamp()


_values_of = JSONDecoder(object_hook=session_json_serializer.untag).decode


def session_transport() -> SessionTransport:
    """The transport that brought the session of this request."""
    transport: SessionTransport = vars(g._get_current_object())["session_transport"]
    return transport


def _is_frame_cookie() -> bool:
    return session_transport() is SessionTransport.FRAME_COOKIE


def _comes_from_frame(app: Flask, request: Request) -> bool:
    """Whether a request comes from a frame in a host's page.

    Requests of the frame's script say so in a header, and URLs that the browser opens itself in a parameter. For links
    followed without JavaScript, `Sec-Fetch-Dest` tells; for old browsers without it, the cookie that they send.
    """
    if FRAMED in request.headers:
        return True
    if WITHIN in request.args and (within := request.args[WITHIN]):
        return within == "frame"
    if FRAME_COOKIE not in request.cookies:
        return False
    destination = request.headers.get("Sec-Fetch-Dest")
    own_cookie = app.config["SESSION_COOKIE_NAME"]
    return destination in {"iframe", "frame"} or (destination is None and own_cookie not in request.cookies)


def _ticket_purpose(path: str, query: str) -> str:
    """What a ticket is valid for: a path and its query, without the ticket itself."""
    arguments = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != TICKET]
    return f"ticket {path}?{urlencode(arguments)}"


def _values_for_minutes(session: SessionMixin) -> dict[str, Any]:
    return {**_lasting_values(session), "until": min(session["until"], now().timestamp() + BEARER_SECONDS)}


def _lasting_values(session: SessionMixin) -> dict[str, Any]:
    """The session without values that belong to one page: its user, and the appearance of the frame."""
    return {name: session[name] for name in ("id", "user", "key", "until", "frame") if name in session}
