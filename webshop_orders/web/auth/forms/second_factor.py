from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.operations.users.second_factor import CODE
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import PasswordField, StrictField
from webshop_orders.web.http.forms import BaseForm


class CodeField(StrictField):
    """The six digits of an authenticator app; many apps show them in two groups."""

    def read(self, text: str) -> str:
        code = "".join(text.split())
        if not CODE.fullmatch(code):
            raise StopValidation(_("Give the six digits that the app shows."))
        return code


class SetUpForm(BaseForm):
    """The first code, and the password, so that nobody sets it up at a screen that was left unlocked."""

    code = CodeField(_l("Code from the app"), required=True)
    password = PasswordField(_l("Your password"), max_length=1000, required=True)


class ProofForm(BaseForm):
    """Reauthentication by a code or the password."""

    proof = PasswordField(_l("Code from the app, or your password"), max_length=1000, required=True)
