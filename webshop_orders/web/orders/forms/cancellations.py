from webshop_orders.web.orders.forms.base import OrderForm


class CancellationForm(OrderForm):
    tab = "summary"
    kind = "cancellation"
