"""The forms of the tab Utskick."""

from flask_babel import lazy_gettext as _l

from webshop_orders.web.http.fields import EmailField
from webshop_orders.web.http.forms import OrderForm


class MessagesForm(OrderForm):
    tab = "messages"
    bumps_version = False


class DeliveryConfirmationForm(MessagesForm):
    kind = "delivery-confirmation"

    recipient = EmailField(_l("E-mail"), required=True)


class OrderChangedForm(MessagesForm):
    kind = "order-changed"

    recipient = EmailField(_l("E-mail"), required=True)


class CopyForm(MessagesForm):
    kind = "copy"

    recipient = EmailField(_l("To another address"), required=True)


class QueueAgainForm(MessagesForm):
    kind = "queue-again"


class SettlementForm(MessagesForm):
    kind = "settlement"
