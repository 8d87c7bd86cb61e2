"""Who is asking, and whether they may."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.errors import Forbidden
from webshop_orders.extensions import db
from webshop_orders.models import AccessKind, Role, Shop, User
from webshop_orders.operations import access_log
from webshop_orders.web import frame
from webshop_orders.web.session_carriers import FRAMED

OPEN_ENDPOINTS = {"static", "health.healthz", "sessions.login", "sessions.follow_link", "sessions.logout"}
OPEN_ENDPOINTS |= {"api_description.document", "api_description.page"}
OPEN_ENDPOINTS |= {"embed.arrive", "embed.renew", "embed.change_appearance", "embed.accent"}
OPEN_ENDPOINTS |= {"login_code.ask"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# Entrances where programs come in, which prove themselves in ways of their own.
OF_PROGRAMS = {"api", "connect"}
ADMIN_BLUEPRINTS = {"settings", "mail_templates", "integrations", "webhooks", "second_factor_requirement"}
# What people do to the way that they sign in themselves, whatever their role.
OWN_ENDPOINTS = {"second_factor.confirm", "second_factor.make_recovery_codes", "second_factor.switch_off"}


def install(app: Flask) -> None:
    app.before_request(check)
    app.jinja_env.globals["may_change"] = may_change


def check() -> Any:
    """Let a request through only to those whose role allows it; every route is closed unless it is listed open."""
    g.user = None
    if request.endpoint in {"static", "health.healthz"} or is_of_programs():
        return None
    _load_user_and_shop()
    if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS:
        return None
    if g.user is None:
        return ask_to_sign_in()
    if not g.user.role.includes(required_role(request.endpoint, request.blueprint, request.method)):
        raise Forbidden(_("Your role allows you to look, but not to change this."))
    return None


def is_of_programs() -> bool:
    """Whether the request came in where programs do, which have neither sessions nor forms."""
    return not OF_PROGRAMS.isdisjoint(request.blueprints)


def required_role(endpoint: str, blueprint: str | None, method: str) -> Role:
    if blueprint in ADMIN_BLUEPRINTS:
        return Role.ADMIN
    return Role.VIEWER if method in SAFE_METHODS or endpoint in OWN_ENDPOINTS else Role.STAFF


def may_change() -> bool:
    """Whether to draw controls that change something."""
    return g.user is not None and g.user.role.includes(Role.STAFF)


def note(kind: AccessKind, **facts: Any) -> None:
    """Write what the person who asks did or was refused into the access log, in the present transaction."""
    who = g.user.name if g.user is not None else ""
    access_log.note(kind, who, address=request.remote_addr or "", user=g.user, **facts)


def sign_in(user: User) -> None:
    session.clear()
    session.permanent = True
    session["user"], session["key"] = user.id, user.session_key


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
    user_id = session.get("user", 0)
    row = db.session.execute(
        select(Shop, User).outerjoin(User, (User.id == user_id) & User.active).where(Shop.id == 1)
    ).one()
    shop_settings.remember(row.Shop)
    if row.User is not None:
        db.session.expunge(row.User)
        if hmac.compare_digest(row.User.session_key, session.get("key", "")) and frame.still_has(row.User.host):
            g.user = row.User
