from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Message, Order
from webshop_orders.operations.orders import confirmations, customers
from webshop_orders.web.labels import vat_sentence
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.customers import CustomerForm
from webshop_orders.web.orders.mail_sentences import goes_or_is_held
from webshop_orders.web.orders.page import render_change

blueprint = Blueprint("customers", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/customer")
def change(number: str) -> Response:
    form = CustomerForm()
    with edit_order(number, form) as order:
        country_before = order.shipping_address.country
        customers.change(order, *form.values(order), language=form.language.data, by=form.actor)
        message = _notify(order, form.actor) if form.notify.data else None
    sentences = [_("Customer and addresses are saved.")]
    if message is not None:
        sentence = _("Word of the change goes to %(recipient)s.", recipient=message.recipient)
        sentences.append(goes_or_is_held(sentence, message))
    if order.vat_country and order.shipping_address.country != country_before:
        sentences.append(vat_sentence(order))
    return render_change(order, "customer", " ".join(sentences))


def _notify(order: Order, by: Actor) -> Message:
    """Mail the customer how the order stands now; the change has the idempotency key of the form."""
    if order.customer.email is None:
        raise RuleViolation(_("The customer has no e-mail address. Add one under Customer."), field="notify")
    return confirmations.send_order_changed(order, order.customer.email, by=by.with_request_key(None))
