from flask_babel import lazy_gettext as _l

from webshop_orders.web.http.fields import StrictField, TextField
from webshop_orders.web.http.forms import BaseForm


class PasswordField(StrictField):
    """A password as it was typed, spaces and all; it is never sent back to the page."""

    def pre_validate(self, form: object) -> None:
        super().pre_validate(form)
        self.data = self.raw


class SignInForm(BaseForm):
    email = TextField(_l("E-mail"), most=254, required=True)
    password = PasswordField(_l("Password"), most=1000, required=True)
