"""Konfiguration, E-post."""

from flask import Response, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.operations.settings import shop as settings
from webshop_orders.web.auth import audit
from webshop_orders.web.http.responses import flash_message, see_other, wants_fragment
from webshop_orders.web.settings.forms.mail import MailForm
from webshop_orders.web.settings.page import blueprint, render


@blueprint.get("/mail")
def mail() -> Response:
    return render("mail", form=MailForm(obj=shop_settings.current()))


@blueprint.post("/mail")
def change_mail() -> Response:
    form = MailForm()
    if not form.validate():
        return render("mail", form=form, status=422)
    with audit.changing_settings():
        settings.change(form.values())
    flash_message(_("The settings are saved."))
    if not wants_fragment():
        return see_other(url_for("settings.mail"))
    return render("mail", form=MailForm.blank(obj=shop_settings.current()))
