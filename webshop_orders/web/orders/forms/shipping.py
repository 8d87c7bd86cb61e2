"""The forms of the tab Frakt."""

from flask_babel import lazy_gettext as _l

from webshop_orders.models import DeliveryStatus
from webshop_orders.web.http.fields import ChoiceField, QuantityField, TextField
from webshop_orders.web.http.forms import OrderForm

NEW_SHIPMENT = "new"


class ShippingForm(OrderForm):
    tab = "shipping"


class AddLineForm(ShippingForm):
    kind = "add"

    q = TextField(_l("Add product"))
    product = TextField(most=18)
    quantity = QuantityField(_l("Quantity"), default=1)
    shipment = TextField(_l("Shipment"), most=9)


class QuantityForm(ShippingForm):
    kind = "edit"

    quantity = QuantityField(_l("Quantity"))


class SplitForm(ShippingForm):
    kind = "split"

    quantity = QuantityField(_l("How many"))
    target = TextField(_l("To"), most=9, required=True, default=NEW_SHIPMENT)


class TrackingForm(ShippingForm):
    kind = "tracking"

    code = TextField(_l("Tracking code"), most=500, required=True)
    carrier = TextField(_l("Carrier"))


class TrackingRemovalForm(ShippingForm):
    kind = "tracking-removal"


class StatusForm(ShippingForm):
    kind = "status"

    status = ChoiceField(
        _l("Delivery status"),
        required=True,
        choices=[(status.value, status.value) for status in DeliveryStatus] + [("reopened", "reopened")],
    )


class RemovalForm(ShippingForm):
    kind = "removal"


class BackorderSplitForm(ShippingForm):
    kind = "backorder-split"
