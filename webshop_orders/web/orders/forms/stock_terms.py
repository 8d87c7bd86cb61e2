"""The forms of how an order waits for stock: before older ones, and until all of it is there."""

from webshop_orders.models import Order
from webshop_orders.models.priority import MAX_REASON_LENGTH
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, TextField
from webshop_orders.web.orders.forms.base import OrderForm


class PriorityForm(OrderForm):
    """Has the order get stock before older ones."""

    tab = "shipping"
    kind = "priority"
    purpose = _l("Put first")

    reason = TextField(_l("Why does it come first?"), max_length=MAX_REASON_LENGTH, required=True)

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.PRIORITY}


class PriorityEndForm(OrderForm):
    """Has the order get stock by its age again."""

    tab = "shipping"
    kind = "priority-end"
    purpose = _l("No longer first")

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.PRIORITY}


class WholeDeliveryForm(OrderForm):
    """Has the order wait until all of it is in stock, or get stock as it comes."""

    tab = "shipping"
    kind = "whole-delivery"

    ships_whole = ChoiceField(choices=[("1", "1"), ("0", "0")], required=True)

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.WHOLE_DELIVERY}
