"""Konfiguration, Användare: whether everyone who signs in with a password needs a second factor."""

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import DomainError
from webshop_orders.operations.users import second_factor
from webshop_orders.web.auth import audit
from webshop_orders.web.http.responses import flash_message, load_page, render_region
from webshop_orders.web.settings.forms.second_factor import RequirementForm

blueprint = Blueprint("second_factor_requirement", __name__, url_prefix="/settings/second-factor")


@blueprint.get("")
def show() -> Response:
    return _render(RequirementForm(required=shop_settings.current().requires_second_factor))


@blueprint.post("")
def change() -> Response:
    form = RequirementForm()
    try:
        with audit.changing_settings():
            second_factor.require(form.required.data, by=g.user)
    except DomainError as error:
        form.add_error(error)
        return _render(form, status=error.status)
    flash_message(_("The settings are saved."))
    return load_page(url_for("users.index"))


def _render(form: RequirementForm, *, status: int = 200) -> Response:
    return render_region("settings/second_factor.html", part="users", form=form, second_factor_form=form, status=status)
