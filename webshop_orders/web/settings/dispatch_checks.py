"""Konfiguration, Kontroller före utleverans: what is checked of a shipment before staff ship it."""

from flask import Response, url_for

from webshop_orders import shop_settings
from webshop_orders.web.http.responses import load_page
from webshop_orders.web.settings.forms.dispatch_checks import DispatchChecksForm
from webshop_orders.web.settings.page import blueprint, render, save_settings


@blueprint.get("/dispatch-checks")
def dispatch_checks() -> Response:
    return _render(DispatchChecksForm(data=vars(shop_settings.current().dispatch_checks)))


@blueprint.post("/dispatch-checks")
def change_dispatch_checks() -> Response:
    form = DispatchChecksForm()
    if not form.validate():
        return _render(form, status=422)
    save_settings({"dispatch_checks": form.checks})
    return load_page(url_for("settings.dispatch_checks"))


def _render(form: DispatchChecksForm, status: int = 200) -> Response:
    demanding = [carrier.name for carrier in shop_settings.current().carriers if carrier.demands_phone]
    return render("dispatch_checks", form=form, status=status, demanding=demanding)
