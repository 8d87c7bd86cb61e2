"""The second step of signing in: a code of the authenticator app, or a recovery code.

Who gave the right password and has a second factor is not signed in yet. Their session holds who they are and since
when, and opens nothing but this page.
"""

import hmac
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import DomainError
from webshop_orders.models import User
from webshop_orders.operations.users.second_factor import WRONG_CODE, Proof
from webshop_orders.web.auth import reauthentication, sessions
from webshop_orders.web.auth.forms.second_factor import CodeForm, RecoveryCodeForm
from webshop_orders.web.http.redirects import safe_next_url
from webshop_orders.web.http.responses import flash_message, see_other

blueprint = Blueprint("login_code", __name__)

HALF_WAY = "half_way"
SECONDS = 300
WRONG_RECOVERY_CODE = _l("This is no recovery code of yours, or was used already.")


def let_in(user: User) -> Response:
    """Sign in someone who proved who they are, once they gave their code too where they have a second factor."""
    if user.second_factor is None:
        return sessions.let_in(user)
    session.clear()
    session[HALF_WAY] = {"user": user.id, "key": user.session_key, "since": now().timestamp()}
    return see_other(url_for("login_code.ask", next=safe_next_url()))


@blueprint.route("/login/code", methods=["GET", "POST"])
def ask() -> Any:
    if g.user:
        return see_other(safe_next_url())
    user = _half_way()
    if user is None:
        flash_message(
            _("Sign in with e-mail and password first; the code has to follow within five minutes."), "refused"
        )
        return see_other(url_for("sessions.login", next=safe_next_url()))
    form = RecoveryCodeForm() if "recovery_code" in request.form else CodeForm()
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form, status=422)
    try:
        if isinstance(form, RecoveryCodeForm):
            reauthentication.reauthenticate(
                user, form.recovery_code, by=[Proof.RECOVERY_CODE], otherwise=WRONG_RECOVERY_CODE
            )
        else:
            reauthentication.reauthenticate(user, form.code, by=[Proof.CODE], otherwise=WRONG_CODE)
    except DomainError as error:
        form.add_error(error)
        return _page(form, status=error.status)
    sessions.sign_in(user)
    if isinstance(form, RecoveryCodeForm):
        flash_message(_("Recovery codes left: %(count)s.", count=len(user.recovery_codes)))
    return see_other(safe_next_url())


def _half_way() -> User | None:
    """Who gave their password in this session, not long ago and not changed since."""
    kept = session.get(HALF_WAY)
    if kept is None or not 0 <= now().timestamp() - kept["since"] <= SECONDS:
        return None
    user = db.session.get(User, kept["user"])
    is_as_then = user is not None and user.active and hmac.compare_digest(user.session_key, kept["key"])
    return user if is_as_then else None


def _page(form: CodeForm | RecoveryCodeForm, *, status: int = 200) -> Response:
    is_recovery = isinstance(form, RecoveryCodeForm)
    return make_response(
        render_template(
            "sessions/code.html",
            form=form,
            code_form=CodeForm.blank() if is_recovery else form,
            recovery_form=form if is_recovery else RecoveryCodeForm.blank(),
            is_recovery=is_recovery,
        ),
        status,
    )
