from typing import Any

from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField, FlagField, TextField
from webshop_orders.web.http.forms import BaseForm


class MailForm(BaseForm):
    mails_order_confirmations = FlagField(_l("Mail order confirmations when orders are placed"))
    mails_delivery_confirmations = FlagField(_l("Mail delivery confirmations when shipments are shipped"))
    sender_name = TextField(_l("Sender's name"), max_length=60)
    sender_email = EmailField(_l("Sender's e-mail"))
    notification_email = EmailField(_l("Address that is told of new orders"))

    def values(self) -> dict[str, Any]:
        return dict(self.data)
