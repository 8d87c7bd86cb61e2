"""Konfiguration, Butik."""

from flask import Response, url_for

from webshop_orders import shop_settings
from webshop_orders.web.http.responses import load_page
from webshop_orders.web.settings.forms.shop import ShopForm
from webshop_orders.web.settings.page import blueprint, render, save_settings


@blueprint.get("/shop")
def shop() -> Response:
    return render("shop", form=ShopForm(obj=shop_settings.current()))


@blueprint.post("/shop")
def change_shop() -> Response:
    form = ShopForm()
    if not form.validate():
        return render("shop", form=form, status=422)
    save_settings(form.values())
    # The whole page, since the shop's name and language also appear around the region.
    return load_page(url_for("settings.shop"))
