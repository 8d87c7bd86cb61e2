from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import PasswordField, TextField
from webshop_orders.web.http.forms import BaseForm


class SignInForm(BaseForm):
    email = TextField(_l("E-mail"), max_length=254, required=True)
    password = PasswordField(_l("Password"), max_length=1000, required=True)
