"""Who is asking, and whether they may."""

from __future__ import annotations

import hmac
from typing import Any

from flask import (
    Flask,
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import Forbidden
from webshop_orders.models import Shop, User
from webshop_orders.operations.users import sessions as user_sessions
from webshop_orders.web.auth.audit import record_refusal
from webshop_orders.web.auth.permissions import LEAST_ROLES, allows
from webshop_orders.web.auth.session_transport import FRAMED
from webshop_orders.web.embed import frame

# Entrances where programs come in, which prove themselves in ways of their own.
OF_PROGRAMS = {"api", "connect"}
# Every page asks for these, so the statement is written once.
IS_ASKING = (User.id == bindparam("user")) & User.active & ~user_sessions.has_ended(bindparam("session"))
SHOP_AND_USER = select(Shop, User).outerjoin(User, IS_ASKING).where(Shop.id == 1)


def install(app: Flask) -> None:
    app.before_request(check)
    app.jinja_env.globals["may"] = may


def check() -> Any:
    """Let a request through only to those whose role allows it; what has no role in the table is closed to all."""
    g.user = None
    if request.endpoint in {"static", "health.healthz"} or is_of_programs():
        return None
    _load_user_and_shop()
    if request.endpoint is None or (request.endpoint in LEAST_ROLES and may(request.endpoint)):
        return None
    if request.endpoint in LEAST_ROLES and g.user is None:
        return ask_to_sign_in()
    record_refusal("role")
    raise Forbidden(_("Your role does not allow this. An administrator can give you another."))


def is_of_programs() -> bool:
    """Whether the request came in where programs do, which have neither sessions nor forms."""
    return not OF_PROGRAMS.isdisjoint(request.blueprints)


def may(endpoint: str) -> bool:
    """Whether the one who asks may use an endpoint: to let them through, and to draw its controls at all."""
    user = g.get("user")
    return allows(endpoint, user.role if user is not None else None)


def ask_to_sign_in() -> Response:
    """Send a person to the sign-in page, and back here afterwards; in a frame, their host has to let them in."""
    if FRAMED in request.headers:
        return Response(status=401)
    if frame.is_opening():
        return make_response(render_template("embed/arrival.html"), 401)
    here = request.full_path if request.method == "GET" else url_for("orders.index")
    address = url_for("sessions.login", next=here.rstrip("?"))
    if "HX-Request" in request.headers:
        current = request.headers.get("HX-Current-URL", "")
        page = "/" + current.split("/", 3)[3] if current.count("/") >= 3 else None
        return Response(status=401, headers={"HX-Redirect": url_for("sessions.login", next=page)})
    return redirect(address, 303)  # type: ignore[return-value]


def _load_user_and_shop() -> None:
    """Read both in one statement; neither follows the request's later transactions."""
    user = session.get("user", 0) if now().timestamp() < session.get("until", 0) else 0
    row = db.session.execute(SHOP_AND_USER, {"user": user, "session": session.get("id")}).one()
    shop_settings.cache(row.Shop)
    if row.User is not None:
        db.session.expunge(row.User)
        if hmac.compare_digest(row.User.session_key, session.get("key", "")) and frame.still_has(row.User.host):
            g.user = row.User
