from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField
from webshop_orders.web.orders.forms.base import OrderForm


class CreditNoteForm(OrderForm):
    """To whom the credit note of a refund, which is the key, is sent."""

    tab = "summary"
    kind = "credit-note"
    bumps_version = False
    purpose = _l("Send credit note")

    recipient = EmailField(_l("E-mail"), required=True)
