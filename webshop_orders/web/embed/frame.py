"""The frame of a host that the order desk is shown in, if it is: what its pages look like and what they can tell."""

from dataclasses import asdict, dataclass

from flask import Flask, current_app, g, request, session, url_for

from webshop_orders.security.embed_hosts import EmbedHost
from webshop_orders.web.auth.session_transport import (
    FRAMED,
    TICKET,
    WITHIN,
    SessionInterface,
    SessionTransport,
    session_transport,
)

BEARER = "bearer"

carriers = SessionInterface()


@dataclass(frozen=True)
class Frame:
    """How the desk looks inside a host's page, and the origins that the page may be of."""

    host: str
    origins: tuple[str, ...]
    language: str | None = None
    theme: str | None = None
    accent: str | None = None

    def keep(self) -> None:
        """Keep it in the session."""
        session["frame"] = asdict(self)


def install(app: Flask) -> None:
    app.session_interface = carriers
    app.before_request(take_session_from_form)
    app.jinja_env.globals.update(
        accent_address=accent_address,
        frame=current,
        frame_bearer=frame_bearer,
        frame_origins=origins,
        is_framed=is_framed,
        opened_by_itself=opened_by_itself,
        sent_by_itself=sent_by_itself,
    )


def take_session_from_form() -> None:
    """A form that the browser sends by itself has the session among its fields, since it adds no header."""
    if request.method == "POST" and request.args.get(WITHIN) == "frame" and BEARER in request.form:
        carriers.take(current_app, request.form[BEARER])


def current() -> Frame | None:
    """The frame that the signed-in user is in."""
    kept = session.get("frame")
    if not kept or g.get("user") is None:
        return None
    return Frame(**{**kept, "origins": tuple(kept["origins"])})


def is_framed() -> bool:
    """Whether the page is drawn inside a host's, and so without a head of its own."""
    asked_for_frame = request.blueprint == "embed" or FRAMED in request.headers
    return current() is not None or asked_for_frame or is_opening()


def is_opening() -> bool:
    """Whether a frame of a host is being filled."""
    return bool(hosts()) and request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}


def hosts() -> tuple[EmbedHost, ...]:
    found: tuple[EmbedHost, ...] = current_app.config["EMBED_HOSTS"]
    return found


def still_has(host: str | None) -> bool:
    """Whether users of a host may still come in; those of none may."""
    return host is None or host in {one.name for one in hosts()}


def origins() -> list[str]:
    """The origins that the page around ours may be of: those of its host, or any host's while it is not known."""
    present = current()
    if present is not None:
        return list(present.origins)
    return [origin for host in hosts() for origin in host.origins]


def bearer() -> str:
    """The session as the pages of a frame carry it where browsers keep no cookie."""
    return carriers.bearer(current_app)


def frame_bearer() -> str | None:
    """The same for forms that the browser sends by itself, where they have to carry it."""
    return bearer() if session_transport() is SessionTransport.BEARER else None


def opened_by_itself(address: str) -> str:
    """An address that the browser opens without our script, such as a mail's in its frame, with the session to use."""
    if session_transport() is SessionTransport.BEARER:
        return _with_argument(address, TICKET, carriers.ticket(current_app, address))
    return sent_by_itself(address)


def sent_by_itself(address: str) -> str:
    """An address that the browser sends a form to without our script, with which cookie to go by."""
    if not hosts():
        return address
    return _with_argument(address, WITHIN, "window" if session_transport() is SessionTransport.COOKIE else "frame")


def _with_argument(address: str, name: str, value: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{name}={value}"


def accent_address() -> str | None:
    """The style sheet with the host's colour."""
    present = current()
    return url_for("embed.accent", colour=present.accent[1:]) if present and present.accent else None
