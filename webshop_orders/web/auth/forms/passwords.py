from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField, PasswordField
from webshop_orders.web.http.forms import BaseForm


class ForgottenForm(BaseForm):
    email = EmailField(_l("E-mail"), required=True)


class NewPasswordForm(BaseForm):
    password = PasswordField(_l("New password"), max_length=1000, required=True)
