"""Konfiguration, Transportörer."""

from flask import Response, request, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.documents.known_codes import normalise, recognise
from webshop_orders.errors import DomainError
from webshop_orders.models import Carrier
from webshop_orders.operations.settings import carriers as carrier_settings
from webshop_orders.web.auth import audit
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.http.responses import flash_message, see_other, wants_fragment
from webshop_orders.web.settings.forms.carriers import CarrierForm
from webshop_orders.web.settings.page import blueprint, render


@blueprint.get("/carriers")
def carriers() -> Response:
    return _render(edited=request.args.get("edit"))


@blueprint.post("/carriers")
def save_carrier() -> Response:
    form, replaced_name = CarrierForm(), BaseForm.submitted("instead_of") or None
    if not form.validate():
        return _render(form, edited=replaced_name, status=422)
    try:
        with audit.changing_settings():
            carrier = Carrier(form.name.data, form.pattern.data, form.codes.data or (), bool(form.demands_phone.data))
            carrier_settings.save(carrier, instead_of=replaced_name)
    except DomainError as error:
        form.add_error(error)
        return _render(form, edited=replaced_name, status=error.status)
    return _respond(_("%(name)s is saved.", name=form.name.data))


@blueprint.post("/carriers/removal")
def remove_carrier() -> Response:
    name = BaseForm.submitted("name")
    if shop_settings.current().carrier(name) is None:
        return _respond(_("Nothing was changed."))
    with audit.changing_settings():
        carrier_settings.remove(name)
    return _respond(_("%(name)s is removed.", name=name))


def _respond(sentence: str) -> Response:
    flash_message(sentence)
    return _render() if wants_fragment() else see_other(url_for("settings.carriers"))


def _render(form: CarrierForm | None = None, *, edited: str | None = None, status: int = 200) -> Response:
    carrier = shop_settings.current().carrier(edited)
    tried = normalise(text_arg("code"))
    return render(
        "carriers",
        form=form or CarrierForm.blank(obj=carrier),
        carriers=shop_settings.current().carriers,
        edited=carrier.name if carrier else None,
        tried=tried,
        recognised=recognise(tried, shop_settings.current().carriers),
        status=status,
    )
