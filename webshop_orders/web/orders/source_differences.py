from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.operations.orders import source_updates
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.source_differences import DifferencesForm
from webshop_orders.web.orders.page import render_done

blueprint = Blueprint("shop_differences", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/shop-differences/settlement")
def settle(number: str) -> Response:
    form = DifferencesForm()
    with edit_order(number, form) as order:
        source_updates.dismiss(order, by=form.actor)
    return render_done(order, "summary", _("What the shop says otherwise is laid aside."))
