"""The forms of the tab Utskick."""

from flask_babel import lazy_gettext as _l

from webshop_orders.web.fields import EmailField
from webshop_orders.web.forms.base import OrderForm


class DeliveryConfirmationForm(OrderForm):
    tab = "messages"
    kind = "delivery-confirmation"
    makes_version = False

    recipient = EmailField(_l("E-mail"), required=True)
