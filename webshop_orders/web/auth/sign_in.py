"""Signing in and out."""

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, request, url_for
from flask_babel import gettext as _

from webshop_orders import rendering
from webshop_orders.errors import DomainError
from webshop_orders.operations.users import credentials
from webshop_orders.security import sign_in_links
from webshop_orders.web.auth import audit, login_code, sessions, throttle
from webshop_orders.web.auth.forms.sign_in import SignInForm
from webshop_orders.web.http.redirects import safe_next_url
from webshop_orders.web.http.responses import flash_message, see_other

blueprint = Blueprint("sessions", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Any:
    form = SignInForm()
    if request.method == "GET":
        return redirect(safe_next_url()) if g.user else _render(form)
    if not form.validate():
        return _render(form, status=422)
    try:
        with throttle.throttled(form.email.data):
            user = credentials.authenticate(form.email.data, form.password.data)
    except DomainError as error:
        form.add_error(error)
        return _render(form, status=error.status)
    return login_code.continue_sign_in(user)


@blueprint.get("/login/<token>")
def follow_link(token: str) -> Response:
    user = sign_in_links.find_user(token)
    if user is None:
        audit.record_refusal("link")
        flash_message(_("This sign-in link no longer works. Sign in with e-mail and password."), "refused")
        return see_other(url_for("sessions.login"))
    return login_code.continue_sign_in(user)


@blueprint.post("/logout")
def logout() -> Response:
    sessions.sign_out()
    response = see_other(url_for("sessions.login"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _render(form: SignInForm, *, status: int = 200) -> Response:
    return make_response(rendering.render("auth/sign_in.html", form=form), status)
