from webshop_orders.models import ConnectionKind, Scope
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, ChoicesField, TextField
from webshop_orders.web.http.forms import BaseForm

SCOPES = {
    Scope.ORDERS_READ: _l("read orders and products"),
    Scope.ORDERS_WRITE: _l("place, comment and cancel orders"),
    Scope.SHIPMENTS_WRITE: _l("ship: tracking codes, statuses, deliveries"),
    Scope.PAYMENTS_WRITE: _l("refund, and register payments"),
    Scope.PRODUCTS_WRITE: _l("change products and stock"),
}
SHOPS = {ConnectionKind.WOOCOMMERCE: "WooCommerce", ConnectionKind.SHOPIFY: "Shopify"}


class KeyForm(BaseForm):
    name = TextField(_l("The integration's name"), max_length=60, required=True)
    scopes = ChoicesField(_l("May"), choices=[(scope.value, label) for scope, label in SCOPES.items()])


class ConnectionForm(BaseForm):
    kind = ChoiceField(
        _l("Kind of shop"), choices=[(kind.value, label) for kind, label in SHOPS.items()], required=True
    )
    name = TextField(_l("The shop's name here"), max_length=60, required=True)
    secret = TextField(_l("Secret that it signs with"), max_length=200, required=True)
