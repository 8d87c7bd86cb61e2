"""Mitt konto: what users see to themselves."""

from flask import Blueprint, Response, g, request, session, url_for
from flask_babel import gettext as _

from webshop_orders.errors import DomainError, Forbidden, Refused
from webshop_orders.models import AccessKind, User
from webshop_orders.operations import users
from webshop_orders.unit_of_work import writing
from webshop_orders.web import access
from webshop_orders.web.answers import region, say, see_other, wants_fragment
from webshop_orders.web.forms.users import PasswordChangeForm

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.before_request
def check_has_password() -> None:
    if g.user is not None and g.user.host is not None:
        raise Forbidden(_("%(host)s sees to your account.", host=g.user.host))


@blueprint.get("")
def show() -> Response:
    return _draw()


@blueprint.post("/password")
def change_password() -> Response:
    form, address = PasswordChangeForm(), request.remote_addr or ""
    if not form.validate():
        return _draw(form, status=422)
    try:
        with writing():
            user = users.hold(g.user.id)
            users.change_password(user, form.present.data, form.password.data, address=address)
            access.note(AccessKind.USER_CHANGED, what="password_changed")
    except DomainError as error:
        if isinstance(error, Refused) and error.field == "present":
            with writing():
                users.note_failure(g.user.email, address=address)
        form.add_error(error)
        return _draw(form, status=error.status)
    return _go_on_as(user, _("Your new password holds from now on, and you are signed out everywhere else."))


@blueprint.post("/sign-out")
def end_other_sessions() -> Response:
    with writing():
        user = users.hold(g.user.id)
        users.end_sessions(user)
        access.note(AccessKind.USER_CHANGED, what="signed_out")
    return _go_on_as(user, _("You are signed out everywhere else."))


def _go_on_as(user: User, sentence: str) -> Response:
    """Keep this session alone, under the user's new key."""
    session["key"] = user.session_key
    say(sentence)
    return _draw() if wants_fragment() else see_other(url_for("account.show"))


def _draw(form: PasswordChangeForm | None = None, *, status: int = 200) -> Response:
    return region("account/show.html", form=form or PasswordChangeForm.blank(), status=status)
