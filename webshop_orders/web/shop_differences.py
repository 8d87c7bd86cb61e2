from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.operations import shop_updates
from webshop_orders.web.answers import changing
from webshop_orders.web.forms.summary import DifferencesForm
from webshop_orders.web.order_page import changed

blueprint = Blueprint("shop_differences", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/shop-differences/settlement")
def settle(number: str) -> Response:
    form = DifferencesForm()
    with changing(number, form) as order:
        shop_updates.settle(order, by=form.actor)
    return changed(order, "summary", _("What the shop says otherwise is laid aside."))
