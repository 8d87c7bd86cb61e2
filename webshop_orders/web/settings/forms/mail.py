from typing import Any

from webshop_orders.models.shop import MAX_MAIL_GRACE_SECONDS
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField, FlagField, NumberField, TextField
from webshop_orders.web.http.forms import BaseForm


class MailForm(BaseForm):
    mails_order_confirmations = FlagField(_l("Mail order confirmations when orders are placed"))
    mails_delivery_confirmations = FlagField(_l("Mail delivery confirmations when shipments are shipped"))
    mail_grace_seconds = NumberField(
        _l("Wait this long before order and delivery confirmations go (seconds)"),
        minimum=0,
        maximum=MAX_MAIL_GRACE_SECONDS,
    )
    sender_name = TextField(_l("Sender's name"), max_length=60)
    sender_email = EmailField(_l("Sender's e-mail"))
    notification_email = EmailField(_l("Address that is told of new orders"))

    def values(self) -> dict[str, Any]:
        return dict(self.data)
