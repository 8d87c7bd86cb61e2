"""Who is asking, and whether they may."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
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

from webshop_orders import refusals, shop_settings
from webshop_orders.columns import now
from webshop_orders.errors import Forbidden, Refused
from webshop_orders.extensions import db
from webshop_orders.models import AccessKind, Shop, User
from webshop_orders.operations import access_log, settings_changes, users
from webshop_orders.unit_of_work import writing
from webshop_orders.web import frame
from webshop_orders.web.addresses import next_page
from webshop_orders.web.permissions import LEAST_ROLES, allows
from webshop_orders.web.session_carriers import FRAMED

# Entrances where programs come in, which prove themselves in ways of their own.
OF_PROGRAMS = {"api", "connect"}
# Every page asks for these, so the statement is written once.
IS_ASKING = (User.id == bindparam("user")) & User.active & ~users.has_ended(bindparam("session"))
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
    note_refusal("role")
    raise Forbidden(_("Your role does not allow this. An administrator can give you another."))


def is_of_programs() -> bool:
    """Whether the request came in where programs do, which have neither sessions nor forms."""
    return not OF_PROGRAMS.isdisjoint(request.blueprints)


def may(endpoint: str) -> bool:
    """Whether the one who asks may use an endpoint: to let them through, and to draw its controls at all."""
    user = g.get("user")
    return allows(endpoint, user.role if user is not None else None)


def note(kind: AccessKind, **facts: Any) -> None:
    """Write what the person who asks did or was refused into the access log, in the present transaction."""
    who = g.user.name if g.user is not None else ""
    access_log.note(kind, who, address=request.remote_addr or "", user=g.user, **facts)


@contextmanager
def changing_settings() -> Iterator[None]:
    """A transaction that changes Konfiguration, and notes what it made different in the access log."""
    with writing():
        with settings_changes.watching() as changes:
            yield
        for change in changes:
            note(AccessKind.SETTINGS_CHANGED, **change.facts)


def note_refusal(why: str) -> None:
    """Note that the request was refused; the answer never fails because of it."""
    who = g.user.name if g.user is not None else ""
    facts = {"why": why, "asked": access_log.printable(f"{request.method} {_path_without_token()}")}
    refusals.note(AccessKind.REQUEST_REFUSED, who, address=request.remote_addr or "", user=g.user, **facts)


def _path_without_token() -> str:
    """The path that was asked for, without what would let in whoever reads it."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(token, "…") if token else request.path


def let_in(user: User) -> Response:
    """Sign in someone who proved who they are, and show where they were going."""
    sign_in(user)
    return redirect(next_page(), 303)  # type: ignore[return-value]


def sign_in(user: User) -> None:
    """Give someone who proved who they are their session, and note it.

    Raises Refused where what they proved it with no longer holds.
    """
    key = user.session_key
    with writing():
        user = users.hold(user.id)
        # nosemgrep: compared-in-telling-time - both are ours, and nobody sent either
        if not user.active or user.session_key != key:
            raise Refused(_("Your account was changed meanwhile. Sign in anew."))
        user.signed_in_at = now()
        access_log.note(AccessKind.SIGNED_IN, user.name, address=request.remote_addr or "", user=user)
    begin_session(user)


def begin_session(user: User) -> None:
    """A session of its own, whatever came with the request, and however much it is used, until its end."""
    session.clear()
    session.permanent = True
    session["id"], session["user"], session["key"] = secrets.token_urlsafe(16), user.id, user.session_key
    session["until"] = (now() + current_app.permanent_session_lifetime).timestamp()


def keep_session(user: User) -> None:
    """Go on in this session, when all others of the user have ended."""
    session["key"] = user.session_key
    g.user = user


def sign_out() -> None:
    """End the present session for good, also where its cookie was copied."""
    if g.user is not None:
        until = now() + current_app.permanent_session_lifetime
        with writing():
            users.end_session(session.get("id"), until=until)
            note(AccessKind.SIGNED_OUT)
    session.clear()


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
    shop_settings.remember(row.Shop)
    if row.User is not None:
        db.session.expunge(row.User)
        if hmac.compare_digest(row.User.session_key, session.get("key", "")) and frame.still_has(row.User.host):
            g.user = row.User
