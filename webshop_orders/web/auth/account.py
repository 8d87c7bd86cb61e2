"""Mitt konto: a user's own password and sessions."""

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders.errors import DomainError, Forbidden
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.users import accounts, credentials
from webshop_orders.operations.users import sessions as user_sessions
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit, sessions, throttle
from webshop_orders.web.auth.forms.account import PasswordChangeForm
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.before_request
def check_has_password() -> None:
    if g.user is not None and g.user.host is not None:
        raise Forbidden(_("%(host)s sees to your account.", host=g.user.host))


@blueprint.get("")
def show() -> Response:
    return _render()


@blueprint.post("/password")
def change_password() -> Response:
    form = PasswordChangeForm()
    if not form.validate():
        return _render(form, status=422)
    try:
        with throttle.throttled(g.user.email):
            credentials.check_password(g.user, form.present.data)
        password_hash = credentials.hash_new_password(g.user, form.password.data)
        with writing():
            user = accounts.lock(g.user.id)
            credentials.change_password(user, password_hash, verified=g.user)
            audit.record(AccessKind.USER_CHANGED, what="password_changed")
    except DomainError as error:
        form.add_error(error)
        return _render(form, status=error.status)
    return _respond(user, _("Your new password holds from now on, and you are signed out everywhere else."))


@blueprint.post("/sign-out")
def end_other_sessions() -> Response:
    with writing():
        user = accounts.lock(g.user.id)
        user_sessions.end_sessions(user)
        audit.record(AccessKind.USER_CHANGED, what="other_sessions_ended")
    return _respond(user, _("You are signed out everywhere else."))


def _respond(user: User, sentence: str) -> Response:
    sessions.keep_session(user)
    flash_message(sentence)
    return _render() if wants_fragment() else see_other(url_for("account.show"))


def _render(form: PasswordChangeForm | None = None, *, status: int = 200) -> Response:
    return render_region("auth/account.html", form=form or PasswordChangeForm.blank(), status=status)
