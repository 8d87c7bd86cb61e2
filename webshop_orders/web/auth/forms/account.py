from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import PasswordField
from webshop_orders.web.http.forms import BaseForm


class PasswordChangeForm(BaseForm):
    present = PasswordField(_l("Present password"), max_length=1000, required=True)
    password = PasswordField(_l("New password"), max_length=1000, required=True)
