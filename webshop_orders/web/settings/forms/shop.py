from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, FlagField, NumberField, StrictField, TextField
from webshop_orders.web.http.forms import BaseForm

MAIL_LANGUAGES = [("sv", "Svenska"), ("en", "English")]


class TimeZoneField(StrictField):
    def read(self, text: str) -> str:
        if text not in available_timezones():
            raise StopValidation(_("Give a time zone such as Europe/Stockholm."))
        return text


class ShopForm(BaseForm):
    name = TextField(_l("The shop's name"), max_length=60, required=True)
    number_prefix = TextField(_l("Prefix of order numbers"), max_length=10)
    number_digits = NumberField(_l("Digits in order numbers"), minimum=3, maximum=12)
    rounds_to_whole_kronor = FlagField(_l("Round what is to be paid to whole kronor (öresavrundning)"))
    stock_safety_margin = NumberField(_l("Stock safety margin"), minimum=0, maximum=99_999)
    backorderable_by_default = FlagField(_l("Products may be backordered unless they say otherwise"))
    ships_whole_by_default = FlagField(_l("Collect orders for one delivery unless they say otherwise"))
    ready_days = NumberField(_l("Days that an order may be ready before the inbox shows it"), minimum=1, maximum=60)
    withdrawal_days = NumberField(_l("Days to withdraw from a purchase"), minimum=14, maximum=365)
    language = ChoiceField(_l("Language"), choices=[("", _l("as each browser asks for")), *MAIL_LANGUAGES])
    time_zone = TimeZoneField(_l("Time zone"), required=True)
    nordic_mail_language = ChoiceField(
        _l("Mails to customers who read Norwegian or Danish"), choices=MAIL_LANGUAGES, required=True
    )
    other_mail_language = ChoiceField(
        _l("Mails to customers with any other language"), choices=MAIL_LANGUAGES, required=True
    )

    def values(self) -> dict[str, Any]:
        return {**self.data, "number_prefix": self.number_prefix.data or ""}
