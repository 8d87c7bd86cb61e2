"""The products and shipments that form values refer to."""

import re

from flask_babel import gettext as _

from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Order, Product, Shipment
from webshop_orders.operations.orders import splits
from webshop_orders.operations.orders.splits import CodesTarget
from webshop_orders.operations.stock import products
from webshop_orders.web.http.fields import StrictField
from webshop_orders.web.orders.forms.lines import NEW_SHIPMENT, WITH_UNITS, AddLineForm, find_shipment

ID = re.compile(r"[1-9][0-9]{0,17}")


def get_product(order: Order, form: AddLineForm) -> Product:
    """The product that was selected from the search result, or else the one whose name or SKU was typed.

    Raises RuleViolation where nothing is selected and the text matches no product, or several.
    """
    selected, typed = form.product.data, form.q.data
    if selected and ID.fullmatch(selected) and (product := db.session.get(Product, int(selected))):
        return product
    if not selected and typed:
        if product := products.find(typed, order.currency):
            return product
        if products.search(typed, order.currency):
            raise RuleViolation(_("Several products fit. Choose one of them."), field="q")
    raise RuleViolation(_("Choose a product: search by its name or article number."), field="q")


def get_shipment(order: Order, field: StrictField) -> Shipment | None:
    """The shipment of this order that was selected, or None for a new or unspecified one.

    Raises RuleViolation for a shipment that the order does not have.
    """
    selected = field.data
    if selected in (None, NEW_SHIPMENT):
        return None
    shipment = find_shipment(order, selected)
    if shipment is None:
        raise RuleViolation(_("Choose one of this order's shipments."), field=field.short_name)
    return shipment


def get_codes_target(order: Order, field: StrictField) -> CodesTarget | None:
    """What was selected to get the tracking codes of a shipment that is left empty; None where nothing was.

    Raises RuleViolation for a shipment that the order does not have.
    """
    return splits.WITH_UNITS if field.data == WITH_UNITS else get_shipment(order, field)
