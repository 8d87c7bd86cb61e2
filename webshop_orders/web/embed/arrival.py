"""Signing in through the page of a host, which names its user in a signed token."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from webshop_orders import rendering
from webshop_orders.errors import RuleViolation
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.orders import loading
from webshop_orders.operations.users import embedded_users
from webshop_orders.security import embed_tokens
from webshop_orders.security.embed_tokens import COLOUR, LANGUAGES, THEMES, TokenRefused, Visit
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import sessions
from webshop_orders.web.embed import accent as accents
from webshop_orders.web.http import frame, url_prefix
from webshop_orders.web.http.frame import Frame
from webshop_orders.web.http.redirects import is_safe
from webshop_orders.web.http.session_transport import SessionTransport, session_transport

blueprint = Blueprint("embed", __name__, url_prefix="/embed")


@blueprint.errorhandler(TokenRefused)
def refuse(error: TokenRefused) -> Response:
    """Show what to do next, to the person in the frame or to its script."""
    address = request.remote_addr or ""
    if not access_log.is_flooded_from(address):  # before the write lock, which others wait for
        with writing():
            access_log.record(AccessKind.SIGN_IN_REFUSED, "", address=address, reason=str(error))
    if request.method == "POST":
        return make_response(jsonify(sentence=str(error)), error.status)
    return make_response(rendering.render("embed/refused.html", sentence=str(error)), error.status)


@blueprint.get("")
def arrive() -> Response:
    """Sign a user in by their host's token, and redirect to the page that they are going to.

    The URL's fragment, which browsers never send to a server, has the session for browsers that keep no cookie.
    """
    visit = _sign_in()
    url = _next_page() or (_order_url(visit.order) if visit.order else url_for("orders.index"))
    return redirect(f"{url}#bearer={frame.bearer()}", 303)  # type: ignore[return-value]


@blueprint.post("/renewal")
def renew() -> Response:
    """Renew a session that has expired, or soon will, by a new token of the host's."""
    _sign_in()
    return jsonify(bearer=frame.bearer(), csrf=generate_csrf(), user=session["user"])


@blueprint.post("/appearance")
def change_appearance() -> Response:
    """Change language, theme and accent to the host's present ones."""
    current = frame.current()
    if current is None:
        return Response(status=401)  # the frame's script then renews the session, and repeats the request
    values = request.form
    Frame(
        host=current.host,
        origins=current.origins,
        language=_supported(values.get("lang"), LANGUAGES) or current.language,
        theme=_supported(values.get("theme"), THEMES) if "theme" in values else current.theme,
        accent=values["accent"] if COLOUR.fullmatch(values.get("accent", "")) else current.accent,
    ).save()
    # A cookie is valid for longer than the host's token was, so it is not exchanged for a bearer token.
    return jsonify(bearer=frame.bearer() if session_transport() is SessionTransport.BEARER else None)


@blueprint.get("/accent/<colour>.css")
def accent(colour: str) -> Response:
    """The style sheet with the colours that derive from the host's."""
    if not COLOUR.fullmatch(f"#{colour}"):
        raise RuleViolation(_("This is no colour."))
    return Response(accents.style_sheet(f"#{colour}"), mimetype="text/css")


def _sign_in() -> Visit:
    visit = embed_tokens.verify(request.values.get("token", ""), frame.hosts())
    origins = _page_origins(visit)
    previous = frame.current()
    with writing():
        user = embedded_users.admit(visit)
        if previous is not None and g.user.id != user.id:
            previous = None
        if previous is None:
            address = request.remote_addr or ""
            access_log.record(AccessKind.SIGNED_IN, user.name, address=address, user=user, host=visit.host.name)
    _begin_session(user, visit, origins, previous)
    return visit


def _begin_session(user: User, visit: Visit, origins: tuple[str, ...], previous: Frame | None) -> None:
    """Start a session that keeps the appearance of the same user's previous one."""
    appearance: dict[str, Any] = {"language": visit.language, "theme": visit.theme, "accent": visit.accent}
    if previous is not None:  # its host may have changed them after the token
        appearance = {name: value or getattr(previous, name) for name, value in appearance.items()}
    g.session_transport = SessionTransport.FRAME_COOKIE
    sessions.begin_session(user)
    Frame(host=visit.host.name, origins=origins, **appearance).save()


def _page_origins(visit: Visit) -> tuple[str, ...]:
    """The origin that the page states, else all origins of its host; raises TokenRefused for another host's."""
    origin = request.values.get("origin")
    if origin is None:
        return visit.host.origins
    if origin not in visit.host.origins:
        raise TokenRefused(_("The page around the order desk is not one of those it may be shown in."))
    return (origin,)


def _next_page() -> str | None:
    page = request.args.get("next", "")
    url = request.script_root + page  # hosts name pages without the path that the desk is below
    return url if is_safe(page) and url_prefix.is_below(url) else None


def _order_url(reference: str) -> str:
    return url_for("order.tab", number=loading.find_number(reference) or reference, tab="summary")


def _supported(value: str | None, supported: list[str]) -> str | None:
    return value if value in supported else None
