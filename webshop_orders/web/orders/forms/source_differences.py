from webshop_orders.web.orders.forms.base import OrderForm


class DifferencesForm(OrderForm):
    tab = "summary"
    kind = "differences"
    bumps_version = False
