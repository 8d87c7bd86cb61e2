"""Konfiguration: what the shop's own people decide."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext as _
from wtforms import Form

from webshop_orders import shop_settings
from webshop_orders.errors import DomainError
from webshop_orders.models import Carrier
from webshop_orders.operations.settings import carriers as carrier_settings
from webshop_orders.operations.settings import shop as settings
from webshop_orders.web.auth import audit
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.settings.forms.settings import CarrierForm, MailForm, ShopForm

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("/")
def index() -> Response:
    return redirect(url_for("settings.shop"))  # type: ignore[return-value]


@blueprint.get("/shop")
def shop() -> Response:
    return _draw("shop", form=ShopForm(obj=shop_settings.current()))


@blueprint.post("/shop")
def change_shop() -> Response:
    return _change("shop", ShopForm())


@blueprint.get("/mail")
def mail() -> Response:
    return _draw("mail", form=MailForm(obj=shop_settings.current()))


@blueprint.post("/mail")
def change_mail() -> Response:
    return _change("mail", MailForm())


@blueprint.get("/carriers")
def carriers() -> Response:
    return _draw_carriers(edited=request.args.get("edit"))


@blueprint.post("/carriers")
def save_carrier() -> Response:
    form, instead_of = CarrierForm(), request.form.get("instead_of") or None
    if not form.validate():
        return _draw_carriers(form=form, edited=instead_of, status=422)
    try:
        with audit.changing_settings():
            carrier_settings.save(Carrier(form.name.data, form.pattern.data), instead_of=instead_of)
    except DomainError as error:
        form.add_error(error)
        return _draw_carriers(form=form, edited=instead_of, status=error.status)
    return _answer("carriers", _("%(name)s is saved.", name=form.name.data))


@blueprint.post("/carriers/removal")
def remove_carrier() -> Response:
    name = request.form.get("name", "")
    if shop_settings.current().carrier(name) is None:
        return _answer("carriers", _("Nothing was changed."))
    with audit.changing_settings():
        carrier_settings.remove(name)
    return _answer("carriers", _("%(name)s is removed.", name=name))


def _change(part: str, form: ShopForm | MailForm) -> Response:
    if not form.validate():
        return _draw(part, form=form, status=422)
    with audit.changing_settings():
        settings.change(form.values())
    return _answer(part, _("The settings are saved."))


def _answer(part: str, sentence: str) -> Response:
    flash_message(sentence)
    if not wants_fragment():
        return see_other(url_for(f"settings.{part}"))
    if part == "shop":  # its name and language stand around the region as well
        return Response(headers={"HX-Redirect": url_for("settings.shop")})
    if part == "carriers":
        return _draw_carriers()
    return _draw(part, form=MailForm.blank(obj=shop_settings.current()))


def _draw_carriers(form: CarrierForm | None = None, edited: str | None = None, status: int = 200) -> Response:
    carrier = shop_settings.current().carrier(edited)
    return _draw(
        "carriers",
        form=form or CarrierForm.blank(obj=carrier),
        carriers=shop_settings.current().carriers,
        edited=carrier.name if carrier else None,
        status=status,
    )


def _draw(part: str, *, form: Form, status: int = 200, **shown: Any) -> Response:
    return render_region(f"settings/{part}.html", part=part, form=form, status=status, **shown)
