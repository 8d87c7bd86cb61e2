"""Words for what happens to products: why their stock moved, which of their fields was changed, and their values."""

from typing import Any

from flask_babel import pgettext

from webshop_orders.models import MovementReason, Product
from webshop_orders.text.languages import gettext as _
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.formatting import money, percent

REASONS = {
    MovementReason.OPENING: _l("Stock at the beginning"),
    MovementReason.SHIPPED: _l("Shipped"),
    MovementReason.REOPENED: _l("Shipping undone"),
    MovementReason.RETURNED: _l("Returned"),
    MovementReason.RETURN_UNDONE: _l("Return undone"),
    MovementReason.RECEIVED: _l("Received from supplier"),
    MovementReason.COUNTED: _l("Counted"),
    MovementReason.WASTE: _l("Waste"),
    MovementReason.DAMAGED: _l("Damaged"),
    MovementReason.OWN_USE: _l("Own use"),
    MovementReason.CORRECTION: _l("Correction"),
    MovementReason.SET: _l("Set from outside"),
    MovementReason.OTHER: _l("Other reason"),
}
FIELDS = {
    "name": _l("Name"),
    "price": _l("Price"),
    "currency": _l("Currency"),
    "vat_rate": _l("VAT rate"),
    "shelf_place": _l("Shelf place"),
    "barcode": _l("EAN"),
    "backorderable": _l("Backorderable"),
    "active": _l("Active"),
}


def reason(reason: MovementReason) -> str:
    return str(REASONS[reason])


def field(name: str) -> str:
    return str(FIELDS.get(name, name))


def value(value: Any, name: str, product: Product) -> str:
    """A value of a field, in the language of the response."""
    match name:
        case "price":
            return money(value, product.currency)
        case "vat_rate":
            return percent(value)
        case "backorderable" if value is None:
            return _("As the shop")
        case "backorderable" | "active":
            return pgettext("flag", "Yes") if value else pgettext("flag", "No")
        case _:
            return "–" if value is None else str(value)


TEMPLATE_FILTERS = {"movement_reason": reason, "product_field": field, "product_value_of": value}
