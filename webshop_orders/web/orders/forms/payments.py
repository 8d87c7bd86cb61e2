"""The form for a payment that came in outside the payment system."""

from typing import Self

from webshop_orders.models import Order
from webshop_orders.money.payments import method_label
from webshop_orders.money.totals import balance
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import DateField, MoneyField, TextField
from webshop_orders.web.http.formatting import today, typed_amount
from webshop_orders.web.orders.forms.base import OrderForm


class PaymentForm(OrderForm):
    tab = "summary"
    page = "payments/form"
    kind = "payment"
    purpose = _l("Register payment")

    amount = MoneyField(_l("Amount"), required=True)
    method = TextField(_l("Payment method"), max_length=100)
    paid_on = DateField(_l("Paid on"), required=True)
    reference = TextField(_l("Reference of the payment"), max_length=200)

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.MONEY}

    @classmethod
    def of(cls, order: Order) -> Self:
        """The form with what is left to pay, by the order's own method, today."""
        left = max(0, balance(order))
        return cls.blank(
            amount=typed_amount(left, order.currency) if left else "",
            method=method_label(order.payment_method),
            paid_on=today().isoformat(),
        )
