from webshop_orders.web.http.forms import OrderForm


class DifferencesForm(OrderForm):
    tab = "summary"
    kind = "differences"
    bumps_version = False
