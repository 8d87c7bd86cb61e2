"""The forms of Konfiguration, Integrationer."""

from flask_babel import lazy_gettext as _l

from webshop_orders.models import ConnectionKind, Scope, WebhookEvent
from webshop_orders.web.http.fields import ChoiceField, ChoicesField, TextField
from webshop_orders.web.http.forms import BaseForm

SCOPES = {
    Scope.ORDERS_READ: _l("read orders and products"),
    Scope.ORDERS_WRITE: _l("place, comment and cancel orders"),
    Scope.SHIPMENTS_WRITE: _l("ship: tracking codes, statuses, deliveries"),
    Scope.PRODUCTS_WRITE: _l("change products and stock"),
}
EVENTS = {
    WebhookEvent.ORDER_PLACED: _l("an order is placed"),
    WebhookEvent.ORDER_CHANGED: _l("an order is changed"),
    WebhookEvent.ORDER_CANCELLED: _l("an order is cancelled"),
    WebhookEvent.SHIPMENT_READY: _l("a shipment is ready to leave"),
    WebhookEvent.SHIPMENT_SHIPPED: _l("a shipment is shipped"),
    WebhookEvent.SHIPMENT_TRACKING_CHANGED: _l("tracking codes change"),
    WebhookEvent.PRODUCT_BACKORDERS_COVERED: _l("stock covers what waited for it"),
}
SHOPS = {ConnectionKind.WOOCOMMERCE: "WooCommerce", ConnectionKind.SHOPIFY: "Shopify"}


class KeyForm(BaseForm):
    name = TextField(_l("The integration's name"), most=60, required=True)
    scopes = ChoicesField(_l("May"), choices=[(scope.value, label) for scope, label in SCOPES.items()])


class WebhookForm(BaseForm):
    url = TextField(_l("Address to tell"), most=1000, required=True)
    events = ChoicesField(_l("When"), choices=[(event.value, label) for event, label in EVENTS.items()])


class ConnectionForm(BaseForm):
    kind = ChoiceField(
        _l("Kind of shop"), choices=[(kind.value, label) for kind, label in SHOPS.items()], required=True
    )
    name = TextField(_l("The shop's name here"), most=60, required=True)
    secret = TextField(_l("Secret that it signs with"), most=200, required=True)
