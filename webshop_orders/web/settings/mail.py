"""Konfiguration, E-post."""

from flask import Response, url_for

from webshop_orders import shop_settings
from webshop_orders.web.http.responses import see_other, wants_fragment
from webshop_orders.web.settings.forms.mail import MailForm
from webshop_orders.web.settings.page import blueprint, render, save_settings


@blueprint.get("/mail")
def mail() -> Response:
    return render("mail", form=MailForm(obj=shop_settings.current()))


@blueprint.post("/mail")
def change_mail() -> Response:
    form = MailForm()
    if not form.validate():
        return render("mail", form=form, status=422)
    save_settings(form.values())
    if not wants_fragment():
        return see_other(url_for("settings.mail"))
    return render("mail", form=MailForm.blank(obj=shop_settings.current()))
