"""Choosing a password by a link from a mail, and asking for such a link."""

from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from flask_babel import gettext as _

from webshop_orders import rendering
from webshop_orders.errors import DomainError, NotFound, TooManyAttempts
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.users import account_mails, accounts, credentials, throttle
from webshop_orders.security import password_links
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit, login_code
from webshop_orders.web.auth.forms.passwords import ForgottenForm, NewPasswordForm
from webshop_orders.web.http.responses import flash_message, see_other

blueprint = Blueprint("passwords", __name__)

# Requests for a link have a counter of their own, so that they lock nobody out of signing in.
THROTTLE_PREFIX = "asked for a link:"


@blueprint.route("/password/<token>", methods=["GET", "POST"])
def choose(token: str) -> Any:
    """Set a new password; GET changes nothing, since virus scanners open links too."""
    user = password_links.find_user(token)
    if user is None:
        audit.record_refusal("link")
        return make_response(rendering.render("auth/passwords_used_link.html"), 404)
    form = NewPasswordForm()
    if request.method == "GET" or not form.validate():
        return _render_choice(form, user, status=200 if request.method == "GET" else 422)
    try:
        user = _set_password(token, credentials.hash_new_password(user, form.password.data))
    except DomainError as error:
        form.add_error(error)
        return _render_choice(form, user, status=error.status)
    response = login_code.continue_sign_in(user)
    flash_message(_("Your new password holds from now on."))
    return response


@blueprint.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> Response:
    """Give the same response whether or not there is such a user, so that strangers cannot find out."""
    form = ForgottenForm()
    if request.method == "GET" or not account_mails.can_be_sent():
        return _render_forgotten(form)
    if not form.validate():
        return _render_forgotten(form, status=422)
    address = request.remote_addr or ""
    throttle_key = f"{THROTTLE_PREFIX} {form.email.data}"
    try:
        throttle.check_attempts(throttle_key, address=address)  # before the write lock, which others wait for
        with writing():
            throttle.count_attempt(throttle_key, address=address)
            user = accounts.find(form.email.data)
            if user is not None and account_mails.queue_reset(user):
                access_log.record(AccessKind.USER_CHANGED, user.name, address=address, user=user, what="link_asked_for")
    except TooManyAttempts as error:
        audit.record_refusal("too_many")
        form.add_error(error)
        return _render_forgotten(form, status=error.status)
    flash_message(_("If there is a user with that address, a link for a new password is on its way there."))
    return see_other(url_for("sessions.login"))


def _set_password(token: str, password_hash: str) -> User:
    """Set it under the user's row lock, so that a link that is sent twice at once works once."""
    with writing():
        user = password_links.find_user(token, lock=True)
        if user is None:
            raise NotFound(_("This link was used already."))
        user.set_password_hash(password_hash)
        address = request.remote_addr or ""
        access_log.record(AccessKind.USER_CHANGED, user.name, address=address, user=user, what="password_set")
    return user


def _render_choice(form: NewPasswordForm, user: User, *, status: int) -> Response:
    return make_response(rendering.render("auth/passwords_choose.html", form=form, user=user), status)


def _render_forgotten(form: ForgottenForm, *, status: int = 200) -> Response:
    can_be_sent = account_mails.can_be_sent()
    return make_response(rendering.render("auth/passwords_forgotten.html", form=form, can_be_sent=can_be_sent), status)
