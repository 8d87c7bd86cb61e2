"""The second step of signing in: a code of the authenticator app, or a recovery code.

After the right password, a user with a second factor is not signed in yet. The session says who they are and since
when, and gives access to this page only.
"""

import hmac
from typing import Any

from flask import Blueprint, Response, g, make_response, request, session, url_for
from flask_babel import gettext as _

from webshop_orders import rendering
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import DomainError
from webshop_orders.models import User
from webshop_orders.operations.users.second_factor import WRONG_CODE, Proof
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.auth import sessions
from webshop_orders.web.auth.forms.login_code import CodeForm, RecoveryCodeForm
from webshop_orders.web.auth.reauthentication import reauthenticate
from webshop_orders.web.http.redirects import safe_next_url
from webshop_orders.web.http.responses import flash_message, see_other

blueprint = Blueprint("login_code", __name__)

PENDING_SIGN_IN = "half_way"
MAX_SECONDS = 300
WRONG_RECOVERY_CODE = _l("This is no recovery code of yours, or was used already.")


def continue_sign_in(user: User) -> Response:
    """Sign in a user who proved their identity, or ask for the code where they have a second factor."""
    if user.second_factor is None:
        return sessions.sign_in_and_redirect(user)
    session.clear()
    session[PENDING_SIGN_IN] = {"user": user.id, "key": user.session_key, "since": now().timestamp()}
    return see_other(url_for("login_code.ask", next=safe_next_url()))


@blueprint.route("/login/code", methods=["GET", "POST"])
def ask() -> Any:
    if g.user:
        return see_other(safe_next_url())
    user = _pending_user()
    if user is None:
        flash_message(
            _("Sign in with e-mail and password first; the code has to follow within five minutes."), "refused"
        )
        return see_other(url_for("sessions.login", next=safe_next_url()))
    form = RecoveryCodeForm() if "recovery_code" in request.form else CodeForm()
    if request.method == "GET":
        return _render(form)
    if not form.validate():
        return _render(form, status=422)
    try:
        if isinstance(form, RecoveryCodeForm):
            reauthenticate(user, form.recovery_code, accepts=[Proof.RECOVERY_CODE], error_message=WRONG_RECOVERY_CODE)
        else:
            reauthenticate(user, form.code, accepts=[Proof.CODE], error_message=WRONG_CODE)
    except DomainError as error:
        form.add_error(error)
        return _render(form, status=error.status)
    sessions.sign_in(user)
    if isinstance(form, RecoveryCodeForm):
        flash_message(_("Recovery codes left: %(count)s.", count=len(user.recovery_codes)))
    return see_other(safe_next_url())


def _pending_user() -> User | None:
    """The user who gave their password in this session within the time limit and is unchanged since."""
    pending = session.get(PENDING_SIGN_IN)
    if pending is None or not 0 <= now().timestamp() - pending["since"] <= MAX_SECONDS:
        return None
    user = db.session.get(User, pending["user"])
    is_unchanged = user is not None and user.active and hmac.compare_digest(user.session_key, pending["key"])
    return user if is_unchanged else None


def _render(form: CodeForm | RecoveryCodeForm, *, status: int = 200) -> Response:
    is_recovery = isinstance(form, RecoveryCodeForm)
    return make_response(
        rendering.render(
            "auth/login_code.html",
            form=form,
            code_form=CodeForm.blank() if is_recovery else form,
            recovery_form=form if is_recovery else RecoveryCodeForm.blank(),
            is_recovery=is_recovery,
        ),
        status,
    )
