"""Choosing a password by a link that came by mail, and asking for such a link."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from webshop_orders.errors import DomainError, NotFound, TooManyAttempts
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.users import account_mails, accounts, throttle
from webshop_orders.security import password_links
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit, login_code
from webshop_orders.web.http.responses import flash_message, see_other
from webshop_orders.web.settings.forms.users import ForgottenForm, NewPasswordForm

blueprint = Blueprint("passwords", __name__)

ASKED = "asked for a link:"  # counted beside sign-ins, so that nobody is kept from signing in by it


@blueprint.route("/password/<token>", methods=["GET", "POST"])
def choose(token: str) -> Any:
    """Take a new password; opening the page does nothing yet, since programs that look for viruses open links too."""
    user = password_links.find_user(token)
    if user is None:
        audit.record_refusal("link")
        return make_response(render_template("sessions/used_link.html"), 404)
    form = NewPasswordForm()
    if request.method == "GET" or not form.validate():
        return _page(form, user, status=200 if request.method == "GET" else 422)
    try:
        user = _set_password(token, accounts.hash_for(user, form.password.data))
    except DomainError as error:
        form.add_error(error)
        return _page(form, user, status=error.status)
    answer = login_code.let_in(user)
    flash_message(_("Your new password holds from now on."))
    return answer


@blueprint.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> Response:
    """Answer alike whether there is such a user or not: a stranger learns nothing of who is one."""
    form = ForgottenForm()
    if request.method == "GET" or not account_mails.can_be_sent():
        return _forgotten_page(form)
    if not form.validate():
        return _forgotten_page(form, status=422)
    address = request.remote_addr or ""
    counted_as = f"{ASKED} {form.email.data}"
    try:
        throttle.check_attempts(counted_as, address=address)  # without the lock that others write under
        with writing():
            throttle.count_attempt(counted_as, address=address)
            user = accounts.find(form.email.data)
            if user is not None and account_mails.queue_reset(user):
                access_log.record(AccessKind.USER_CHANGED, user.name, address=address, user=user, what="link_asked_for")
    except TooManyAttempts as error:
        audit.record_refusal("too_many")
        form.add_error(error)
        return _forgotten_page(form, status=error.status)
    flash_message(_("If there is a user with that address, a link for a new password is on its way there."))
    return see_other(url_for("sessions.login"))


def _set_password(token: str, password_hash: str) -> User:
    """Set it under the lock of its user, so that a link that is sent twice at once is used once."""
    with writing():
        user = password_links.find_user(token, hold=True)
        if user is None:
            raise NotFound(_("This link was used already."))
        user.set_password_hash(password_hash)
        address = request.remote_addr or ""
        access_log.record(AccessKind.USER_CHANGED, user.name, address=address, user=user, what="password_set")
    return user


def _page(form: NewPasswordForm, user: User, *, status: int) -> Response:
    return make_response(render_template("sessions/password.html", form=form, user=user), status)


def _forgotten_page(form: ForgottenForm, *, status: int = 200) -> Response:
    can_be_sent = account_mails.can_be_sent()
    return make_response(render_template("sessions/forgotten.html", form=form, can_be_sent=can_be_sent), status)
