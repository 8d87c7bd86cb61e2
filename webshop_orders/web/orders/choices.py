"""What a form's choices stand for."""

import re

from flask_babel import gettext as _

from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Order, Product, Shipment
from webshop_orders.operations.stock import products
from webshop_orders.web.http.fields import StrictField
from webshop_orders.web.orders.forms.shipping import NEW_SHIPMENT, AddLineForm

ID = re.compile(r"[1-9][0-9]{0,17}")
SEQ = re.compile(r"[1-9][0-9]{0,8}")


def product(order: Order, form: AddLineForm) -> Product:
    """The product that was picked among those found, or else the one that was typed.

    Raises Refused where nothing is picked and what was typed names none, or several.
    """
    picked, typed = form.product.data, form.q.data
    if picked and ID.fullmatch(picked) and (found := db.session.get(Product, int(picked))):
        return found
    if not picked and typed:
        if found := products.find(typed, order.currency):
            return found
        if products.search(typed, order.currency):
            raise RuleViolation(_("Several products fit. Choose one of them."), field="q")
    raise RuleViolation(_("Choose a product: search by its name or article number."), field="q")


def shipment(order: Order, field: StrictField) -> Shipment | None:
    """The shipment of this order that was picked, or None for a new one or none in particular.

    Raises Refused for one that the order does not have.
    """
    picked = field.data
    if picked in (None, NEW_SHIPMENT):
        return None
    found = order.find_shipment(int(picked)) if SEQ.fullmatch(picked) else None
    if found is None:
        raise RuleViolation(_("Choose one of this order's shipments."), field=field.short_name)
    return found
