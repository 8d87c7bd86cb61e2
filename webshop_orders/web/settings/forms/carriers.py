from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import StrictField, TextField
from webshop_orders.web.http.forms import BaseForm


class PatternField(StrictField):
    """The URL of a carrier's tracking page, with the placeholder `{code}`."""

    def read(self, text: str) -> str:
        if not text.startswith(("https://", "http://")) or " " in text or text.count("{code}") != 1:
            raise StopValidation(_("Give a web address that has {code} where the tracking code goes."))
        return text


class CarrierForm(BaseForm):
    name = TextField(_l("Carrier"), max_length=60, required=True)
    pattern = PatternField(_l("Address of its tracking page"), max_length=300, required=True)
