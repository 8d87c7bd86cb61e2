"""Coming in through the page of a host, which says by a signed token who is in front of it."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from webshop_orders.errors import RuleViolation
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.orders import loading
from webshop_orders.operations.users import embedded_users
from webshop_orders.security import embed_tokens
from webshop_orders.security.embed_tokens import COLOUR, LANGUAGES, THEMES, TokenRefused, Visit
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import sessions
from webshop_orders.web.auth.session_transport import SessionTransport, session_transport
from webshop_orders.web.embed import accent as accents
from webshop_orders.web.embed import frame
from webshop_orders.web.embed.frame import Frame
from webshop_orders.web.http.redirects import is_safe

blueprint = Blueprint("embed", __name__, url_prefix="/embed")


@blueprint.errorhandler(TokenRefused)
def refuse(error: TokenRefused) -> Response:
    """Tell who was kept out what to do, in the frame or to the script in it."""
    address = request.remote_addr or ""
    if not access_log.is_flooded_from(address):  # without the lock that others write under
        with writing():
            access_log.record(AccessKind.SIGN_IN_REFUSED, "", address=address, reason=str(error))
    if request.method == "POST":
        return make_response(jsonify(sentence=str(error)), error.status)
    return make_response(render_template("embed/refused.html", sentence=str(error)), error.status)


@blueprint.get("")
def arrive() -> Response:
    """Let someone in by their host's token, and show where they are going.

    The fragment never leaves the browser: it carries the session to the page for the case that the cookie does not.
    """
    visit = _let_in()
    where = _next_page() or (_address_of(visit.order) if visit.order else url_for("orders.index"))
    return redirect(f"{where}#bearer={frame.bearer()}", 303)  # type: ignore[return-value]


@blueprint.post("/renewal")
def renew() -> Response:
    """Go on with a new token of the host's, where a session is about to end or has ended."""
    _let_in()
    return jsonify(bearer=frame.bearer(), csrf=generate_csrf(), user=session["user"])


@blueprint.post("/appearance")
def change_appearance() -> Response:
    """Look from now on as the host does."""
    present = frame.current()
    if present is None:
        return Response(status=401)  # which the frame answers with a renewal, and asks again
    asked = request.form
    Frame(
        host=present.host,
        origins=present.origins,
        language=_known(asked.get("lang"), LANGUAGES) or present.language,
        theme=_known(asked.get("theme"), THEMES) if "theme" in asked else present.theme,
        accent=asked["accent"] if COLOUR.fullmatch(asked.get("accent", "")) else present.accent,
    ).keep()
    # A cookie lives longer than the host's last word is good for, so no bearer is made of it.
    return jsonify(bearer=frame.bearer() if session_transport() is SessionTransport.BEARER else None)


@blueprint.get("/accent/<colour>.css")
def accent(colour: str) -> Response:
    """The colours that follow the host's."""
    if not COLOUR.fullmatch(f"#{colour}"):
        raise RuleViolation(_("This is no colour."))
    return Response(accents.style_sheet(f"#{colour}"), mimetype="text/css")


def _let_in() -> Visit:
    visit = embed_tokens.verify(request.values.get("token", ""), frame.hosts())
    page_of = _origins_of(visit)
    before = frame.current()
    with writing():
        user = embedded_users.admit(visit)
        if before is not None and g.user.id != user.id:
            before = None
        if before is None:
            address = request.remote_addr or ""
            access_log.record(AccessKind.SIGNED_IN, user.name, address=address, user=user, host=visit.host.name)
    _begin_session(user, visit, page_of, before)
    return visit


def _begin_session(user: User, visit: Visit, page_of: tuple[str, ...], before: Frame | None) -> None:
    """A session that takes over from the one that the same person had before, if they had."""
    known: dict[str, Any] = {"language": visit.language, "theme": visit.theme, "accent": visit.accent}
    if before is not None:  # what its host told it since
        known = {name: value or getattr(before, name) for name, value in known.items()}
    g.session_carrier = SessionTransport.FRAME_COOKIE
    sessions.begin_session(user)
    Frame(host=visit.host.name, origins=page_of, **known).keep()


def _origins_of(visit: Visit) -> tuple[str, ...]:
    """The origin that the page says it is of, or all that its host has; raises TokenRefused for one of others."""
    origin = request.values.get("origin")
    if origin is None:
        return visit.host.origins
    if origin not in visit.host.origins:
        raise TokenRefused(_("The page around the order desk is not one of those it may be shown in."))
    return (origin,)


def _next_page() -> str | None:
    page = request.args.get("next", "")
    return page if is_safe(page) else None


def _address_of(reference: str) -> str:
    return url_for("order.tab", number=loading.find_number(reference) or reference, tab="summary")


def _known(value: str | None, known: list[str]) -> str | None:
    return value if value in known else None
