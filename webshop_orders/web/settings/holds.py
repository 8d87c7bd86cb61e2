"""Konfiguration, Pausa: which new orders are held by themselves."""

from decimal import Decimal

from flask import Response, url_for

from webshop_orders import shop_settings
from webshop_orders.errors import RuleViolation
from webshop_orders.text.currencies import minor_digits
from webshop_orders.web.http.responses import load_page
from webshop_orders.web.settings.forms.holds import HoldRulesForm
from webshop_orders.web.settings.page import blueprint, render, save_settings


@blueprint.get("/holds")
def holds() -> Response:
    shop = shop_settings.current()
    rules = shop.hold_rules
    over = rules.total_over
    shown = None if over is None else Decimal(over).scaleb(-minor_digits(shop.currency))
    return _render(HoldRulesForm(data={**vars(rules), "total_over": shown}))


@blueprint.post("/holds")
def change_holds() -> Response:
    form = HoldRulesForm()
    if not form.validate():
        return _render(form, status=422)
    try:
        rules = form.rules(shop_settings.current().currency)
    except RuleViolation as violation:
        form.add_error(violation)
        return _render(form, status=violation.status)
    save_settings({"hold_rules": rules})
    return load_page(url_for("settings.holds"))


def _render(form: HoldRulesForm, status: int = 200) -> Response:
    return render("holds", form=form, status=status, currency=shop_settings.current().currency)
