from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation, StaleVersion
from webshop_orders.models import Actor, EventKind, Message, Order
from webshop_orders.operations.orders import confirmations, customers, loading
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
        _check_unchanged(order, form)
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


def _check_unchanged(order: Order, form: CustomerForm) -> None:
    """Raise StaleVersion if the customer was changed after the form was rendered, also by the same user.

    The form has every field of the customer, so that an older one would put back what was changed since.
    """
    version = form.form_version
    if version is not None and loading.has_event_since(order, EventKind.CUSTOMER_CHANGED, version):
        raise StaleVersion(
            _("Customer and addresses were changed after you opened this form."),
            form_version=version,
            own_kind=EventKind.CUSTOMER_CHANGED,
        )


def _notify(order: Order, by: Actor) -> Message:
    """Mail the customer how the order stands now; the change has the idempotency key of the form."""
    if order.customer.email is None:
        raise RuleViolation(_("The customer has no e-mail address. Add one under Customer."), field="notify")
    return confirmations.send_order_changed(order, order.customer.email, by=by.with_request_key(None))
