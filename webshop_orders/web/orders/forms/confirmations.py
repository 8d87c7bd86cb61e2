from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField
from webshop_orders.web.orders.forms.base import OrderForm


class ConfirmationForm(OrderForm):
    tab = "summary"
    kind = "confirmation"
    bumps_version = False

    recipient = EmailField(_l("E-mail"), required=True)
