from webshop_orders.models import DispatchChecks
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import FlagField
from webshop_orders.web.http.forms import BaseForm


class DispatchChecksForm(BaseForm):
    house_number = FlagField(_l("The delivery address has a house number"))
    postal_code = FlagField(_l("The postal code has the form of its country"))
    phone = FlagField(_l("There is a phone number where the carrier demands one"))
    unpaid = FlagField(_l("The order is paid"))
    invoices_too = FlagField(_l("Also what is paid by invoice"))
    unread_comment = FlagField(_l("Someone has answered or read what the customer wrote"))

    @property
    def checks(self) -> DispatchChecks:
        return DispatchChecks(**{name: bool(field.data) for name, field in self._fields.items() if name in vars(NONE)})


NONE = DispatchChecks()
