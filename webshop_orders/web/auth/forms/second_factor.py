from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import StopValidation

from webshop_orders.operations.users.second_factor import CODE
from webshop_orders.web.auth.forms.sign_in import PasswordField
from webshop_orders.web.http.fields import FlagField, StrictField, TextField
from webshop_orders.web.http.forms import BaseForm


class CodeField(StrictField):
    """What an authenticator app shows; many show it in two groups."""

    def read(self, text: str) -> str:
        code = "".join(text.split())
        if not CODE.fullmatch(code):
            raise StopValidation(_("Give the six digits that the app shows."))
        return code


class CodeForm(BaseForm):
    code = CodeField(_l("Code from the app"), required=True)


class RecoveryCodeForm(BaseForm):
    recovery_code = TextField(_l("Recovery code"), required=True)


class SetUpForm(CodeForm):
    """The first code, and the password of who has one, so that nobody does it at a screen that was left alone."""

    password = PasswordField(_l("Your password"), most=1000, required=True)


class ProofForm(BaseForm):
    proof = PasswordField(_l("Code from the app, or your password"), most=1000, required=True)


class RequirementForm(BaseForm):
    required = FlagField(_l("Demand two-step verification of everyone who signs in with a password"))
