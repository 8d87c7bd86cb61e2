from webshop_orders.models import WebhookEvent
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoicesField, TextField
from webshop_orders.web.http.forms import BaseForm

EVENTS = {
    WebhookEvent.ORDER_PLACED: _l("an order is placed"),
    WebhookEvent.ORDER_CHANGED: _l("an order is changed"),
    WebhookEvent.ORDER_CANCELLED: _l("an order is cancelled"),
    WebhookEvent.SHIPMENT_READY: _l("a shipment is ready to leave"),
    WebhookEvent.SHIPMENT_SHIPPED: _l("a shipment is shipped"),
    WebhookEvent.SHIPMENT_TRACKING_CHANGED: _l("tracking codes change"),
    WebhookEvent.PRODUCT_BACKORDERS_COVERED: _l("stock covers what waited for it"),
    WebhookEvent.ORDER_HELD: _l("an order or a shipment is paused"),
    WebhookEvent.ORDER_RELEASED: _l("a pause is released"),
    WebhookEvent.RETURN_REGISTERED: _l("a return is registered"),
    WebhookEvent.RETURN_RECEIVED: _l("a return is received"),
    WebhookEvent.REFUND_REQUESTED: _l("a refund is requested"),
    WebhookEvent.REFUND_DONE: _l("a refund is done"),
    WebhookEvent.WITHDRAWAL_RECEIVED: _l("a customer withdraws from a purchase"),
}


class WebhookForm(BaseForm):
    url = TextField(_l("Address to tell"), max_length=1000, required=True)
    events = ChoicesField(_l("When"), choices=[(event.value, label) for event, label in EVENTS.items()])
