"""The form for the shipping method and fee on the tab Frakt."""

from typing import Self

from webshop_orders.models import Order
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import MoneyField, TextField
from webshop_orders.web.http.formatting import typed_amount
from webshop_orders.web.orders.forms.base import OrderForm


class ShippingFeeForm(OrderForm):
    tab = "shipping"
    kind = "shipping-fee"
    purpose = _l("Change the shipping fee")

    method = TextField(_l("Shipping method"))
    price = MoneyField(_l("Shipping fee"), required=True)

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.SHIPPING}

    @classmethod
    def of(cls, order: Order) -> Self:
        """The form with the values of an order."""
        return cls.blank(method=order.shipping_method, price=typed_amount(order.shipping_price, order.currency))
