from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders import expected_days
from webshop_orders.errors import ConfirmationWarning
from webshop_orders.expected_days import Days
from webshop_orders.models import Order
from webshop_orders.operations.orders import backorder_notices
from webshop_orders.web.orders.editing import edit_order, require_confirmation
from webshop_orders.web.orders.forms.backorder_notices import BackorderNoticeForm
from webshop_orders.web.orders.mail_sentences import goes_or_is_held
from webshop_orders.web.orders.page import render_done

blueprint = Blueprint("backorder_notices", __name__, url_prefix="/orders/<number:number>")

TOLD = "told"


@blueprint.post("/backorder-notice")
def send(number: str) -> Response:
    form = BackorderNoticeForm()
    with edit_order(number, form) as order:
        days = expected_days.of_lines([order])
        require_confirmation(order, _warnings(order, days), form)
        message = backorder_notices.send(order, days, again=True, by=form.actor)
    sentence = _("The backorder notice goes to %(recipient)s.", recipient=message.recipient)
    return render_done(order, form.tab, goes_or_is_held(sentence, message))


def _warnings(order: Order, days: Days) -> list[ConfirmationWarning]:
    if not backorder_notices.is_told(order, days):
        return []
    return [ConfirmationWarning(TOLD, _("The customer was told these days already."))]
