"""The frame of a host that the order desk is shown in: how its pages look, and how its session is sent."""

from dataclasses import asdict, dataclass

from flask import Request, current_app, g, request, session, url_for

from webshop_orders.security.embed_hosts import EmbedHost
from webshop_orders.web.http.once_a_request import once_a_request
from webshop_orders.web.http.session_transport import (
    FRAMED,
    TICKET,
    WITHIN,
    SessionTransport,
    TransportedSessionInterface,
    session_transport,
)

BEARER = "bearer"

session_interface = TransportedSessionInterface()


@dataclass(frozen=True)
class Frame:
    """The appearance of the desk inside a host's page, and the origins that the page may have."""

    host: str
    origins: tuple[str, ...]
    language: str | None = None
    theme: str | None = None
    accent: str | None = None

    def save(self) -> None:
        """Store it in the session."""
        session["frame"] = asdict(self)


def load_session_from_form(request: Request) -> None:
    """Load the session from a form field: a form that the browser sends without our script has no header for it."""
    if request.method == "POST" and request.args.get(WITHIN) == "frame" and BEARER in request.form:
        session_interface.load_bearer(current_app, request.form[BEARER])


def current() -> Frame | None:
    """The frame that the signed-in user is in."""
    values = session.get("frame")
    if not values or g.get("user") is None:
        return None
    return Frame(**{**values, "origins": tuple(values["origins"])})


@once_a_request
def is_framed() -> bool:
    """Whether the page is rendered inside a host's page, and so without a header of its own."""
    return current() is not None or request.blueprint == "embed" or FRAMED in request.headers or is_opening()


def is_opening() -> bool:
    """Whether the browser loads the page into a frame of a host."""
    return bool(hosts()) and request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}


def hosts() -> tuple[EmbedHost, ...]:
    configured: tuple[EmbedHost, ...] = current_app.config["EMBED_HOSTS"]
    return configured


def is_host_configured(host: str | None) -> bool:
    """Whether users of a host may still sign in; always for users without a host."""
    return host is None or host in {configured.name for configured in hosts()}


def origins() -> list[str]:
    """The origins that the page around ours may have: its host's, or those of all hosts while it is unknown."""
    frame = current()
    if frame is not None:
        return list(frame.origins)
    return [origin for host in hosts() for origin in host.origins]


def bearer() -> str:
    """The session as a bearer token, for the pages of a frame where the browser keeps no cookie."""
    return session_interface.bearer(current_app)


def form_bearer() -> str | None:
    """The bearer token for a field of a form that the browser sends without our script, where one is needed."""
    return bearer() if session_transport() is SessionTransport.BEARER else None


def url_with_session(url: str) -> str:
    """A URL that the browser opens without our script, such as that of a mail in an iframe, with its session."""
    if session_transport() is SessionTransport.BEARER:
        return _with_argument(url, TICKET, session_interface.ticket(current_app, url))
    return form_url_with_session(url)


def url_for_tab(url: str) -> str:
    """A URL that opens in a tab of its own, which has no session of the frame: the URL brings it, for a few minutes."""
    return _with_argument(url, TICKET, session_interface.ticket(current_app, url, is_brief=True))


def form_url_with_session(url: str) -> str:
    """A URL that the browser sends a form to without our script, with the cookie to use for it."""
    if not hosts():
        return url
    return _with_argument(url, WITHIN, "window" if session_transport() is SessionTransport.COOKIE else "frame")


def accent_url() -> str | None:
    """The style sheet with the host's colour."""
    frame = current()
    return url_for("embed.accent", colour=frame.accent[1:]) if frame and frame.accent else None


def _with_argument(url: str, name: str, value: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{name}={value}"


TEMPLATE_GLOBALS = {
    "accent_url": accent_url,
    "form_bearer": form_bearer,
    "form_url_with_session": form_url_with_session,
    "frame": current,
    "frame_origins": origins,
    "is_framed": is_framed,
    "url_for_tab": url_for_tab,
    "url_with_session": url_with_session,
}
