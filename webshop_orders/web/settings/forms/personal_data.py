import re
from typing import Any

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import EmailField, FlagField, NumberField, StrictField, TextField
from webshop_orders.web.http.forms import BaseForm


class MonthsField(StrictField):
    """A number of months; empty for never."""

    def read(self, text: str) -> int:
        if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
            raise StopValidation(_("Give a whole number of months, or nothing to keep them."))
        return int(text)


class CustomerSearchForm(BaseForm):
    email = EmailField(_l("The customer's e-mail"), required=True)


class ErasureForm(BaseForm):
    email = EmailField(_l("The customer's e-mail"), required=True)
    again = TextField(_l("The same address once more"), max_length=254, required=True)


class RetentionForm(BaseForm):
    personal_data_months = MonthsField(_l("Months after the last change"), max_length=3)
    bookkeeping_years = NumberField(_l("Years that bookkeeping needs"), minimum=0, maximum=30)
    agreed = FlagField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.older_orders = 0  # how many orders would lose their personal data at once
