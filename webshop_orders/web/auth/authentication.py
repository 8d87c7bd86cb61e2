"""Authentication of pages: the user of the session, or None."""

import hmac

from flask import Response, g, make_response, redirect, request, session, url_for
from sqlalchemy import bindparam, select

from webshop_orders import rendering, shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Shop, User
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.users import sessions as user_sessions
from webshop_orders.web.http import frame
from webshop_orders.web.http.session_transport import FRAMED

# Blueprints for programs, which authenticate in their own ways and have neither sessions nor forms.
MACHINE_BLUEPRINTS = {"api", "connect"}
OPEN_ENDPOINTS = {"static", "health.healthz"}
# Every page runs this statement, so it is built once.
IS_CURRENT_USER = (User.id == bindparam("user")) & User.active & ~user_sessions.has_ended(bindparam("session"))
WAITING_CALLS = incoming_calls.not_taken_count().label("waiting_calls")
SHOP_AND_USER = select(Shop, User, WAITING_CALLS).outerjoin(User, IS_CURRENT_USER).where(Shop.id == shop_settings.ID)


def identify_user() -> None:
    """Set `g.user` to the user of a valid session, else to None, and load the shop's settings."""
    g.user = None
    if has_user():
        _load_user_and_shop()


def has_user() -> bool:
    """Whether the request is for people's pages; static files, the health check and programs have no user."""
    return request.endpoint not in OPEN_ENDPOINTS and not is_machine_request()


def is_machine_request() -> bool:
    return not MACHINE_BLUEPRINTS.isdisjoint(request.blueprints)


def ask_to_sign_in() -> Response:
    """Send the user to the sign-in page, and afterwards back here; inside a frame, the host signs them in again."""
    if FRAMED in request.headers:
        return Response(status=401)
    if frame.is_opening():
        return make_response(rendering.render("embed/arrival.html"), 401)
    requested_page = request.full_path if request.method == "GET" else url_for("orders.index")
    sign_in_url = url_for("sessions.login", next=requested_page.rstrip("?"))
    if "HX-Request" in request.headers:
        current_url = request.headers.get("HX-Current-URL", "")
        page = "/" + current_url.split("/", 3)[3] if current_url.count("/") >= 3 else None
        return Response(status=401, headers={"HX-Redirect": url_for("sessions.login", next=page)})
    return redirect(sign_in_url, 303)  # type: ignore[return-value]


def _load_user_and_shop() -> None:
    """Load both in one statement; later transactions of the request do not refresh either."""
    values = session._get_current_object()  # type: ignore[attr-defined]
    user_id = values.get("user", 0) if now().timestamp() < values.get("until", 0) else 0
    row = db.session.execute(SHOP_AND_USER, {"user": user_id, "session": values.get("id")}).one()
    shop, user, g.waiting_calls = row
    shop_settings.cache(shop)
    if user is not None:
        db.session.expunge(user)
        has_key = hmac.compare_digest(user.session_key, values.get("key", ""))
        if has_key and frame.is_host_configured(user.host):
            g.user = user


def waiting_calls() -> int:
    """How many incoming calls were not taken, as they were when the request began."""
    return int(g.get("waiting_calls", 0))


TEMPLATE_GLOBALS = {"waiting_calls": waiting_calls}
