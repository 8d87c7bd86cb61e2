"""Konfiguration, Butik."""

from flask import Response, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.operations.settings import shop as settings
from webshop_orders.web.auth import audit
from webshop_orders.web.http.responses import flash_message, see_other, wants_fragment
from webshop_orders.web.settings.forms.shop import ShopForm
from webshop_orders.web.settings.page import blueprint, render


@blueprint.get("/shop")
def shop() -> Response:
    return render("shop", form=ShopForm(obj=shop_settings.current()))


@blueprint.post("/shop")
def change_shop() -> Response:
    form = ShopForm()
    if not form.validate():
        return render("shop", form=form, status=422)
    with audit.changing_settings():
        settings.change(form.values())
    flash_message(_("The settings are saved."))
    url = url_for("settings.shop")
    # The whole page, since the shop's name and language also appear around the region.
    return Response(headers={"HX-Redirect": url}) if wants_fragment() else see_other(url)
