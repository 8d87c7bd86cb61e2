"""Authentication of pages: the user of the session, or None."""

import hmac

from flask import Request, Response, g, make_response, redirect, request, session, url_for
from sqlalchemy import bindparam, select

from webshop_orders import rendering, shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.row_values import RowValues
from webshop_orders.models import Shop, User
from webshop_orders.operations.users import sessions as user_sessions
from webshop_orders.web.auth import inbox_counts
from webshop_orders.web.http import frame
from webshop_orders.web.http.once_a_request import once_a_request
from webshop_orders.web.http.session_transport import FRAMED

# Blueprints for programs, which authenticate in their own ways and have neither sessions nor forms.
MACHINE_BLUEPRINTS = {"api", "connect"}
OPEN_ENDPOINTS = {"static", "health.healthz", "health.readyz", "metrics.show"}
# Every page runs this statement, so it is built once, of tables instead of entities.
SHOP, USERS = Shop.__table__, User.__table__
USER_VALUES = RowValues(User)
IS_CURRENT_USER = (USERS.c.id == bindparam("user")) & USERS.c.active & ~user_sessions.has_ended(bindparam("session"))
SHOP_AND_USER = (
    select(inbox_counts.BY_KIND.column, *shop_settings.VALUES.columns, *USER_VALUES.columns)
    .select_from(SHOP.outerjoin(USERS, IS_CURRENT_USER))
    .where(shop_settings.IS_ROW)
)
USER_FROM = 1 + len(shop_settings.VALUES.columns)


def identify_user(request: Request) -> None:
    """Set `g.user` to the user of a valid session, else to None, and load the shop's settings."""
    g.user = None
    if has_user():
        _load_user_and_shop()


@once_a_request
def has_user() -> bool:
    """Whether the request is for people's pages; static files, health checks and programs have no user."""
    return request.endpoint not in OPEN_ENDPOINTS and not is_machine_request()


def is_machine_request() -> bool:
    return not MACHINE_BLUEPRINTS.isdisjoint(request.blueprints)


def ask_to_sign_in() -> Response:
    """Send the user to the sign-in page, and afterwards back here; inside a frame, the host signs them in again."""
    if FRAMED in request.headers or request.blueprint == "presence":  # which no user has clicked on
        return Response(status=401)
    if frame.is_opening():
        return make_response(rendering.render("embed/arrival.html"), 401)
    requested_page = request.script_root + request.full_path if request.method == "GET" else url_for("orders.index")
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
    row = db.session.connection().execute(SHOP_AND_USER, {"user": user_id, "session": values.get("id")}).one()
    g.inbox_counts = row[0]
    shop_settings.cache(row[1:USER_FROM])
    user = USER_VALUES.of(row[USER_FROM:])
    if user.id is not None:
        has_key = hmac.compare_digest(user.session_key, values.get("key", ""))
        if has_key and frame.is_host_configured(user.host):
            g.user = user
