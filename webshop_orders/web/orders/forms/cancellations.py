from webshop_orders.web.http.forms import OrderForm


class CancellationForm(OrderForm):
    tab = "summary"
    kind = "cancellation"
