"""Konfiguration, Utskrifter: what packing slips show, and the shop's logo."""

from flask import Response, request, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import RuleViolation
from webshop_orders.operations.settings import logo
from webshop_orders.web.auth import audit
from webshop_orders.web.http.responses import flash_message, see_other, wants_fragment
from webshop_orders.web.settings.forms.printing import PrintingForm
from webshop_orders.web.settings.page import blueprint, render, save_settings


@blueprint.get("/printing")
def printing() -> Response:
    return _render()


@blueprint.post("/printing")
def change_printing() -> Response:
    form = PrintingForm()
    if not form.validate():
        return _render(form, status=422)
    save_settings(form.values())
    return _respond()


@blueprint.post("/printing/logo")
def change_logo() -> Response:
    file = request.files.get("logo")
    try:
        with audit.changing_settings():
            # One byte more than is allowed, so that what is larger is told from what is not.
            logo.replace(file.read(logo.MAX_BYTES + 1) if file else b"")
    except RuleViolation as violation:
        return _render(logo_error=str(violation), status=violation.status)
    flash_message(_("The logo is saved."))
    return _respond()


@blueprint.post("/printing/logo/removal")
def remove_logo() -> Response:
    if shop_settings.current().logo is None:
        flash_message(_("Nothing was changed."))
        return _respond()
    with audit.changing_settings():
        logo.remove()
    flash_message(_("The logo is removed."))
    return _respond()


def _respond() -> Response:
    return _render() if wants_fragment() else see_other(url_for("settings.printing"))


def _render(form: PrintingForm | None = None, *, logo_error: str | None = None, status: int = 200) -> Response:
    shop = shop_settings.current()
    return render(
        "printing", form=form or PrintingForm.blank(obj=shop), logo=shop.logo, logo_error=logo_error, status=status
    )
