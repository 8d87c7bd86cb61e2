from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.orders.forms.base import OrderForm


class CancellationForm(OrderForm):
    tab = "summary"
    kind = "cancellation"
    purpose = _l("Cancel the order")


class RestorationForm(OrderForm):
    tab = "summary"
    kind = "restoration"
    purpose = _l("Take back the cancellation")
