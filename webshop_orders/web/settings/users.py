"""Konfiguration, Användare: who can sign in, and in which role."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import DomainError
from webshop_orders.models import AccessKind, Role, User
from webshop_orders.operations.users import account_mails, accounts, credentials, second_factor
from webshop_orders.operations.users import sessions as user_sessions
from webshop_orders.security import password_links
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit, authentication
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.settings.forms.second_factor import RequirementForm
from webshop_orders.web.settings.forms.users import InvitationForm, UserForm

blueprint = Blueprint("users", __name__, url_prefix="/settings/users")


@blueprint.get("")
def index() -> Response:
    return _render()


@blueprint.post("")
def invite() -> Response:
    form = InvitationForm()
    if not form.validate():
        return _render(form, status=422)
    try:
        with writing():
            user = accounts.add(form.email.data, form.name.data, Role(form.role.data))
            audit.record(AccessKind.USER_CHANGED, what="invited", called=user.email, role=user.role.value)
            link = _send_link(user)
    except DomainError as error:
        form.add_error(error)
        return _render(form, status=error.status)
    return _respond_with_link(user, link, _("An invitation goes to %(email)s.", email=user.email))


@blueprint.get("/<id:user_id>")
def edit(user_id: int) -> Response:
    user = accounts.get(user_id)
    is_editable = user.active and user.host is None
    form = UserForm.blank(name=user.name, role=user.role.value) if is_editable else None
    return _render(edited=user, edit_form=form)


@blueprint.post("/<id:user_id>")
def change(user_id: int) -> Response:
    form = UserForm()
    if not form.validate():
        return _render(edited=accounts.get(user_id), edit_form=form, status=422)
    try:
        with writing():
            user = accounts.lock_with_administrators(user_id)
            before = {"person": user.name, "role": user.role.value}
            accounts.change(user, name=form.name.data, role=Role(form.role.data))
            _record_change(user, before, {"person": user.name, "role": user.role.value})
    except DomainError as error:
        form.add_error(error)
        return _render(edited=accounts.get(user_id), edit_form=form, status=error.status)
    return _respond(_("%(name)s is saved.", name=user.name))


@blueprint.post("/<id:user_id>/link")
def send_link(user_id: int) -> Response:
    """Send another invitation, or a link to a new password."""
    try:
        with writing():
            user = accounts.lock(user_id)
            credentials.check_can_have_password(user)
            audit.record(AccessKind.USER_CHANGED, what="link_sent", called=user.email)
            link = _send_link(user)
    except DomainError as error:
        return _respond_with_error(error)
    return _respond_with_link(user, link, _("A link for a password goes to %(email)s.", email=user.email))


@blueprint.post("/<id:user_id>/sign-out")
def end_sessions(user_id: int) -> Response:
    return _change_account(user_id, "signed_out", user_sessions.end_sessions, _("%(name)s is signed out everywhere."))


@blueprint.post("/<id:user_id>/deactivation")
def deactivate(user_id: int) -> Response:
    return _change_account(user_id, "deactivated", _deactivate, _("%(name)s is switched off and signed out."))


@blueprint.post("/<id:user_id>/activation")
def activate(user_id: int) -> Response:
    return _change_account(user_id, "activated", accounts.activate, _("%(name)s may come in again."))


@blueprint.post("/<id:user_id>/second-factor/removal")
def remove_second_factor(user_id: int) -> Response:
    """Disable the second factor of a user who lost their phone."""
    sentence = _("%(name)s signs in with the password alone from now on.")
    return _change_account(user_id, "second_factor_removed", second_factor.clear, sentence)


def _deactivate(user: User) -> None:
    accounts.deactivate(user, by=g.user)


def _change_account(user_id: int, action: str, change: Callable[[User], None], sentence: str) -> Response:
    try:
        with writing():
            user = accounts.lock_with_administrators(user_id)
            change(user)
            audit.record(AccessKind.USER_CHANGED, what=action, called=user.email or user.name)
    except DomainError as error:
        return _respond_with_error(error)
    if user.id == g.user.id:
        return authentication.ask_to_sign_in()
    return _respond(sentence % {"name": user.name})


def _respond_with_error(error: DomainError) -> Response:
    flash_message(str(error), "refused")
    return _render(status=error.status) if wants_fragment() else see_other(url_for("users.index"))


def _record_change(user: User, before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = {name: {"before": before[name], "after": after[name]} for name in after if before[name] != after[name]}
    if changed:
        audit.record(AccessKind.USER_CHANGED, what="changed", called=user.email or user.name, **changed)


def _send_link(user: User) -> str | None:
    """Mail a user their link; where no mail can be sent, return the link, for the administrator to hand over."""
    if account_mails.can_be_sent():
        account_mails.queue(user, account_mails.kind_for(user), by=g.user.name)
        return None
    return password_links.make(user, account_mails.kind_for(user))


def _respond_with_link(user: User, link: str | None, sentence: str) -> Response:
    if link is None:
        return _respond(sentence)
    url = link if current_app.config.get("BASE_URL") else request.host_url.rstrip("/") + link
    return _render(new_link=(user, url))  # shown this once only, so there is no page to redirect to


def _respond(sentence: str) -> Response:
    flash_message(sentence)
    return _render() if wants_fragment() else see_other(url_for("users.index"))


def _render(
    form: InvitationForm | None = None,
    *,
    edited: User | None = None,
    edit_form: UserForm | None = None,
    new_link: tuple[User, str] | None = None,
    status: int = 200,
) -> Response:
    users = accounts.list_all()
    return render_region(
        "settings/users.html",
        part="users",
        form=form or edit_form or InvitationForm.blank(),
        invitation_form=form or InvitationForm.blank(role=Role.STAFF.value),
        users=users,
        mails=account_mails.latest(users),
        edited=edited,
        edit_form=edit_form,
        new_link=new_link,
        second_factor_form=RequirementForm.blank(required=shop_settings.current().requires_second_factor),
        has_mail_server=bool(current_app.config.get("MAIL_SERVER")),
        status=status,
    )
