"""The forms for shipments: on the tab Frakt, and one on the tab Utskick."""

from flask_babel import lazy_gettext as _l

from webshop_orders.models import DeliveryStatus
from webshop_orders.web.http.fields import ChoiceField, EmailField, TextField
from webshop_orders.web.orders.forms.base import OrderForm


class TrackingForm(OrderForm):
    tab = "shipping"
    kind = "tracking"

    code = TextField(_l("Tracking code"), max_length=500, required=True)
    carrier = TextField(_l("Carrier"))


class TrackingRemovalForm(OrderForm):
    tab = "shipping"
    kind = "tracking-removal"


class StatusForm(OrderForm):
    tab = "shipping"
    kind = "status"

    status = ChoiceField(
        _l("Delivery status"),
        required=True,
        choices=[(status.value, status.value) for status in DeliveryStatus] + [("reopened", "reopened")],
    )


class BackorderSplitForm(OrderForm):
    tab = "shipping"
    kind = "backorder-split"


class DeliveryConfirmationForm(OrderForm):
    tab = "messages"
    kind = "delivery-confirmation"
    bumps_version = False

    recipient = EmailField(_l("E-mail"), required=True)
