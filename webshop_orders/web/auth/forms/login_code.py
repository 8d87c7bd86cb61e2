from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.auth.forms.second_factor import CodeField
from webshop_orders.web.http.fields import TextField
from webshop_orders.web.http.forms import BaseForm


class CodeForm(BaseForm):
    code = CodeField(_l("Code from the app"), required=True)


class RecoveryCodeForm(BaseForm):
    recovery_code = TextField(_l("Recovery code"), required=True)
