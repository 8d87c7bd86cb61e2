from typing import Any

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.documents import code_patterns
from webshop_orders.errors import RuleViolation
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import FlagField, LongTextField, StrictField, TextField
from webshop_orders.web.http.forms import BaseForm


class PatternField(StrictField):
    """The URL of a carrier's tracking page, with the placeholder `{code}`."""

    def read(self, text: str) -> str:
        if not text.startswith(("https://", "http://")) or " " in text or text.count("{code}") != 1:
            raise StopValidation(_("Give a web address that has {code} where the tracking code goes."))
        return text


class CodePatternsField(LongTextField):
    """How a carrier's codes look, a pattern a line; `data` is a sequence of them."""

    def _value(self) -> str:
        return self.raw if self.raw_data is not None else "\n".join(self.data or ())

    def read(self, text: str) -> Any:
        try:
            return code_patterns.read_all(text.splitlines())
        except RuleViolation as violation:
            raise StopValidation(str(violation)) from violation


class CarrierForm(BaseForm):
    name = TextField(_l("Carrier"), max_length=60, required=True)
    pattern = PatternField(_l("Address of its tracking page"), max_length=300, required=True)
    codes = CodePatternsField(_l("How its codes look, one pattern a line"), max_length=2_000)
    demands_phone = FlagField(_l("Demands the recipient's phone number"))
