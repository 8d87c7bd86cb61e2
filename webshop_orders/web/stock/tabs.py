"""The pages of what is in stock: the name, the endpoint and the label of each, in the sequence of their tabs."""

from webshop_orders.text.languages import lazy_gettext as _l

TABS = (
    ("products", "stock.index", _l("All products")),
    ("backorders", "backorders.index", _l("Backorder radar")),
    ("incoming", "incoming.index", _l("Incoming deliveries")),
)
TEMPLATE_GLOBALS = {"stock_tabs": TABS}
