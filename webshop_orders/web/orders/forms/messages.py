"""The forms for mails: on the tab Utskick, and for all orders on the page Konfiguration, Utskick."""

from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField
from webshop_orders.web.orders.forms.base import OrderForm


class MessageForm(OrderForm):
    tab = "messages"
    bumps_version = False


class OrderChangedForm(MessageForm):
    kind = "order-changed"

    recipient = EmailField(_l("E-mail"), required=True)


class CopyForm(MessageForm):
    kind = "copy"

    recipient = EmailField(_l("To another address"), required=True)


class RequeueForm(MessageForm):
    kind = "queue-again"


class DismissalForm(MessageForm):
    kind = "settlement"
