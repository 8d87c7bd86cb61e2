"""Konfiguration, Butik."""

from flask import Response, current_app, url_for

from webshop_orders import shop_settings
from webshop_orders.backups import records as backups
from webshop_orders.web.http.responses import load_page
from webshop_orders.web.settings.forms.shop import ShopForm
from webshop_orders.web.settings.page import blueprint, render, save_settings


@blueprint.get("/shop")
def shop() -> Response:
    return _render(ShopForm(obj=shop_settings.current()))


@blueprint.post("/shop")
def change_shop() -> Response:
    form = ShopForm()
    if not form.validate():
        return _render(form, status=422)
    save_settings(form.values())
    # The whole page, since the shop's name and language also appear around the region.
    return load_page(url_for("settings.shop"))


def _render(form: ShopForm, *, status: int = 200) -> Response:
    every = current_app.config.get("BACKUP_EVERY")
    return render(
        "shop",
        form=form,
        backup=backups.last_good(),
        failed_backup=backups.last_failure(),
        makes_backups=every is not None,
        is_backup_overdue=every is not None and backups.is_overdue(every),
        status=status,
    )
